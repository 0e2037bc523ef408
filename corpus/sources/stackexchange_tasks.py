"""The two steps of filtering a Stack Exchange dump: sort the posts of every file, join those of every site taken."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from corpus.document import DROPPED_SCHEMA
from corpus.errors import UnreadableInputError
from corpus.faults import Fault, FaultKind
from corpus.identity import InputFile
from corpus.models.files import ModelFiles
from corpus.pipeline.clock import Clock
from corpus.pipeline.filtering import DOCUMENTS, DROPPED
from corpus.pipeline.ledger import Ledger, count_values
from corpus.pipeline.parquet import ParquetFile
from corpus.pipeline.plan import Progress
from corpus.pipeline.reading import ReadLog
from corpus.pipeline.stage import Resources, Stage
from corpus.pipeline.store import Draft, Store
from corpus.pipeline.upstream import run_stages
from corpus.sources.stackexchange_posts import DumpCounts, read_posts
from corpus.sources.stackexchange_runs import run_paths, write_runs
from corpus.sources.stackexchange_threads import read_threads

SORT, FILTER = "sort", "filter"


@dataclass(frozen=True)
class SortTask:
    """Reads the posts of one dump and leaves them as sorted runs, divided by question into `partitions`.

    limit: questions taken, the first ones of the file, with their answers.
    """

    key: str
    input: InputFile
    partitions: int
    limit: int | None
    strict: bool
    step: str = SORT

    @property
    def size(self) -> int:
        return self.input.size

    def run(self, store: Store, draft: Draft, progress: Progress) -> None:
        log, counts, clock = ReadLog(self.strict), DumpCounts(), Clock(draft.timings)
        log.count("files")
        posts = clock.timed("read", read_posts(self.input.path, log, counts))
        if self.limit is not None:
            limited = _Limit(self.limit, log)
            posts = (limited.apply(batch) for batch in posts)
        sorted_posts = Counter[str]()
        try:
            runs = write_runs(_counted(posts, sorted_posts), draft.directory, self.partitions, draft.room())
        except UnreadableInputError as error:
            if self.strict:
                raise
            detail = str(error).removeprefix(f"{self.input.path}: ")
            log.fault(Fault(self.input.path, None, None, FaultKind.UNREADABLE, detail))
            runs = 0
            for partial in draft.directory.iterdir():
                partial.unlink()
        draft.report = {
            "runs": runs,
            "sorted": sorted_posts["posts"],
            "counts": asdict(counts),
            "ledger": Ledger(read=Counter(log.counts)).as_json(),
            "faults": [fault.as_json() for fault in log.faults],
        }
        progress(0, self.size)


def _counted(batches: Iterator[pa.RecordBatch], counter: Counter[str]) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        counter["posts"] += batch.num_rows
        yield batch


class _Limit:
    """Lets the first questions through, and their answers."""

    def __init__(self, limit: int, log: ReadLog) -> None:
        self._left = limit
        self._log = log
        self._taken = np.empty(0, np.int64)

    def apply(self, posts: pa.RecordBatch) -> pa.RecordBatch:
        question, is_question = posts.column("question").to_numpy(), ~np.asarray(posts.column("answer"))
        new = question[is_question][: self._left]
        self._left -= len(new)
        self._taken = np.concatenate([self._taken, new])
        chosen = np.isin(question, self._taken) & (~is_question | (np.cumsum(is_question) <= len(new)))
        self._log.count("skipped.over_limit", int((~chosen).sum()))
        return posts.filter(pa.array(chosen))


@dataclass(frozen=True)
class JoinTask:
    """Joins one partition of a site's posts to documents and passes them through the stages.

    dumps: for each dump of the site, the newest first, its path and the key of the task that sorted it.
    """

    key: str
    size: int
    site: str
    dumps: tuple[tuple[str, str], ...]
    partition: int
    order: str
    stages: tuple[Stage, ...]
    models: ModelFiles
    schema: pa.Schema
    step: str = FILTER

    def run(self, store: Store, draft: Draft, progress: Progress) -> None:
        resources = Resources(self.models, {})
        chain = [(stage, stage.open(resources)) for stage in self.stages]
        log, ledger, clock = ReadLog(), Ledger(), Clock(draft.timings)
        dumps = [(path, _runs(store, key)) for path, key in self.dumps]
        threads = read_threads(self.site, dumps, self.partition, self.order, log)
        with (
            ParquetFile(draft.directory / DOCUMENTS, self.schema) as kept,
            ParquetFile(draft.directory / DROPPED, DROPPED_SCHEMA) as dropped,
        ):
            for batch in clock.timed("join", threads):
                passed = run_stages(batch, chain, ledger, clock)
                for rows in passed.dropped:
                    clock.measure("write", dropped.write, rows)
                clock.measure("write", kept.write, passed.batch)
                count_values(ledger, passed.batch, ("site",), ("answer_count",))
                progress(passed.entered, 0, passed.entered - passed.batch.num_rows)
        progress(0, self.size)
        ledger.read.update(log.counts)
        ledger.check()
        del ledger.read["records"]  # counted as they were read
        draft.report = {
            "rows": {"documents": kept.rows, "dropped": dropped.rows},
            "ledger": ledger.as_json(),
            "faults": [],
        }


def _runs(store: Store, key: str) -> list[Any]:
    return run_paths(store.directory(SORT, key), store.record(SORT, key)["report"]["runs"])


@dataclass(frozen=True)
class Site:
    """A site of the ranking. posts: questions and answers in that of its dumps which has most. dumps: newest first."""

    name: str
    posts: int
    questions: int
    answers: int
    taken: bool
    dumps: tuple[SortTask, ...]

    def as_json(self) -> dict[str, Any]:
        return {
            "site": self.name,
            "posts": self.posts,
            "questions": self.questions,
            "answers": self.answers,
            "taken": self.taken,
            "inputs": [task.input.path for task in self.dumps],
        }


def rank_sites(store: Store, sites: Mapping[str, Sequence[SortTask]], count: int, names: Sequence[str]) -> list[Site]:
    """All sites from the most posts to the least, by name where equal; taken are those named, or the first `count`."""
    found = []
    for name, tasks in sites.items():
        reports = {task: store.record(SORT, task.key)["report"] for task in tasks}
        readable = [task for task in tasks if reports[task]["runs"]]
        if not readable:
            continue
        counts = {task: DumpCounts(**reports[task]["counts"]) for task in readable}
        newest_first = sorted(readable, key=lambda task: (-counts[task].newest, task.input.path))
        largest = max(counts.values(), key=lambda each: each.questions + each.answers)
        posts = largest.questions + largest.answers
        found.append(Site(name, posts, largest.questions, largest.answers, False, tuple(newest_first)))
    found.sort(key=lambda site: (-site.posts, site.name))
    return [
        Site(**{**vars(site), "taken": site.name in names if names else rank < count})
        for rank, site in enumerate(found)
    ]
