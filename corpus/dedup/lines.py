"""CCNet's paragraph deduplication: a line seen in two documents of a scope is removed from all of them, or all but one.

A line's identity is the first eight bytes of the SHA-1 of its normal form (cc_net `dedup.py` and
`text_normalizer.normalize_for_dedup`). Three passes, each a step of the plan: every file lists its distinct line hashes
and which of them occur in two of its documents (`line_tasks.py`); the lists are compared, one range of hashes at a
time, which gives every file the list of its own duplicated lines; every file is then read again and loses them. An
unmarked line repeated inside one document keeps its first copy. No task holds more than a range of hashes or one
file's, so a scope may be as large as the disk.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import pyarrow as pa

import kernels
from corpus.dedup import line_tasks
from corpus.dedup.key_files import read_share
from corpus.document import keep, with_column
from corpus.errors import UsageError
from corpus.identity import Input
from corpus.pipeline.comparison import ComparingStage, Comparison
from corpus.pipeline.plan import Step, distinct
from corpus.pipeline.stage import Dropped, DropReason, Resources, Share, StageFunction, StageResult
from corpus.pipeline.upstream import TaskShare, Upstream

COLUMNS = (
    pa.field("original_nlines", pa.int32()),
    pa.field("original_length", pa.int64()),
    pa.field("nlines", pa.int32()),
    pa.field("length", pa.int64()),
    pa.field("line_ids", pa.list_(pa.int32())),
)
"""nlines, length: lines and characters after deduplication; original_nlines: lines before; original_length: bytes of
the record (WET Content-Length), as in cc_net, so never to be compared with length; line_ids: surviving line numbers."""

SCOPES = ("group", "dump", "all")
KEEPS = ("none", "first")
_DUMP = re.compile(r"CC-MAIN-\d{4}(?:-\d{2}(?:\d{2})?)?(?!\d)")


class LineDedupReason(DropReason):
    NO_LINES_LEFT = "no_lines_left", "Every line of the document occurs in another document of its scope."


@dataclass(frozen=True, kw_only=True)
class LineDedup(ComparingStage):
    """Removes duplicated lines and drops documents left without any.

    scope: files whose lines are compared with each other: `group`, `group_size` consecutive ones; `dump`, all of one
    crawl, named in the path as CC-MAIN-2019-30 (its last such part counts), else those in one directory; `all`.
    group_size: cc_net compares 50 of the 1600 slices of a dump, about 2,000 WET files (`mine.py: Config.hash_in_mem`);
    with fewer files there is one group.
    keep: `none`, as in cc_net: duplicated lines go everywhere; `first`: the first one, in the order of the inputs and
    of the documents in them, stays.
    """

    name: ClassVar[str] = "dedup"
    version: ClassVar[int] = 2
    reasons: ClassVar[type[DropReason]] = LineDedupReason

    scope: str = "group"
    group_size: int = 2000
    keep: str = "none"

    def __post_init__(self) -> None:
        for name, value, known in (("scope", self.scope, SCOPES), ("keep", self.keep, KEEPS)):
            if value not in known:
                raise UsageError(f"dedup.{name}: must be one of {', '.join(known)}, not {value!r}")
        if self.group_size < 1:
            raise UsageError("dedup.group_size must be at least 1 file")

    def groups(self, files: Sequence[Input]) -> list[list[Input]]:
        """The files whose lines are compared with each other, each group in the order of the files."""
        if self.scope == "all":
            return [list(files)] if files else []
        if self.scope == "group":
            return [list(files[i : i + self.group_size]) for i in range(0, len(files), self.group_size)]
        dumps: dict[str, list[Input]] = {}
        for file in files:
            dumps.setdefault(dump_of(file.path), []).append(file)
        return list(dumps.values())

    def compare(self, documents: Sequence[Upstream]) -> Comparison:
        hashing = {one.input: line_tasks.hash_task(one) for one in documents}
        comparing: list[line_tasks.CompareTask] = []
        shares: dict[Input, TaskShare] = {}
        for group in self.groups(list(hashing)):
            tasks = line_tasks.compare_tasks([hashing[file] for file in group])
            comparing += tasks
            shares.update(zip(group, line_tasks.shares_of(tasks), strict=True))
        hash_tasks, compare_tasks = distinct(hashing.values()), distinct(comparing)
        return Comparison(
            [
                Step("hash", lambda store: hash_tasks, weight=0.1),
                Step("duplicates", lambda store: compare_tasks, weight=0.01),
            ],
            [*hash_tasks, *compare_tasks],
            [shares[one.input] for one in documents],
        )

    def open(self, resources: Resources) -> StageFunction:
        share = resources.shares[self.name]
        duplicates, line_hashes = _own_duplicates(share, self.keep), line_tasks.line_hashes(share.kept)
        return lambda batch: _remove_duplicated(batch, line_hashes(batch.column("text")), duplicates)


def dump_of(path: str) -> str:
    """The crawl a path names, or the directory it is in."""
    named = _DUMP.findall(path)
    return named[-1] if named else str(Path(path).parent)


def _own_duplicates(share: Share, keep: str) -> kernels.DuplicateSet:
    """Of one file's lines: those to remove; where the first stays, a flag for those of which no earlier file has one.

    The flags are used up as documents pass in their order.
    """
    found = read_share(share.directories, share.number, {"keys": np.dtype(np.uint64), "first": np.dtype(np.uint8)})
    return kernels.DuplicateSet(found["keys"], found["first"] if keep == "first" else None)


def _remove_duplicated(
    batch: pa.RecordBatch, hashes: tuple[np.ndarray, np.ndarray], duplicates: kernels.DuplicateSet
) -> StageResult:
    lines = kernels.remove_lines(batch.column("text"), *hashes, duplicates)
    gone = lines.nlines == 0
    columns = [batch.column("nlines"), batch.column("original_length"), lines.nlines, lines.length, lines.line_ids]
    edited = with_column(batch, batch.schema.field("text"), lines.text)
    for field, values in zip(COLUMNS, columns, strict=True):
        edited = with_column(
            edited, field, values if isinstance(values, pa.Array) else pa.array(values, type=field.type)
        )
    kept = keep(edited, ~gone)
    stay = np.flatnonzero(~gone)
    before, after = _size(batch.column("text"), np.diff(hashes[1]), stay), _size(lines.text, lines.nlines, stay)
    return StageResult(
        kept,
        Dropped.where(gone, LineDedupReason.NO_LINES_LEFT, batch.column("nlines").to_numpy()),
        removed_bytes=before[0] - after[0],
        removed_lines=before[1] - after[1],
    )


def _size(text: pa.LargeStringArray, lines: np.ndarray, rows: np.ndarray) -> tuple[int, int]:
    """Bytes and lines of some documents. lines: of every document split at newlines, which makes one of no text."""
    offsets = np.frombuffer(text.buffers()[1], dtype=np.int64)[text.offset : text.offset + len(text) + 1]
    size = np.diff(offsets)
    return int(size[rows].sum()), int(np.where(size > 0, lines, 0)[rows].sum())
