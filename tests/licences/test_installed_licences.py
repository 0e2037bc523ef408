"""Licences of the distributions installed here, beside what their authors state of them."""

from importlib.metadata import Distribution, distributions

import pytest

from corpus.licences.spdx import permitted
from corpus.licences.tree import Finding, LicenceTree

KEPT = """
absl-py annotated-doc annotated-types anyio awkward awkward-cpp babel blis brotli catalogue chardet
charset-normalizer click cloudpathlib cloudpickle cmake confection courlan cymem datasketch datatrove dateparser
dill fastavro fasttext fastwarc filelock fsspec gigatoken grpcio h11 hf-xet html5lib htmldate httpcore httpx
huggingface-hub humanize idna importlib-metadata iniconfig jinja2 joblib justext langdetect loguru lxml
lxml-html-clean markdown markdown-it-py markupsafe mdurl mpmath multiprocess murmurhash mwparserfromhell mypy
mypy-extensions nanobind networkx ninja nltk numpy packaging pip pluggy preshed protobuf psutil pyarrow pybind11
pydantic pydantic-core pygments pytest pytest-timeout python-dateutil pytz pyyaml requests resiliparse rich ruff
safetensors scikit-build-core scipy sentencepiece setuptools six smart-open sortedcontainers spacy spacy-legacy
spacy-loggers srsly sympy tensorboard texttable thinc tokenizers torch trafilatura transformers truststore typer
typing-inspection tzdata tzlocal urllib3 wasabi weasel webencodings werkzeug wheel wrapt zipp
"""
"""Under Apache, BSD or MIT, or a choice of licences with one of these, by their pages in the package registry."""
DROPPED = {
    "backports.zstd": "PSF",
    "certifi": "MPL",
    "hypothesis": "MPL",
    "inflate64": "LGPL",
    "isal": "PSF",
    "kenlm": "LGPL",
    "multivolumefile": "LGPL",
    "pathspec": "MPL",
    "pillow": "MIT-CMU, a form of HPND",
    "py7zr": "LGPL",
    "pybcj": "LGPL",
    "pycryptodomex": "BSD and, in part, in the public domain",
    "pyppmd": "LGPL",
    "regex": "Apache and CNRI",
    "shellingham": "ISC",
    "tld": "MPL, GPL or LGPL",
    "tqdm": "MPL and MIT",
    "typing-extensions": "PSF",
}
LEAST_RIGHT = 0.95


def finding(distribution: Distribution) -> Finding:
    """What the metadata and licence files that were installed with a distribution say of its own files."""
    tree = LicenceTree()
    for file in distribution.files or []:
        path = str(file)
        if ".dist-info/" in path and tree.notable(path):
            tree.add(path, distribution.locate_file(file).read_bytes())  # type: ignore[attr-defined]
    return tree.nearest("module.py")


def test_installed_distributions() -> None:
    expected = {**dict.fromkeys(KEPT.split(), True), **dict.fromkeys(DROPPED, False)}
    installed = {one.metadata["Name"].lower().replace("_", "-"): one for one in distributions()}
    present = {name: finding(one) for name, one in installed.items() if name in expected}
    if len(present) < 40:
        pytest.skip(f"only {len(present)} of the distributions in the table are installed")
    wrong = [
        f"{name}: {found.expression} ({found.evidence})"
        for name, found in present.items()
        if permitted(found.expression or "", ["Apache", "BSD", "MIT"]) is not expected[name]
    ]
    assert len(wrong) <= (1 - LEAST_RIGHT) * len(present), wrong
    assert all(found.evidence for found in present.values())


def test_licence_test_works_in_both_directions() -> None:
    """A filter that keeps only the opposite, as one published script did, must not pass for right."""
    installed = {one.metadata["Name"].lower(): one for one in distributions()}
    assert permitted(finding(installed["pytest"]).expression or "", ["MIT"])
    assert not permitted(finding(installed["hypothesis"]).expression or "", ["MIT"])
