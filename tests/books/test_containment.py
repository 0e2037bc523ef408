"""Containment against its definition in plain Python, on planted editions, anthologies and abridgements."""

import json
from collections.abc import Sequence
from pathlib import Path

import kernel_definitions as definitions
import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.filter import filter_source

WORDS = 5


def prose(generator: np.random.Generator, words: int) -> list[str]:
    return ["".join(chr(97 + int(d)) for d in str(n)) for n in generator.integers(0, 1 << 30, words).tolist()]


def write(directory: Path, books: Sequence[Sequence[str]]) -> list[str]:
    directory.mkdir(exist_ok=True)
    for number, words in enumerate(books):
        (directory / f"{number:03d}.txt").write_text(" ".join(words))
    return [str(directory)]


def filtered(
    inputs: Sequence[str], out: Path, *settings_: str, workers: int = 1, memory: int | None = None
) -> dict[int, float | None]:
    """Number of each book -> None where kept, else how much of it lies in what stays."""
    filter_source(
        "books", inputs, out, recipe="llama1", settings=settings_, workers=workers, memory=memory, overwrite=True
    )
    rows = pq.read_table(out / "documents", columns=["origin"]).to_pylist()
    result: dict[int, float | None] = {int(Path(row["origin"]["path"]).stem): None for row in rows}
    for row in pq.read_table(out / "dropped").to_pylist():
        assert (row["stage"], row["reason"]) == ("containment", "contained")
        result[int(Path(row["origin"]["path"]).stem)] = row["value"]
    return result


def defined(books: Sequence[Sequence[str]], threshold: float) -> dict[int, float | None]:
    sets = [definitions.shingle_keys(" ".join(words), WORDS) for words in books]
    result: dict[int, float | None] = {}
    for number in sorted(range(len(books)), key=lambda n: (-len(books[n]), n)):
        result[number] = None
        for other, gone in list(result.items()):
            if other != number and gone is None and sets[number]:
                share = len(sets[number] & sets[other]) / len(sets[number])
                if share >= threshold:
                    result[number] = share
                    break
    return result


def test_editions_anthologies_and_abridgements(tmp_path: Path) -> None:
    generator = np.random.default_rng(7)
    novel, other, tale = (prose(generator, size) for size in (6000, 5000, 3000))
    revised = [*novel[:3000], *prose(generator, 60), *novel[3060:]]
    half_new = [*tale[:1500], *prose(generator, 1500)]
    books = [novel, other, tale, revised, novel, [*tale, *other], novel[:2000], half_new]
    found = filtered(write(tmp_path / "in", books), tmp_path / "out")
    assert found == defined(books, 0.9)
    assert {number for number, gone in found.items() if gone is None} == {0, 5, 7}
    pairs = pq.read_table(tmp_path / "out" / "pairs").to_pylist()
    assert all(pair["kept"] in (pair["id_a"], None) for pair in pairs)


@pytest.mark.parametrize(("cut", "kept"), [(0.89, True), (0.91, False)])
def test_threshold(tmp_path: Path, cut: float, kept: bool) -> None:
    generator = np.random.default_rng(1)
    large = prose(generator, 8000)
    shared = round(4000 * cut)
    small = [*large[:shared], *prose(generator, 4000 - shared)]
    assert (filtered(write(tmp_path / "in", [large, small]), tmp_path / "out")[1] is None) == kept


def test_an_edition_many_times_over_is_found(tmp_path: Path) -> None:
    generator = np.random.default_rng(3)
    book = prose(generator, 3000)
    books = [[*book, *prose(generator, extra)] for extra in range(1, 60)]
    found = filtered(write(tmp_path / "in", books), tmp_path / "out")
    assert [number for number, gone in found.items() if gone is None] == [58]


def test_little_memory_gives_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mebibyte is no limit to a process, but has the tasks go through hashes, pairs and sets in many parts."""
    generator = np.random.default_rng(9)
    books = [[*prose(generator, 700), *prose(generator, extra)] for extra in range(20)]
    books += [[*books[number % 20], *prose(generator, number)] for number in range(60)]
    inputs = write(tmp_path / "in", books)
    monkeypatch.setattr("corpus.pipeline.executor.LEAST_MEMORY", 0)
    found = [filtered(inputs, tmp_path / f"{size}", memory=size) for size in (1 << 20, 1 << 30)]
    assert found[0] == found[1] == defined(books, 0.9)
    tables = [pq.read_table(tmp_path / f"{size}" / "pairs") for size in (1 << 20, 1 << 30)]
    assert tables[0].equals(tables[1])


def test_files_that_come_and_go_leave_other_tasks_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(4)
    monkeypatch.setattr("corpus.identity.GROUP_BYTES", 100_000)
    inputs = write(tmp_path / "in", [prose(generator, 1000) for _ in range(60)])
    filtered(inputs, tmp_path / "out")
    (tmp_path / "in" / "000.txt").unlink()
    summary = filter_source("books", inputs, tmp_path / "out", recipe="llama1")
    assert summary.tasks is not None
    assert summary.tasks.tasks_reused >= 3
    assert len(list((tmp_path / "out" / "documents").iterdir())) < 20


def test_any_number_of_workers_gives_the_same_bytes(tmp_path: Path) -> None:
    generator = np.random.default_rng(5)
    base = prose(generator, 2000)
    books = [base, base[:1500], prose(generator, 1000), [*base, *base[:500]]]
    inputs = write(tmp_path / "in", books)
    outputs = []
    for workers in (1, 2):
        out = tmp_path / f"out-{workers}"
        filtered(inputs, out, workers=workers)
        outputs.append({path.name: path.read_bytes() for path in sorted(out.glob("*/part-*"))})
        outputs[-1]["run"] = json.dumps(json.loads((out / "run.json").read_text())["outputs"]).encode()
    assert outputs[0] == outputs[1]


@settings(max_examples=15)
@given(st.lists(st.lists(st.integers(0, 9), max_size=400), min_size=1, max_size=6), st.floats(0.3, 1))
def test_against_the_definition(
    tmp_path_factory: pytest.TempPathFactory, numbers: list[list[int]], threshold: float
) -> None:
    """Short books have no sample to speak of, so only what is dropped is checked: it lies in what stays."""
    books = [[f"{'ab'[n % 2]}{'cdefg'[n // 2]}" for n in one] or ["x"] for one in numbers]
    directory = tmp_path_factory.mktemp("books")
    found = filtered(write(directory / "in", books), directory / "out", f"containment.threshold={threshold}")
    sets = [definitions.shingle_keys(" ".join(words), WORDS) for words in books]
    kept = [number for number, gone in found.items() if gone is None]
    for number, gone in found.items():
        if gone is not None:
            assert gone >= threshold
            assert any(abs(len(sets[number] & sets[k]) / len(sets[number]) - gone) < 1e-12 for k in kept)
