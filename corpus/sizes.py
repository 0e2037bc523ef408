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
