"""The counts of a finished filter run, for people: what each stage kept, what it dropped and why."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from corpus.errors import UserError
from corpus.pipeline.publication import FORMAT
from corpus.pipeline.run import RunSummary
from corpus.pipeline.store import COMPLETE


def load_run(directory: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """`run.json` and `stats.json` of a directory of documents.

    Raises UserError when there is no such directory, it holds no documents, or its run has not finished.
    """
    if not directory.is_dir():
        raise UserError(f"{directory}: no such directory; give one that `llama-corpus filter` wrote")
    if not (directory / COMPLETE).is_file():
        unfinished = (directory / "tasks").is_dir()
        fault = "its filter run has not finished; run the same command again" if unfinished else "holds no documents"
        raise UserError(f"{directory}: {fault}")
    run = json.loads((directory / COMPLETE).read_text("utf-8"))
    if run.get("format") != FORMAT:
        raise UserError(
            f"{directory}: {COMPLETE} is not of a filter run; give a directory that `llama-corpus filter` wrote"
        )
    return run, json.loads((directory / "stats.json").read_text("utf-8"))


@dataclass(frozen=True)
class DocumentsSummary:
    """What a directory of documents holds, and what the command that just ran did to it."""

    directory: Path
    run: Mapping[str, Any]
    stats: Mapping[str, Any]
    tasks: RunSummary | None = None

    @property
    def source(self) -> str:
        name: str = self.run["source"]
        return name

    @property
    def entered(self) -> Mapping[str, int]:
        """Documents, bytes of text and lines that came to the first stage."""
        return self._amount(0, "in")

    @property
    def kept(self) -> Mapping[str, int]:
        """The same of what is in `documents/`."""
        return self._amount(-1, "kept")

    @property
    def disk_bytes(self) -> int:
        """Of the files of documents kept."""
        return sum(part["bytes"] for part in self.run["outputs"] if part["path"].startswith("documents/"))

    @property
    def seconds(self) -> float:
        """Of work, all tasks together, whenever they ran."""
        timings: Mapping[str, Mapping[str, float]] = json.loads((self.directory / "timings.json").read_text("utf-8"))
        return sum(seconds for step in timings.values() for seconds in step.values())

    def _amount(self, stage: int, side: str) -> Mapping[str, int]:
        stages = self.stats["stages"]
        amount: Mapping[str, int] = stages[stage][side] if stages else {"documents": 0, "bytes": 0, "lines": 0}
        return amount

    def as_json(self) -> dict[str, Any]:
        tasks = (
            {} if self.tasks is None else {"tasks_run": self.tasks.tasks_run, "tasks_reused": self.tasks.tasks_reused}
        )
        return {
            "directory": str(self.directory),
            "source": self.source,
            "inputs": len(self.run["inputs"]),
            "documents": self.kept["documents"],
            "bytes": self.kept["bytes"],
            **tasks,
            **({"sites": self.run["sites"]} if "sites" in self.run else {}),
            **{key: self.stats[key] for key in ("read", "stages", "histograms")},
        }

    def print(self) -> None:
        console = Console(highlight=False, soft_wrap=True)
        if self.tasks is not None and self.tasks.already_complete:
            console.print(f"{self.directory}: already complete, nothing to do")
        print_ledger(self.stats, console)
        print_sites(self.run.get("sites", []), console)
        parts = sum(part["path"].startswith("documents/") for part in self.run["outputs"])
        inputs = len(self.run["inputs"])
        files, sources = ("file" if parts == 1 else "files"), ("input" if inputs == 1 else "inputs")
        console.print(f"\n{self.directory}/documents: {parts} {files} from {inputs} {sources}")
        if note := reference_note(self.run):
            console.print(note)
        if self.tasks is not None:
            console.print(
                f"next: llama-corpus tokenizer train {self.directory} --out TOKENIZER, "
                f"then llama-corpus tokenize {self.directory} --tokenizer TOKENIZER/tokenizer.model --out SHARDS"
            )


def reference_note(run: Mapping[str, Any]) -> str | None:
    """What a recipe without a classifier of references leaves in, None for others."""
    reference = run["recipe"].get("reference")
    if not reference or reference["apply"]:
        return None
    return (
        "pages unlike Wikipedia's references are still in, which LLaMA discards: for that train a classifier "
        "(llama-corpus classifier train) and add --set reference.apply=true"
    )


def describe_documents(directory: Path, tasks: RunSummary | None = None) -> DocumentsSummary:
    """Raises UserError when `directory` holds no finished filter run."""
    return DocumentsSummary(directory, *load_run(directory), tasks)


def print_ledger(stats: Mapping[str, Any], console: Console) -> None:
    """One row per stage with what went in and was kept, and one per reason for a drop."""
    table = Table(box=None, pad_edge=False)
    for column, justify in (
        ("stage", "left"),
        ("documents", "right"),
        ("share", "right"),
        ("MB", "right"),
        ("lines", "right"),
    ):
        table.add_column(column, justify=justify)  # type: ignore[arg-type]
    first = stats["stages"][0]["in"] if stats["stages"] else {"documents": 0, "bytes": 0, "lines": 0}
    table.add_row("read", *_cells(first, first["documents"]))
    for stage in stats["stages"]:
        for reason, amount in stage["dropped"].items():
            table.add_row(f"  {stage['stage']}: {reason}", *_cells(amount, first["documents"], sign="-"), style="dim")
        if stage["removed"]["bytes"] or stage["removed"]["lines"]:
            change = [f"{-stage['removed']['bytes'] / 1e6:+,.2f}", f"{-stage['removed']['lines']:+,}"]
            table.add_row(f"  {stage['stage']}: inside kept", "", "", *change, style="dim")
    last = stats["stages"][-1]["kept"] if stats["stages"] else first
    table.add_row("kept", *_cells(last, first["documents"]), style="bold")
    console.print(table)
    for column in ("language", "bucket"):
        counts = sorted(stats["histograms"].get(column, {}).items(), key=lambda item: (-item[1], item[0]))
        if counts:
            shown = (f"{'unknown' if name == 'None' else name} {n:,}" for name, n in counts[:12])
            console.print(f"{column}: " + ", ".join(shown))
    if skipped := _counts(stats, "skipped."):
        console.print(f"records that are no documents: {skipped}")
    if faults := faults_line(stats):
        console.print(f"faults in the input: {faults}", style="yellow")
        for fault in stats["faults"][:5]:
            console.print(_fault_line(fault), style="dim")


def faults_line(stats: Mapping[str, Any]) -> str:
    """The faults of the input by kind and number; empty without any."""
    return _counts(stats, "faults.")


def _counts(stats: Mapping[str, Any], prefix: str) -> str:
    counts = {key.removeprefix(prefix): n for key, n in stats["read"].items() if key.startswith(prefix) and n}
    return ", ".join(f"{kind} {n:,}" for kind, n in counts.items())


def print_sites(ranking: Sequence[Mapping[str, Any]], console: Console) -> None:
    """One row per site, from the most posts to the least, with those that were not taken behind."""
    if not ranking:
        return
    table = Table(box=None, pad_edge=False)
    for column in ("", "site", "posts", "questions", "taken"):
        table.add_column(column, justify="left" if column in ("site", "taken") else "right")
    for rank, site in enumerate(ranking, 1):
        counts = [f"{site[name]:,}" for name in ("posts", "questions")]
        table.add_row(str(rank), site["site"], *counts, "yes" if site["taken"] else "no")
    console.print()
    console.print(table)


def _fault_line(fault: Mapping[str, Any]) -> str:
    place = "" if fault["offset"] is None else f" at byte {fault['offset']}"
    return f"  {fault['path']}: {fault['kind']}{place}: {fault['detail']}"


def _cells(amount: Mapping[str, int], all_documents: int, sign: str = "") -> list[str]:
    share = amount["documents"] / all_documents if all_documents else 0.0
    megabytes, lines = amount["bytes"] / 1e6, amount["lines"]
    return [f"{sign}{amount['documents']:,}", f"{share:.1%}", f"{sign}{megabytes:,.2f}", f"{sign}{lines:,}"]
