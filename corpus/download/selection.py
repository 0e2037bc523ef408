"""Which of the files a list names are wanted."""

import re
from collections.abc import Sequence
from typing import TypeVar

from corpus.errors import UsageError

_RANGE = re.compile(r"(\d+)(?:\.\.(\d+))?")
T = TypeVar("T")


def select(files: Sequence[T], wanted: str | None, share: float | None) -> list[T]:
    """`wanted`: "N", the first N files, or "A..B", those numbered A to B from 0, both included.

    share: that part of the files, evenly spread over the list (at least one). Raises UsageError when what is asked
    for makes no sense or is not there.
    """
    if wanted is not None and share is not None:
        raise UsageError("--files and --share exclude each other; give one of them")
    if share is not None:
        if not 0 < share <= 1:
            raise UsageError(f"--share {share:g}: not a share; give one above 0 and up to 1")
        count = max(1, round(len(files) * share)) if files else 0
        return [files[i * len(files) // count] for i in range(count)]
    if wanted is None:
        return list(files)
    match = _RANGE.fullmatch(wanted.strip())
    if match is None:
        raise UsageError(f"--files {wanted}: write N for the first N files, or A..B for files A to B, counted from 0")
    first, last = (0, int(match[1]) - 1) if match[2] is None else (int(match[1]), int(match[2]))
    if last < first:
        raise UsageError(f"--files {wanted}: names no file; write N, or A..B with B not below A")
    if match[2] is not None and last >= len(files):
        raise UsageError(f"--files {wanted}: there are {len(files):,} files, 0 to {len(files) - 1}; ask for fewer")
    return list(files[first : last + 1])
