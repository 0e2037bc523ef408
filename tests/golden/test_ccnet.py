"""Decisions on real WET shards equal to cc_net's own, document by document."""

import gzip
import hashlib
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fasttext_files import Oracle

from corpus.filter import filter_source
from corpus.quality.language import identify, load_identifier
from corpus.quality.perplexity import load_scorer

pytestmark = pytest.mark.usefixtures("language_model")


def golden(shared_data: Path, name: str) -> list[dict[str, Any]]:
    with gzip.open(shared_data / "golden/ccnet" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def key(url: str, shard: str) -> tuple[str, str]:
    return (url, shard)


@pytest.fixture(scope="module")
def filtered(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[pa.Table, pa.Table, dict[str, Any]]:
    """Documents, dropped rows and stats of the preset `ccnet-exact` on the four shards, as one group."""
    out = tmp_path_factory.mktemp("ccnet")
    wet, lm = str(shared_data / "data/web/wet"), shared_data / "golden/lm"
    summary = filter_source("commoncrawl", [wet], out, recipe="ccnet-exact", models=[lm])
    return pq.read_table(out / "documents"), pq.read_table(out / "dropped"), dict(summary.stats)


def by_place(table: pa.Table) -> dict[tuple[str, str], dict[str, Any]]:
    rows = table.to_pylist()
    return {key(row["url"], Path(row["origin"]["path"]).name): row for row in rows}


def test_every_document_is_kept_dropped_and_cut_as_cc_net_does(
    shared_data: Path, filtered: tuple[pa.Table, pa.Table, dict[str, Any]]
) -> None:
    kept, dropped = by_place(filtered[0]), by_place(filtered[1])
    truth = golden(shared_data, "dedup")
    language = {row["url"]: row for row in golden(shared_data, "language")}
    assert len(truth) == 1147
    for want in truth:
        place = key(want["url"], want["shard"])
        if not want["kept"]:
            assert (dropped[place]["stage"], dropped[place]["reason"]) == ("dedup", "no_lines_left")
            continue
        if not language[want["url"]]["kept"]:
            assert (dropped[place]["stage"], dropped[place]["reason"]) == ("language", "below_threshold")
            continue
        got = kept[place]
        assert got["title"] == want["title"]
        assert got["digest"] == want["digest"]
        for name in ("original_nlines", "original_length", "nlines", "length", "line_ids"):
            assert got[name] == want[name], (place, name)
        assert hashlib.sha256(got["text"].encode()).hexdigest() == want["sha256"]
    short = [row for row in dropped.values() if row["stage"] == "read"]
    assert len(kept) + len(dropped) - len(short) == len(truth)


def test_languages_and_rounded_scores_are_cc_nets(
    shared_data: Path, filtered: tuple[pa.Table, pa.Table, dict[str, Any]]
) -> None:
    kept = {row["url"]: row for row in filtered[0].select(["url", "language", "language_score"]).to_pylist()}
    doubtful = {row["url"] for row in filtered[1].to_pylist() if row["stage"] == "language"}
    truth = golden(shared_data, "language")
    assert {row["url"] for row in truth if not row["kept"]} == doubtful
    for want in truth:
        if want["kept"]:
            got = kept[want["url"]]
            assert (got["language"], got["language_score"]) == (want["language"], want["score"])


def test_perplexities_and_buckets_are_cc_nets(
    shared_data: Path, filtered: tuple[pa.Table, pa.Table, dict[str, Any]]
) -> None:
    kept = {row["url"]: row for row in filtered[0].select(["url", "perplexity", "bucket"]).to_pylist()}
    truth = golden(shared_data, "perplexity")
    assert len(truth) == 509
    for want in truth:
        got = kept[want["url"]]
        assert (got["perplexity"], got["bucket"]) == (want["perplexity"], want["bucket"])
    unscored = set(kept) - {want["url"] for want in truth}
    assert {kept[url]["bucket"] for url in unscored} == {"all"}


def test_perplexity_per_line_is_cc_nets(shared_data: Path, filtered: tuple[pa.Table, pa.Table, dict[str, Any]]) -> None:
    texts = dict(zip(filtered[0]["url"].to_pylist(), filtered[0]["text"].to_pylist(), strict=True))
    truth = golden(shared_data, "perplexity")
    scorer = load_scorer(shared_data / "golden/lm/en.sp.model", shared_data / "golden/lm/en.arpa.bin")
    got = scorer.perplexity_per_line(pa.array([texts[want["url"]] for want in truth], pa.large_string()))
    assert got.tolist() == [want["perplexity_per_line"] for want in truth]


def test_ledger_accounts_for_every_record(filtered: tuple[pa.Table, pa.Table, dict[str, Any]]) -> None:
    documents, dropped, stats = filtered
    assert stats["read"]["records"] == 1150 + 4
    assert stats["read"]["documents"] == 1150
    assert stats["read"]["skipped.warcinfo"] == 4
    assert stats["stages"][0]["in"]["documents"] == documents.num_rows + dropped.num_rows == 1150
    assert stats["stages"][0]["kept"]["documents"] == 1147


def test_language_identification_equals_fasttext_on_every_sentence(shared_data: Path, language_model: Path) -> None:
    identifier, oracle = load_identifier(language_model), Oracle(language_model)
    for path in sorted((shared_data / "data/langid").glob("*.tsv.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            sentences = [line.rstrip("\n").split("\t", 1)[1] for line in lines]
        languages, scores = identify(identifier, pa.array(sentences, pa.large_string()))
        labels, probabilities = oracle.predict([sentence.encode() for sentence in sentences])
        assert [f"__label__{language}" for language in languages] == [oracle.labels[label] for label in labels]
        assert scores.tolist() == [round(float(probability), 2) for probability in probabilities]
