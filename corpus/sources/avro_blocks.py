"""Avro container files, block by block, in bounded memory (Avro 1.12 specification, "Object Container Files")."""

import io
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import pyarrow as pa

from corpus.sources.code_streams import Read

MAGIC = b"Obj\x01"
_SYNC_BYTES = 16
_MOST_HEADER_BYTES = 16 << 20
_MOST_BLOCK_BYTES = 256 << 20
"""Of a block, stored or unpacked: BigQuery writes some of a megabyte, or of one record where that is larger."""


class AvroError(Exception):
    """The file is damaged, cut short, or beyond what this reads; what was read before it is good."""


class Block(NamedTuple):
    """records: as dictionaries. size: bytes of the file up to the end of the block."""

    records: list[dict[str, Any]]
    size: int


@dataclass(frozen=True)
class _Header:
    raw: bytes
    fields: list[str]
    codec: str
    sync: bytes


class AvroFile:
    """Reads what `read` gives. fields: of the records. Raises AvroError for what is no Avro file of records."""

    def __init__(self, read: Read) -> None:
        self._source = _Source(read)
        self._header = _read_header(self._source)
        self.fields = self._header.fields

    def blocks(self) -> Iterator[Block]:
        """Raises AvroError where the file is damaged."""
        import fastavro

        source, header = self._source, self._header
        while source.more():
            count, size = source.number(), source.number()
            if count < 0 or not 0 <= size <= _MOST_BLOCK_BYTES:
                raise AvroError(f"a block of {count} records and {size} bytes")
            data = _unpacked(header.codec, source.exactly(size))
            if source.exactly(_SYNC_BYTES) != header.sync:
                raise AvroError("a block does not end where it should")
            plain = io.BytesIO(header.raw + _encoded(count) + _encoded(len(data)) + data + header.sync)
            try:
                records = list(fastavro.reader(plain))
            except Exception as error:  # besides its own, fastavro lets any through that damaged data leads to
                raise AvroError(f"a block does not decode ({error})") from None
            yield Block(records, source.taken)  # type: ignore[arg-type]


class _Source:
    def __init__(self, read: Read) -> None:
        self._read = read
        self._ahead = b""
        self.taken = 0

    def more(self) -> bool:
        self._ahead = self._ahead or self._read(1)
        return bool(self._ahead)

    def exactly(self, size: int) -> bytes:
        data = self._ahead[:size]
        self._ahead = self._ahead[size:]
        if len(data) < size:
            data += self._read(size - len(data))
        if len(data) < size:
            raise AvroError("the file ends inside a block")
        self.taken += size
        return data

    def number(self) -> int:
        """A `long`: zigzag of a `varint`."""
        value = self.varint()
        return (value >> 1) ^ -(value & 1)

    def varint(self) -> int:
        """Seven bits a byte, the lowest first; snappy's block begins with one too."""
        value = shift = 0
        while True:
            byte = self.exactly(1)[0]
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7
            if shift > 63:
                raise AvroError("a number of more than 64 bits")

    def text(self) -> bytes:
        size = self.number()
        if not 0 <= size <= _MOST_HEADER_BYTES:
            raise AvroError(f"a header with {size} bytes in one piece")
        return self.exactly(size)


def _read_header(source: _Source) -> _Header:
    if source.exactly(len(MAGIC)) != MAGIC:
        raise AvroError("is no Avro file")
    found: dict[bytes, bytes] = {}
    while count := source.number():
        if count < 0:
            source.number()
        for _ in range(abs(count)):
            name = source.text()
            found[name] = source.text()
            if source.taken > _MOST_HEADER_BYTES:
                raise AvroError("a header without end")
    sync = source.exactly(_SYNC_BYTES)
    schema, codec = found.get(b"avro.schema", b""), found.get(b"avro.codec", b"null").decode("utf-8", "replace")
    try:
        fields = [field["name"] for field in json.loads(schema)["fields"]]
    except (ValueError, KeyError, TypeError):
        raise AvroError("has no schema of records") from None
    if codec not in ("null", "deflate", "snappy"):
        raise AvroError(f"is compressed by {codec}; export with deflate, snappy or none")
    entries = b"".join(_encoded(len(part)) + part for part in (b"avro.schema", schema))
    return _Header(MAGIC + _encoded(1) + entries + _encoded(0) + sync, fields, codec, sync)


def _unpacked(codec: str, data: bytes) -> bytes:
    if codec == "null":
        return data
    if codec == "deflate":
        state = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            plain = state.decompress(data, _MOST_BLOCK_BYTES)
        except zlib.error as error:
            raise AvroError(f"a block does not unpack ({error})") from None
        if not state.eof:
            raise AvroError(f"a block unpacks to more than {_MOST_BLOCK_BYTES:,} bytes, or is cut short")
        return plain
    size = _Source(io.BytesIO(data).read).varint()
    if size > _MOST_BLOCK_BYTES:
        raise AvroError(f"a block unpacks to {size:,} bytes")
    body, checksum = data[:-4], data[-4:]
    try:
        plain = pa.decompress(body, size, codec="snappy", asbytes=True)
    except (pa.ArrowException, OSError) as error:
        raise AvroError(f"a block does not unpack ({error})") from None
    if zlib.crc32(plain) != int.from_bytes(checksum, "big"):
        raise AvroError("a block's checksum is another")
    return plain


def _encoded(value: int) -> bytes:
    """A `long` that is not negative."""
    value <<= 1
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
