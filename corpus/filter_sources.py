"""The job of `llama-corpus filter --recipe FILE`: every source that a recipe names inputs for, each to a directory."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from corpus.errors import UsageError, UserError
from corpus.filter import READABLE, Job, filter_source, prepare
from corpus.inspection.collection import SourcesSummary, is_run, source_directories
from corpus.inspection.summary import DocumentsSummary, describe_documents
from corpus.pipeline.executor import executor_for
from corpus.pipeline.progress import display
from corpus.pipeline.run import Monitor, run_plan
from corpus.recipes.inputs import inputs_of
from corpus.recipes.load import load_recipe

SMALL_BYTES = 2 << 20
"""Inputs of a source that are no larger are filtered in this process: to start others, step by step, takes longer."""


@dataclass(frozen=True, kw_only=True)
class FilterOptions:
    """What `filter_source` may be told besides source, inputs and output; see there."""

    recipe: str
    settings: Sequence[str] = ()
    workers: int = 1
    memory: int | None = None
    scratch: int | None = None
    limit: int | None = None
    models: Sequence[Path] = ()
    overwrite: bool = False
    strict: bool = False


def filter_documents(
    source: str | None, inputs: Sequence[str], out: Path, options: FilterOptions
) -> DocumentsSummary | SourcesSummary:
    """Filters one source into `out`, from `inputs` or from those the recipe names for it; without a source, all for
    which the recipe names inputs.

    Raises UsageError when there are no inputs, or both kinds, and as `filter_source` and `filter_sources`.
    """
    if source is None:
        return filter_sources(out, options)
    if out.is_dir() and source_directories(out):
        raise UserError(f"{out}: holds the documents of several sources; choose another --out, such as {out / source}")
    named = inputs_of(load_recipe(options.recipe)).get(source, [])
    if inputs and named:
        raise UsageError(f"{source}: {options.recipe} names its inputs too; give either these or those, not both")
    if source in READABLE and not inputs and not named:
        raise UsageError(f"{source}: no inputs; name files to read, or a recipe file that has some for it in [inputs]")
    return filter_source(source, inputs or named, out, **vars(options))


def filter_sources(out: Path, options: FilterOptions) -> SourcesSummary:
    """Filters every source that the recipe names inputs for into `out/<source>`, one after another in the order of the
    paper, or continues where an earlier call of the same was stopped.

    Settings are `SOURCE.stage.param=value`. All inputs and models are found before the first is read. Raises UsageError
    for a recipe without inputs and for settings of no source, UserError for a directory that holds something else, and
    as `filter_source`.
    """
    recipe = load_recipe(options.recipe)
    named = inputs_of(recipe)
    if not named:
        fault = "names no inputs; give SOURCE and INPUTS, or a recipe file with a table [inputs]"
        raise UsageError(f"{options.recipe}: {fault}")
    settings = _settings_of(options.settings, list(named))
    rest = (options.models, options.limit, options.strict)
    jobs = [
        prepare(source, inputs, recipe, options.recipe, settings[source], *rest) for source, inputs in named.items()
    ]
    workers, alone = (executor_for(count, options.memory, options.scratch) for count in (options.workers, 1))
    _make_directories(out, list(named))
    done = []
    with display(list(_weights(jobs))) as monitor:
        for job in jobs:
            directory = out / job.source
            executor = workers if job.size > SMALL_BYTES else alone
            run = run_plan(job.plan, directory, executor, _Named(job.source, monitor), options.overwrite)
            done.append(describe_documents(directory, run))
    return SourcesSummary(out, done)


def _settings_of(settings: Sequence[str], sources: Sequence[str]) -> Mapping[str, list[str]]:
    chosen: dict[str, list[str]] = {source: [] for source in sources}
    for setting in settings:
        source, dot, rest = setting.strip().partition(".")
        if source not in chosen or not dot:
            known = ", ".join(sources)
            raise UsageError(f"--set {setting}: begin it with the source it is for, SOURCE.stage.param=value ({known})")
        chosen[source].append(rest)
    return chosen


def _make_directories(out: Path, sources: Sequence[str]) -> None:
    """One for each source before any is filled, so that an unfinished whole is known as such: a directory without
    run.json is not complete. Raises UserError when `out` holds the documents of something else."""
    if out.is_dir():
        if is_run(out):
            raise UserError(f"{out}: holds the documents of one source; choose another --out")
        for other in source_directories(out):
            if other.name not in sources:
                raise UserError(f"{other}: the recipe names no inputs for it; remove it or choose another --out")
    try:
        for source in sources:
            (out / source / "tasks").mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"{out}: cannot be written ({error.strerror}); choose another --out") from None


def _weights(jobs: Sequence[Job]) -> Iterator[tuple[str, float]]:
    """Of each step of each source: its part of the source's work, by the bytes of the source's inputs."""
    for job in jobs:
        total = sum(step.weight for step in job.plan.steps)
        for step in job.plan.steps:
            yield _step_name(job.source, step.name), max(job.size, 1) * step.weight / total


def _step_name(source: str, step: str) -> str:
    return f"{source}: {step}"


@dataclass(frozen=True)
class _Named:
    """Tells the monitor of all sources how one of them goes."""

    source: str
    whole: Monitor

    def step(self, name: str, tasks: int, done: int, size: int, size_done: int) -> None:
        self.whole.step(_step_name(self.source, name), tasks, done, size, size_done)

    def advance(self, documents: int, size: int, dropped: int = 0) -> None:
        self.whole.advance(documents, size, dropped)

    def note(self, message: str) -> None:
        self.whole.note(message)
