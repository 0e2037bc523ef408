"""The job of `llama-corpus filter` for one source: a recipe, some inputs, a directory of documents."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar, Protocol

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
from corpus.table1 import SOURCES


class Recipe(Protocol):
    """The recipe of one source: a dataclass of its stages. suffixes: of the files a directory is searched for."""

    suffixes: ClassVar[tuple[str, ...]]

    def plan(self, inputs: Sequence[InputFile], models: ModelFiles, limit: int | None, strict: bool) -> Plan: ...


_CLASSES = {
    "arxiv": "Arxiv",
    "books": "Books",
    "c4": "C4",
    "commoncrawl": "CommonCrawl",
    "github": "GitHub",
    "stackexchange": "StackExchange",
    "wikipedia": "Wikipedia",
    "documents": "Documents",
}


class _Readable(Mapping[str, type[Recipe]]):
    """Imports a source when it is asked for; all of them take 0.2 s."""

    def __getitem__(self, source: str) -> type[Recipe]:
        name = _CLASSES[source]
        recipe: type[Recipe] = getattr(import_module(f"corpus.sources.{source}"), name)
        return recipe

    def __iter__(self) -> Iterator[str]:
        return iter(_CLASSES)

    def __len__(self) -> int:
        return len(_CLASSES)

    def __contains__(self, source: object) -> bool:
        return source in _CLASSES


READABLE: Mapping[str, type[Recipe]] = _Readable()
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
    scratch: int | None = None,
    limit: int | None = None,
    models: Sequence[Path] = (),
    overwrite: bool = False,
    strict: bool = False,
) -> DocumentsSummary:
    """Filters `inputs` into `out`, or continues where an earlier call of the same was stopped.

    memory: bytes all workers together may hold, models that are mapped from their files apart; default: see
    `executor_for`. scratch: bytes of disk for what is read once and needed again; see `Scratch`.

    Raises UsageError for an unknown source, recipe key or parameter, UserError for missing inputs or models and for
    work that fails.
    """
    job = prepare(source, inputs, load_recipe(recipe), recipe, settings, models, limit, strict)
    with display([(step.name, step.weight) for step in job.plan.steps]) as monitor:
        run = run_plan(job.plan, out, executor_for(workers, memory, scratch), monitor, overwrite)
    return describe_documents(out, run)


@dataclass(frozen=True)
class Job:
    """What is to be done to one source. size: bytes of its inputs."""

    source: str
    plan: Plan
    size: int


def prepare(
    source: str,
    inputs: Sequence[str],
    recipe: Mapping[str, Any],
    origin: str,
    settings: Sequence[str],
    models: Sequence[Path],
    limit: int | None,
    strict: bool,
) -> Job:
    """Finds the inputs and models of a source and plans its tasks; nothing is written.

    origin: name of the recipe, for messages. Raises as `filter_source`.
    """
    if source not in READABLE:
        others = [name for name in SOURCES if name not in READABLE]
        fault = "cannot be filtered yet" if source in others else "no such source"
        raise UsageError(f"{source}: {fault}; sources: {', '.join(READABLE)}")
    recipe_class = READABLE[source]
    table = apply_settings(source_table(recipe, source, origin), settings, source)
    stages = build(recipe_class, table, f"{origin}: {source}")
    if source == "documents":
        files = [identify(path) for path in document_paths(inputs, recipe_class.suffixes)]
    elif source == "github":
        from corpus.sources.github_inputs import github_inputs

        files = github_inputs(inputs)
    else:
        files = resolve(inputs, recipe_class.suffixes)
    plan = stages.plan(files, ModelFiles.search(models), limit, strict)
    return Job(source, plan, sum(file.size for file in files))
