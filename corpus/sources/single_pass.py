"""The plan of a source whose documents need nothing of each other: read every file once, through the stages."""

from collections.abc import Sequence
from typing import Any, Protocol

import pyarrow as pa

from corpus.identity import InputFile, key_of
from corpus.models.files import ModelFiles
from corpus.pipeline.filtering import FilterTask
from corpus.pipeline.plan import Plan, Step
from corpus.pipeline.publication import publish_documents, software_versions
from corpus.pipeline.reading import Reading
from corpus.pipeline.stage import Stage, described
from corpus.pipeline.upstream import Upstream
from corpus.recipes.build import as_table


class Source(Protocol):
    """A source's recipe: its name, and its stages in order."""

    @property
    def name(self) -> str: ...
    @property
    def stages(self) -> tuple[Stage, ...]: ...


def single_pass_plan(
    source: Source,
    inputs: Sequence[InputFile],
    reading: Reading,
    reader_version: int,
    models: ModelFiles,
    schema: pa.Schema,
    *,
    software: Sequence[str] = ("pyarrow",),
    categories: tuple[str, ...] = (),
    magnitudes: tuple[str, ...] = (),
) -> Plan:
    """One task per input, and the publication of what they make.

    schema: of the kept documents. software: packages whose code decides what comes out, besides this one. categories,
    magnitudes: columns counted in the ledger's histograms. Raises UserError when a model the stages need is missing.
    """
    fingerprints = {name: models.sha256(name) for stage in source.stages for name in stage.model_names(models)}
    identity: dict[str, Any] = {
        "source": source.name,
        "recipe": as_table(source),
        "inputs": [file.as_json() for file in inputs],
        "limit": reading.limit,
        "models": fingerprints,
        "software": software_versions(software),
    }
    decided: dict[str, Any] = {
        "step": "filter",
        "reader": reader_version,
        "limit": reading.limit,
        "stages": [described(stage) for stage in source.stages],
        "models": fingerprints,
    }
    tasks = [
        FilterTask(
            key_of({**decided, "source": source.name, "input": file.as_json()}),
            Upstream(file, reading, models, {"reader": reader_version}, source.stages),
            schema,
            categories,
            magnitudes,
        )
        for file in inputs
    ]
    return Plan(
        [Step("filter", lambda store: tasks)],
        lambda store, done: publish_documents(store, identity, tasks, [], reading.strict),
    )
