"""The sentence counter of C4: NLTK's Punkt, with the parameters NLTK distributes or with none."""

from functools import lru_cache
from pathlib import Path

import kernels
from corpus.errors import UserError
from corpus.models.files import ModelFiles

FILES = ("abbrev_types.txt", "collocations.tab", "sent_starters.txt", "ortho_context.tab")
REMEDY = "get it with: llama-corpus models pull punkt-english, or count with an untrained one: --set {}.punkt="


def model_names(language: str) -> list[str]:
    """The files that hold Punkt's parameters for a language ("english"); none for ""."""
    return [f"punkt.{language}.{file}" for file in FILES] if language else []


def require_model(models: ModelFiles, language: str, stage: str) -> list[Path]:
    """Raises UserError when one of the files is missing."""
    return [models.require(name, REMEDY.format(stage)) for name in model_names(language)]


def load_punkt(models: ModelFiles, language: str, quotes: bool, stage: str) -> kernels.Punkt:
    """quotes: as for `kernels.Punkt`. Raises UserError for files that are missing or not what they should be."""
    return _load(tuple(require_model(models, language, stage)), quotes)


@lru_cache(maxsize=2)
def _load(paths: tuple[Path, ...], quotes: bool) -> kernels.Punkt:
    if not paths:
        return kernels.Punkt(quotes=quotes)
    abbreviations, collocations, starters, contexts = paths
    return kernels.Punkt(
        abbreviations=_lines(abbreviations),
        collocations=_pairs(collocations),
        sentence_starters=_lines(starters),
        orthography=[(word, _number(contexts, bits)) for word, bits in _pairs(contexts)],
        quotes=quotes,
    )


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text("utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: cannot be read ({error}); pull it again") from None


def _pairs(path: Path) -> list[tuple[str, str]]:
    rows = [line.split("\t") for line in _lines(path) if line]
    if any(len(row) != 2 for row in rows):
        raise UserError(f"{path}: not a table of Punkt's parameters; pull it again")
    return [(first, second) for first, second in rows]


def _number(path: Path, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise UserError(f"{path}: not a table of Punkt's parameters; pull it again") from None
