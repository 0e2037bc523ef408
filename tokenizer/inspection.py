"""The counts of a directory of token shards, for people."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from corpus.pipeline.run import RunSummary
from corpus.table1 import SOURCES, bytes_per_token
from tokenizer.shards import Manifest


@dataclass(frozen=True)
class ShardsSummary:
    """What a directory of token shards holds, and what the command that just ran did to it."""

    directory: Path
    manifest: Manifest
    tasks: RunSummary | None = None

    def as_json(self) -> dict[str, Any]:
        tasks = (
            {} if self.tasks is None else {"tasks_run": self.tasks.tasks_run, "tasks_reused": self.tasks.tasks_reused}
        )
        return {
            "directory": str(self.directory),
            "vocab_size": self.manifest.vocab_size,
            "tokenizer_sha256": self.manifest.tokenizer_sha256,
            "manifest_sha256": self.manifest.sha256,
            **tasks,
            **self.manifest.total.totals(),
            "sources": {
                name: {
                    **source.totals(),
                    "shards": len(source.shards),
                    **({"table1_bytes_per_token": bytes_per_token(name)} if name in SOURCES else {}),
                }
                for name, source in self.manifest.sources.items()
            },
        }

    def print(self) -> None:
        console = Console(highlight=False)
        if self.tasks is not None and self.tasks.already_complete:
            console.print(f"{self.directory}: already complete, nothing to do")
        table = Table(box=None, pad_edge=False)
        for column in ("source", "shards", "documents", "tokens", "MB of text", "bytes/token", "Table 1"):
            table.add_column(column, justify="left" if column == "source" else "right")
        for name, source in (*self.manifest.sources.items(), ("total", self.manifest.total)):
            table.add_row(
                name,
                f"{len(source.shards):,}",
                f"{source.documents:,}",
                f"{source.tokens:,}",
                f"{source.bytes / 1e6:,.2f}",
                f"{source.bytes_per_token:.2f}",
                f"{bytes_per_token(name):.2f}" if name in SOURCES else "",
                style="bold" if name == "total" else None,
            )
        console.print(table)
        if self.tasks is not None:
            console.print(f"next: llama-corpus train --shards {self.directory} --out RUN", soft_wrap=True)


def describe_shards(directory: Path, tasks: RunSummary | None = None) -> ShardsSummary:
    """Raises UserError when `directory` holds no finished token shards."""
    return ShardsSummary(directory, Manifest.load(directory), tasks)
