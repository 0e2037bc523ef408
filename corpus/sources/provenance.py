"""What a run says of where its documents come from."""

from collections.abc import Sequence
from typing import Any, Protocol

from corpus.identity import InputFile
from corpus.models.files import ModelFiles
from corpus.pipeline.publication import software_versions
from corpus.pipeline.stage import Stage
from corpus.recipes.build import as_table


class Recipe(Protocol):
    """A source with its parameters; a dataclass."""

    @property
    def name(self) -> str: ...


def provenance(
    recipe: Recipe,
    stages: Sequence[Stage],
    inputs: Sequence[InputFile],
    models: ModelFiles,
    limit: int | None,
    packages: Sequence[str] = ("pyarrow",),
) -> dict[str, Any]:
    """As plain JSON, for run.json. packages: whose code decides what comes out, besides this one.

    Raises UserError when a model the stages need is missing.
    """
    return {
        "source": recipe.name,
        "recipe": as_table(recipe),
        "inputs": [file.as_json() for file in inputs],
        "limit": limit,
        "models": {name: models.sha256(name) for stage in stages for name in stage.model_names(models)},
        "software": software_versions(packages),
    }
