"""`classifier references`: the pages that Wikipedia cites, from its dumps."""

import gzip
import heapq
import itertools
import multiprocessing
import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, fields
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, cast

from rich.console import Console

from corpus.errors import UserError
from corpus.faults import Fault
from corpus.identity import InputFile
from corpus.inputs import resolve
from corpus.pipeline.progress import display
from corpus.pipeline.reading import ReadLog
from corpus.quality.classifier.citations import cited_urls
from corpus.quality.classifier.urls import canonical_url
from corpus.sources.wiki_dump import DumpReader

SUFFIXES = (".xml", ".xml.bz2", ".xml.gz")
RUN_BYTES = 64 << 20
"""Addresses sorted in memory at a time."""


@dataclass(frozen=True)
class Counts:
    """pages: all of them, which are articles, redirects, of other namespaces or unreadable. cited: addresses in
    references. unusable: those that are no page's."""

    pages: int = 0
    articles: int = 0
    redirects: int = 0
    other_namespaces: int = 0
    unreadable: int = 0
    cited: int = 0
    unusable: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(*(getattr(self, part.name) + getattr(other, part.name) for part in fields(self)))


@dataclass(frozen=True)
class CitedPages:
    """A list of addresses written. urls: different pages. faults: what was damaged in the dumps."""

    path: Path
    dumps: int
    counts: Counts
    urls: int
    faults: tuple[Fault, ...]

    def as_json(self) -> dict[str, Any]:
        faults = [fault.as_json() for fault in self.faults]
        return {"path": str(self.path), "dumps": self.dumps, **asdict(self.counts), "urls": self.urls, "faults": faults}

    def print(self) -> None:
        console = Console(highlight=False, soft_wrap=True)
        counts = self.counts
        console.print(
            f"articles: {counts.articles:,} (left out: {counts.redirects:,} redirects, {counts.other_namespaces:,} "
            f"pages of other namespaces, {counts.unreadable:,} unreadable)"
        )
        for fault in self.faults:
            console.print(f"damaged: {fault.describe()}")
        console.print(f"{counts.cited:,} URLs in their references, {counts.unusable:,} of them no page's")
        console.print(f"{self.path}: {self.urls:,} different ones")
        console.print(f"next: llama-corpus classifier train CRAWL --references {self.path} --out MODELS")


def extract_references(inputs: Sequence[str], out: Path, *, workers: int = 1) -> CitedPages:
    """Writes the addresses that the articles of MediaWiki dumps cite, one a line, to `out` (compressed as `.gz`).

    Of the spellings of an address (see `canonical_url`) the first in order of bytes is written; lines are in the order
    of canonical forms, so the same dumps give the same bytes. Of a damaged dump what can be read counts, and the damage
    is reported. workers: dumps read at a time. Raises UserError for files that are no dumps, and when they cite
    nothing.
    """
    files = resolve(inputs, SUFFIXES)
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}.") as scratch:
        with display([("read", 1.0)]) as monitor:
            monitor.step("read", len(files), 0, sum(file.size for file in files), 0)
            counts, faults, runs = Counts(), list[Fault](), list[Path]()
            for dump in _read_all(files, Path(scratch), workers):
                counts += dump.counts
                faults += dump.faults
                runs += dump.runs
                monitor.advance(dump.counts.pages, dump.file.size)
        if counts.cited == counts.unusable:
            raise UserError(f"{files[0].path}: no article cites a page; give pages-articles dumps of Wikipedia")
        merged = Path(scratch) / out.name
        urls = _merge(runs, merged)
        os.replace(merged, out)
    faults.sort(key=lambda fault: (fault.path, fault.offset or 0))
    return CitedPages(out, len(files), counts, urls, tuple(faults))


@dataclass(frozen=True)
class _Dump:
    """What was read of a dump. runs: sorted files of "canonical form, tab, address" lines."""

    file: InputFile
    counts: Counts
    faults: list[Fault]
    runs: list[Path]


def _read_all(files: list[InputFile], scratch: Path, workers: int) -> Iterator[_Dump]:
    tasks = [(number, file) for number, file in enumerate(files)]
    read = partial(_read, scratch)
    if min(workers, len(files)) <= 1:
        yield from map(read, tasks)
    else:
        with multiprocessing.get_context("spawn").Pool(min(workers, len(files))) as pool:
            yield from pool.imap_unordered(read, tasks)


def _read(scratch: Path, task: tuple[int, InputFile]) -> _Dump:
    number, file = task
    log, sorter = ReadLog(), _Sorter(scratch, number)
    articles = redirects = other_namespaces = cited = unusable = 0
    for batch in DumpReader()(file.path, log):
        columns = (batch.column(name) for name in ("text", "namespace", "redirect"))
        for text, namespace, redirect in zip(*columns, strict=True):
            if namespace.as_py() != 0:
                other_namespaces += 1
            elif redirect.as_py():
                redirects += 1
            else:
                articles += 1
                for url in cited_urls(text.as_py()):
                    cited += 1
                    form = canonical_url(url)
                    if form is None:
                        unusable += 1
                    else:
                        sorter.add(f"{form}\t{url}\n".encode("utf-8", "replace"))
    pages, unreadable = log.counts.get("records", 0), log.counts.get("unreadable", 0)
    counts = Counts(pages, articles, redirects, other_namespaces, unreadable, cited, unusable)
    return _Dump(file, counts, log.faults, sorter.finish())


@dataclass
class _Sorter:
    """Sorts lines into files of RUN_BYTES at most."""

    directory: Path
    number: int
    _lines: set[bytes] = field(default_factory=set)
    _size: int = 0
    _files: list[Path] = field(default_factory=list)

    def add(self, line: bytes) -> None:
        if line not in self._lines:
            self._lines.add(line)
            self._size += len(line)
            if self._size >= RUN_BYTES:
                self._flush()

    def finish(self) -> list[Path]:
        self._flush()
        return self._files

    def _flush(self) -> None:
        path = self.directory / f"{self.number:06d}-{len(self._files):06d}"
        with open(path, "wb") as stream:
            stream.writelines(sorted(self._lines))
        self._files.append(path)
        self._lines, self._size = set(), 0


def _merge(runs: Iterable[Path], out: Path) -> int:
    urls = 0
    with ExitStack() as stack:
        streams = [stack.enter_context(open(run, "rb")) for run in runs]
        target = cast(BinaryIO, stack.enter_context(open(out, "wb")))
        if out.name.endswith(".gz"):
            target = cast(BinaryIO, stack.enter_context(gzip.GzipFile(fileobj=target, mode="wb", mtime=0)))
        lines = (line.split(b"\t", 1) for line in heapq.merge(*streams))
        for _, same in itertools.groupby(lines, key=lambda line: line[0]):
            target.write(next(same)[1])
            urls += 1
    return urls
