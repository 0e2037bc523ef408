"""CCNet's cut-offs are not used for models trained here."""

from pathlib import Path

import pytest

from corpus.errors import UserError
from corpus.models.files import ModelFiles
from corpus.quality.lm.cutoffs import Cutoff, load_cutoffs, write_percentiles
from corpus.quality.perplexity import Perplexity


@pytest.fixture
def models(tmp_path: Path) -> ModelFiles:
    """English as `lm train` leaves it, German as CCNet published it; the content does not matter here."""
    for name in ("en.sp.model", "en.arpa", "en.json", "de.sp.model", "de.arpa.bin"):
        (tmp_path / name).write_text("")
    return ModelFiles((tmp_path,))


def test_a_model_trained_here_has_no_cutoffs_until_they_are_made(models: ModelFiles) -> None:
    assert load_cutoffs(models)["de"] == Cutoff(370, 590)
    assert "en" not in load_cutoffs(models)
    write_percentiles(models.directories[0] / "cutoff.csv", {"en": {30: 10.0, 60: 20.0}})
    assert load_cutoffs(models)["en"] == Cutoff(10, 20)


def test_a_recipe_that_would_drop_every_document_is_refused(models: ModelFiles) -> None:
    with pytest.raises(UserError, match=r"en: its language model has no cut-offs .*lm cutoffs DOCS --language en"):
        Perplexity(languages=("en",), keep=("head",)).model_names(models)
    assert Perplexity(languages=("de",), keep=("head",)).model_names(models)
    assert Perplexity(languages=("en",)).model_names(models)
