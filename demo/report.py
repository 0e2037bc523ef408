"""What the demo made and found, for people and for programs."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from corpus.table1 import bytes_per_token
from demo.check import CaseResult

COLUMNS = ("source", "read", "kept", "MB kept", "tokens", "bytes/token", "Table 1", "loss")


@dataclass(frozen=True)
class DemoSummary:
    """cases: by source. documents, shards, training: what those steps say of themselves. loss: of the first step, and
    the mean of the last steps, nats a token; source_loss: the latter by source."""

    directory: Path
    cases: Mapping[str, Sequence[CaseResult]]
    documents: dict[str, Any]
    shards: dict[str, Any]
    training: dict[str, Any]
    loss: tuple[float, float]
    source_loss: Mapping[str, float]
    samples: Sequence[tuple[str, str]]

    def as_json(self) -> dict[str, Any]:
        every = [case for cases in self.cases.values() for case in cases]
        return {
            "directory": str(self.directory),
            "planted": sum(case.planted for case in every),
            "found": sum(case.found for case in every),
            "cases": {source: [asdict(case) for case in cases] for source, cases in self.cases.items()},
            "documents": self.documents["documents"],
            "tokens": self.shards["tokens"],
            "bytes_per_token": self.shards["bytes_per_token"],
            "sources": {
                source: {
                    "documents": self.documents["sources"][source]["documents"],
                    "bytes": self.documents["sources"][source]["bytes"],
                    "tokens": self.shards["sources"][source]["tokens"],
                    "bytes_per_token": self.shards["sources"][source]["bytes_per_token"],
                    "loss": self.source_loss[source],
                }
                for source in self.cases
            },
            "loss": self.loss,
            "training": self.training,
            "samples": [{"prompt": prompt, "text": text} for prompt, text in self.samples],
        }

    def print(self) -> None:
        console = Console(highlight=False, soft_wrap=True)
        console.print("\nPlanted in the raw inputs, and found where all became of it that should:")
        lines = Console(highlight=False)
        for source, cases in self.cases.items():
            lines.print(f"[bold]{source}, {_found(cases)}[/bold]: {', '.join(map(_shown, cases))}")
        every = [case for cases in self.cases.values() for case in cases]
        lines.print(f"[bold]all, {_found(every)}[/bold]")
        for fault in [fault for case in every for fault in case.failures][:5]:
            console.print(f"  not as expected: {fault}", style="red", markup=False)
        console.print()
        console.print(self._table())
        console.print(
            f"\nloss {self.loss[0]:.2f} -> {self.loss[1]:.2f} nats a token in {self.training['step']:,} steps of a "
            f"{self.training['parameters']:,}-parameter LLaMA on the paper's mixture of these sources"
        )
        for prompt, text in self.samples:
            console.print(f"\n  {prompt}[dim]|[/dim]{text}" if prompt else f"\n  {text}", markup=bool(prompt))
        console.print(
            f"\nEverything is in {self.directory}: raw, recipe.toml, models, documents, tokenizer, shards, run. Next:"
        )
        for line in (
            f"llama-corpus stats {self.directory}/documents/wikipedia",
            f"llama-corpus verify {self.directory}/documents",
            f"llama-corpus generate {self.directory}/run --prompt 'The river'",
            "llama-corpus filter --recipe YOUR.toml --out DOCS",
        ):
            console.print(f"  {line}")

    def _table(self) -> Table:
        table = Table(box=None, pad_edge=False)
        for column in COLUMNS:
            table.add_column(column, justify="left" if column == "source" else "right", no_wrap=True)
        for source in self.cases:
            made, tokens = self.documents["sources"][source], self.shards["sources"][source]
            row = [f"{bytes_per_token(source):.2f}", f"{self.source_loss[source]:.2f}"]
            table.add_row(source, *_amounts(made, tokens), *row)
        read = sum(source["documents_read"] for source in self.documents["sources"].values())
        whole = {"documents_read": read, "documents": self.documents["documents"], "bytes": self.documents["bytes"]}
        table.add_row("all", *_amounts(whole, self.shards), "", f"{self.loss[1]:.2f}", style="bold")
        return table


def _amounts(documents: Mapping[str, Any], tokens: Mapping[str, Any]) -> list[str]:
    return [
        f"{documents['documents_read']:,}",
        f"{documents['documents']:,}",
        f"{documents['bytes'] / 1e6:,.2f}",
        f"{tokens['tokens']:,}",
        f"{tokens['bytes_per_token']:.2f}",
    ]


def _found(cases: Sequence[CaseResult]) -> str:
    planted, found = sum(case.planted for case in cases), sum(case.found for case in cases)
    return f"{found:,} of {planted:,}" if found == planted else f"[red]{found:,}[/red] of {planted:,}"


def _shown(case: CaseResult) -> str:
    name = case.case.replace("_", " ")
    if case.found == case.planted:
        return f"{name} {case.planted}"
    return f"[red]{name} {case.found} of {case.planted}[/red]"
