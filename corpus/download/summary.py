"""What a download says at its end, to people and to programs."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus.download.host import Sizes
from corpus.download.record import Entry
from corpus.download.remote import RemoteFile
from corpus.errors import UserError
from corpus.sizes import format_size


@dataclass(frozen=True)
class Plan:
    """What a dry run shows. here: paths of files that are there already."""

    source: str
    title: str
    out: Path
    files: Sequence[RemoteFile]
    here: frozenset[str]
    skipped: Sequence[str]
    sizes: Sizes
    note: str

    def as_json(self) -> dict[str, Any]:
        rows = [
            {
                "path": file.path,
                "url": file.url,
                "bytes": self.sizes.known.get(file.path),
                "here": file.path in self.here,
            }
            for file in self.files
        ]
        return {
            "source": self.source,
            "title": self.title,
            "files": rows,
            "skipped": list(self.skipped),
            "bytes": self.sizes.total,
            "exact": self.sizes.exact,
        }

    def print(self) -> None:
        for file in self.files:
            size = self.sizes.known.get(file.path)
            state = "here" if file.path in self.here else "" if size is None else format_size(size)
            print(f"{state:>12}  {file.path}")
        for path in self.skipped:
            print(f"{'skipped':>12}  {path} (known to be damaged at the source)")
        unknown = f"of unknown size ({self.sizes.unknown})"
        total = unknown if self.sizes.total is None else format_size(self.sizes.total)
        about = "" if self.sizes.exact or self.sizes.total is None else "about "
        here = f", {len(self.here):,} of them here" if self.here else ""
        print(f"{self.source} {self.title}: {_files(len(self.files))}{here}, {about}{total} in all")
        if self.note:
            print(self.note)

    def require_success(self) -> None:
        """A dry run cannot fail."""


@dataclass(frozen=True)
class Summary:
    """fetched: files that came now. here: how many were there before. absent: files listed that the host never had.

    failed: files given up, with the fault of each. untried: files not asked for any more after too many failures.
    received: bytes that came over the network.
    """

    source: str
    title: str
    out: Path
    fetched: Sequence[Entry]
    here: int
    skipped: Sequence[str]
    absent: Sequence[RemoteFile]
    failed: Sequence[tuple[RemoteFile, str]]
    untried: int
    received: int
    seconds: float
    note: str

    def as_json(self) -> dict[str, Any]:
        return {
            "source": self.source,
            "title": self.title,
            "out": str(self.out),
            "fetched": len(self.fetched),
            "bytes": sum(entry.bytes for entry in self.fetched),
            "received": self.received,
            "seconds": round(self.seconds, 3),
            "here": self.here,
            "skipped": list(self.skipped),
            "absent": [file.path for file in self.absent],
            "damaged": [{"path": entry.path, "damage": entry.damage} for entry in self.fetched if entry.damage],
            "failed": [{"url": file.url, "fault": fault} for file, fault in self.failed],
            "untried": self.untried,
        }

    def print(self) -> None:
        size = format_size(sum(entry.bytes for entry in self.fetched))
        rate = f", {self.received / 1e6 / max(self.seconds, 1e-3):,.1f} MB/s" if self.received > 0 else ""
        before = f"; {self.here:,} were here before" if self.here else ""
        print(f"{self.source} {self.title}: fetched {_files(len(self.fetched))}, {size}{rate}{before}; in {self.out}")
        for path in self.skipped:
            print(f"skipped, known to be damaged at the source: {path}")
        if self.absent:
            print(f"not at the host, though listed: {_files(len(self.absent))}, such as {self.absent[0].path}")
        for entry in self.fetched:
            if entry.damage:
                print(f"damaged at its source, kept for what can be read: {entry.path}: {entry.damage}")
        if self.note:
            print(self.note)

    def require_success(self) -> None:
        """Raises UserError when a file could not be had."""
        if not self.failed:
            return
        file, fault = self.failed[0]
        count = len(self.failed)
        all_files = f" (the first of {count:,})" if count > 1 else ""
        untried = f"; {_files(self.untried)} not tried any more" if self.untried else ""
        raise UserError(
            f"{file.url}: could not be fetched: {fault}{all_files}{untried}; what came is kept, "
            "and the same command goes on from there"
        )


def _files(count: int) -> str:
    return f"{count:,} file{'' if count == 1 else 's'}"
