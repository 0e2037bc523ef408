"""Ten documents of a real CCNet run (`ccnet-head-dolma-0091`): our decisions against the fields recorded with them.

Language and bucket are the recorded ones. Recorded scores are of lid.176.bin, and with it ours are equal where the text
is the whole document; dolma has taken lines out of the others since. Perplexities are of CCNet's English model.
"""

import gzip
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import kernels
from corpus.models.files import ModelFiles
from corpus.quality.language import identify, load_identifier
from corpus.quality.lm.cutoffs import bucket, load_cutoffs
from corpus.quality.perplexity import load_scorer

Rows = list[tuple[str, dict[str, Any]]]


@pytest.fixture(scope="module")
def documents(shared_data: Path) -> Rows:
    with gzip.open(shared_data / "data/web/text/ccnet-head-dolma-0091.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [(row["text"], row["metadata"]) for row in rows]


def texts(documents: Rows) -> pa.LargeStringArray:
    return pa.array([text for text, _ in documents], pa.large_string())


def whole(documents: Rows) -> Rows:
    return [(text, recorded) for text, recorded in documents if len(text) == recorded["length"]]


def test_languages(documents: Rows, language_model: Path) -> None:
    languages, scores = identify(load_identifier(language_model), texts(documents))
    assert languages.tolist() == [recorded["language"] for _, recorded in documents] == ["en"] * 10
    differences = [
        abs(score - recorded["language_score"]) for score, (_, recorded) in zip(scores, documents, strict=True)
    ]
    assert max(differences) < 0.035  # quantised model, and texts cut since
    [(text, recorded)] = whole(documents)
    [score] = identify(load_identifier(language_model), pa.array([text], pa.large_string()))[1]
    assert abs(score - recorded["language_score"]) < 0.015


def test_scores_with_the_model_that_ccnet_used(documents: Rows) -> None:
    model = ModelFiles.search().find("lid.176.bin")
    if model is None:
        pytest.skip("lid.176.bin is not here; llama-corpus models pull lid.176.bin")
    scores = identify(load_identifier(model), texts(whole(documents)))[1]
    assert scores.tolist() == [recorded["language_score"] for _, recorded in whole(documents)]


def test_buckets(documents: Rows) -> None:
    cutoffs = load_cutoffs(ModelFiles(()))
    for _, recorded in documents:
        assert bucket(recorded["perplexity"], recorded["language"], cutoffs) == recorded["bucket"] == "head"


def test_perplexities_with_the_model_that_ccnet_used(documents: Rows) -> None:
    models = ModelFiles.search()
    pieces, ngrams = models.find("en.sp.model"), models.find("en.arpa.bin")
    if pieces is None or ngrams is None:
        pytest.skip("CCNet's English model is not here; llama-corpus models pull ccnet-en")
    perplexities = load_scorer(pieces, ngrams).perplexity(texts(whole(documents)))
    assert perplexities.tolist() == [recorded["perplexity"] for _, recorded in whole(documents)]


def test_lengths_and_lines(documents: Rows) -> None:
    lengths = kernels.count_characters(texts(documents)).tolist()
    for (text, recorded), length in zip(documents, lengths, strict=True):
        assert length <= recorded["length"]
        assert len(text.split("\n")) <= recorded["nlines"] == len(recorded["line_ids"]) <= recorded["original_nlines"]
        assert recorded["length"] >= 300 or recorded["original_length"] >= 300
    assert [(length, text.count("\n") + 1) for length, (text, recorded) in zip(lengths, documents, strict=True)][4] == (
        526,
        2,
    )
