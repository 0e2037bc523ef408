"""C4's, Gopher's and FineWeb's rules against tensorflow_datasets and datatrove on real pages."""

import gzip
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import kernels
from corpus.document import document_schema
from corpus.models.files import ModelFiles
from corpus.pipeline.stage import Resources, Stage
from corpus.quality.c4_rules import C4Rules
from corpus.quality.fineweb import FineWeb
from corpus.quality.gopher import GopherQuality, GopherRepetition
from corpus.quality.word_rules import word_rules
from corpus.sources.warc import read_records

RESOURCES = Resources(ModelFiles(()), {})
COUNTERS = {
    "line-filtered:too_long_word": "too_long_word",
    "line-filtered:no_endmark": "no_endmark",
    "line-filtered:too_short": "too_short",
    "line-filtered:javascript": "javascript",
    "line-filtered:policy": "policy",
    "line-passed": "passed",
    "filtered:loremipsum": "lorem_ipsum",
    "filtered:squigglybracket": "curly_bracket",
    "filtered:too_few_sentences": "too_few_sentences",
}
REASONS = {
    "gopher_short_doc": "too_few_words",
    "gopher_long_doc": "too_many_words",
    "gopher_below_avg_threshold": "short_words",
    "gopher_above_avg_threshold": "long_words",
    "gopher_too_many_hashes": "hashes",
    "gopher_too_many_ellipsis": "ellipses",
    "gopher_too_many_bullets": "bullet_lines",
    "gopher_too_many_end_ellipsis": "ellipsis_lines",
    "gopher_below_alpha_threshold": "few_letter_words",
    "gopher_enough_stop_words": "few_stop_words",
    "empty": "empty",
    "dup_para_frac": "repeated_paragraphs",
    "dup_para_char_frac": "repeated_paragraph_characters",
    "dup_line_frac": "repeated_lines",
    "dup_line_char_frac": "repeated_line_characters",
    **{f"top_{n}_gram": f"top_{n}gram" for n in (2, 3, 4)},
    **{f"duplicated_{n}_n_grams": f"repeated_{n}grams" for n in range(5, 11)},
    "line_punct_ratio": "few_terminal_lines",
    "short_line_ratio": "short_lines",
    "char_dup_ratio": "repeated_characters",
    "list_ratio": "many_newlines",
}


@pytest.fixture(scope="module")
def pages(shared_data: Path) -> pa.RecordBatch:
    payloads = [
        bytes(record.payload).decode()
        for path in sorted((shared_data / "data/web/wet").glob("*.warc.wet.gz"))
        for record in read_records(str(path), lambda fault: None)
        if record.type == "conversion"
    ]
    fields = {name: pa.nulls(len(payloads), document_schema([]).field(name).type) for name in ("url", "origin")}
    ids = pa.array([str(row) for row in range(len(payloads))])
    return pa.record_batch({"id": ids, "text": pa.array(payloads, pa.large_string()), **fields})


def rows_of(path: Path) -> list[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def decisions(stages: tuple[Stage, ...], batch: pa.RecordBatch) -> list[str | None]:
    """The reason each document is dropped for, None for those kept."""
    reasons: dict[str, str] = {}
    left = batch
    for stage in stages:
        result = stage.open(RESOURCES)(left)
        ids = left.column("id").to_pylist()
        reasons.update(
            {ids[row]: why.value for row, why in zip(result.dropped.rows, result.dropped.reasons, strict=True)}
        )
        left = result.kept
    return [reasons.get(name) for name in batch.column("id").to_pylist()]


@pytest.mark.parametrize(
    ("filter_name", "stages"),
    [
        ("gopher_quality", word_rules(None, GopherQuality(), None)),
        ("gopher_repetition", word_rules(GopherRepetition(), None, None)),
        ("fineweb_quality", word_rules(None, None, FineWeb())),
    ],
)
def test_decisions_and_reasons_are_those_of_datatrove(
    shared_data: Path, pages: pa.RecordBatch, filter_name: str, stages: tuple[Stage, ...]
) -> None:
    expected = [row[filter_name] for row in rows_of(shared_data / "golden/datatrove/quality.jsonl.gz")]
    assert len(expected) == pages.num_rows == 1150
    assert decisions(stages, pages) == [None if row["kept"] else REASONS[row["reason"]] for row in expected]
    assert any(row["kept"] for row in expected)


def test_clean_pages_are_those_of_tensorflow_datasets(shared_data: Path, pages: pa.RecordBatch) -> None:
    expected = rows_of(shared_data / "golden/c4/clean_page.jsonl.gz")
    cleaned = kernels.Punkt().clean_pages(pages.column("text"))
    assert cleaned.kept.tolist() == [row["kept"] for row in expected]
    assert cleaned.text.to_pylist() == [row["text"] if row["kept"] else "" for row in expected]
    for number, row in enumerate(expected):
        counters = {name: int(cleaned.counts[ours][number]) for name, ours in COUNTERS.items()}
        counters["passed"] = int(cleaned.kept[number])
        assert {name: count for name, count in counters.items() if count} == row["counters"]


def test_the_stage_of_c4_rules_decides_the_same(shared_data: Path, pages: pa.RecordBatch) -> None:
    expected = rows_of(shared_data / "golden/c4/clean_page.jsonl.gz")
    result = C4Rules(punkt="", punkt_quotes=True).open(RESOURCES)(pages)
    assert result.kept.column("text").to_pylist() == [row["text"] for row in expected if row["kept"]]
    totals = {ours: sum(row["counters"].get(name, 0) for row in expected) for name, ours in COUNTERS.items()}
    assert result.counters == {name: totals[name] for name in result.counters}
    for why in ("lorem_ipsum", "curly_bracket", "too_few_sentences"):
        assert sum(reason.value == why for reason in result.dropped.reasons) == totals[why]


def test_statistics_are_counted_once_for_all_rules(pages: pa.RecordBatch) -> None:
    stages = word_rules(GopherRepetition(), GopherQuality(), FineWeb())
    assert [stage.name for stage in stages] == ["statistics", "gopher_repetition", "gopher_quality", "fineweb"]
    assert word_rules(None, None, None) == ()
    alone = [
        decisions(word_rules(*rules), pages)
        for rules in ((GopherRepetition(), None, None), (None, GopherQuality(), None), (None, None, FineWeb()))
    ]
    first = [next((reason for reason in reasons if reason), None) for reasons in zip(*alone, strict=True)]
    assert decisions(stages, pages) == first
