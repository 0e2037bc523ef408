"""The rules by which code is kept: line lengths, share of letters and digits, generated files."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyarrow as pa

from corpus.errors import UsageError
from corpus.pipeline.stage import DropReason, Resources, Stage, StageFunction, StageResult
from corpus.quality.rules import Rule, apply_rules, ratio


class CodeReason(DropReason):
    LONG_LINE = "long_line", "Its longest line has more characters than max_line_length."
    LONG_LINES = "long_lines", "Its lines have more characters on average than average_line_length."
    FEW_ALPHANUMERICS = "few_alphanumerics", "Fewer of its characters than alphanumeric are letters or digits."


@dataclass(frozen=True, kw_only=True)
class CodeRules(Stage):
    """Drops code by its characters and lines.

    max_line_length, average_line_length: code points. alphanumeric: least share of code points.
    """

    name: ClassVar[str] = "code_rules"
    reasons: ClassVar[type[DropReason]] = CodeReason

    max_line_length: int = 1000
    average_line_length: float = 100.0
    alphanumeric: float = 0.25

    def __post_init__(self) -> None:
        if min(self.max_line_length, self.average_line_length) < 1 or not 0 <= self.alphanumeric <= 1:
            raise UsageError("code_rules: line lengths must be at least 1 and alphanumeric a share")

    def open(self, resources: Resources) -> StageFunction:
        return self._apply

    def _apply(self, batch: pa.RecordBatch) -> StageResult:
        texts = batch.column("text").to_pylist()
        lines = [text.splitlines() or [""] for text in texts]
        longest = np.array([max(map(len, one)) for one in lines], dtype=np.float64)
        characters = np.array([len(text) for text in texts], dtype=np.float64)
        average = ratio(characters, np.array([len(one) for one in lines], dtype=np.float64))
        share = ratio(np.array([sum(map(str.isalnum, text)) for text in texts], dtype=np.float64), characters)
        reason = CodeReason
        rules: list[Rule] = [
            (reason.LONG_LINE, longest, longest > self.max_line_length),
            (reason.LONG_LINES, average, average > self.average_line_length),
            (reason.FEW_ALPHANUMERICS, share, share < self.alphanumeric),
        ]
        return apply_rules(batch, rules)
