"""Which files of a project have text at all, and how large one may be."""

from dataclasses import dataclass
from enum import Enum
from typing import ClassVar

import numpy as np
import pyarrow as pa

from corpus.document import keep
from corpus.errors import UsageError
from corpus.pipeline.stage import Dropped, DropReason, Resources, Stage, StageFunction, StageResult


class Absence(str, Enum):
    """Why a file gives no text."""

    EMPTY = "empty"
    BINARY = "binary"
    UNDECODABLE = "undecodable"
    TOO_LARGE = "too_large"
    NO_CONTENT = "no_content"
    LINK = "link"
    NOT_A_FILE = "not_a_file"
    UNSAFE_PATH = "unsafe_path"
    DAMAGED = "damaged"


class FilesReason(DropReason):
    EMPTY = Absence.EMPTY.value, "The file has no bytes."
    BINARY = Absence.BINARY.value, "The file is no text: it has NUL bytes, or other control characters throughout."
    UNDECODABLE = Absence.UNDECODABLE.value, "The file's bytes are text in no encoding that could be told."
    TOO_LARGE = Absence.TOO_LARGE.value, "The file has more bytes than max_bytes."
    NO_CONTENT = Absence.NO_CONTENT.value, "The table has no content for the file: BigQuery leaves out large ones."
    LINK = Absence.LINK.value, "The entry is a link to another file."
    NOT_A_FILE = Absence.NOT_A_FILE.value, "The entry is a device or another thing that is no file."
    UNSAFE_PATH = Absence.UNSAFE_PATH.value, "The path is absolute or leads out of the archive; no project has such."
    DAMAGED = Absence.DAMAGED.value, "The file's data in the archive is damaged, encrypted or cut short."


_REASONS = {reason.value: reason for reason in FilesReason}


@dataclass(frozen=True)
class Limits:
    """file: bytes of a file. unpacked: bytes that are taken of one archive."""

    file: int
    unpacked: int


@dataclass(frozen=True, kw_only=True)
class Files(Stage):
    """Drops what is no text.

    max_bytes: of a file; BigQuery's table has the content of files up to 1 MiB. max_unpacked: bytes one archive may
    unpack to; what lies behind is not read, and the archive is named among the faults. A limit of this tool.
    """

    name: ClassVar[str] = "read"
    reasons: ClassVar[type[DropReason]] = FilesReason

    max_bytes: int = 1 << 20
    max_unpacked: int = 64 << 30

    def __post_init__(self) -> None:
        if min(self.max_bytes, self.max_unpacked) < 1:
            raise UsageError("read.max_bytes and read.max_unpacked must be at least 1")

    @property
    def limits(self) -> Limits:
        return Limits(self.max_bytes, self.max_unpacked)

    def open(self, resources: Resources) -> StageFunction:
        return _apply


def _apply(batch: pa.RecordBatch) -> StageResult:
    absences = batch.column("absence")
    if absences.null_count == batch.num_rows:
        return StageResult(batch)
    absent = np.asarray(absences.is_valid())
    sizes = batch.column("size").cast(pa.float64()).to_numpy(zero_copy_only=False)
    rows = np.flatnonzero(absent)
    reasons: list[DropReason] = [_REASONS[value] for value in absences.filter(pa.array(absent)).to_pylist()]
    return StageResult(keep(batch, ~absent), Dropped(rows, reasons, sizes[rows]))
