"""C4's language identification: langdetect, seeded so that the same text always gives the same answer.

The profiles are those of the langdetect package; its algorithm runs in a kernel, which gives its results some forty
times as fast.
"""

import json
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources as package_files
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa

import kernels
from corpus.document import keep, with_column
from corpus.errors import UsageError
from corpus.pipeline.stage import Dropped, DropReason, Resources, Stage, StageFunction, StageResult
from corpus.quality.language import COLUMNS

LONGEST_GRAM = 3
# The blocks in which langdetect takes some characters for others; everywhere else each stands for itself.
_NORMALIZED = (
    range(0x0250),
    range(0x0600, 0x0700),
    range(0x1E00, 0x1F00),
    range(0x2000, 0x2070),
    range(0x3040, 0x3130),
    range(0x31A0, 0x31C0),
    range(0x4E00, 0xA000),
    range(0xAC00, 0xD7B0),
)


class LangdetectReason(DropReason):
    NO_LANGUAGE = "no_language", "The text has no letters that speak for any language."
    LOW_CONFIDENCE = "low_confidence", "The likeliest language's probability is under min_probability."
    OTHER_LANGUAGE = "other_language", "The likeliest language is another one."


@dataclass(frozen=True, kw_only=True)
class Langdetect(Stage):
    """Drops documents that langdetect does not surely find to be in one language (C4: English, 0.99)."""

    name: ClassVar[str] = "langdetect"
    reasons: ClassVar[type[DropReason]] = LangdetectReason

    language: str = "en"
    min_probability: float = 0.99

    def __post_init__(self) -> None:
        if not 0 <= self.min_probability <= 1:
            raise UsageError("langdetect.min_probability must lie between 0 and 1")

    def open(self, resources: Resources) -> StageFunction:
        detector = load_detector()
        if self.language not in detector.languages:
            known = ", ".join(detector.languages)
            raise UsageError(f"langdetect.language: {self.language!r} is unknown to langdetect; it knows {known}")
        return lambda batch: self._apply(detector, batch)

    def _apply(self, detector: kernels.LanguageDetector, batch: pa.RecordBatch) -> StageResult:
        numbers, probabilities = detector.detect(batch.column("text"))
        unknown = numbers < 0
        doubtful = ~unknown & (probabilities < self.min_probability)
        foreign = ~unknown & ~doubtful & (numbers != detector.languages.index(self.language))
        names = np.array([*detector.languages, ""], dtype=object)[numbers]
        labelled = with_column(batch, COLUMNS[0], pa.array(names, type=pa.string()))
        labelled = with_column(labelled, COLUMNS[1], pa.array(probabilities))
        dropped = Dropped.where(unknown, LangdetectReason.NO_LANGUAGE)
        dropped += Dropped.where(doubtful, LangdetectReason.LOW_CONFIDENCE, probabilities)
        dropped += Dropped.where(foreign, LangdetectReason.OTHER_LANGUAGE, probabilities)
        return StageResult(keep(labelled, ~(unknown | doubtful | foreign)), dropped)


@lru_cache(maxsize=1)
def load_detector() -> kernels.LanguageDetector:
    """The detector with all profiles of the langdetect package, its languages in alphabetical order."""
    from langdetect.utils.ngram import NGram

    folder = package_files.files("langdetect").joinpath("profiles")
    profiles = {file.name: json.loads(file.read_text("utf-8")) for file in folder.iterdir() if _is_profile(file)}
    languages = sorted(profiles)
    grams = sorted({gram for profile in profiles.values() for gram in profile["freq"] if len(gram) <= LONGEST_GRAM})
    numbers = {gram: number for number, gram in enumerate(grams)}
    probabilities = np.zeros((len(grams), len(languages)))
    for column, language in enumerate(languages):
        profile = profiles[language]
        for gram, count in profile["freq"].items():
            if gram in numbers:
                probabilities[numbers[gram], column] = 1.0 * count / profile["n_words"][len(gram) - 1]
    normal = [(c, n) for block in _NORMALIZED for c in map(chr, block) if (n := NGram.normalize(c)) != c]
    compositions = [
        (letter, mark, row[at])
        for mark, row in zip(NGram.DMARK_CLASS, NGram.NORMALIZED_VI_CHARS, strict=True)
        for at, letter in enumerate(NGram.TO_NORMALIZE_VI_CHARS)
    ]
    return kernels.LanguageDetector(languages, grams, probabilities, normal, compositions)


def _is_profile(file: Any) -> bool:
    return file.is_file() and not file.name.startswith(".")
