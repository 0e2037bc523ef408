"""Sizes as people write them."""

import re

from corpus.errors import UsageError

_UNITS = {"": 0, "K": 10, "M": 20, "G": 30, "T": 40}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)([KMGT]?)(?:i?B)?", re.IGNORECASE)


def parse_size(text: str) -> int:
    """Bytes of `500M`, `8G`, `1.5GiB` or `1000`; a unit is a power of 1024. Raises UsageError for anything else."""
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise UsageError(f"{text}: not a size; write it like 500M or 8G")
    return int(float(match[1]) * (1 << _UNITS[match[2].upper()]))


def format_size(size: float) -> str:
    """`size` bytes in units of powers of 1000, as disks and networks are measured: "999 bytes", "1.2 GB"."""
    if size < 1000:
        return f"{size:.0f} bytes"
    for unit in ("kB", "MB", "GB", "TB"):
        size /= 1000
        if size < 999.95 or unit == "TB":
            break
    return f"{size:,.1f} {unit}"
