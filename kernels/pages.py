"""C4's cleaning of pages, and the sentences it counts."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from kernels import _native
from kernels.arrays import large_strings, require


@dataclass(frozen=True)
class CleanPages:
    """What C4's rules leave of n pages.

    text: lines kept, joined with "\\n", stripped; empty for a dropped page.
    counts: int64[n] each. Lines up to the end of the page, or to the line that dropped it: `too_long_word`,
    `no_endmark`, `too_short`, `javascript`, `policy`, `passed`. 1 for a page dropped so: `lorem_ipsum`,
    `curly_bracket`, `too_few_sentences`. `sentences`: of the lines passed.
    """

    text: pa.LargeStringArray
    counts: dict[str, np.ndarray]

    @property
    def kept(self) -> np.ndarray:
        """bool[n]."""
        dropped = self.counts["lorem_ipsum"] + self.counts["curly_bracket"] + self.counts["too_few_sentences"]
        return dropped == 0


class Punkt:
    """NLTK's PunktSentenceTokenizer with given parameters; without any, untrained.

    All strings are lower case. abbreviations: without their period. collocations: pairs of types, the first without its
    period. orthography: types with NLTK's bits of the contexts they occur in. quotes: whether ‘ ’ “ ” « » are
    punctuation to it, as from NLTK 3.10 on.
    """

    def __init__(
        self,
        abbreviations: Iterable[str] = (),
        collocations: Iterable[tuple[str, str]] = (),
        sentence_starters: Iterable[str] = (),
        orthography: Iterable[tuple[str, int]] = (),
        quotes: bool = True,
    ) -> None:
        self._punkt = _native.Punkt(
            list(abbreviations), list(collocations), list(sentence_starters), list(orthography), quotes
        )

    def count(self, text: pa.LargeStringArray) -> np.ndarray:
        """Sentences per document, int64[n]."""
        require(text, pa.LargeStringArray)
        return self._punkt.count(text)

    def split(self, text: pa.LargeStringArray) -> tuple[pa.LargeStringArray, np.ndarray]:
        """Each document with every sentence of its lines on a line of its own; and for each sentence of all documents
        whether it begins a line of its document, bool[sentences]. A document without sentences is empty."""
        require(text, pa.LargeStringArray)
        sentences, starts = self._punkt.split(text)
        return large_strings(sentences), starts

    def clean_pages(
        self,
        text: pa.LargeStringArray,
        *,
        min_words: int = 5,
        min_sentences: int = 3,
        max_word: int = 1000,
        end_marks: bool = True,
    ) -> CleanPages:
        """tensorflow_datasets 4.9.10 `c4_utils.clean_page` of each page.

        min_words: of a line. min_sentences: of a page. max_word: code points. end_marks: whether to drop lines that do
        not end in a sentence's last mark (FineWeb does not).
        """
        require(text, pa.LargeStringArray)
        cleaned, counts = self._punkt.clean_pages(text, min_words, min_sentences, max_word, end_marks)
        return CleanPages(large_strings(cleaned), counts)
