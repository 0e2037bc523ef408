"""What is kept of real code beside RedPajama's rules: the packages installed where the tests run, as archives."""

import importlib.metadata
import re
import tarfile
from pathlib import Path

import pytest
from projects import dropped, filter_github, kept
from redpajama_code import SUFFIXES, redpajama_code, without_header

from corpus.quality.code_paths import Paths
from corpus.recipes.load import load_recipe, source_table

PACKAGES = ("rich", "click", "requests", "idna", "numpy", "pyarrow", "pytest", "typer", "urllib3", "certifi")


def package(name: str, folder: Path) -> Path | None:
    """A package's own files as they are installed, in an archive; None where it is not."""
    try:
        files = importlib.metadata.distribution(name).files or []
    except importlib.metadata.PackageNotFoundError:
        return None
    wanted = (".py", ".h", ".hpp", ".c", ".cc", ".md", ".rst", "LICENSE", "METADATA", ".txt")
    path = folder / f"{name}.tar.gz"
    with tarfile.open(path, "w:gz", compresslevel=1) as archive:
        for file in sorted(files)[:1500]:
            place = Path(str(file.locate()))
            if place.name.endswith(wanted) and ".." not in file.parts and place.is_file():
                archive.add(place, f"{name}/{file}")
    return path


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """What the recipe llama1 makes of the packages, and the folder of their archives."""
    folder = tmp_path_factory.mktemp("packages")
    archives = [path for name in PACKAGES if (path := package(name, folder))]
    assert len(archives) >= 5
    filter_github(*archives, out=folder / "ours")
    return folder / "ours", folder


def test_no_line_of_code_is_lost_with_the_headers(outputs: tuple[Path, Path]) -> None:
    """Of the files both keep: what RedPajama takes off and what is taken off here."""
    ours = {row["id"]: row for row in kept(outputs[0])}
    whole = {}
    for archive in outputs[1].glob("*.tar.gz"):
        with tarfile.open(archive) as opened:
            for member in opened:
                content = opened.extractfile(member)
                assert content is not None
                whole[f"{archive.name[:-7]}/{member.name.partition('/')[2]}"] = content.read().decode(
                    "utf-8", "replace"
                )
    theirs = dict(redpajama_code(whole.items()))
    lost_there = compared = 0
    for row in ours.values():
        path = f"{row['repo']}/{row['path']}"
        if path not in theirs:
            continue
        compared += 1
        original = whole[path].lstrip("\ufeff")
        assert original.endswith(row["text"][-200:])
        here = _code_lines(original) - _code_lines(row["text"])
        assert not here, (path, here)
        lost_there += len(_code_lines(original) - _code_lines(without_header(original)))
    assert compared > 300
    assert lost_there > 0


def _code_lines(text: str) -> set[str]:
    """Lines that are code whatever the language: preprocessor directives, shebangs, imports, definitions."""
    return set(
        re.findall(r"(?m)^(?:#!.*|#\s*(?:include|define|pragma|ifn?def)\b.*|import .*|from .* import .*|def .*)$", text)
    )


def test_every_decision_has_its_evidence(outputs: tuple[Path, Path]) -> None:
    for row in kept(outputs[0]):
        assert row["license"]
        assert row["license_evidence"]
    reasons = set(dropped(outputs[0]).values())
    assert "paths: suffix_not_kept" in reasons
    assert "exact: duplicate" in reasons


def test_the_white_list_is_redpajamas() -> None:
    assert set(Paths().suffixes) == set(SUFFIXES)
    for preset in ("llama1", "redpajama-v1"):
        assert set(source_table(load_recipe(preset), "github", preset)["paths"]["suffixes"]) == set(SUFFIXES)
