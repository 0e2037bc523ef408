"""Sizes as people write them."""

import pytest

from corpus.errors import UsageError
from corpus.sizes import format_size, parse_size


@pytest.mark.parametrize(
    ("text", "size"),
    [("1000", 1000), ("4k", 4096), ("500M", 500 << 20), ("8G", 8 << 30), ("1.5GiB", 3 << 29), (" 2TB ", 2 << 40)],
)
def test_sizes_are_read(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "G", "-1", "8 giga", "1e9"])
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match="not a size"):
        parse_size(text)


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (999_949, "999.9 kB"),
        (999_951, "1.0 MB"),
        (305e9, "305.0 GB"),
        (9.7e12, "9.7 TB"),
        (2.5e15, "2,500.0 TB"),
    ],
)
def test_sizes_are_written(size: float, text: str) -> None:
    assert format_size(size) == text
