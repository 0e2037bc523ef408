"""Directories of several sources, one directory of documents for each: what they hold together."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from corpus.inspection.summary import DocumentsSummary, describe_documents, faults_line, reference_note
from corpus.inspection.verify import verify_documents
from corpus.pipeline.store import COMPLETE
from corpus.table1 import SOURCES, disk_share

COLUMNS = ("source", "read", "kept", "MB read", "MB kept", "share", "Table 1", "MB on disk", "seconds")
FILE_COLUMNS = 120
"""Of what is printed where no terminal is."""


@dataclass(frozen=True)
class SourcesSummary:
    """What the directories of several sources hold, and what the command that just ran did to each."""

    directory: Path
    sources: Sequence[DocumentsSummary]

    def as_json(self) -> dict[str, Any]:
        whole = sum(source.kept["bytes"] for source in self.sources)
        return {
            "directory": str(self.directory),
            "documents": sum(source.kept["documents"] for source in self.sources),
            "bytes": whole,
            "sources": {
                source.source: {
                    **source.as_json(),
                    "documents_read": source.entered["documents"],
                    "bytes_read": source.entered["bytes"],
                    "share": source.kept["bytes"] / whole if whole else 0.0,
                    "disk_bytes": source.disk_bytes,
                    "seconds": source.seconds,
                }
                for source in self.sources
            },
        }

    def print(self) -> None:
        console = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else FILE_COLUMNS)
        if all(source.tasks is not None and source.tasks.already_complete for source in self.sources):
            console.print(f"{self.directory}: already complete, nothing to do")
        console.print(sources_table(self.sources))
        for source in self.sources:
            if faults := faults_line(source.stats):
                console.print(f"faults in the input of {source.source}: {faults}", style="yellow")
            if note := reference_note(source.run):
                console.print(note)
        console.print(f"\nllama-corpus stats {self.directory}/SOURCE says what each stage dropped, and why")
        if any(source.tasks is not None for source in self.sources):
            console.print(
                f"next: llama-corpus tokenizer train {self.directory} --out TOKENIZER, "
                f"then llama-corpus tokenize {self.directory} --tokenizer TOKENIZER/tokenizer.model --out SHARDS"
            )


def sources_table(sources: Sequence[DocumentsSummary]) -> Table:
    """One row per source: documents and bytes of text read and kept, shares of the bytes kept here and in the paper,
    bytes on disk, and seconds of all workers together."""
    table = Table(box=None, pad_edge=False)
    for column in COLUMNS:
        table.add_column(column, justify="left" if column == "source" else "right", no_wrap=True)
    whole = sum(source.kept["bytes"] for source in sources) or 1
    for source in sources:
        table.add_row(
            source.source,
            *_amounts([source]),
            f"{source.kept['bytes'] / whole:.1%}",
            f"{disk_share(source.source):.1%}" if source.source in SOURCES else "",
            f"{source.disk_bytes / 1e6:,.2f}",
            f"{source.seconds:,.1f}",
        )
    disk, seconds = sum(source.disk_bytes for source in sources), sum(source.seconds for source in sources)
    table.add_row("all", *_amounts(sources), "", "", f"{disk / 1e6:,.2f}", f"{seconds:,.1f}", style="bold")
    return table


def _amounts(sources: Sequence[DocumentsSummary]) -> list[str]:
    read = {name: sum(source.entered[name] for source in sources) for name in ("documents", "bytes")}
    kept = {name: sum(source.kept[name] for source in sources) for name in ("documents", "bytes")}
    return [
        f"{read['documents']:,}",
        f"{kept['documents']:,}",
        f"{read['bytes'] / 1e6:,.2f}",
        f"{kept['bytes'] / 1e6:,.2f}",
    ]


def is_run(directory: Path) -> bool:
    """Whether a filter run of one source wrote here, finished or not."""
    return (directory / COMPLETE).is_file() or (directory / "tasks").is_dir()


def source_directories(directory: Path) -> list[Path]:
    """Those in `directory` that hold the filter run of one source, in the order of the paper's sources."""
    found = [entry for entry in sorted(directory.iterdir()) if entry.is_dir() and is_run(entry)]
    return sorted(found, key=lambda entry: SOURCES.index(entry.name) if entry.name in SOURCES else len(SOURCES))


def describe(directory: Path) -> DocumentsSummary | SourcesSummary:
    """Of one filter run, or of those in a directory. Raises UserError when there are none or one has not finished."""
    runs = _runs_in(directory)
    if not runs:
        return describe_documents(directory)
    return SourcesSummary(directory, [describe_documents(run) for run in runs])


def verify(directory: Path) -> list[str]:
    """Problems of one filter run, or of those in a directory. Raises UserError as `describe`."""
    return [problem for run in _runs_in(directory) or [directory] for problem in verify_documents(run)]


def _runs_in(directory: Path) -> list[Path]:
    return [] if is_run(directory) or not directory.is_dir() else source_directories(directory)
