"""C4's filter of pages with obscene words, by the list LDNOOBW; the list itself is fetched, never part of this."""

from dataclasses import dataclass
from typing import ClassVar

import pyarrow as pa

import kernels
from corpus.document import keep
from corpus.errors import UserError
from corpus.models.files import ModelFiles
from corpus.pipeline.stage import Dropped, DropReason, Resources, Stage, StageFunction, StageResult

REMEDY = "get it with: llama-corpus models pull badwords-en, or leave the test out: --set bad_words=false"


class BadWordsReason(DropReason):
    BAD_WORD = "bad_word", "The page holds a word of the list."


@dataclass(frozen=True, kw_only=True)
class BadWords(Stage):
    """Drops pages that hold a word of a list, whatever its case.

    words: a file among the models, a word or phrase on each line. flanked: whether only white space, punctuation or an
    edge of the text may stand on both sides of it; C4 leaves this out for Japanese, Thai and Chinese.
    """

    name: ClassVar[str] = "bad_words"
    reasons: ClassVar[type[DropReason]] = BadWordsReason

    words: str = "badwords.en.txt"
    flanked: bool = True

    def model_names(self, models: ModelFiles) -> list[str]:
        models.require(self.words, REMEDY)
        return [self.words]

    def open(self, resources: Resources) -> StageFunction:
        path = resources.models.require(self.words, REMEDY)
        try:
            lines = path.read_text("utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise UserError(f"{path}: word list cannot be read ({error}); pull it again") from None
        words = sorted({line.strip() for line in lines} - {""})
        if not words:
            raise UserError(f"{path}: holds no words; pull it again")
        return lambda batch: _apply(kernels.WordList(words, self.flanked), batch)


def _apply(words: kernels.WordList, batch: pa.RecordBatch) -> StageResult:
    found = words.occurs_in(batch.column("text"))
    return StageResult(keep(batch, ~found), Dropped.where(found, BadWordsReason.BAD_WORD))
