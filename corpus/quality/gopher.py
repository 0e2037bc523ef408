"""Gopher's rules for quality and repetition (arXiv 2112.11446, section A.1.1), as datatrove 0.10.1 applies them.

The paper gives the thresholds and leaves the counting open; datatrove's counting, with spaCy's English words, is the
one in use. Its corners are kept: see `kernels.text_statistics`.
"""

from dataclasses import dataclass
from typing import ClassVar

import pyarrow as pa

from corpus.errors import UsageError
from corpus.pipeline.stage import DropReason, Resources, Stage, StageFunction, StageResult
from corpus.quality.rules import Rule, apply_rules, counted, ratio

GRAMS = (*(f"top_{n}gram" for n in range(2, 5)), *(f"repeated_{n}grams" for n in range(5, 11)))
STOP_WORDS = ("the", "be", "to", "of", "and", "that", "have", "with")


class GopherQualityReason(DropReason):
    TOO_FEW_WORDS = "too_few_words", "The document has fewer words than min_words, punctuation not counted."
    TOO_MANY_WORDS = "too_many_words", "The document has more words than max_words, punctuation not counted."
    SHORT_WORDS = "short_words", "The mean length of its words is under min_mean_length."
    LONG_WORDS = "long_words", "The mean length of its words is over max_mean_length."
    HASHES = "hashes", "There are more than max_hashes hash signs per word."
    ELLIPSES = "ellipses", "There are more than max_ellipses ellipses per word."
    BULLET_LINES = "bullet_lines", "More than max_bullet_lines of its lines start with a bullet."
    ELLIPSIS_LINES = "ellipsis_lines", "More than max_ellipsis_lines of its lines end in an ellipsis."
    FEW_LETTER_WORDS = "few_letter_words", "Fewer than min_letter_words of its words have a letter."
    FEW_STOP_WORDS = "few_stop_words", "Fewer than min_stop_words different stop words occur."


@dataclass(frozen=True, kw_only=True)
class GopherQuality(Stage):
    """Drops documents whose words and lines are not those of prose.

    min_words, max_words: of words that are not punctuation. min_mean_length, max_mean_length: code points, of the same
    words. max_hashes, max_ellipses: per word. max_bullet_lines, max_ellipsis_lines: shares of lines. min_letter_words:
    share of words. min_stop_words: how many different ones of stop_words must occur.
    """

    name: ClassVar[str] = "gopher_quality"
    reasons: ClassVar[type[DropReason]] = GopherQualityReason

    min_words: int = 50
    max_words: int = 100_000
    min_mean_length: float = 3.0
    max_mean_length: float = 10.0
    max_hashes: float = 0.1
    max_ellipses: float = 0.1
    max_bullet_lines: float = 0.9
    max_ellipsis_lines: float = 0.3
    min_letter_words: float = 0.8
    min_stop_words: int = 2
    stop_words: tuple[str, ...] = STOP_WORDS

    def __post_init__(self) -> None:
        if not 0 <= self.min_words <= self.max_words:
            raise UsageError("gopher_quality.min_words must lie between 0 and max_words")
        if len(self.stop_words) > 64:
            raise UsageError("gopher_quality.stop_words may name 64 words at most")

    def open(self, resources: Resources) -> StageFunction:
        return self._apply

    def _apply(self, batch: pa.RecordBatch) -> StageResult:
        words, lines = counted(batch, "words"), counted(batch, "lines")
        nonsymbol = counted(batch, "nonsymbol_words")
        mean_length = ratio(counted(batch, "nonsymbol_characters"), nonsymbol)
        hashes, ellipses = ratio(counted(batch, "hashes"), words), ratio(counted(batch, "ellipses"), words)
        bullets = ratio(counted(batch, "bullet_lines"), lines)
        trailing = ratio(counted(batch, "ellipsis_lines"), lines)
        letters = ratio(counted(batch, "letter_words"), words)
        stop_words = counted(batch, "stop_words")
        reason = GopherQualityReason
        return apply_rules(
            batch,
            [
                (reason.TOO_FEW_WORDS, nonsymbol, nonsymbol < self.min_words),
                (reason.TOO_MANY_WORDS, nonsymbol, nonsymbol > self.max_words),
                (reason.SHORT_WORDS, mean_length, mean_length < self.min_mean_length),
                (reason.LONG_WORDS, mean_length, mean_length > self.max_mean_length),
                (reason.HASHES, hashes, hashes > self.max_hashes),
                (reason.ELLIPSES, ellipses, ellipses > self.max_ellipses),
                (reason.BULLET_LINES, bullets, bullets > self.max_bullet_lines),
                (reason.ELLIPSIS_LINES, trailing, trailing > self.max_ellipsis_lines),
                (reason.FEW_LETTER_WORDS, letters, letters < self.min_letter_words),
                (reason.FEW_STOP_WORDS, stop_words, stop_words < self.min_stop_words),
            ],
        )


class GopherRepetitionReason(DropReason):
    EMPTY = "empty", "The document has no text."
    REPEATED_PARAGRAPHS = "repeated_paragraphs", "Too large a share of its paragraphs occurred in it before."
    REPEATED_PARAGRAPH_CHARACTERS = (
        "repeated_paragraph_characters",
        "Too large a share of its text is in paragraphs that occurred before.",
    )
    REPEATED_LINES = "repeated_lines", "Too large a share of its lines occurred in it before."
    REPEATED_LINE_CHARACTERS = (
        "repeated_line_characters",
        "Too large a share of its text is in lines that occurred before.",
    )
    TOP_2GRAM = "top_2gram", "Its most frequent pair of words makes up too much of its text."
    TOP_3GRAM = "top_3gram", "Its most frequent 3-gram of words makes up too much of its text."
    TOP_4GRAM = "top_4gram", "Its most frequent 4-gram of words makes up too much of its text."
    REPEATED_5GRAMS = "repeated_5grams", "Too large a share of its text is in 5-grams that occurred before."
    REPEATED_6GRAMS = "repeated_6grams", "Too large a share of its text is in 6-grams that occurred before."
    REPEATED_7GRAMS = "repeated_7grams", "Too large a share of its text is in 7-grams that occurred before."
    REPEATED_8GRAMS = "repeated_8grams", "Too large a share of its text is in 8-grams that occurred before."
    REPEATED_9GRAMS = "repeated_9grams", "Too large a share of its text is in 9-grams that occurred before."
    REPEATED_10GRAMS = "repeated_10grams", "Too large a share of its text is in 10-grams that occurred before."


@dataclass(frozen=True, kw_only=True)
class GopherRepetition(Stage):
    """Drops documents that repeat themselves; every parameter is the largest share kept (the paper's table A1).

    paragraphs, lines: of all paragraphs and lines. The others are shares of the text's code points.
    """

    name: ClassVar[str] = "gopher_repetition"
    reasons: ClassVar[type[DropReason]] = GopherRepetitionReason

    paragraphs: float = 0.30
    paragraph_characters: float = 0.20
    lines: float = 0.30
    line_characters: float = 0.20
    top_2gram: float = 0.20
    top_3gram: float = 0.18
    top_4gram: float = 0.16
    repeated_5grams: float = 0.15
    repeated_6grams: float = 0.14
    repeated_7grams: float = 0.13
    repeated_8grams: float = 0.12
    repeated_9grams: float = 0.11
    repeated_10grams: float = 0.10

    def open(self, resources: Resources) -> StageFunction:
        return self._apply

    def _apply(self, batch: pa.RecordBatch) -> StageResult:
        reason = GopherRepetitionReason
        characters = counted(batch, "characters")
        shares = [
            ("repeated_paragraphs", "repeated_paragraphs", "paragraphs", self.paragraphs),
            ("repeated_paragraph_characters", "repeated_paragraph_characters", "characters", self.paragraph_characters),
            ("repeated_lines", "repeated_blocks", "blocks", self.lines),
            ("repeated_line_characters", "repeated_block_characters", "characters", self.line_characters),
            *((name, name, "characters", getattr(self, name)) for name in GRAMS),
        ]
        rules: list[Rule] = [(reason.EMPTY, characters, characters == 0)]
        for why, part, whole, most in shares:
            share = ratio(counted(batch, part), counted(batch, whole))
            rules.append((reason[why.upper()], share, share > most))
        return apply_rules(batch, rules)
