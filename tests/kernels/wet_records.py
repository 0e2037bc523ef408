"""A reader of WET files just good enough to compare the kernels with reference outputs."""

import gzip
from collections.abc import Iterator
from pathlib import Path


def conversion_records(path: Path) -> Iterator[tuple[str, bytes]]:
    """Target URI and payload of every conversion record."""
    data = gzip.decompress(path.read_bytes())
    position = 0
    while position < len(data):
        end = data.index(b"\r\n\r\n", position)
        headers = dict(line.split(": ", 1) for line in data[position:end].decode().split("\r\n")[1:])
        payload_end = end + 4 + int(headers["Content-Length"])
        if headers["WARC-Type"] == "conversion":
            yield headers["WARC-Target-URI"], data[end + 4 : payload_end]
        position = payload_end + 4
