"""A download from its list to its record: what is missing is fetched over several connections."""

import errno
import shutil
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from corpus.download.fetch import Fetcher, GivenUpError, StoppedError, adopt
from corpus.download.host import Sizes, WebHost, measure
from corpus.download.http import Client
from corpus.download.listing import Listing
from corpus.download.pace import Gate, Patience
from corpus.download.progress import Transfer, transfer
from corpus.download.record import Entry, Record, locked
from corpus.download.remote import PART_SUFFIX, RemoteFile
from corpus.download.selection import select
from corpus.download.sources import find
from corpus.download.summary import Plan, Summary
from corpus.errors import UserError
from corpus.sizes import format_size

EXHAUSTED_IN_A_ROW = 8
"""Files given up one after another, each after all its tries, after which the host is taken to be out of reach."""


def download(
    source_name: str,
    out: Path,
    options: Mapping[str, object],
    *,
    wanted: str | None = None,
    share: float | None = None,
    base_url: str | None = None,
    connections: int | None = None,
    patience: Patience | None = None,
    dry_run: bool = False,
) -> Plan | Summary:
    """Fetches what a source publishes into `out`, continuing what an earlier command began.

    options: the source's own. wanted, share: see `select`. base_url: a mirror. connections: files fetched at a time,
    by default as many as the publisher puts up with. Files that cannot be had are named in the summary; the others are
    fetched all the same. Raises UsageError for options that make no sense, and UserError when the list cannot be read,
    or the disk is or would get full.
    """
    patience = patience or Patience()
    source = find(source_name)
    source.check(options)
    client, gate = Client(patience.timeout), Gate()
    address = source.address(base_url)
    closed = source.closed if address == source.base_url else ""
    host = WebHost(address, client, patience, gate, closed)
    listing = source.list_files(host, options)
    chosen = select(listing.files, wanted, share)
    if not chosen:
        raise UserError(f"{host.base_url}: lists no file for {source_name} {listing.title}; check what was asked for")
    job = _Job(source_name, listing, out, client, gate, patience, connections or source.connections)
    job.files = [file for file in chosen if file.path not in listing.damaged]
    job.skipped = [file.path for file in chosen if file.path in listing.damaged]
    if dry_run:
        return job.plan()
    if closed:
        raise UserError(f"{address}: {closed}")
    command = {"source": source_name, "title": listing.title, "options": dict(options), "base_url": host.base_url}
    with locked(out):
        return job.run({**command, "files": wanted, "share": share})


@dataclass
class _Job:
    source: str
    listing: Listing
    out: Path
    client: Client
    gate: Gate
    patience: Patience
    connections: int
    files: Sequence[RemoteFile] = field(default_factory=list)
    skipped: Sequence[str] = field(default_factory=list)

    def plan(self) -> Plan:
        record = Record(self.out)
        here = frozenset(file.path for file in self.files if record.has(file.path))
        sizes = self._measure(record, self.files)
        return Plan(self.source, self.listing.title, self.out, self.files, here, self.skipped, sizes, self.listing.note)

    def run(self, command: Mapping[str, Any]) -> Summary:
        record = Record(self.out)
        missing = [file for file in self.files if not record.has(file.path)]
        sizes = self._measure(record, missing)
        self._require_space(sizes, missing)
        with transfer(len(missing), sizes.total) as progress:
            workers = _Workers(self, record, progress, missing)
            try:
                workers.run()
            finally:
                faults = [{"path": file.path, "fault": fault} for file, fault in workers.failed]
                absent = [file.path for file in workers.absent]
                record.publish({**command, "skipped": self.skipped, "absent": absent, "failed": faults})
        return Summary(
            self.source,
            self.listing.title,
            self.out,
            workers.fetched,
            len(self.files) - len(missing),
            self.skipped,
            workers.absent,
            workers.failed,
            len(workers.waiting),
            progress.received,
            progress.seconds,
            self.listing.note,
        )

    def _measure(self, record: Record, files: Sequence[RemoteFile]) -> Sizes:
        """Files that are here need not be asked for."""
        here = {file.path: record.entries[file.path].bytes for file in files if record.has(file.path)}
        others = [file for file in files if file.path not in here]
        if others and not self.listing.sizes_told:
            return Sizes(here, None, exact=False, unknown="the host tells none")
        sizes = measure(others, self.client, self.connections)
        total = None if sizes.total is None else sizes.total + sum(here.values())
        return Sizes({**sizes.known, **here}, total, sizes.exact, sizes.unknown)

    def _require_space(self, sizes: Sizes, missing: Sequence[RemoteFile]) -> None:
        """Refuses before hours are spent (facebookresearch/cc_net#7: 10 TB, found out by running out)."""
        if sizes.total is None:
            return
        begun = 0
        for file in missing:
            part = self.out / (file.path + PART_SUFFIX)
            begun += part.stat().st_size if part.exists() else 0
        free = shutil.disk_usage(self.out).free
        if sizes.total - begun > free:
            about = "" if sizes.exact else "about "
            raise UserError(
                f"{self.out}: {about}{format_size(sizes.total - begun)} are to come, {format_size(free)} are free; "
                "free some space, choose another --out, or fetch fewer with --files"
            )


class _Workers:
    """Threads that each fetch one file at a time, until none is waiting."""

    def __init__(self, job: _Job, record: Record, progress: Transfer, files: Sequence[RemoteFile]) -> None:
        self.fetched: list[Entry] = []
        self.failed: list[tuple[RemoteFile, str]] = []
        self.absent: list[RemoteFile] = []
        self.waiting = deque(files)
        self._job, self._record, self._progress = job, record, progress
        self._stop = threading.Event()
        self._exhausted = 0
        self._broken: BaseException | None = None
        self._lock = threading.Lock()
        self._fetcher = Fetcher(job.out, job.client, record, progress, job.patience, job.gate, self._stop)

    def run(self) -> None:
        """Raises what ended a thread: UserError for a full disk, or the error itself."""
        # Daemons, so that an interrupt need not wait for a silent connection; a part is whole at any moment.
        threads = [threading.Thread(target=self._work, daemon=True) for _ in range(self._job.connections)]
        try:
            for thread in threads:
                thread.start()
            for thread in threads:
                while thread.is_alive():
                    thread.join(0.2)
        finally:
            self._stop.set()
        if self._broken is not None:
            raise self._broken

    def _work(self) -> None:
        while not self._stop.is_set():
            try:
                file = self.waiting.popleft()
            except IndexError:
                return
            try:
                self._fetch(file)
            except StoppedError:
                return
            except GivenUpError as error:
                self._give_up(file, error)
            except BaseException as error:  # handed to the thread that called `run`
                self._broken = self._told(error)
                self._stop.set()
                return
            self._progress.finished()

    def _fetch(self, file: RemoteFile) -> None:
        target = self._job.out / file.path
        if target.is_file() and file.path not in self._record.entries:
            found = adopt(target, file, self._job.client)
            if found is not None:
                self._progress.found(found.bytes)
                self._record.add(found)
                return
        entry = self._fetcher.fetch(file)
        with self._lock:
            self.fetched.append(entry)
            self._exhausted = 0

    def _give_up(self, file: RemoteFile, error: GivenUpError) -> None:
        if error.absent and self._job.listing.may_be_absent:
            self.absent.append(file)
            return
        means = self._job.listing.absent
        fault = f"{error.fault} ({means})" if error.absent and means else error.fault
        self._progress.note(f"{file.url}: given up: {fault}")
        with self._lock:
            self.failed.append((file, fault))
            self._exhausted += error.exhausted
            if self._exhausted >= EXHAUSTED_IN_A_ROW:
                self._stop.set()

    def _told(self, error: BaseException) -> BaseException:
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            return UserError(
                f"{self._job.out}: no space left; what came is kept, so free some space and run the same command again"
            )
        return error
