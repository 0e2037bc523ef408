"""The rules by which code is kept.

LLaMA (arXiv 2302.13971, section 2.1) "filtered low quality files with heuristics based on the line length or proportion
of alphanumeric characters" and gives no numbers. Those of lines and alphanumerics are RedPajama's, counted as its
`github_clean_dedup_local.py` counts them (lines of `str.splitlines()`, average with the line ends); The Stack and
BigCode use the same three. What is generated, minified, data or binary is no code people wrote; each rule can be
switched off.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyarrow as pa

import kernels
from corpus.cleaning.edit import heads
from corpus.errors import UsageError
from corpus.pipeline.stage import DropReason, Resources, Stage, StageFunction, StageResult
from corpus.quality.generated import HEAD_BYTES, named_generated, named_minified, says_generated
from corpus.quality.rules import Rule, apply_rules, ratio


class CodeReason(DropReason):
    EMPTY = "empty", "The file has no text."
    BINARY = "binary", "More than max_controls of its characters are controls."
    LONG_LINE = "long_line", "Its longest line has more characters than max_line_length."
    LONG_LINES = "long_lines", "Its lines have more characters on average than average_line_length."
    FEW_ALPHANUMERICS = "few_alphanumerics", "Fewer of its characters than alphanumeric are letters or digits."
    MINIFIED = "minified", "Its name says that it is minified."
    GENERATED = "generated", "Its name or its first lines say that a program wrote it."
    DATA = "data", "More than max_data of its letters and digits are in numbers or encoded data."


@dataclass(frozen=True, kw_only=True)
class CodeRules(Stage):
    """Drops files by the characters and lines of the column `text` and by the column `path`.

    max_line_length, average_line_length: code points. alphanumeric: least share of code points. max_data: share of the
    letters and digits, as `kernels.code_statistics` counts data. max_controls: share of code points. generated: whether
    generated and minified files go.
    """

    name: ClassVar[str] = "code_rules"
    reasons: ClassVar[type[DropReason]] = CodeReason

    max_line_length: int = 1000
    average_line_length: float = 100.0
    alphanumeric: float = 0.25
    max_data: float = 0.7
    max_controls: float = 0.01
    generated: bool = True

    def __post_init__(self) -> None:
        if min(self.max_line_length, self.average_line_length) < 1:
            raise UsageError("code_rules.max_line_length and code_rules.average_line_length must be at least 1")
        for name in ("alphanumeric", "max_data", "max_controls"):
            if not 0 <= getattr(self, name) <= 1:
                raise UsageError(f"code_rules.{name} is a share, from 0 to 1")

    def open(self, resources: Resources) -> StageFunction:
        return self._apply

    def _apply(self, batch: pa.RecordBatch) -> StageResult:
        counts = kernels.code_statistics(batch.column("text"))
        characters, longest = counts["characters"].astype(float), counts["longest_line"].astype(float)
        average = ratio(characters, counts["lines"])
        alphanumeric = ratio(counts["alphanumeric"], characters)
        data = ratio(counts["data"], counts["alphanumeric"])
        controls = ratio(counts["controls"], characters)
        minified, generated = self._generated(batch)
        unmeasured = np.full(batch.num_rows, np.nan)
        reason = CodeReason
        rules: list[Rule] = [
            (reason.EMPTY, characters, characters == 0),
            (reason.BINARY, controls, controls > self.max_controls),
            (reason.LONG_LINE, longest, longest > self.max_line_length),
            (reason.LONG_LINES, average, average > self.average_line_length),
            (reason.FEW_ALPHANUMERICS, alphanumeric, alphanumeric < self.alphanumeric),
            (reason.MINIFIED, unmeasured, minified),
            (reason.GENERATED, unmeasured, generated),
            (reason.DATA, data, data > self.max_data),
        ]
        return apply_rules(batch, rules)

    def _generated(self, batch: pa.RecordBatch) -> tuple[np.ndarray, np.ndarray]:
        """Which files are minified and which are generated, bool[n] each."""
        if not self.generated:
            return np.zeros(batch.num_rows, bool), np.zeros(batch.num_rows, bool)
        paths = [path or "" for path in batch.column("path").to_pylist()]
        minified = [named_minified(path) for path in paths]
        said = [says_generated(head) for head in heads(batch.column("text"), HEAD_BYTES)]
        generated = [one or named_generated(path) for one, path in zip(said, paths, strict=True)]
        return np.array(minified, bool), np.array(generated, bool)
