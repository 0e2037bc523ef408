"""FineWeb's own rules (arXiv 2406.17557, section 3.5), as datatrove 0.10.1 `fineweb_quality_filter.py` applies them."""

from dataclasses import dataclass
from typing import ClassVar

import pyarrow as pa

from corpus.errors import UsageError
from corpus.pipeline.stage import DropReason, Resources, Stage, StageFunction, StageResult
from corpus.quality.rules import apply_rules, counted, ratio


class FineWebReason(DropReason):
    EMPTY = "empty", "The document has no line with more than white space."
    FEW_TERMINAL_LINES = "few_terminal_lines", "Fewer than min_terminal_lines of its lines end a sentence."
    SHORT_LINES = "short_lines", "More than max_short_lines of its lines are short."
    REPEATED_CHARACTERS = (
        "repeated_characters",
        "More than max_repeated_characters of its text is in lines that occurred before.",
    )
    MANY_NEWLINES = "many_newlines", "There are more than max_newlines newlines per word."


@dataclass(frozen=True, kw_only=True)
class FineWeb(Stage):
    """Drops lists, menus and pages of fragments.

    min_terminal_lines, max_short_lines: shares of lines that are not blank. short_line: the longest a short line may
    be, in code points. max_repeated_characters: share of the text without newlines; 0.01 in the code, 0.1 in the
    paper. max_newlines: per word.
    """

    name: ClassVar[str] = "fineweb"
    reasons: ClassVar[type[DropReason]] = FineWebReason

    min_terminal_lines: float = 0.12
    max_short_lines: float = 0.67
    short_line: int = 30
    max_repeated_characters: float = 0.01
    max_newlines: float = 0.3

    def __post_init__(self) -> None:
        if self.short_line < 0:
            raise UsageError("fineweb.short_line must be at least 0 characters")

    def open(self, resources: Resources) -> StageFunction:
        return self._apply

    def _apply(self, batch: pa.RecordBatch) -> StageResult:
        lines, newlines = counted(batch, "text_lines"), counted(batch, "newlines")
        terminal = ratio(counted(batch, "terminal_lines"), lines)
        short = ratio(counted(batch, "short_lines"), lines)
        repeated = ratio(counted(batch, "repeated_text_line_characters"), counted(batch, "characters") - newlines)
        per_word = ratio(newlines, counted(batch, "words"))
        reason = FineWebReason
        return apply_rules(
            batch,
            [
                (reason.EMPTY, lines, lines == 0),
                (reason.FEW_TERMINAL_LINES, terminal, terminal < self.min_terminal_lines),
                (reason.SHORT_LINES, short, short > self.max_short_lines),
                (reason.REPEATED_CHARACTERS, repeated, repeated > self.max_repeated_characters),
                (reason.MANY_NEWLINES, per_word, per_word > self.max_newlines),
            ],
        )
