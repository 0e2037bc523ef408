"""The HTTP response that a WARC record of a crawl holds: its status, its header and its body as the browser sees it."""

import re
import zlib
from dataclasses import dataclass

import pyarrow as pa

from corpus.sources.warc_header import Headers, parse_headers

_STATUS = re.compile(rb"HTTP/\d(?:\.\d)?[ \t]+(\d{3})[^\n]*(?:\n|\Z)")
_HEADER_END = re.compile(rb"\r?\n\r?\n")
_CHUNK = re.compile(rb"[ \t]*([0-9a-fA-F]{1,8})[ \t]*(?:;[^\r\n]*)?\r?\n")
_IDENTITY = frozenset(("", "identity", "none", "binary", "8bit", "utf-8"))
_ZLIB_WINDOWS = {"gzip": 31, "x-gzip": 31, "deflate": 15}
_ARROW_CODECS = {"br": "brotli", "zstd": "zstd"}
_READ_BYTES = 64 << 10


class UndecodableBodyError(ValueError):
    """The body is compressed in a way that cannot be undone."""


class BodyTooLargeError(ValueError):
    """The body is longer than the limit."""


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """status: 0 where the record holds no HTTP header, and its payload is all body."""

    status: int
    headers: Headers
    raw_body: memoryview

    @property
    def media_type(self) -> str:
        """The Content-Type without its parameters, in lower case."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def body(self, max_bytes: int) -> bytes:
        """The body without transfer and content encodings.

        Crawlers often undo encodings and leave their headers as they were: a body that is not in the encoding stated is
        taken as it is, and of one that ends too early, or is damaged, what comes before. Raises BodyTooLargeError when
        it is, or becomes, longer than `max_bytes`, UndecodableBodyError when an encoding is not known.
        """
        body = bytes(self.raw_body[: max_bytes + 1]) if not self._is_encoded() else bytes(self.raw_body)
        if "chunked" in self.headers.get("transfer-encoding", "").lower():
            body = join_chunks(body)
        for encoding in reversed(self.headers.get("content-encoding", "").lower().split(",")):
            body = _decompress(body, encoding.strip(), max_bytes)
        if len(body) > max_bytes:
            raise BodyTooLargeError(f"over {max_bytes} bytes")
        return body

    def _is_encoded(self) -> bool:
        return "transfer-encoding" in self.headers or "content-encoding" in self.headers


def parse_response(payload: memoryview) -> HttpResponse:
    """The response in a record's payload; lines may end in LF or CRLF."""
    status = _STATUS.match(payload)
    if status is None:
        return HttpResponse(0, Headers({}), payload)
    # The header may be empty: then its end is that of the status line.
    end = _HEADER_END.search(payload, status.end() - 2)
    stop, body = (end.start(), end.end()) if end is not None else (len(payload), len(payload))
    return HttpResponse(int(status[1]), parse_headers(bytes(payload[status.end() : stop])), payload[body:])


def join_chunks(body: bytes) -> bytes:
    """The content of a body in chunks; the body itself when it does not begin with one."""
    parts = []
    at = 0
    while (size := _CHUNK.match(body, at)) is not None:
        length = int(size[1], 16)
        parts.append(body[size.end() : size.end() + length])
        at = size.end() + length
        if length == 0:
            break
        at += body.startswith(b"\r", at)
        at += body.startswith(b"\n", at)
    return b"".join(parts) if parts else body


def _decompress(body: bytes, encoding: str, max_bytes: int) -> bytes:
    if encoding in _IDENTITY:
        return body
    if encoding in _ZLIB_WINDOWS:
        return _inflate(body, _ZLIB_WINDOWS[encoding], max_bytes)
    if encoding in _ARROW_CODECS:
        return _decompress_arrow(body, _ARROW_CODECS[encoding], max_bytes)
    if body.lstrip()[:1] == b"<":
        return body
    raise UndecodableBodyError(f"Content-Encoding {encoding[:32]!r} is not known")


def _inflate(body: bytes, window: int, max_bytes: int) -> bytes:
    # What is called deflate should have zlib's header, but servers also send it without.
    for bits in (window, -15) if window == 15 else (window,):
        text = bytearray()
        inflater = zlib.decompressobj(bits)
        try:
            for at in range(0, len(body), _READ_BYTES):
                pending = body[at : at + _READ_BYTES]
                while pending and len(text) <= max_bytes:
                    text += inflater.decompress(pending, max_bytes + 1 - len(text))
                    pending = inflater.unconsumed_tail
        except zlib.error:
            pass
        if text:
            return bytes(text)
    return body


def _decompress_arrow(body: bytes, codec: str, max_bytes: int) -> bytes:
    text = bytearray()
    try:
        with pa.CompressedInputStream(pa.BufferReader(body), codec) as stream:
            while len(text) <= max_bytes and (piece := stream.read(_READ_BYTES)):
                text += piece
    except OSError:
        pass
    return bytes(text) if text else body
