"""What is kept between steps comes back whole or not at all, within its room, and no failure of it is anyone else's."""

import errno
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.pipeline import scratch as scratch_module
from corpus.pipeline.scratch import Scratch

NOTE = {"counts": {"records": 3}, "faults": [{"detail": "ill-formed “UTF-8”", "offset": None}]}


def batches(*texts: Sequence[str | None]) -> list[pa.RecordBatch]:
    columns = [
        {"text": pa.array(some, pa.large_string()), "n": pa.array(range(len(some)), pa.int32())} for some in texts
    ]
    return [pa.record_batch(column) for column in columns]


def beside(number: int) -> bytes:
    return bytes([0, 255, number]) * (number % 3)


def keep(scratch: Scratch, key: str, some: Sequence[pa.RecordBatch], note: dict[str, Any] = NOTE) -> None:
    with scratch.keep(key) as keeping:
        for number, batch in enumerate(some):
            keeping.write(batch, beside(number))
        keeping.finish(note)


def found(scratch: Scratch, key: str) -> tuple[list[pa.RecordBatch], dict[str, Any]] | None:
    kept = scratch.find(key)
    if kept is None:
        return None
    both = list(kept.batches())
    assert [more for _, more in both] == [beside(number) for number in range(len(both))]
    return [batch for batch, _ in both], kept.note


@pytest.fixture
def scratch(tmp_path: Path) -> Scratch:
    return Scratch(tmp_path / "kept")


@pytest.mark.parametrize(
    "some",
    [
        batches(["a", None, "ccc"], [], ["é"]),
        [batch.slice(1, 2) for batch in batches(["a", None, "ccc", "d"], ["x", "y", "z"])],
        [pa.record_batch({"lists": pa.array([[1, 2], [], None], pa.large_list(pa.uint64()))})],
        [],
    ],
)
def test_batches_and_note_come_back(scratch: Scratch, some: list[pa.RecordBatch]) -> None:
    keep(scratch, "key", some)
    assert found(scratch, "key") == (some, NOTE)
    assert scratch.find("other") is None


def test_it_is_not_there_before_it_is_finished(scratch: Scratch) -> None:
    with scratch.keep("key") as keeping:
        keeping.write(batches(["a"])[0])
        assert scratch.find("key") is None
    assert scratch.find("key") is None
    assert scratch.size() == 0


@given(st.data())
def test_damage_is_noticed_and_removed(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    scratch = Scratch(tmp_path_factory.mktemp("kept"))
    keep(scratch, "key", batches(["some text", "other text"]))
    file = scratch.directory / "key" / data.draw(st.sampled_from(["batches.arrow", "note.json"]))
    content = bytearray(file.read_bytes())
    at = data.draw(st.integers(0, len(content) - 1))
    if data.draw(st.booleans()):
        content[at] ^= 1 << data.draw(st.integers(0, 7))
    else:
        del content[at:]
    file.write_bytes(content)
    assert found(scratch, "key") in (None, (batches(["some text", "other text"]), NOTE))
    if file.name == "batches.arrow":
        assert not (scratch.directory / "key").exists()


@pytest.mark.parametrize("missing", ["batches.arrow", "note.json"])
def test_half_of_it_is_nothing(scratch: Scratch, missing: str) -> None:
    keep(scratch, "key", batches(["a"]))
    (scratch.directory / "key" / missing).unlink()
    assert scratch.find("key") is None


def test_it_can_be_read_while_another_worker_removes_it(scratch: Scratch) -> None:
    some = batches(["a"], ["b"])
    keep(scratch, "key", some)
    kept = scratch.find("key")
    assert kept is not None
    reading = kept.batches()
    assert scratch.clear()
    assert [batch for batch, _ in reading] == some
    assert not scratch.clear()


def test_who_holds_a_column_does_not_hold_the_batch(scratch: Scratch) -> None:
    keep(scratch, "key", [pa.record_batch({"id": ["a"], "text": ["t" * (1 << 24)]})])
    kept = scratch.find("key")
    assert kept is not None
    before = pa.total_allocated_bytes()
    ids = [batch.column("id") for batch, _ in kept.batches()]
    assert pa.total_allocated_bytes() - before < 1 << 20
    assert ids[0].to_pylist() == ["a"]


def test_nothing_is_kept_without_room(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path / "kept", 0)
    keep(scratch, "key", batches(["a"]))
    assert scratch.find("key") is None
    assert scratch.size() == 0


def test_a_limit_counts_all_that_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scratch_module, "_LOOK_BYTES", 1000)
    scratch = Scratch(tmp_path / "kept", 20_000)
    many = batches(*[["t" * 1000]] * 12)
    for key in ("first", "second", "third"):
        keep(scratch, key, many)
    assert [scratch.find(key) is not None for key in ("first", "second", "third")] == [True, False, False]
    scratch.discard(["first"])
    keep(scratch, "third", many)
    assert found(scratch, "third") == (many, NOTE)


def test_at_most_half_of_the_disk_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As much stays free as is kept: a disk of 30,000 bytes holds 15,000 and has 15,000 left."""
    monkeypatch.setattr(scratch_module, "_LOOK_BYTES", 1000)
    scratch = Scratch(tmp_path / "kept")
    monkeypatch.setattr(
        scratch_module.shutil, "disk_usage", lambda path: type("Usage", (), {"free": 30_000 - scratch.size()})
    )
    keep(scratch, "large", batches(*[["t" * 1000]] * 20))
    keep(scratch, "small", batches(*[["t" * 1000]] * 8))
    assert scratch.find("large") is None
    assert scratch.find("small") is not None


def full(*arguments: object, **named: object) -> int:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize(
    ("owner", "name"),
    [(scratch_module._Checked, "write"), (scratch_module.Path, "mkdir"), (scratch_module.Path, "write_text")],
)
def test_a_full_disk_only_means_that_nothing_is_kept(
    scratch: Scratch, monkeypatch: pytest.MonkeyPatch, owner: type, name: str
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(owner, name, full)
        keep(scratch, "key", batches(["a"], ["b"]))
    assert scratch.find("key") is None
    assert scratch.size() == 0


def test_a_full_disk_is_noticed_late_too(scratch: Scratch, monkeypatch: pytest.MonkeyPatch) -> None:
    with scratch.keep("key") as keeping:
        keeping.write(batches(["a"])[0])
        with monkeypatch.context() as patch:
            patch.setattr(scratch_module._Checked, "write", full)
            keeping.write(batches(["b"])[0])
        keeping.write(batches(["c"])[0])
        keeping.finish(NOTE)
    assert scratch.find("key") is None
    assert scratch.size() == 0


@pytest.mark.parametrize("remove", [lambda s: s.discard(["a", "none"]), lambda s: s.discard_except({"b", "c"})])
def test_only_what_is_spent_is_removed(scratch: Scratch, remove: Callable[[Scratch], None]) -> None:
    for key in "abc":
        keep(scratch, key, batches([key]))
    remove(scratch)
    assert [key for key in "abc" if scratch.find(key)] == ["b", "c"]


def test_equal_batches_are_of_equal_size_in_row_groups(scratch: Scratch) -> None:
    """What `ParquetFile` counts; a bitmap without nulls is one of the things that are not kept."""
    bitmap = pa.py_buffer(np.full(1, 255, np.uint8))
    plain = pa.array([1, 2, 3], pa.int32())
    marked = pa.Array.from_buffers(pa.int32(), 3, [bitmap, plain.buffers()[1]], null_count=0)
    some = [pa.record_batch({"n": marked})]
    keep(scratch, "key", some)
    kept = found(scratch, "key")
    assert kept is not None
    sizes = {pa.ipc.get_record_batch_size(batch) for batch in (*some, *kept[0], pa.record_batch({"n": plain}))}
    assert len(sizes) == 1
