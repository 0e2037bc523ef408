"""The raw inputs of all sources, each in its own format, what was planted in them, and the recipe that names them."""

import json
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from demo.check import Planting
from demo.encyclopedia import articles
from demo.planted import PlantedDocument, PlantedPage
from demo.sources.arxiv import write_arxiv
from demo.sources.books import write_books
from demo.sources.c4 import write_c4
from demo.sources.github import write_github
from demo.sources.stackexchange import write_stackexchange
from demo.sources.wikipedia import write_wikipedia
from demo.web import write_crawl
from demo.world import World

SEED = 1
CRAWL_MEGABYTES = 8.0
PLANTED = "planted"
ENCYCLOPEDIA = "encyclopedia.txt"

Write = Callable[..., list[PlantedDocument]]
# Each with about as much text (10^6 bytes) as a few hundred steps see of it in the paper's mixture.
CURATED: dict[str, tuple[Write, float]] = {
    "c4": (write_c4, 0.8),
    "github": (write_github, 0.35),
    "wikipedia": (write_wikipedia, 0.3),
    "books": (write_books, 0.5),
    "arxiv": (write_arxiv, 0.25),
    "stackexchange": (write_stackexchange, 0.25),
}
SOURCES = ("commoncrawl", *CURATED)


def write_raw(raw: Path) -> dict[str, Any]:
    """Writes `raw/SOURCE/`, `raw/planted/SOURCE.jsonl` and the encyclopaedia; how much was planted, by source."""
    for name in (*SOURCES, PLANTED):
        shutil.rmtree(raw / name, ignore_errors=True)
        (raw / name).mkdir(parents=True)
    crawl = write_crawl(raw / "commoncrawl", seed=SEED, megabytes=CRAWL_MEGABYTES)
    crawl.truth.rename(raw / PLANTED / "commoncrawl.jsonl")
    world, counts = World(SEED), {"commoncrawl": sum(crawl.counts.values())}
    for source, (write, megabytes) in CURATED.items():
        planted = write(raw / source, world, megabytes=megabytes)
        lines = "".join(document.to_json() + "\n" for document in planted)
        (raw / PLANTED / f"{source}.jsonl").write_text(lines, "utf-8")
        counts[source] = len(planted)
    text = "".join(article.text + "\n" for article in articles(world))
    (raw / ENCYCLOPEDIA).write_text(text, "utf-8")
    return {"planted": counts}


def planted_in(raw: Path, source: str) -> list[Planting]:
    """What was planted in one source, in the order of generation."""
    kind = PlantedPage if source == "commoncrawl" else PlantedDocument
    lines = (raw / PLANTED / f"{source}.jsonl").read_text("utf-8").split("\n")
    return [kind.from_json(line) for line in lines if line]


def write_recipe(path: Path, raw: Path, sources: Iterable[str]) -> None:
    """The paper's recipe with these inputs. raw: relative to the file."""
    inputs = "".join(f"{source} = {json.dumps(str(raw / source))}\n" for source in sources)
    path.write_text(f'name = "demo"\nextends = "llama1"\n\n[inputs]\n{inputs}', "utf-8")
