"""The job of `llama-corpus filter`: a recipe, some inputs, a directory of documents."""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Protocol

from corpus.document_files import document_paths
from corpus.errors import UsageError
from corpus.identity import InputFile, identify
from corpus.inputs import resolve
from corpus.inspection.summary import DocumentsSummary, describe_documents
from corpus.models.files import ModelFiles
from corpus.pipeline.executor import executor_for
from corpus.pipeline.plan import Plan
from corpus.pipeline.progress import display
from corpus.pipeline.run import run_plan
from corpus.recipes.build import build
from corpus.recipes.load import apply_settings, load_recipe, source_table
from corpus.sources.arxiv import Arxiv
from corpus.sources.books import Books
from corpus.sources.c4 import C4
from corpus.sources.commoncrawl import CommonCrawl
from corpus.sources.documents import Documents
from corpus.sources.stackexchange import StackExchange
from corpus.sources.wikipedia import Wikipedia
from corpus.table1 import SOURCES


class Recipe(Protocol):
    """The recipe of one source: a dataclass of its stages. suffixes: of the files a directory is searched for."""

    suffixes: ClassVar[tuple[str, ...]]

    def plan(self, inputs: Sequence[InputFile], models: ModelFiles, limit: int | None, strict: bool) -> Plan: ...


READABLE: dict[str, type[Recipe]] = {
    "arxiv": Arxiv,
    "books": Books,
    "c4": C4,
    "commoncrawl": CommonCrawl,
    "stackexchange": StackExchange,
    "wikipedia": Wikipedia,
    "documents": Documents,
}
"""Sources that can be filtered, with the dataclass of each one's recipe."""


def filter_source(
    source: str,
    inputs: Sequence[str],
    out: Path,
    *,
    recipe: str,
    settings: Sequence[str] = (),
    workers: int = 1,
    memory: int | None = None,
    limit: int | None = None,
    models: Sequence[Path] = (),
    overwrite: bool = False,
    strict: bool = False,
) -> DocumentsSummary:
    """Filters `inputs` into `out`, or continues where an earlier call of the same was stopped.

    memory: bytes all workers together may hold, models that are mapped from their files apart; default: see
    `executor_for`.

    Raises UsageError for an unknown source, recipe key or parameter, UserError for missing inputs or models and for
    work that fails.
    """
    if source not in READABLE:
        others = [name for name in SOURCES if name not in READABLE]
        fault = "cannot be filtered yet" if source in others else "no such source"
        raise UsageError(f"{source}: {fault}; sources: {', '.join(READABLE)}")
    recipe_class = READABLE[source]
    table = apply_settings(source_table(load_recipe(recipe), source, recipe), settings, source)
    stages = build(recipe_class, table, f"{recipe}: {source}")
    search = ModelFiles.search(models)
    if recipe_class is Documents:
        files = [identify(path) for path in document_paths(inputs, recipe_class.suffixes)]
    else:
        files = resolve(inputs, recipe_class.suffixes)
    plan = stages.plan(files, search, limit, strict)
    with display([(step.name, step.weight) for step in plan.steps]) as monitor:
        run = run_plan(plan, out, executor_for(workers, memory), monitor, overwrite)
    return describe_documents(out, run)
