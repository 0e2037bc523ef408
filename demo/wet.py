"""Writes WET files as Common Crawl does: WARC/1.0 `conversion` records, one gzip member per record."""

import base64
import hashlib
import zlib
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

CRAWL = "CC-MAIN-2023-40"
WRITTEN = "2023-10-05T04:21:17Z"
FILE_NAME = "CC-MAIN-20230921210007-20230922000007-{:05d}.warc.wet.gz"
# Deflate, no flags, no time, no level hint, Unix: `gzip.compress` writes other bytes here from one Python to the next.
GZIP_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03"
# Of a cut record this share of the compressed bytes remains.
CUT_AT = 0.6


@dataclass(frozen=True)
class WetRecord:
    """One page as the crawl stores it.

    Attributes:
        text: the block: the title, then the body, one paragraph a line, as bytes that need not be valid UTF-8.
        languages: ISO 639-3 codes, comma-separated, or None for a record without that header.
        length_error: added to the true Content-Length; 0 but for a record that is wrong on purpose.
    """

    url: str
    date: str
    record_id: str
    refers_to: str
    text: bytes
    languages: str | None = None
    length_error: int = 0

    def to_bytes(self) -> bytes:
        headers = [
            "WARC/1.0",
            "WARC-Type: conversion",
            f"WARC-Target-URI: {self.url}",
            f"WARC-Date: {self.date}",
            f"WARC-Record-ID: <{self.record_id}>",
            f"WARC-Refers-To: <{self.refers_to}>",
            f"WARC-Block-Digest: {block_digest(self.text)}",
        ]
        if self.languages:
            headers.append(f"WARC-Identified-Content-Language: {self.languages}")
        headers += ["Content-Type: text/plain", f"Content-Length: {len(self.text) + self.length_error}"]
        return _record(headers, self.text)


class WetFile:
    """A WET file being written. Its bytes depend on the records alone (and on the zlib that compresses them)."""

    def __init__(self, path: Path, number: int) -> None:
        self._file = path.open("wb")
        self._file.write(gzip_member(_warcinfo(path.name, number)))

    def write(self, record: WetRecord) -> None:
        self._file.write(gzip_member(record.to_bytes()))

    def write_cut(self, record: WetRecord) -> None:
        """Writes only the beginning of the record's gzip member, as a transfer that broke off leaves it."""
        member = gzip_member(record.to_bytes())
        self._file.write(member[: int(len(member) * CUT_AT)])

    def __enter__(self) -> "WetFile":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()


def block_digest(block: bytes) -> str:
    """`sha1:` and the SHA-1 of the block in base 32."""
    return "sha1:" + base64.b32encode(hashlib.sha1(block).digest()).decode("ascii")


def gzip_member(data: bytes) -> bytes:
    deflate = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
    body = deflate.compress(data) + deflate.flush()
    return GZIP_HEADER + body + zlib.crc32(data).to_bytes(4, "little") + len(data).to_bytes(4, "little")


def _warcinfo(file_name: str, number: int) -> bytes:
    fields = (
        "Software-Info: llama-corpus demo\r\n"
        "Extracted-Date: Thu, 05 Oct 2023 04:21:17 GMT\r\n"
        f"isPartOf: {CRAWL}\r\n"
        "description: Invented pages for the demo, with planted cases\r\n"
    ).encode("ascii")
    name = hashlib.sha1(f"{file_name}/{number}".encode()).hexdigest()
    record_id = f"urn:uuid:{name[:8]}-{name[8:12]}-5{name[13:16]}-8{name[17:20]}-{name[20:32]}"
    headers = [
        "WARC/1.0",
        "WARC-Type: warcinfo",
        f"WARC-Date: {WRITTEN}",
        f"WARC-Filename: {file_name}",
        f"WARC-Record-ID: <{record_id}>",
        "Content-Type: application/warc-fields",
        f"Content-Length: {len(fields)}",
        f"WARC-Block-Digest: {block_digest(fields)}",
    ]
    return _record(headers, fields)


def _record(headers: list[str], block: bytes) -> bytes:
    return "\r\n".join(headers).encode("utf-8") + b"\r\n\r\n" + block + b"\r\n\r\n"
