"""The language stage: one decision per document, on the rounded score of its best language."""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from fasttext_files import Dense, ModelFile

from corpus.errors import UsageError, UserError
from corpus.models.files import ModelFiles
from corpus.pipeline.stage import Resources, StageResult
from corpus.quality.language import Language, LanguageReason, identify, load_identifier

LANGUAGES = ("en", "fr", "ja")


def model_file(probabilities: dict[str, Sequence[float]]) -> ModelFile:
    """A model for which a text of one of these words is in LANGUAGES with these probabilities (and 1e-5, as always in
    fastText). It knows no other text."""
    rows = [[math.log(probability) for probability in row] for row in probabilities.values()]
    return ModelFile(
        words=tuple(word.encode() for word in probabilities),
        labels=tuple(b"__label__" + name.encode() for name in LANGUAGES),
        input=Dense(np.array(rows)),
        output=Dense(np.eye(3)),
        counts=(3, 2, 1),
    )


@pytest.fixture
def models(tmp_path: Path) -> ModelFiles:
    words = {
        "sure": (0.98, 0.01, 0.01),
        "french": (0.2, 0.7, 0.1),
        "half": (0.49502, 0.3, 0.20498),
        "less": (0.49497, 0.3, 0.20503),
        "ab": (0.01, 0.01, 0.98),
    }
    (tmp_path / "lid.bin").write_bytes(model_file(words).to_bytes())
    load_identifier.cache_clear()
    return ModelFiles((tmp_path,))


def apply(stage: Language, models: ModelFiles, texts: Sequence[str]) -> StageResult:
    batch = pa.record_batch({"text": pa.array(texts, pa.large_string())})
    return stage.open(Resources(models=models, shares={}))(batch)


def test_the_score_is_rounded_before_it_is_tested(models: ModelFiles) -> None:
    result = apply(Language(model="lid.bin"), models, ["half", "less", "sure"])
    assert result.kept.column("text").to_pylist() == ["half", "sure"]
    assert result.kept.column("language").to_pylist() == ["en", "en"]
    assert result.kept.column("language_score").to_pylist() == [0.5, 0.98]
    assert result.dropped.rows.tolist() == [1]
    assert result.dropped.reasons == [LanguageReason.BELOW_THRESHOLD]
    assert result.dropped.values.tolist() == [0.49]


def test_only_languages_asked_for_are_kept(models: ModelFiles) -> None:
    stage = Language(model="lid.bin", keep=("fr", "ja"))
    result = apply(stage, models, ["sure", "french", "less"])
    assert result.kept.column("language").to_pylist() == ["fr"]
    assert result.dropped.rows.tolist() == [0, 2]
    assert result.dropped.reasons == [LanguageReason.NOT_KEPT, LanguageReason.BELOW_THRESHOLD]
    assert result.dropped.values.tolist() == [0.98, 0.49]


def test_line_breaks_are_deleted_without_a_space(models: ModelFiles) -> None:
    identifier = load_identifier(models.require("lid.bin", ""))
    text = pa.array(["a\nb", "a\n\nb\n", "a\n b", "su\nre"], pa.large_string())
    languages, scores = identify(identifier, text)
    assert languages.tolist() == ["ja", "ja", "", "en"]
    assert scores.tolist() == [0.98, 0.98, 0, 0.98]


def test_a_text_of_which_nothing_is_known_is_in_doubt(models: ModelFiles) -> None:
    result = apply(Language(model="lid.bin"), models, ["", "unknown", "\x00\n"])
    assert result.kept.num_rows == 0
    assert result.dropped.reasons == [LanguageReason.BELOW_THRESHOLD] * 3
    assert result.dropped.values.tolist() == [0, 0, 0]
    kept = apply(Language(model="lid.bin", threshold=0), models, ["unknown"])
    assert kept.kept.column("language").to_pylist() == [""]


def test_no_documents(models: ModelFiles) -> None:
    result = apply(Language(model="lid.bin", keep=("en",)), models, [])
    assert (result.kept.num_rows, len(result.dropped.rows)) == (0, 0)
    assert result.kept.schema.field("language").type == pa.string()
    assert result.kept.schema.field("language_score").type == pa.float64()


def test_a_file_that_is_no_model_is_one_clear_line(tmp_path: Path) -> None:
    path = tmp_path / "lid.bin"
    path.write_bytes(b"no model, whatever it is called")
    with pytest.raises(UserError, match=r"lid\.bin: not a fastText model \(wrong file format\); get one with: llama"):
        load_identifier(path)
    with pytest.raises(UserError, match=r"absent: cannot be read \(No such file or directory\); check"):
        load_identifier(tmp_path / "absent")


def test_a_threshold_that_is_no_probability_is_refused() -> None:
    with pytest.raises(UsageError, match="between 0 and 1"):
        Language(threshold=1.5)


def test_lid_176_names_languages(language_model: Path) -> None:
    texts = {
        "en": "The quick brown fox jumps over the lazy dog, and then it sleeps.",
        "fr": "Le renard brun saute par-dessus le chien paresseux, puis il s'endort.",
        "ru": "Быстрая коричневая лиса прыгает через ленивую собаку и засыпает.",
        "ja": "素早い茶色の狐はのろまな犬を飛び越えて、それから眠ります。",
        "el": "Η γρήγορη καφέ αλεπού πηδάει πάνω από το τεμπέλικο σκυλί.",
    }
    languages, scores = identify(load_identifier(language_model), pa.array(texts.values(), pa.large_string()))
    assert languages.tolist() == list(texts)
    assert (scores >= 0.5).all()
