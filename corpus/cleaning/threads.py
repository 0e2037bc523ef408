"""Questions and their answers: which are kept, and their HTML as one text."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

import kernels
from corpus.document import keep, with_column
from corpus.errors import UsageError
from corpus.pipeline.ledger import Measured
from corpus.pipeline.stage import Dropped, DropReason, Resources, Stage, StageFunction, StageResult

ORDERS = ("score", "score_text")
LAYOUTS = ("paragraphs", "lines")
_TEXT = pa.field("text", pa.large_string(), nullable=False)


class ThreadsReason(DropReason):
    UNANSWERED = "unanswered", "The question has no answer."


@dataclass(frozen=True, kw_only=True)
class Threads(Stage):
    """Joins questions with their answers, and drops those without.

    unanswered: keep questions without an answer. order: of the answers, `score`: highest first; `score_text`: by the
    score as text, as RedPajama compares it (9 before 85 before 100). Of equal scores the earlier answer comes first.
    """

    name: ClassVar[str] = "threads"
    reasons: ClassVar[type[DropReason]] = ThreadsReason

    unanswered: bool = True
    order: str = "score"

    def __post_init__(self) -> None:
        if self.order not in ORDERS:
            raise UsageError(f"threads.order must be one of {', '.join(ORDERS)}, not {self.order!r}")

    def open(self, resources: Resources) -> StageFunction:
        return self._apply

    def _apply(self, batch: pa.RecordBatch) -> StageResult:
        answers = batch.column("answer_count").to_numpy()
        unwanted = (answers == 0) & (not self.unanswered)
        return StageResult(keep(batch, ~unwanted), Dropped.where(unwanted, ThreadsReason.UNANSWERED))


class ThreadTextReason(DropReason):
    EMPTY = "empty", "Neither the question nor an answer has any text."


@dataclass(frozen=True, kw_only=True)
class ThreadText(Stage):
    """Makes one text of the HTML of a question and its answers: "Q: " and the title, the body; "A: " and each answer.

    layout: `paragraphs`: an empty line between title, body and answers, blocks of code, lists and quotations as
    `kernels.post_text` shows them; `lines`: RedPajama's, title and body in one line, answers in the next, all text as
    it stands in the HTML. code_fences: put lines of "```" around blocks of code, in `paragraphs`.
    """

    name: ClassVar[str] = "text"
    reasons: ClassVar[type[DropReason]] = ThreadTextReason

    layout: str = "paragraphs"
    code_fences: bool = False

    def __post_init__(self) -> None:
        if self.layout not in LAYOUTS:
            raise UsageError(f"text.layout must be one of {', '.join(LAYOUTS)}, not {self.layout!r}")

    def open(self, resources: Resources) -> StageFunction:
        return self._apply

    def _apply(self, batch: pa.RecordBatch) -> StageResult:
        posts, counts = _split(batch)
        rendered = kernels.post_text(posts, flat=self.layout == "lines", fences=self.code_fences)
        text, empty = self._assembled(batch.column("title"), rendered, counts)
        result = keep(with_column(batch, _TEXT, text), ~empty)
        before, after = Measured.of(batch.column("text")), Measured.of(result.column("text"))
        return StageResult(
            result,
            Dropped.where(empty, ThreadTextReason.EMPTY),
            int(before.bytes[~empty].sum() - after.bytes.sum()),
            int(before.lines[~empty].sum() - after.lines.sum()),
        )

    def _assembled(
        self, titles: pa.LargeStringArray, posts: pa.LargeStringArray, counts: np.ndarray
    ) -> tuple[pa.LargeStringArray, np.ndarray]:
        """The texts of all threads, and which of them say nothing. counts: int64[n], posts of each."""
        behind_title, between = ("\n\n", "\n\n") if self.layout == "paragraphs" else (" ", "\n")
        ends = np.cumsum(counts)
        starts = ends - counts
        is_question = np.zeros(len(posts), bool)
        is_question[starts] = True
        filled = kernels.count_characters(posts) > 0
        titled = np.asarray(pc.not_equal(titles, ""))
        behind = pc.if_else(pa.array(titled & filled[starts]), _scalar(behind_title), _scalar(""))
        questions = pc.binary_join_element_wise(_scalar("Q: "), titles, behind, _scalar(""))
        prefixes = pa.concat_arrays([questions, pa.array(["A: "], pa.large_string())])
        which = np.where(is_question, np.cumsum(is_question) - 1, len(titles))
        parts = pc.binary_join_element_wise(prefixes.take(pa.array(which)), posts, _scalar(""))
        shown = is_question | filled
        bounds = np.concatenate([[0], np.cumsum(shown)])[np.concatenate([[0], ends])]
        lists = pa.LargeListArray.from_arrays(pa.array(bounds), parts.filter(pa.array(shown)))
        empty = ~titled & ~np.logical_or.reduceat(filled, starts) if len(counts) else np.zeros(0, bool)
        return pc.binary_join(lists, _scalar(between)), empty


def _scalar(text: str) -> pa.Scalar:
    return pa.scalar(text, pa.large_string())


def _split(batch: pa.RecordBatch) -> tuple[pa.LargeBinaryArray, np.ndarray]:
    """The posts of all threads, not copied, and int64[n] how many each thread has."""
    text, sizes = batch.column("text"), batch.column("post_bytes")
    if batch.num_rows == 0:
        return pa.array([], pa.large_binary()), np.empty(0, np.int64)
    begin = np.frombuffer(text.buffers()[1], np.int64)[text.offset]
    flat = sizes.flatten().to_numpy()
    offsets = begin + np.concatenate([[0], np.cumsum(flat)])
    buffers = [None, pa.py_buffer(offsets), text.buffers()[2]]
    posts = pa.Array.from_buffers(pa.large_binary(), len(flat), buffers)
    return posts, pc.list_value_length(sizes).to_numpy().astype(np.int64)
