"""The whole path on a generated crawl: raw WET to text from a trained model, with what was planted held against it."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from corpus.filter import filter_source
from corpus.models.catalogue import find
from corpus.models.files import ModelFiles, default_directory
from corpus.models.pull import pull
from corpus.quality.lm.build import Settings
from corpus.quality.lm.calibrate import calibrate_cutoffs
from corpus.quality.lm.cutoffs import CUTOFF_FILE
from corpus.quality.lm.train import train_language_model
from demo.check import CaseResult, check, outcome_of
from demo.encyclopedia import articles
from demo.planted import DROPPED, UNREADABLE, PlantedPage
from demo.web import write_crawl
from demo.world import World
from tokenizer.tokenize import tokenize_documents
from tokenizer.train import train_tokenizer

SEED = 1
MEGABYTES = 8.0
VOCABULARY = 2048
LM_PIECES = 8000
SMOOTHED_STEPS = 20
PROMPTS = ("", "The town of", "She opened the")


@dataclass(frozen=True)
class DemoSummary:
    """What the demo made and found. loss: of the first step, and the mean of the last 20 steps, nats a token."""

    directory: Path
    cases: Sequence[CaseResult]
    documents: dict[str, Any]
    shards: dict[str, Any]
    training: dict[str, Any]
    loss: tuple[float, float]
    samples: Sequence[tuple[str, str]]

    def as_json(self) -> dict[str, Any]:
        return {
            "directory": str(self.directory),
            "planted": sum(case.planted for case in self.cases),
            "found": sum(case.found for case in self.cases),
            "cases": [asdict(case) for case in self.cases],
            "documents": self.documents["documents"],
            "tokens": self.shards["tokens"],
            "bytes_per_token": self.shards["bytes_per_token"],
            "loss": self.loss,
            "training": self.training,
            "samples": [{"prompt": prompt, "text": text} for prompt, text in self.samples],
        }

    def print(self) -> None:
        console = Console(highlight=False, soft_wrap=True)
        console.print("\nPlanted in the crawl, and what became of it:")
        console.print(_table_of(self.cases))
        for fault in [fault for case in self.cases for fault in case.failures][:5]:
            console.print(f"  not as expected: {fault}", style="red", markup=False)
        read = self.documents["stages"][0]["in"]
        console.print(
            f"\n{read['documents']:,} pages read, {self.documents['documents']:,} kept as English of low perplexity; "
            f"{self.shards['tokens']:,} tokens, {self.shards['bytes_per_token']:.2f} bytes a token"
        )
        console.print(
            f"loss {self.loss[0]:.2f} -> {self.loss[1]:.2f} nats a token in {self.training['step']:,} steps of a "
            f"{self.training['parameters']:,}-parameter LLaMA"
        )
        for prompt, text in self.samples:
            console.print(f"\n  {prompt}[dim]|[/dim]{text}" if prompt else f"\n  {text}", markup=bool(prompt))
        console.print(f"\nEverything is in {self.directory}: raw, models, documents, tokenizer, shards, run. Next:")
        for line in (
            f"llama-corpus stats {self.directory}/documents",
            f"llama-corpus verify {self.directory}/documents",
            f"llama-corpus generate {self.directory}/run --prompt 'The river'",
            "llama-corpus filter commoncrawl YOUR.warc.wet.gz --out DOCS --models MODELS",
        ):
            console.print(f"  {line}")


def run_demo(out: Path, workers: int) -> DemoSummary:
    """Makes everything under `out`, or continues: a step whose result is there is not done again."""
    say = _narrator(total=8)
    raw = out / "raw"
    crawl = raw / "wet"
    say("a raw crawl with planted cases", crawl)
    _once(raw / "crawl.json", lambda: _write_raw(raw))
    models = out / "models"
    say("language identification (fastText) and a language model trained on a generated encyclopaedia", models)
    _language_models(raw / "encyclopedia.txt", models)
    say("CCNet's decisions on every page, all languages kept; its cut-offs from their perplexities", out / "ccnet")
    everything = filter_source("commoncrawl", [str(crawl)], out / "ccnet", recipe="ccnet-exact", workers=workers)
    if not (models / CUTOFF_FILE).exists():
        calibrate_cutoffs([str(out / "ccnet")], language="en", models=ModelFiles.search([models]))
    say("LLaMA's documents: English, head and middle buckets", out / "documents")
    documents = filter_source(
        "commoncrawl", [str(crawl)], out / "documents", recipe="llama1", models=[models], workers=workers
    )
    say(f"a BPE tokenizer of {VOCABULARY:,} pieces", out / "tokenizer")
    kept = [str(out / "documents")]
    train_tokenizer(kept, out / "tokenizer", vocab_size=VOCABULARY)
    say("token shards", out / "shards")
    shards = tokenize_documents(kept, out / "tokenizer" / "tokenizer.model", out / "shards", workers=workers)
    say("a small LLaMA", out / "run")
    training, loss = _train(out / "shards", out / "run")
    say("text from it, and the planted cases", out)
    return DemoSummary(
        out,
        _check(crawl / "planted.jsonl", everything.directory, documents.directory),
        documents.as_json(),
        shards.as_json(),
        training,
        loss,
        _samples(out / "run"),
    )


def _narrator(total: int) -> Callable[[str, Path], None]:
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    number = 0

    def say(what: str, where: Path) -> None:
        nonlocal number
        number += 1
        console.print(f"[bold]{number}/{total}[/bold] {what} -> {where}")

    return say


def _once(marker: Path, work: Callable[[], dict[str, Any]]) -> None:
    """Does `work` unless `marker` is there, which is written after it."""
    if not marker.exists():
        result = work()
        temporary = marker.with_name(f".{marker.name}.tmp")
        temporary.write_text(json.dumps(result, indent=1) + "\n")
        temporary.replace(marker)


def _write_raw(raw: Path) -> dict[str, Any]:
    planted = write_crawl(raw / "wet", seed=SEED, megabytes=MEGABYTES)
    with open(raw / "encyclopedia.txt", "w", encoding="utf-8") as text:
        for article in articles(World(SEED)):
            text.write(article.text + "\n")
    return {"pages": planted.pages, "bytes": planted.text_bytes, "planted": dict(planted.counts)}


def _language_models(encyclopedia: Path, models: Path) -> None:
    if ModelFiles.search().find("lid.176.ftz") is None:
        pull(find("lid.176"), default_directory(), print)
    train_language_model([str(encyclopedia)], models, language="en", settings=Settings(vocab_size=LM_PIECES))


def _train(shards: Path, run: Path) -> tuple[dict[str, Any], tuple[float, float]]:
    from model.metrics import read_rows
    from model.progress import train_with_display

    summary = train_with_display(shards, run, "demo", device="cpu")
    losses = [row["loss"] for row in read_rows(run)]
    return summary.as_json(), (losses[0], float(np.mean(losses[-SMOOTHED_STEPS:])))


def _samples(run: Path) -> list[tuple[str, str]]:
    from model.generate import generate

    return [(made.prompt, made.text) for made in generate(run, PROMPTS, 60, seed=SEED, device="cpu")]


def _check(truth: Path, everything: Path, documents: Path) -> list[CaseResult]:
    """Pages to be dropped are looked for where only English of two buckets stays; the lines of the others where every
    page stays, since cut-offs by percentile put some good pages in the tail."""
    pages = [PlantedPage.from_json(line) for line in truth.read_text("utf-8").splitlines()]
    lost = [page for page in pages if page.expected.outcome in (DROPPED, UNREADABLE)]
    stay = [page for page in pages if page.expected.outcome not in (DROPPED, UNREADABLE)]
    return check(lost, outcome_of(documents)) + check(stay, outcome_of(everything))


def _table_of(cases: Sequence[CaseResult]) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in ("case", "planted", "found"):
        table.add_column(column, justify="left" if column == "case" else "right")
    for case in cases:
        style = None if case.found == case.planted else "red"
        table.add_row(case.case.replace("_", " "), f"{case.planted:,}", f"{case.found:,}", style=style)
    planted, found = sum(case.planted for case in cases), sum(case.found for case in cases)
    table.add_row("all", f"{planted:,}", f"{found:,}", style="bold")
    return table
