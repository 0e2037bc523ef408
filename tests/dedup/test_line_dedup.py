"""Line deduplication at every scope, against plain Python over the same documents."""

import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from page_files import run_lines, write_pages
from word_plan import public_files

from corpus.dedup import key_files, line_tasks
from corpus.dedup.key_files import KeyFiles, KeyRange, ShareFiles, parts_for, read_range, read_share
from corpus.dedup.lines import KEEPS, SCOPES, LineDedup, dump_of
from corpus.errors import UsageError
from corpus.pipeline.store import Draft

NAMES = ("CC-MAIN-2019-30/a.json", "CC-MAIN-2019-30/b.json", "CC-MAIN-2020-05/c.json", "x/d.json", "y/e.json")


def survivors(files: Mapping[str, Sequence[str]], dedup: LineDedup) -> dict[str, list[int]]:
    """The definition. A line is its own normal form here: lower-case letters."""
    scopes: dict[object, list[str]] = {}
    for number, name in enumerate(sorted(files)):
        scope = {"all": 0, "group": number // dedup.group_size, "dump": Path(name).parent}[dedup.scope]
        scopes.setdefault(scope, []).append(name)
    left = {}
    for names in scopes.values():
        holders = Counter(line for name in names for text in files[name] for line in set(text.split("\n")))
        met: set[str] = set()
        for name in names:
            for number, text in enumerate(files[name]):
                own: set[str] = set()
                stay = []
                for at, line in enumerate(text.split("\n")):
                    repeated = holders[line] > 1 and (dedup.keep == "none" or line in met)
                    if not repeated and line not in own:
                        stay.append(at)
                    own.add(line)
                met |= own
                if stay:
                    left[f"{Path(name).stem}/{number}"] = stay
    return left


TEXTS = st.lists(st.lists(st.sampled_from([*"abcdefgh", ""]), min_size=1, max_size=5).map("\n".join), max_size=7)


@settings(max_examples=25)
@given(
    st.dictionaries(st.sampled_from(NAMES), TEXTS, min_size=1),
    st.sampled_from(SCOPES),
    st.sampled_from(KEEPS),
    st.integers(1, 3),
)
def test_what_survives_equals_its_definition(
    files: dict[str, list[str]], scope: str, keep: str, group_size: int
) -> None:
    dedup = LineDedup(scope=scope, keep=keep, group_size=group_size)
    with tempfile.TemporaryDirectory() as scratch:
        inputs = write_pages(Path(scratch), files)
        assert run_lines(inputs, Path(scratch) / "out", dedup) == survivors(files, dedup)


def many_files(seed: int) -> dict[str, list[str]]:
    generator = np.random.default_rng(seed)
    words = ["".join(chr(97 + int(d)) for d in str(number)) for number in range(400)]
    return {
        f"{name}": ["\n".join(generator.choice(words, generator.integers(1, 30))) for _ in range(60)] for name in NAMES
    }


@pytest.mark.parametrize("keep", KEEPS)
def test_ranges_runs_and_workers_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keep: str) -> None:
    """Many ranges of hashes, each in several divisions, and hash lists made of several runs: as if in one piece."""
    files = many_files(0)
    inputs = write_pages(tmp_path, files)
    dedup = LineDedup(scope="all", keep=keep)
    expected = survivors(files, dedup)
    assert run_lines(inputs, tmp_path / "whole", dedup) == expected
    assert run_lines(inputs, tmp_path / "two", dedup, workers=2) == expected
    assert public_files(tmp_path / "whole") == public_files(tmp_path / "two")
    monkeypatch.setattr(key_files, "PART_BYTES", 4096)
    monkeypatch.setattr(Draft, "room", lambda self: 2000)
    assert run_lines(inputs, tmp_path / "parts", dedup) == expected
    stored = list((tmp_path / "parts/tasks/duplicates").glob("*/offsets.npy"))
    assert len(stored) == parts_for(sum(file.size for file in inputs)) == 8
    assert max(len(np.load(offsets)) for offsets in stored) > 1
    assert {p.name: p.read_bytes() for p in (tmp_path / "parts/documents").iterdir()} == {
        p.name: p.read_bytes() for p in (tmp_path / "whole/documents").iterdir()
    }


def test_a_file_read_in_runs_lists_the_same_hashes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inputs = write_pages(tmp_path, many_files(1))
    run_lines(inputs, tmp_path / "whole", LineDedup())
    monkeypatch.setattr(Draft, "room", lambda self: 2000)
    united: list[int] = []
    unite = line_tasks._unite
    monkeypatch.setattr(line_tasks, "_unite", lambda runs, draft: united.append(len(runs)) or unite(runs, draft))
    run_lines(inputs, tmp_path / "runs", LineDedup())
    assert min(united) > 5
    for file in (tmp_path / "whole/tasks/hash").rglob("*.[bn][ip][ny]"):
        assert file.read_bytes() == (tmp_path / "runs" / file.relative_to(tmp_path / "whole")).read_bytes()


def test_dumps_are_named_in_paths() -> None:
    host = "https://data.example/crawl-data"
    assert dump_of(f"{host}/CC-MAIN-2019-30/segments/1/wet/CC-MAIN-20190715175205-00001.warc.wet.gz") == (
        "CC-MAIN-2019-30"
    )
    assert dump_of("CC-MAIN-2019-30-00001.warc.wet.gz") == "CC-MAIN-2019-30"
    assert dump_of("x/CC-MAIN-2008-2009/y/z.gz") == "CC-MAIN-2008-2009"
    assert dump_of("x/CC-MAIN-2012/z.gz") == "CC-MAIN-2012"
    assert dump_of("x/CC-MAIN-20190715175205-00001.warc.wet.gz") == "x"


def test_parameters_out_of_range_are_refused() -> None:
    for parameters in ({"scope": "shard"}, {"keep": "last"}, {"group_size": 0}):
        with pytest.raises(UsageError, match=f"dedup.{next(iter(parameters))}"):
            LineDedup(**parameters)  # type: ignore[arg-type]


KEYS = st.lists(st.one_of(st.integers(0, 5), st.integers(0, (1 << 64) - 1), st.just((1 << 64) - 1)), max_size=40)


@given(KEYS, st.integers(0, 13), st.integers(0, 3))
def test_ranges_put_together_are_the_whole(keys: list[int], bits: int, more: int) -> None:
    """Also where there are more ranges than the index has entries."""
    written = np.array(sorted(set(keys)), dtype=np.uint64)
    with tempfile.TemporaryDirectory() as scratch:
        files = KeyFiles(Path(scratch))
        files.append(written, {"row": np.arange(len(written), dtype=np.uint32)})
        files.finish()
        columns = {"row": np.dtype(np.uint32)}
        inhabited = sorted({key >> (64 - bits) if bits else 0 for key in keys})
        got = [
            read_range(Path(scratch), part, columns)
            for number in inhabited
            for part in KeyRange(number, 1 << bits).divided(1 << more)
        ]
        assert np.concatenate([np.empty(0, np.uint64), *(one["keys"] for one in got)]).tolist() == written.tolist()
        assert [row for one in got for row in one["row"].tolist()] == list(range(len(written)))


def test_shares_come_back_to_their_owners(tmp_path: Path) -> None:
    shares = ShareFiles(tmp_path, 3)
    shares.append(np.array([2, 0, 1]), {"value": [np.array([1, 2]), np.array([3])]})
    shares.append(np.array([0, 1, 1]), {"value": [np.array([4]), np.array([5])]})
    assert shares.finish() == 5
    got = [
        read_share([tmp_path, tmp_path], owner, {"value": np.dtype(np.int64)})["value"].tolist() for owner in (0, 1, 2)
    ]
    assert got == [[1, 2, 1, 2], [4, 4], [3, 5, 3, 5]]
