"""Stack Exchange, 2 % of LLaMA's training tokens (arXiv 2302.13971, section 2.1).

The paper: a dump of Stack Exchange, a website of high quality questions and answers on domains from computer science to
chemistry; the data of the 28 largest websites is kept, the HTML tags are removed from the text, and the answers are
sorted by score, from the highest to the lowest. The 28 are not named: sites are ranked by their questions and answers.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from corpus.cleaning.threads import Threads, ThreadText
from corpus.document import document_schema
from corpus.errors import UsageError, UserError
from corpus.identity import InputFile, key_of
from corpus.models.files import ModelFiles
from corpus.pipeline.ledger import Ledger
from corpus.pipeline.plan import Plan, Publication, Step, Task
from corpus.pipeline.publication import ReadBefore, publish_documents
from corpus.pipeline.stage import Stage, described
from corpus.pipeline.store import Store
from corpus.sources import stackexchange_posts, stackexchange_threads
from corpus.sources.provenance import provenance
from corpus.sources.stackexchange_posts import site_of
from corpus.sources.stackexchange_tasks import FILTER, SORT, JoinTask, Site, SortTask, rank_sites

SCHEMA = document_schema(stackexchange_threads.COLUMNS)

PARTITION_BYTES = 512 << 20
"""Of XML, about: so much of a site's posts one task joins."""

MOST_PARTITIONS = 256
_EXPANSION = {".7z": 6, ".bz2": 5, ".gz": 4}
"""XML bytes in a byte of a compressed dump, about."""


@dataclass(frozen=True, kw_only=True)
class Sites:
    """Which sites are taken: the `count` with the most questions and answers, or exactly those of `names`."""

    count: int = 28
    names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.count < 1:
            raise UsageError("sites.count must be at least 1 site")


@dataclass(frozen=True, kw_only=True)
class StackExchange:
    """The sites taken, and the stages in their order, with their parameters."""

    name: ClassVar[str] = "stackexchange"
    suffixes: ClassVar[tuple[str, ...]] = stackexchange_posts.SUFFIXES

    sites: Sites = field(default_factory=Sites)
    threads: Threads = field(default_factory=Threads)
    text: ThreadText = field(default_factory=ThreadText)

    @property
    def stages(self) -> tuple[Stage, ...]:
        return (self.threads, self.text)

    def plan(self, inputs: Sequence[InputFile], models: ModelFiles, limit: int | None, strict: bool) -> Plan:
        """Sort the posts of every file by question, rank the sites, join the posts of those taken."""
        sites = _by_site(inputs)
        sorting: dict[str, list[SortTask]] = {}
        for site, files in sites.items():
            partitions = _partitions(files)
            decided = {"step": SORT, "reader": stackexchange_posts.VERSION, "partitions": partitions, "limit": limit}
            sorting[site] = [
                SortTask(key_of({**decided, "input": file.as_json()}), file, partitions, limit, strict)
                for file in files
            ]
        identity = provenance(self, self.stages, inputs, models, limit, ("pyarrow", "py7zr"))
        sort_tasks = [task for tasks in sorting.values() for task in tasks]
        return Plan(
            [Step(SORT, lambda store: sort_tasks), Step(FILTER, lambda store: self._joining(store, sorting, models))],
            lambda store, tasks: self._publish(store, identity, sorting, tasks, strict),
        )

    def _ranking(self, store: Store, sorting: Mapping[str, Sequence[SortTask]]) -> list[Site]:
        ranking = rank_sites(store, sorting, self.sites.count, self.sites.names)
        known = {site.name for site in ranking}
        for name in self.sites.names:
            if ranking and name not in known:
                raise UserError(f"sites.names: no input is a dump of {name}; there are {', '.join(sorted(known))}")
        return ranking

    def _joining(self, store: Store, sorting: Mapping[str, Sequence[SortTask]], models: ModelFiles) -> list[JoinTask]:
        decided = {
            "step": FILTER,
            "version": stackexchange_threads.VERSION,
            "stages": [described(stage) for stage in self.stages],
        }
        tasks = []
        for site in self._ranking(store, sorting):
            dumps = tuple((task.input.path, task.key) for task in site.dumps)
            partitions = site.dumps[0].partitions if site.taken else 0
            size = sum(task.size for task in site.dumps) // max(partitions, 1)
            for partition in range(partitions):
                key = key_of({**decided, "site": site.name, "dumps": dumps, "partition": partition})
                join = JoinTask(key, size, site.name, dumps, partition, self.threads.order, self.stages, models, SCHEMA)
                tasks.append(join)
        return tasks

    def _publish(
        self,
        store: Store,
        identity: Mapping[str, Any],
        sorting: Mapping[str, Sequence[SortTask]],
        tasks: Mapping[str, Sequence[Task]],
        strict: bool,
    ) -> Publication:
        ranking = self._ranking(store, sorting)
        reports = [store.record(SORT, task.key)["report"] for task in tasks[SORT]]
        before = ReadBefore(
            [Ledger.from_json(report["ledger"]) for report in reports],
            [fault for report in reports for fault in report["faults"]],
        )
        before.ledgers.append(Ledger(read=Counter({"skipped.site_not_taken": _posts_not_taken(store, ranking)})))
        shown = {**identity, "sites": [site.as_json() for site in ranking]}
        return publish_documents(store, shown, tasks[FILTER], tasks[SORT], strict, before=before)


def _posts_not_taken(store: Store, ranking: Sequence[Site]) -> int:
    """Posts that were sorted and then not joined, in all dumps of the sites not taken."""
    reports = [store.record(SORT, task.key)["report"] for site in ranking if not site.taken for task in site.dumps]
    return sum(report["sorted"] for report in reports)


def _by_site(inputs: Sequence[InputFile]) -> dict[str, list[InputFile]]:
    sites: dict[str, list[InputFile]] = {}
    for file in inputs:
        sites.setdefault(site_of(file.path) or file.path, []).append(file)
    return sites


def _partitions(files: Sequence[InputFile]) -> int:
    """Into how many parts the posts of a site's dumps are divided by question, each for a task of its own."""
    size = 0
    for file in files:
        factors = [factor for suffix, factor in _EXPANSION.items() if file.path.endswith(suffix)]
        size += file.size * max(factors, default=1)
    return min(1 << math.ceil(math.log2(max(size / PARTITION_BYTES, 1))), MOST_PARTITIONS)
