"""C4's rules for lines and pages, in the order and with the numbers of the code that made the release.

The code is `clean_page` of tensorflow_datasets' `c4_utils.py`. The paper (arXiv 1910.10683, section 2.2) gives other
numbers: 3 words and 5 sentences.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyarrow as pa

import kernels
from corpus.document import keep, with_column
from corpus.errors import UsageError
from corpus.models.files import ModelFiles
from corpus.pipeline.ledger import Measured
from corpus.pipeline.stage import Dropped, DropReason, Resources, Stage, StageFunction, StageResult
from corpus.quality import sentences

LINES = ("too_long_word", "no_endmark", "too_short", "javascript", "policy", "passed")


class C4RulesReason(DropReason):
    LOREM_IPSUM = "lorem_ipsum", 'A line that would be kept holds "lorem ipsum".'
    CURLY_BRACKET = "curly_bracket", "A line that would be kept holds a curly bracket, as code does."
    TOO_FEW_SENTENCES = "too_few_sentences", "The lines kept have fewer sentences than min_sentences."


@dataclass(frozen=True, kw_only=True)
class C4Rules(Stage):
    """Removes lines that are not sentences or are notices of sites; drops pages of little text, filler text or code.

    min_words: of a line. min_sentences: of a page. max_word: code points; lines with a longer word go. end_marks:
    whether lines must end like a sentence (FineWeb leaves this out). punkt: language of the sentence counter's
    parameters, "" for an untrained one. punkt_quotes: as for `kernels.Punkt`; the release's NLTK did not know them.

    What became of lines is counted in the ledger: `too_long_word`, `no_endmark`, `too_short`, `javascript`, `policy`,
    `passed`, in the pages dropped too, up to the line that dropped them.
    """

    name: ClassVar[str] = "c4_rules"
    reasons: ClassVar[type[DropReason]] = C4RulesReason

    min_words: int = 5
    min_sentences: int = 3
    max_word: int = 1000
    end_marks: bool = True
    punkt: str = "english"
    punkt_quotes: bool = False

    def __post_init__(self) -> None:
        if min(self.min_words, self.min_sentences, self.max_word) < 0:
            raise UsageError("c4_rules.min_words, min_sentences and max_word must be at least 0")

    def model_names(self, models: ModelFiles) -> list[str]:
        sentences.require_model(models, self.punkt, self.name)
        return sentences.model_names(self.punkt)

    def open(self, resources: Resources) -> StageFunction:
        punkt = sentences.load_punkt(resources.models, self.punkt, self.punkt_quotes, self.name)
        return lambda batch: self._apply(punkt, batch)

    def _apply(self, punkt: kernels.Punkt, batch: pa.RecordBatch) -> StageResult:
        text = batch.column("text")
        pages = punkt.clean_pages(
            text,
            min_words=self.min_words,
            min_sentences=self.min_sentences,
            max_word=self.max_word,
            end_marks=self.end_marks,
        )
        counts = pages.counts
        dropped = Dropped.where(counts["lorem_ipsum"] > 0, C4RulesReason.LOREM_IPSUM)
        dropped += Dropped.where(counts["curly_bracket"] > 0, C4RulesReason.CURLY_BRACKET)
        few = counts["too_few_sentences"] > 0
        dropped += Dropped.where(few, C4RulesReason.TOO_FEW_SENTENCES, counts["sentences"])
        kept = keep(_with_text(batch, pages.text), pages.kept)
        stay = np.flatnonzero(pages.kept)
        before, after = Measured.of(text).of_rows(stay), Measured.of(kept.column("text")).total()
        return StageResult(
            kept,
            dropped,
            removed_bytes=before.bytes - after.bytes,
            removed_lines=before.lines - after.lines,
            counters={name: int(counts[name].sum()) for name in LINES},
        )


def _with_text(batch: pa.RecordBatch, text: pa.LargeStringArray) -> pa.RecordBatch:
    """`batch` with a new text, and with its lines and characters counted again where they are columns."""
    edited = with_column(batch, batch.schema.field("text"), text)
    for name, count in (("nlines", kernels.count_lines), ("length", kernels.count_characters)):
        if name in batch.schema.names:
            field = batch.schema.field(name)
            edited = with_column(edited, field, pa.array(count(text), type=field.type))
    return edited
