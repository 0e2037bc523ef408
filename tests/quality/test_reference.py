"""The reference stage: scores as RedPajama computes them, and what is kept by them."""

import json
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from fasttext_files import HIERARCHICAL_SOFTMAX, NEGATIVE_SAMPLING, ONE_VERSUS_ALL, Dense, ModelFile, Oracle
from hypothesis import given
from hypothesis import strategies as st

import kernels
from corpus.errors import UsageError, UserError
from corpus.models.files import ModelFiles
from corpus.pipeline.stage import Resources, StageResult
from corpus.quality.reference import Reference, ReferenceReason, load_classifier, score_texts

LIKENESS = {"quarter": 0.25002, "less": 0.24, "half": 0.50001, "under": 0.4999, "sure": 0.999999, "never": 1e-7}


def model_file(labels: Sequence[bytes] = (b"__label__cc", b"__label__wiki"), **changes: object) -> ModelFile:
    """A model for which a text of one word of LIKENESS has that probability of the last label; knows no other text."""
    rows = [
        [math.log((1 - wiki) / (len(labels) - 1))] * (len(labels) - 1) + [math.log(wiki)] for wiki in LIKENESS.values()
    ]
    fields: dict[str, object] = {
        "words": tuple(word.encode() for word in LIKENESS),
        "labels": tuple(labels),
        "input": Dense(np.array(rows)),
        "output": Dense(np.eye(len(labels))),
        "counts": tuple(range(len(labels), 0, -1)),
        **changes,
    }
    return ModelFile(**fields)  # type: ignore[arg-type]


@pytest.fixture
def models(tmp_path: Path) -> ModelFiles:
    (tmp_path / "wikiref.bin").write_bytes(model_file().to_bytes())
    load_classifier.cache_clear()
    return ModelFiles((tmp_path,))


def apply(stage: Reference, models: ModelFiles, texts: Sequence[str]) -> StageResult:
    batch = pa.record_batch({"text": pa.array(texts, pa.large_string())})
    return stage.open(Resources(models=models, shares={}))(batch)


def test_a_score_at_the_threshold_is_kept(models: ModelFiles) -> None:
    texts = ["less", "quarter", "half", "under", "sure"]
    for threshold, kept in ((0.25, texts[1:]), (0.5, ["half", "sure"]), (0.0, texts)):
        assert apply(Reference(threshold=threshold), models, texts).kept.column("text").to_pylist() == kept
    score = apply(Reference(threshold=0), models, ["quarter"]).kept.column("reference_score")[0].as_py()
    assert apply(Reference(threshold=score), models, ["quarter"]).kept.num_rows == 1
    result = apply(Reference(threshold=math.nextafter(score, 1)), models, ["quarter", "half"])
    assert result.dropped.reasons == [ReferenceReason.BELOW_THRESHOLD]
    assert (result.dropped.rows.tolist(), result.dropped.values.tolist()) == ([0], [score])


def test_scores_are_those_of_redpajama(models: ModelFiles) -> None:
    """The likelier label's probability by fastText, or 1 minus it."""
    path = models.require("wikiref.bin", "")
    texts = [*LIKENESS, "half sure", "less never", "sure " * 50]
    scores = score_texts(kernels.FastText(path), pa.array(texts, pa.large_string()))
    labels, probabilities = Oracle(path).predict([text.encode() for text in texts])
    expected = [float(p) if label == 1 else 1 - float(p) for label, p in zip(labels, probabilities, strict=True)]
    assert scores.tolist() == [min(max(score, 0.0), 1.0) for score in expected]
    assert scores[4] == 1.0
    assert scores[5] == 0.0
    np.testing.assert_allclose(scores[:4], [LIKENESS[text] for text in texts[:4]], atol=2e-5)


def test_lines_are_one_text_and_what_is_unknown_has_no_score(models: ModelFiles) -> None:
    result = apply(Reference(threshold=0), models, ["half\nsure", "half sure", "", "nothing known", "halfsure"])
    scores = result.kept.column("reference_score").to_pylist()
    assert scores[0] == scores[1] > 0.5
    assert scores[2:] == [0, 0, 0]
    assert apply(Reference(), models, []).kept.num_rows == 0


@given(st.lists(st.sampled_from([*LIKENESS, "x", "\n", "</s>", "__label__wiki"]), max_size=12))
def test_scores_are_probabilities(tmp_path_factory: pytest.TempPathFactory, words: list[str]) -> None:
    path = tmp_path_factory.getbasetemp() / "any.bin"
    path.write_bytes(model_file().to_bytes())
    [score] = score_texts(kernels.FastText(path), pa.array([" ".join(words)], pa.large_string())).tolist()
    assert 0 <= score <= 1


@pytest.mark.parametrize("labels", [(b"__label__wiki", b"__label__cc"), (b"__label__other", b"__label__wiki")])
def test_the_place_of_the_label_and_the_name_of_the_other_do_not_matter(
    tmp_path: Path, labels: tuple[bytes, bytes]
) -> None:
    (tmp_path / "m.bin").write_bytes(model_file(labels).to_bytes())
    [score] = score_texts(load_classifier(tmp_path / "m.bin"), pa.array(["less"], pa.large_string())).tolist()
    assert score == pytest.approx(0.24 if labels[1] == b"__label__wiki" else 0.76, abs=2e-5)


def test_a_keep_rate_takes_its_threshold_from_the_record(models: ModelFiles) -> None:
    [directory] = models.directories
    rates = {str(percent): 1 - percent / 100 for percent in range(1, 101)}
    (directory / "wikiref.json").write_text(json.dumps({"held_out": {"keep_rates": rates}}))
    texts = ["less", "quarter", "under", "half", "sure"]
    for keep_rate, kept in ((0.4, ["sure"]), (0.5, ["half", "sure"]), (0.755, ["quarter", "under", "half", "sure"])):
        stage = Reference(threshold=0.9, keep_rate=keep_rate)
        assert apply(stage, models, texts).kept.column("text").to_pylist() == kept
        assert stage.model_names(models) == ["wikiref.bin", "wikiref.json"]
    assert Reference().model_names(models) == ["wikiref.bin"]


def test_a_keep_rate_without_a_record_is_refused(models: ModelFiles) -> None:
    with pytest.raises(UserError, match=r"wikiref\.json: model not found"):
        Reference(keep_rate=0.1).model_names(models)
    for content in ("", "{}", '{"held_out": {"keep_rates": {"a": 1}}}', "[]"):
        (models.directories[0] / "wikiref.json").write_text(content)
        with pytest.raises(UserError, match=r"no record of a classifier .* set reference\.threshold instead"):
            Reference(keep_rate=0.1).open(Resources(models=models, shares={}))


@pytest.mark.parametrize(
    "parameters", [{"threshold": 1.1}, {"threshold": -0.1}, {"keep_rate": 2.0}, {"keep_rate": -1.0}]
)
def test_parameters_out_of_range(parameters: dict[str, float]) -> None:
    with pytest.raises(UsageError, match="must lie between 0 and 1"):
        Reference(**parameters)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"no model", "not a fastText model"),
        (model_file((b"__label__en", b"__label__fr")).to_bytes(), "has the label wiki and one other, this has en, fr"),
        (model_file((b"__label__a", b"__label__cc", b"__label__wiki")).to_bytes(), "this has a, cc, wiki"),
        (model_file(loss=HIERARCHICAL_SOFTMAX).to_bytes(), "trained with the loss hs"),
        (model_file(loss=NEGATIVE_SAMPLING).to_bytes(), "trained with the loss ns"),
        (model_file(loss=ONE_VERSUS_ALL).to_bytes(), "trained with the loss ova"),
    ],
)
def test_models_of_another_kind(tmp_path: Path, content: bytes, fault: str) -> None:
    (tmp_path / "other.bin").write_bytes(content)
    with pytest.raises(UserError, match=fault) as error:
        load_classifier(tmp_path / "other.bin")
    assert str(error.value).startswith(str(tmp_path / "other.bin"))


def test_a_missing_model_says_how_to_make_one_or_do_without(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"classifier train, or leave this test out with: --set reference\.apply=false"):
        Reference().model_names(ModelFiles((tmp_path,)))
