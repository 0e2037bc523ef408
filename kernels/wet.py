"""WET records: the regular ones of a file, and the text of any."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from kernels import _native
from kernels.arrays import large_strings, require, strings


@dataclass(frozen=True)
class WetText:
    """n records as cc_net's reader sees them.

    title: the first line
    text: the body, which is the other lines, joined with "\\n"
    nlines: int32[n], lines of the body
    length: int64[n], code points of the body
    replaced: int64[n], ill-formed UTF-8 sequences of the payload that became U+FFFD
    """

    title: pa.LargeStringArray
    text: pa.LargeStringArray
    nlines: np.ndarray
    length: np.ndarray
    replaced: np.ndarray


def wet_text(payload: pa.LargeBinaryArray | pa.ChunkedArray) -> WetText:
    """Decodes the payloads (Content-Length bytes) of WET records, strips every line and takes the title off.

    Decoding is `bytes.decode("utf-8", "replace")`; CR LF, LF and CR end a line. cc_net reads line by line, so it also
    sees the two CR LF that close a record, and drops the last two lines if both are empty: a payload that ends in a
    line end has no empty line after it, one that does not gets one.
    """
    arrays = payload.chunks if isinstance(payload, pa.ChunkedArray) else [payload]
    for array in arrays:
        require(array, pa.LargeBinaryArray)
    title, text, nlines, length, replaced = _native.wet_text(arrays)
    return WetText(large_strings(title), large_strings(text), nlines, length, replaced)


RECORDS = pa.schema(
    [
        pa.field("payload", pa.large_binary(), nullable=False),
        pa.field("id", pa.string(), nullable=False),
        pa.field("url", pa.string()),
        pa.field("digest", pa.string()),
        pa.field("seconds", pa.int64()),
        pa.field("offset", pa.int64(), nullable=False),
    ]
)
"""payload: the Content-Length bytes. id: WARC-Record-ID, url: WARC-Target-URI, both without brackets. digest:
WARC-Block-Digest. seconds: WARC-Date, since 1970. offset: of the record's gzip member in the file."""


class WetReader:
    """Reads the regular part of compressed WET files, which is nearly all of them, many records at a time."""

    def __init__(self) -> None:
        self._native = _native.WetReader()

    def read(self, data: bytes, begin: int, offset: int, id_prefix: str) -> tuple[int, pa.RecordBatch]:
        """Bytes of the gzip members from `begin` on that each hold one whole `conversion` record, and these records:
        RECORDS, ids after `id_prefix` and without `urn:uuid:`. `offset` is that of `begin` in the file.

        Ends before the first member that is damaged, that holds anything else, whose record lacks a field or is not
        written as crawls write it (CR LF, ASCII, no folded line, a date in full); and before the last member in front
        of such a one unless that begins with a record too, since reading what is irregular may have to begin there.
        """
        size, payload, record_id, url, digest, seconds, offsets = self._native.read(data, begin, offset, id_prefix)
        columns = [large_strings(payload).view(pa.large_binary()), *map(strings, (record_id, url, digest))]
        return size, pa.RecordBatch.from_arrays([*columns, pa.array(seconds), pa.array(offsets)], schema=RECORDS)
