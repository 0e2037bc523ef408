"""The kernels against outputs of cc_net itself on real pages and lines."""

import gzip
import hashlib
import json
from pathlib import Path
from typing import Any

import kernel_definitions as oracles
import numpy as np
import pyarrow as pa
import pytest
from arrow_columns import strings
from wet_records import conversion_records

import kernels
from kernels.keys import UNIQUE

MIN_LENGTH = 300


def read_jsonl(path: Path) -> list[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def test_lines(shared_data: Path) -> None:
    expected = read_jsonl(shared_data / "golden/ccnet/lines.jsonl.gz")
    assert len(expected) == 14_034
    column = strings([row["line"] for row in expected])
    assert kernels.normalize_lines(column).to_pylist() == [row["dedup"] for row in expected]
    assert kernels.normalize_lm(column).to_pylist() == [row["lm"] for row in expected]
    assert kernels.line_hashes(column)[0].tolist() == [row["hash"] for row in expected]
    occurring = {character for row in expected for character in row["line"] if character in oracles.PUNCTUATION}
    assert set(oracles.PUNCTUATION) - occurring == {"∶", "〈", "〉"}


@pytest.fixture(scope="module")
def shards(shared_data: Path) -> list[tuple[list[str], kernels.WetText]]:
    read = []
    for path in sorted((shared_data / "data/web/wet").glob("*.warc.wet.gz")):
        urls, payloads = zip(*conversion_records(path), strict=True)
        read.append((list(urls), kernels.wet_text(pa.array(payloads, pa.large_binary()))))
    return read


def test_deduplication_of_a_group_of_shards(shared_data: Path, shards: list[tuple[list[str], kernels.WetText]]) -> None:
    expected = read_jsonl(shared_data / "golden/ccnet/dedup.jsonl.gz")
    assert len(expected) == 1147
    texts, hashed, counted = [], [], []
    for urls, wet in shards:
        long_enough = pa.array(wet.length >= MIN_LENGTH)
        titles, rows = wet.title.filter(long_enough).to_pylist(), expected[: len(wet.text.filter(long_enough))]
        del expected[: len(rows)]
        assert [row["url"] for row in rows] == pa.array(urls).filter(long_enough).to_pylist()
        assert titles == [row["title"] for row in rows]
        # The reference was run on files without their last line end, so the last record of each lost a blank line.
        nlines = wet.nlines[wet.length >= MIN_LENGTH].tolist()
        assert [*nlines[:-1], nlines[-1] - 1] == [row["nlines_in"] for row in rows]
        texts.append((wet.text.filter(long_enough), rows))
        hashed.append(kernels.line_hashes(texts[-1][0]))
        counted.append(kernels.document_keys(*hashed[-1]))
    assert not expected
    kernels.mark_duplicates(counted)
    marked = np.unique(np.concatenate([keys[marks != UNIQUE] for keys, marks in counted]))
    duplicates = kernels.DuplicateSet(marked)
    for (text, rows), (hashes, offsets) in zip(texts, hashed, strict=True):
        removed = kernels.remove_lines(text, hashes, offsets, duplicates)
        assert (removed.nlines > 0).tolist() == [row["kept"] for row in rows]
        kept = np.flatnonzero(removed.nlines)
        rows = [row for row in rows if row["kept"]]
        assert removed.nlines[kept].tolist() == [row["nlines"] for row in rows]
        assert removed.length[kept].tolist() == [row["length"] for row in rows]
        assert removed.line_ids.take(kept).to_pylist() == [row["line_ids"] for row in rows]
        digests = [hashlib.sha256(value.encode()).hexdigest() for value in removed.text.take(kept).to_pylist()]
        assert digests == [row["sha256"] for row in rows]
