"""The generated inputs of every source, filtered by the paper's recipe: what was planted is found, in any world."""

import shutil
from pathlib import Path

import pytest

from corpus.filter_sources import FilterOptions, filter_sources
from demo.check import CaseResult, check, outcome_of
from demo.planted import DROPPED, KEPT, SKIPPED, UNREADABLE, PlantedDocument, planted
from demo.raw import CURATED, write_recipe
from demo.world import World

MEGABYTES = 0.15


def written(raw: Path, seed: int) -> dict[str, list[PlantedDocument]]:
    world, found = World(seed), {}
    for source, (write, _) in CURATED.items():
        (raw / source).mkdir(parents=True)
        found[source] = write(raw / source, world, megabytes=MEGABYTES)
    return found


def files_of(directory: Path) -> dict[str, bytes]:
    return {str(path.relative_to(directory)): path.read_bytes() for path in directory.rglob("*") if path.is_file()}


def filtered(root: Path, planted: dict[str, list[PlantedDocument]]) -> dict[str, list[CaseResult]]:
    write_recipe(root / "recipe.toml", Path("raw"), CURATED)
    filter_sources(root / "out", FilterOptions(recipe=str(root / "recipe.toml")))
    return {source: check(documents, outcome_of(root / "out" / source)) for source, documents in planted.items()}


@pytest.mark.parametrize("seed", [1, 2])
def test_all_that_was_planted_is_found(tmp_path: Path, seed: int) -> None:
    planted = written(tmp_path / "raw", seed)
    for source, results in filtered(tmp_path, planted).items():
        assert sum(case.planted for case in results) == len(planted[source]) >= 20
        assert [fault for case in results for fault in case.failures] == []


def test_the_same_seed_writes_the_same_bytes(tmp_path: Path) -> None:
    truths = [written(tmp_path / name, 3) for name in ("one", "two")]
    assert files_of(tmp_path / "one") == files_of(tmp_path / "two")
    assert truths[0] == truths[1]
    assert written(tmp_path / "other", 4) != truths[0]


def test_every_source_has_cases_of_several_fates(tmp_path: Path) -> None:
    fates = {
        source: {document.expected.outcome for document in documents}
        for source, documents in written(tmp_path, 1).items()
    }
    assert fates == {
        "c4": {KEPT, UNREADABLE},
        "github": {KEPT, DROPPED},
        "wikipedia": {KEPT, DROPPED},
        "books": {KEPT, DROPPED, UNREADABLE},
        "arxiv": {KEPT, DROPPED},
        "stackexchange": {KEPT, DROPPED, SKIPPED, UNREADABLE},
    }


def test_what_is_not_found_is_said(tmp_path: Path) -> None:
    """Truths that are not those of the files: none of them is taken for found."""
    truth = written(tmp_path / "raw", 1)
    page = next(document for document in truth["wikipedia"] if document.expected.outcome == KEPT)
    gone = next(document for document in truth["wikipedia"] if document.expected.outcome == DROPPED)
    where = page.file
    truth = {
        "wikipedia": [
            planted(page.identity, where, "text that is not there", contains=["nowhere to be seen"]),
            planted(page.identity, where, "text that is there", lacks=[page.expected.kept[0]]),
            planted(page.identity, where, "line that is not there", kept=["nowhere to be seen"]),
            planted(page.identity, where, "dropped", DROPPED, ("articles/redirect",)),
            planted(page.identity, where, "skipped", SKIPPED, ("blank",)),
            planted(page.identity, where, "unreadable", UNREADABLE),
            planted(gone.identity, where, "kept"),
            planted(gone.identity, where, "other reason", DROPPED, ("articles/nothing",)),
            planted("wikipedia:en:none", where, "no document"),
            planted("wikipedia:en:none", where, "not counted", SKIPPED, ("blank",)),
            planted("wikipedia:en:none", where, "not damaged", UNREADABLE),
        ]
    }
    for source in CURATED.keys() - {"wikipedia"}:
        shutil.rmtree(tmp_path / "raw" / source)
    (tmp_path / "recipe.toml").write_text('extends = "llama1"\n[inputs]\nwikipedia = "raw/wikipedia"\n')
    filter_sources(tmp_path / "out", FilterOptions(recipe=str(tmp_path / "recipe.toml")))
    results = check(truth["wikipedia"], outcome_of(tmp_path / "out/wikipedia"))
    assert [(case.case, case.found) for case in results] == [(case.case, 0) for case in results]
    assert len(results) == len(truth["wikipedia"])


def test_the_truth_round_trips(tmp_path: Path) -> None:
    for documents in written(tmp_path, 5).values():
        assert [PlantedDocument.from_json(document.to_json()) for document in documents] == documents
        assert all("\n" not in document.to_json() for document in documents)
