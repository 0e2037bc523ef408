"""Reading ARPA files in tests."""

from collections.abc import Iterable
from pathlib import Path

Ngram = tuple[str, ...]


def parse(lines: Iterable[str]) -> tuple[list[int], dict[Ngram, tuple[float, float]]]:
    """Stated numbers of n-grams by order, and n-gram -> (log10 probability, log10 back-off; 0 where none is stated)."""
    counts: list[int] = []
    table: dict[Ngram, tuple[float, float]] = {}
    order = 0
    for line in lines:
        line = line.rstrip("\n")
        if line.startswith("ngram "):
            counts.append(int(line.partition("=")[2]))
        elif line.startswith("\\"):
            order = int(line[1]) if line.endswith("-grams:") else 0
        elif order and line:
            probability, words, *backoff = line.split("\t")
            gram = tuple(words.split(" "))
            assert len(gram) == order
            assert gram not in table
            assert len(backoff) == (order < len(counts))
            table[gram] = (float(probability), float(backoff[0]) if backoff else 0.0)
    return counts, table


def read(path: Path) -> tuple[list[int], dict[Ngram, tuple[float, float]]]:
    with open(path, encoding="utf-8") as stream:
        return parse(stream)
