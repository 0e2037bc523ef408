"""A publisher's host: its lists, and the sizes of its files before they are fetched."""

import sys
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from corpus.download.http import ABSENT, Client, RequestFailedError
from corpus.download.pace import Gate, Patience, tell_wait
from corpus.download.remote import RemoteFile
from corpus.errors import UserError

_SAMPLE = 64
"""Files whose size is asked for, at most; the others are taken to be as large on average."""
_LARGEST_LIST = 1 << 28


class WebHost:
    """A source's files below `base_url`. closed: why nothing can be read there."""

    def __init__(self, base_url: str, client: Client, patience: Patience, gate: Gate, closed: str = "") -> None:
        self.base_url, self._closed = base_url, closed
        self._client, self._patience, self._gate = client, patience, gate

    def read(self, path: str, absent: str) -> bytes:
        """A list. absent: what to say when the host has no such file. Raises UserError when it cannot be had."""
        url = f"{self.base_url}/{path}"
        if self._closed:
            raise UserError(f"{url}: {self._closed}")
        never = threading.Event()
        for failures in range(1, self._patience.attempts + 1):
            self._gate.wait(never)
            try:
                return self._client.read(url, _LARGEST_LIST)
            except RequestFailedError as error:
                fault, wait = error.fault, error.wait or 0.0
                if error.status in ABSENT:
                    raise UserError(f"{url}: the host has no such file; {absent}") from None
                if not error.retry or wait > self._patience.longest:
                    break
                if failures < self._patience.attempts:
                    delay = max(self._patience.delay(failures), wait)
                    tell_wait(url, fault, delay, _note)
                    self._gate.close(delay)
        tried = f"tried {failures} time{'s' if failures > 1 else ''}"
        raise UserError(
            f"{url}: cannot be read ({fault}; {tried}); check the address and the network, or try again later"
        ) from None


def _note(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


@dataclass(frozen=True)
class Sizes:
    """known: bytes by path, of the files whose size a list states or the host told. total: bytes of all files, None
    where no size is known. exact: whether none of them is an estimate. unknown: why there is no total."""

    known: dict[str, int]
    total: int | None
    exact: bool
    unknown: str = ""


def measure(files: Sequence[RemoteFile], client: Client, connections: int) -> Sizes:
    """Sizes from the lists, and for want of those from the host, which is asked for at most 64 files.

    They are spread evenly; the other files are estimated at their mean.
    """
    known = {file.path: file.size for file in files if file.size is not None}
    unknown = [file for file in files if file.size is None]
    count = min(len(unknown), _SAMPLE)
    sample = [unknown[i * len(unknown) // count] for i in range(count)]
    told: list[int] = []
    fault = ""
    with ThreadPoolExecutor(max(1, connections)) as pool:
        for file, size in zip(sample, pool.map(lambda file: _size(file, client), sample), strict=True):
            if isinstance(size, int):
                known[file.path] = size
                told.append(size)
            else:
                fault = fault or size
    rest = len(files) - len(known)
    if rest and not told:
        return Sizes(known, None, exact=False, unknown=fault)
    estimate = round(rest * sum(told) / len(told)) if rest else 0
    return Sizes(known, sum(known.values()) + estimate, exact=rest == 0)


def _size(file: RemoteFile, client: Client) -> int | str:
    """Bytes, or why they are not known."""
    try:
        with client.open(file.url, method="HEAD") as response:
            return response.length if response.length is not None else "the host tells none"
    except RequestFailedError as error:
        return error.fault
