"""Which submissions have text at all."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyarrow as pa

from corpus.document import keep
from corpus.errors import UsageError
from corpus.pipeline.stage import Dropped, DropReason, Resources, Stage, StageFunction, StageResult
from corpus.sources.arxiv_submission import Absence, Limits


class PapersReason(DropReason):
    PDF = Absence.PDF.value, "The submission has a PDF and no TeX source."
    POSTSCRIPT = Absence.POSTSCRIPT.value, "The submission has PostScript and no TeX source."
    NO_TEX = Absence.NO_TEX.value, "No file of the submission looks like TeX."
    WITHDRAWN = Absence.WITHDRAWN.value, "The submission is the note that its authors withdrew it."
    CORRUPT = Absence.CORRUPT.value, "The submission's gzip or tar data is damaged or ends early."
    EMPTY = Absence.EMPTY.value, "The submission has no bytes."
    TOO_LARGE = Absence.TOO_LARGE.value, "The submission, or its TeX, has more bytes than max_unpacked or max_text."
    TOO_MANY_FILES = Absence.TOO_MANY_FILES.value, "The submission has more files than max_files."


_REASONS = {reason.value: reason for reason in PapersReason}


@dataclass(frozen=True, kw_only=True)
class Papers(Stage):
    """Drops submissions without text.

    Limits of what one submission may take, far above any paper: max_unpacked, bytes it unpacks to, figures included;
    max_text, bytes of its TeX files, and of the text made of them; max_files, members of its archive.
    """

    name: ClassVar[str] = "read"
    reasons: ClassVar[type[DropReason]] = PapersReason

    max_unpacked: int = 1 << 30
    max_text: int = 64 << 20
    max_files: int = 20_000

    def __post_init__(self) -> None:
        if min(self.max_unpacked, self.max_text, self.max_files) < 1:
            raise UsageError("read.max_unpacked, read.max_text and read.max_files must be at least 1")

    @property
    def limits(self) -> Limits:
        return Limits(unpacked=self.max_unpacked, text=self.max_text, files=self.max_files)

    def open(self, resources: Resources) -> StageFunction:
        return _apply


def _apply(batch: pa.RecordBatch) -> StageResult:
    absences = batch.column("absence").to_pylist()
    rows = np.array([row for row, absence in enumerate(absences) if absence is not None], dtype=np.int64)
    sizes = batch.column("absent_size").cast(pa.float64()).to_numpy(zero_copy_only=False)
    present = np.ones(batch.num_rows, bool)
    present[rows] = False
    dropped = Dropped(rows, [_REASONS[absences[row]] for row in rows], sizes[rows])
    return StageResult(keep(batch, present), dropped)
