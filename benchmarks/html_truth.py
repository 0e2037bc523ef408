"""Real pages with what people say of their content, and the measures of how well a tool found it.

A directory of truth holds NAME.warc.gz, the pages, and NAME.truth.jsonl.gz, one object a page with its record's `id`.
"""

import gzip
import json
import re
import statistics
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus.faults import Fault
from corpus.sources.http_response import parse_response
from corpus.sources.warc import read_records

MAX_BYTES = 64 << 20
_TOKEN = re.compile(r"\w+")


@dataclass(frozen=True)
class Page:
    """tuning: whether it is in the half that numbers of the extractor were tuned on."""

    truth: Mapping[str, Any]
    body: bytes
    content_type: str

    @property
    def tuning(self) -> bool:
        return zlib.crc32(self.truth["id"].encode()) % 2 == 0


def read_pages(directory: Path, name: str) -> list[Page]:
    """The pages of one set that have truth, in the order of the file."""
    with gzip.open(directory / f"{name}.truth.jsonl.gz", "rt", encoding="utf-8") as lines:
        truth = {entry["id"]: entry for entry in map(json.loads, lines)}
    return list(_pages(str(directory / f"{name}.warc.gz"), truth))


def _pages(path: str, truth: Mapping[str, Mapping[str, Any]]) -> Iterator[Page]:
    for record in read_records(path, _refuse):
        entry = truth.get(record.headers.get("warc-record-id", ""))
        if entry is not None:
            response = parse_response(record.payload)
            yield Page(entry, response.body(MAX_BYTES), response.headers.get("content-type", ""))


def _refuse(fault: Fault) -> None:
    raise ValueError(fault.describe())


def shingle_scores(true: str, text: str) -> tuple[float, float, float]:
    """Precision, recall and F1 of the 4-grams of words, with their counts (article-extraction-benchmark,
    evaluate.py)."""
    wanted, found = _shingles(true), _shingles(text)
    both = (wanted & found).total()
    if wanted == found:
        return 1.0, 1.0, 1.0
    precision = both / found.total() if found else 0.0
    recall = both / wanted.total() if wanted else 0.0
    return precision, recall, 2 * both / (wanted.total() + found.total())


def _shingles(text: str) -> Counter[tuple[str, ...]]:
    tokens = _TOKEN.findall(text)
    if not tokens:
        return Counter()
    return Counter(tuple(tokens[at : at + 4]) for at in range(max(1, len(tokens) - 3)))


def mean_f1(pages: Sequence[Page], texts: Sequence[str], key: str = "text") -> float:
    """Mean over the pages of the F1 of their 4-grams."""
    return statistics.mean(
        shingle_scores(page.truth[key], text)[2] for page, text in zip(pages, texts, strict=True) if page.truth.get(key)
    )


def pieces_f1(pages: Sequence[Page], texts: Sequence[str]) -> float:
    """F1 of the pieces that must be in the text, those that must not counted as wrong ones (trafilatura's measure)."""
    found = missing = wrong = 0
    for page, text in zip(pages, texts, strict=True):
        inside = sum(piece in text for piece in page.truth["with"])
        found += inside
        missing += len(page.truth["with"]) - inside
        wrong += sum(piece in text for piece in page.truth["without"])
    precision, recall = found / (found + wrong), found / (found + missing)
    return 2 * precision * recall / (precision + recall)
