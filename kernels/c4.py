"""What C4 asks of pages besides their sentences: equal lines, bad words, the language langdetect finds."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from kernels import _native
from kernels._native import WordList
from kernels.arrays import large_strings, require

__all__ = ["LanguageDetector", "SelectedLines", "WordList", "lower_line_hashes", "select_lines"]


def lower_line_hashes(text: pa.LargeStringArray) -> tuple[np.ndarray, np.ndarray]:
    """As `line_hashes`, of `line.strip().lower()`."""
    require(text, pa.LargeStringArray)
    return _native.lower_line_hashes(text)


@dataclass(frozen=True)
class SelectedLines:
    """Texts of which lines were taken out. unselected, repeated: int64[n], lines taken out of each because they were
    not to be kept, and because the text had them already."""

    text: pa.LargeStringArray
    unselected: np.ndarray
    repeated: np.ndarray


def select_lines(text: pa.LargeStringArray, hashes: np.ndarray, offsets: np.ndarray, keep: np.ndarray) -> SelectedLines:
    """Keeps the lines for which the bool `keep` is set, one for each of `hashes`, and of those of equal hash in one
    document the first. `hashes` and `offsets` are those of the lines of `text`; ValueError where they do not fit it."""
    require(text, pa.LargeStringArray)
    new_text, unselected, repeated = _native.select_lines(text, hashes, offsets, keep)
    return SelectedLines(large_strings(new_text), unselected, repeated)


class LanguageDetector:
    """The langdetect package's algorithm with given profiles, seeded with 0.

    grams: of one to three characters. probabilities: float64[grams, languages]. normal: characters and those they
    stand for. compositions: letter, combining mark, and the character the two make.
    """

    def __init__(
        self,
        languages: Sequence[str],
        grams: Sequence[str],
        probabilities: np.ndarray,
        normal: Iterable[tuple[str, str]],
        compositions: Iterable[tuple[str, str, str]],
    ) -> None:
        self.languages = tuple(languages)
        self._detector = _native.LanguageDetector(
            list(grams),
            np.ascontiguousarray(probabilities, dtype=np.float64).reshape(-1),
            len(self.languages),
            [(ord(character), ord(other)) for character, other in normal],
            [(ord(letter), ord(mark), ord(composed)) for letter, mark, composed in compositions],
        )

    def detect(self, text: pa.LargeStringArray) -> tuple[np.ndarray, np.ndarray]:
        """The likeliest language of each document as its number, int32[n], -1 where nothing speaks for any; and its
        probability, float64[n]."""
        require(text, pa.LargeStringArray)
        return self._detector.detect(text)
