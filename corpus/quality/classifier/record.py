"""A trained classifier on disk, and its record."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from corpus.errors import UserError
from corpus.identity import file_sha256

MODEL_FILE = "wikiref.bin"
RECORD_FILE = "wikiref.json"
HASHES_FILE = "wikiref.hashes.tsv.gz"
FORMAT = "llama-corpus reference classifier"


@dataclass(frozen=True)
class ReferenceClassifier:
    """A trained model: `DIRECTORY/wikiref.bin`, the digests of what it was made from, and `record`, in `wikiref.json`.

    already_complete: whether it was found there, made by the same command.
    """

    directory: Path
    record: Mapping[str, Any]
    already_complete: bool = False

    def as_json(self) -> dict[str, Any]:
        return {"directory": str(self.directory), "already_complete": self.already_complete, **self.record}

    def print(self) -> None:
        console = Console(highlight=False, soft_wrap=True)
        if self.already_complete:
            console.print(f"{self.directory}: already complete, nothing to do")
        console.print(_table_of(self.record["classes"]))
        held_out = self.record["held_out"]
        console.print(f"\nheld out: {held_out['pages']:,} pages, AUC {held_out['auc']:.4f}")
        for row in held_out["thresholds"]:
            precision = "-" if row["precision"] is None else f"{row['precision']:.3f}"
            console.print(
                f"  kept from {row['threshold']:g} on: precision {precision}, recall {row['recall']:.3f}, "
                f"{row['kept_of_random']:.1%} of random pages"
            )
        console.print(f"\n{self.directory / MODEL_FILE}: {self.record['model']['words']:,} words")
        console.print(
            f"next: llama-corpus filter commoncrawl INPUT --models {self.directory} --set reference.apply=true "
            f"--out DIR"
        )


def _table_of(classes: Mapping[str, Mapping[str, int]]) -> Table:
    table = Table(box=None, pad_edge=False)
    names = ("pages", "too_short", "duplicates", "chosen", "training", "held_out")
    for column in ("label", *names):
        table.add_column(column.replace("_", " "), justify="left" if column == "label" else "right")
    for label, counted in classes.items():
        table.add_row(label, *(f"{counted[name]:,}" for name in names))
    return table


def find_finished(out: Path, request: Mapping[str, Any]) -> ReferenceClassifier | None:
    """The classifier that the same request made, if all of it is still there."""
    try:
        record: dict[str, Any] = json.loads((out / RECORD_FILE).read_text("utf-8"))
        if any(record.get(key) != value for key, value in request.items()):
            return None
        same = all(_sha256_of(out / record[part]["path"]) == record[part]["sha256"] for part in ("model", "hashes"))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return ReferenceClassifier(out, record, already_complete=True) if same else None


def threshold_for(record: Path, keep_rate: float) -> float:
    """The score that the share `keep_rate` of random pages reached when the model was made, between the recorded
    percentages by linear interpolation.

    Raises UserError when the record is missing or none.
    """
    try:
        content = json.loads(record.read_text("utf-8"))
        table = {int(percent): float(score) for percent, score in content["held_out"]["keep_rates"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(
            f"{record}: no record of a classifier ({error}), which reference.keep_rate needs; make one with: "
            f"llama-corpus classifier train, or set reference.threshold instead"
        ) from None
    import numpy as np

    percents = sorted(table)
    return float(np.interp(keep_rate * 100, percents, [table[percent] for percent in percents]))


def _sha256_of(path: Path) -> str:
    with open(path, "rb") as stream:
        return file_sha256(stream)
