"""The whole path on generated inputs: raw dumps of all sources to text from a trained model, with what was planted in
them held against it."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console

from corpus.filter import filter_source
from corpus.filter_sources import FilterOptions, filter_sources
from corpus.models.catalogue import find
from corpus.models.files import ModelFiles, default_directory
from corpus.models.pull import pull
from corpus.quality.lm.build import Settings
from corpus.quality.lm.calibrate import calibrate_cutoffs
from corpus.quality.lm.cutoffs import CUTOFF_FILE
from corpus.quality.lm.train import train_language_model
from demo.check import CaseResult, check, outcome_of
from demo.planted import DROPPED, UNREADABLE
from demo.raw import CURATED, ENCYCLOPEDIA, SEED, SOURCES, planted_in, write_raw, write_recipe
from demo.report import DemoSummary
from tokenizer.tokenize import tokenize_documents
from tokenizer.train import train_tokenizer

VOCABULARY = 2048
LM_PIECES = 8000
SMOOTHED_STEPS = 40
PROMPTS = ("", "The town of", "She opened the")


def run_demo(out: Path, workers: int) -> DemoSummary:
    """Makes everything under `out`, or continues: a step whose result is there is not done again."""
    say = _narrator(total=8)
    raw, models, recipe, documents = out / "raw", out / "models", out / "recipe.toml", out / "documents"
    say(f"raw dumps of {len(SOURCES)} sources with planted cases", raw)
    _once(raw / "planted.json", lambda: write_raw(raw))
    write_recipe(recipe, Path(raw.name), SOURCES)
    say("language identification (fastText) and a language model trained on a generated encyclopaedia", models)
    _language_models(raw / ENCYCLOPEDIA, models)
    say("CCNet's decisions on every page, all languages kept; its cut-offs from their perplexities", out / "ccnet")
    crawl = [str(raw / "commoncrawl")]
    everything = filter_source("commoncrawl", crawl, out / "ccnet", recipe="ccnet-exact", workers=workers)
    if not (models / CUTOFF_FILE).exists():
        calibrate_cutoffs([str(out / "ccnet")], language="en", models=ModelFiles.search([models]))
    say(f"LLaMA's documents of all sources, by {recipe}", documents)
    filtered = filter_sources(documents, FilterOptions(recipe=str(recipe), models=[models], workers=workers))
    say(f"a BPE tokenizer of {VOCABULARY:,} pieces, on the paper's mixture", out / "tokenizer")
    train_tokenizer([str(documents)], out / "tokenizer", vocab_size=VOCABULARY)
    say("token shards", out / "shards")
    tokenizer = out / "tokenizer" / "tokenizer.model"
    shards = tokenize_documents([str(documents)], tokenizer, out / "shards", workers=workers)
    say("a small LLaMA, on the paper's mixture", out / "run")
    training, rows = _train(out / "shards", out / "run")
    say("text from it, and the planted cases", out)
    return DemoSummary(
        out,
        _check(raw, everything.directory, documents),
        filtered.as_json(),
        shards.as_json(),
        training,
        (rows[0]["loss"], float(np.mean([row["loss"] for row in rows[-SMOOTHED_STEPS:]]))),
        _source_loss(rows),
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


def _language_models(encyclopedia: Path, models: Path) -> None:
    if ModelFiles.search().find("lid.176.ftz") is None:
        pull(find("lid.176"), default_directory(), print)
    train_language_model([str(encyclopedia)], models, language="en", settings=Settings(vocab_size=LM_PIECES))


def _train(shards: Path, run: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    from model.metrics import read_rows
    from model.progress import train_with_display

    summary = train_with_display(shards, run, "demo", device="cpu")
    return summary.as_json(), list(read_rows(run))


def _source_loss(rows: Sequence[dict[str, Any]]) -> dict[str, float]:
    """The mean of the last few losses of every source, which not every step sees."""
    seen = {source: [row["source_loss"][source] for row in rows if source in row["source_loss"]] for source in SOURCES}
    return {source: float(np.mean(losses[-SMOOTHED_STEPS:])) for source, losses in seen.items()}


def _samples(run: Path) -> list[tuple[str, str]]:
    from model.generate import generate

    return [(made.prompt, made.text) for made in generate(run, PROMPTS, 60, seed=SEED, device="cpu")]


def _check(raw: Path, everything: Path, documents: Path) -> dict[str, list[CaseResult]]:
    """Pages to be dropped are looked for where only English of two buckets stays; the lines of the others where every
    page stays, since cut-offs by percentile put some good pages in the tail."""
    pages = planted_in(raw, "commoncrawl")
    lost = [page for page in pages if page.expected.outcome in (DROPPED, UNREADABLE)]
    stay = [page for page in pages if page.expected.outcome not in (DROPPED, UNREADABLE)]
    crawl = check(lost, outcome_of(documents / "commoncrawl")) + check(stay, outcome_of(everything))
    curated = {source: check(planted_in(raw, source), outcome_of(documents / source)) for source in CURATED}
    return {"commoncrawl": crawl, **curated}
