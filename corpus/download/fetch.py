"""Fetching one file: tried again until it is whole, continued where it broke off, checked before it gets its name."""

import threading
from pathlib import Path
from typing import Protocol

from corpus.download.http import ABSENT, Client, RequestFailedError, Response
from corpus.download.integrity import Verdict, judge
from corpus.download.pace import Gate, Patience, tell_wait
from corpus.download.part import Content, Part
from corpus.download.record import Entry, Record
from corpus.download.remote import Checksum, RemoteFile

PROGRESS_BYTES = 1 << 20
"""Bytes that must come before failures are counted from zero again: connections reset several times a day
(facebookresearch/cc_net#2) must not end a file of 20 GB, and a host that sends a byte a time must not keep it."""


class GivenUpError(Exception):
    """A file that cannot be had. exhausted: whether after many tries, so that other files may fare no better.

    absent: whether the host says that it has no such file.
    """

    def __init__(self, fault: str, exhausted: bool, absent: bool = False) -> None:
        super().__init__(fault)
        self.fault, self.exhausted, self.absent = fault, exhausted, absent


class StoppedError(Exception):
    """The command ends while a file is coming."""


class Meter(Protocol):
    """Who wants to know of bytes: those found from earlier, those coming, and (negative) those thrown away; and of
    waits."""

    def found(self, size: int) -> None: ...

    def came(self, size: int) -> None: ...

    def note(self, message: str) -> None: ...


class Fetcher:
    """Fetches files into `root`, one at a time for each thread that calls it."""

    def __init__(
        self,
        root: Path,
        client: Client,
        record: Record,
        meter: Meter,
        patience: Patience,
        gate: Gate,
        stop: threading.Event,
    ) -> None:
        self._root, self._client, self._record, self._meter = root, client, record, meter
        self._patience, self._gate, self._stop = patience, gate, stop

    def fetch(self, file: RemoteFile) -> Entry:
        """Fetches the file, or finishes what an earlier command began, and records it.

        A file whose bytes come the same twice although its format finds damage in them is damaged at its source: what
        is readable is kept, and the entry says so. A file of which neither the host nor its format tells the end has to
        come the same twice too. Raises GivenUpError, StoppedError, and OSError of the disk.
        """
        target = self._root / file.path
        target.parent.mkdir(parents=True, exist_ok=True)
        part = Part(target, file.url)
        self._meter.found(part.size)
        doubtful: list[Verdict] = []
        while True:
            content = self._complete(file, part)
            verdict = judge(part.path, file.path, file.checksum or content.checksum)
            settled = any(verdict.sha256 == earlier.sha256 for earlier in doubtful)
            certain = verdict.damage is None and (verdict.checked != "length" or content.end_told)
            if certain or (settled and verdict.readable):
                entry = Entry(
                    file.path, file.url, verdict.size, verdict.sha256, content.etag, verdict.checked, verdict.damage
                )
                self._record.add(entry)
                part.finish()
                return entry
            doubtful.append(verdict)
            self._discard(part)
            if settled or len(doubtful) >= self._patience.attempts:
                fault = verdict.damage or "the host does not tell where it ends, and it was never twice the same"
                raise GivenUpError(f"came damaged {len(doubtful)} times: {fault}", exhausted=False)

    def _complete(self, file: RemoteFile, part: Part) -> Content:
        """Goes on until all bytes are there."""
        failures, farthest = 0, part.size
        while True:
            self._gate.wait(self._stop)
            if self._stop.is_set():
                raise StoppedError
            try:
                return self._transfer(file, part)
            except RequestFailedError as error:
                failures = 1 if part.size - farthest >= PROGRESS_BYTES else failures + 1
                farthest = max(farthest, part.size)
                if part.size == 0:
                    part.discard()
                self._after(file, error, failures)

    def _after(self, file: RemoteFile, error: RequestFailedError, failures: int) -> None:
        """Waits until another try makes sense. Raises GivenUpError when none does."""
        patience = self._patience
        if not error.retry:
            raise GivenUpError(error.fault, exhausted=False, absent=error.status in ABSENT) from None
        if failures >= patience.attempts:
            raise GivenUpError(f"{error.fault}; tried {failures} times", exhausted=True) from None
        if error.wait is not None and error.wait > patience.longest:
            raise GivenUpError(f"{error.fault} and asks to wait {error.wait:,.0f} s", exhausted=True) from None
        delay = max(patience.delay(failures), error.wait or 0.0)
        tell_wait(file.url, error.fault, delay, self._meter.note)
        if error.slow_down:
            self._gate.close(delay)
        elif self._stop.wait(delay):
            raise StoppedError

    def _transfer(self, file: RemoteFile, part: Part) -> Content:
        """One request for what is missing."""
        if part.is_complete and part.content is not None:
            return part.content
        headers: dict[str, str] = {}
        if part.can_continue and part.content is not None and part.content.validator is not None:
            headers = {"Range": f"bytes={part.size}-", "If-Range": part.content.validator}
        try:
            with self._client.open(file.url, headers) as response:
                self._receive(file, part, response)
        except RequestFailedError as error:
            if error.status == 416 and part.content is not None:
                if error.size == part.size:
                    return part.content
                self._discard(part)
                raise RequestFailedError("the host has less than it had before", retry=True) from None
            raise
        content = part.content
        assert content is not None
        if content.length is not None and part.size != content.length:
            fault = f"the connection ended after {part.size:,} of {content.length:,} bytes"
            if part.size > content.length:
                self._discard(part)
            raise RequestFailedError(fault, retry=True)
        return content

    def _receive(self, file: RemoteFile, part: Part, response: Response) -> None:
        if response.status == 206:
            self._check_continues(part, response)
        elif response.status == 200:
            self._meter.came(-part.size)
            part.begin(Content.announced(file.url, response))
            if file.size is not None and response.length not in (None, file.size):
                fault = f"has {response.length:,} bytes at the host, where its list says {file.size:,}"
                raise RequestFailedError(fault, retry=True)
        else:
            raise RequestFailedError(f"the host answers {response.status} without the file", retry=True)
        with open(part.path, "ab", buffering=0) as out:
            for block in response.blocks():
                out.write(block)
                self._meter.came(len(block))
                if self._stop.is_set():
                    raise StoppedError

    def _check_continues(self, part: Part, response: Response) -> None:
        """Whether a partial answer goes on where the part ends, in the same content."""
        content = part.content
        given = response.content_range
        same = content is not None and given is not None and given[0] == part.size
        if content is not None and given is not None and content.length is not None:
            same = same and given[1] in (None, content.length)
        if content is not None and content.etag and response.etag:
            same = same and content.etag == response.etag
        if not same:
            self._discard(part)
            raise RequestFailedError("the host continues another content than it began", retry=True)

    def _discard(self, part: Part) -> None:
        self._meter.came(-part.size)
        part.discard()


def adopt(target: Path, file: RemoteFile, client: Client) -> Entry | None:
    """The entry of a file that is there although no record speaks of it, where it is the host's; None otherwise.

    It is when its size is the host's and it is whole. Asks the host once.
    """
    try:
        with client.open(file.url, method="HEAD") as response:
            length, etag, checksum = response.length, response.etag, response.checksum
    except RequestFailedError:
        return None
    if length is None or length != target.stat().st_size:
        return None
    published: Checksum | None = file.checksum or checksum
    verdict = judge(target, file.path, published)
    if verdict.damage is not None or verdict.checked == "length":
        return None
    return Entry(file.path, file.url, verdict.size, verdict.sha256, etag, verdict.checked)
