"""The task every source ends in: read one input, pass its documents through the stages, write kept and dropped."""

from dataclasses import dataclass

import pyarrow as pa

from corpus.document import DROPPED_SCHEMA
from corpus.pipeline.clock import Clock
from corpus.pipeline.ledger import Ledger, count_values
from corpus.pipeline.parquet import ParquetFile
from corpus.pipeline.plan import Progress
from corpus.pipeline.reading import ReadLog
from corpus.pipeline.store import Draft, Store
from corpus.pipeline.upstream import Upstream

DOCUMENTS = "documents.parquet"
DROPPED = "dropped.parquet"


@dataclass(frozen=True)
class FilterTask:
    """Filters one input: a file, a part of one, or a group of files.

    schema: of the kept documents. categories, magnitudes: columns whose values, or powers of two, are counted in the
    ledger's histograms. span: the bytes of the file from which this task's documents come; all of it, when None.
    """

    key: str
    documents: Upstream
    schema: pa.Schema
    categories: tuple[str, ...] = ()
    magnitudes: tuple[str, ...] = ()
    span: tuple[int, int] | None = None
    step: str = "filter"

    @property
    def kept(self) -> tuple[str, ...]:
        """Keys of what earlier steps may have kept for this task, and for none after it."""
        documents = (key for _, key in self.documents.kept)
        return (*documents, *(share.kept for share in self.documents.shares.values() if share.kept is not None))

    @property
    def size(self) -> int:
        start, end = self.span or (0, self.documents.input.size)
        return end - start

    def run(self, store: Store, draft: Draft, progress: Progress) -> None:
        log, ledger = ReadLog(self.documents.reading.strict), Ledger()
        clock = Clock(draft.timings)
        position = 0
        with (
            ParquetFile(draft.directory / DOCUMENTS, self.schema) as kept,
            ParquetFile(draft.directory / DROPPED, DROPPED_SCHEMA) as dropped,
        ):
            for passed in self.documents.passed(store, clock, log, ledger):
                for rows in passed.dropped:
                    clock.measure("write", dropped.write, rows)
                clock.measure("write", kept.write, passed.batch)
                count_values(ledger, passed.batch, self.categories, self.magnitudes)
                offset = _offset(passed.batch) - (self.span or (0, 0))[0] if log.position is None else log.position
                reached = min(log.before + offset, self.size)
                progress(passed.entered, max(reached - position, 0), passed.entered - passed.batch.num_rows)
                position = max(reached, position)
        progress(0, self.size - position)
        draft.spent = self.kept
        ledger.read.update(log.counts)
        ledger.check()
        draft.report = {
            "input": self.documents.input.as_json(),
            "rows": {"documents": kept.rows, "dropped": dropped.rows},
            "ledger": ledger.as_json(),
            "faults": [fault.as_json() for fault in log.faults],
        }


def _offset(batch: pa.RecordBatch) -> int:
    if batch.num_rows == 0:
        return 0
    return int(batch.column("origin").field("offset")[batch.num_rows - 1].as_py() or 0)
