"""Files are read once where there is room to keep what was read, and the outcome never tells."""

import errno
import json
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import page_files
import pyarrow as pa
import pytest
from page_files import line_plan, page_plan, write_pages
from word_plan import Silent, public_files

from corpus.dedup import lines
from corpus.dedup.exact import ExactDedup
from corpus.dedup.lines import LineDedup
from corpus.errors import UserError
from corpus.identity import InputFile
from corpus.pipeline import scratch
from corpus.pipeline.executor import InProcess, LocalProcesses
from corpus.pipeline.parquet import ParquetFile
from corpus.pipeline.plan import Progress, Task
from corpus.pipeline.reading import ReadLog
from corpus.pipeline.run import run_plan
from corpus.pipeline.stage import StageResult
from corpus.quality.length import Length

DEDUP = LineDedup(scope="all", keep="first")
PAGES = {
    f"{name}.json": [f"{name}{row}\nshared {row % 3}\n\nshared {row % 3}" for row in range(rows)]
    for name, rows in (("a", 10), ("b", 4), ("c", 7), ("none", 0))
}


class Watched(InProcess):
    """Calls `before` with each task and the run's directory before the task runs."""

    def __init__(self, before: Callable[[Task, Path], None], limit: int | None = None) -> None:
        super().__init__(scratch=limit)
        self.before = before

    def run(self, tasks: Sequence[Task], root: Path, progress: Progress) -> Iterator[Task]:
        for task in tasks:
            self.before(task, root)
            yield from super().run([task], root, progress)


def nothing(task: Task, root: Path) -> None: ...


def kept(root: Path) -> list[Path]:
    return sorted((root / "tasks/kept").glob("*"))


@pytest.fixture
def files(tmp_path: Path) -> list[InputFile]:
    return write_pages(tmp_path / "in", PAGES)


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of files as they are read from now on."""
    names: list[str] = []
    read = page_files.read_pages

    def read_noted(path: str, log: ReadLog) -> Iterator[pa.RecordBatch]:
        names.append(Path(path).name)
        return read(path, log)

    monkeypatch.setattr(page_files, "read_pages", read_noted)
    return names


@pytest.fixture
def plain(files: list[InputFile], tmp_path: Path) -> dict[str, bytes]:
    """What a run shows that keeps nothing."""
    run_plan(line_plan(files, DEDUP), tmp_path / "plain", InProcess(scratch=0), Silent())
    return public_files(tmp_path / "plain")


def test_files_are_read_once(files: list[InputFile], tmp_path: Path, plain: dict[str, bytes], reads: list[str]) -> None:
    run_plan(line_plan(files, DEDUP), tmp_path / "out", InProcess(), Silent())
    assert sorted(reads) == sorted(PAGES)
    assert public_files(tmp_path / "out") == plain
    reads.clear()
    run_plan(line_plan(files, DEDUP), tmp_path / "none", InProcess(scratch=0), Silent())
    assert sorted(reads) == sorted([*PAGES, *PAGES])


@pytest.mark.parametrize("limit", [None, 0, 3000])
def test_two_processes_show_the_same(
    files: list[InputFile], tmp_path: Path, plain: dict[str, bytes], limit: int | None
) -> None:
    run_plan(line_plan(files, DEDUP), tmp_path / "out", LocalProcesses(2, scratch=limit), Silent())
    assert public_files(tmp_path / "out") == plain
    assert not (tmp_path / "out/tasks/kept").exists()


def test_documents_are_kept_behind_the_stages_they_have_passed(tmp_path: Path, reads: list[str]) -> None:
    """Every stage sees a document once, and what came before tells the same as if it had seen it again."""
    files = write_pages(tmp_path / "in", {name: ["short", *texts, "brief"] for name, texts in PAGES.items()})
    stages = (Length(min_length=8), LineDedup(scope="all", keep="first"), ExactDedup(enabled=True))

    def run(name: str, scratch: int | None) -> tuple[dict[str, bytes], dict[str, int]]:
        passed: Counter[str] = Counter()
        apply = Length._apply

        def counted(self: Length, batch: pa.RecordBatch) -> StageResult:
            passed["documents"] += batch.num_rows
            return apply(self, batch)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Length, "_apply", counted)
            plan = page_plan(files, stages, lines.COLUMNS)
            run_plan(plan, tmp_path / name, InProcess(scratch=scratch), Silent())
        return public_files(tmp_path / name), passed

    plain, thrice = run("plain", 0)
    reads.clear()
    shown, once = run("out", None)
    assert shown == plain
    assert sorted(reads) == sorted(PAGES)
    assert thrice == {"documents": 3 * 29}
    assert once == {"documents": 29}
    read = json.loads(shown["stats.json"])["stages"][0]
    assert read["dropped"]["too_short"]["documents"] == 8


def cut(directory: Path) -> None:
    file = directory / "batches.arrow"
    file.write_bytes(file.read_bytes()[:-1] or b"\0")


def flip(directory: Path) -> None:
    file = directory / "batches.arrow"
    content = bytearray(file.read_bytes() or b"\0")
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def blank(directory: Path) -> None:
    (directory / "note.json").write_text("")


@pytest.mark.parametrize("damage", [cut, flip, blank, shutil.rmtree])
def test_what_is_damaged_is_read_again(
    files: list[InputFile],
    tmp_path: Path,
    plain: dict[str, bytes],
    reads: list[str],
    damage: Callable[[Path], None],
) -> None:
    done = []

    def before(task: Task, root: Path) -> None:
        if task.step == "filter" and not done:
            done.extend(kept(root))
            for directory in done:
                damage(directory)

    run_plan(line_plan(files, DEDUP), tmp_path / "out", Watched(before), Silent())
    assert len(done) == 2 * len(PAGES)
    assert sorted(reads) == sorted([*PAGES, *PAGES])
    assert public_files(tmp_path / "out") == plain
    assert not (tmp_path / "out/tasks/kept").exists()


def test_it_goes_as_soon_as_the_last_to_need_it_is_done(files: list[InputFile], tmp_path: Path) -> None:
    counts = []

    def before(task: Task, root: Path) -> None:
        if task.step == "filter":
            counts.append(len(kept(root)))

    run_plan(line_plan(files, DEDUP), tmp_path / "out", Watched(before), Silent())
    assert counts == [8, 6, 4, 2]
    assert not (tmp_path / "out/tasks/kept").exists()


def full(*arguments: object) -> int:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_disk_too_full_to_keep_anything_is_no_failure(
    files: list[InputFile], tmp_path: Path, plain: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scratch._Checked, "write", full)
    run_plan(line_plan(files, DEDUP), tmp_path / "out", InProcess(), Silent())
    assert public_files(tmp_path / "out") == plain


def test_what_is_kept_gives_way_to_documents(
    files: list[InputFile], tmp_path: Path, plain: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk is full while there is anything in the scratch, for whatever is written in the step `filter`."""
    root = tmp_path / "out"
    write = ParquetFile.write

    def write_if_room(self: ParquetFile, batch: pa.RecordBatch) -> None:
        if kept(root):
            full()
        write(self, batch)

    monkeypatch.setattr(ParquetFile, "write", write_if_room)
    run_plan(line_plan(files, DEDUP), root, InProcess(), Silent())
    assert public_files(root) == plain


def test_without_anything_to_give_way_a_full_disk_is_one_clear_line(
    files: list[InputFile], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ParquetFile, "write", full)
    with pytest.raises(UserError, match="no space left"):
        run_plan(line_plan(files, DEDUP), tmp_path / "out", InProcess(), Silent())


def test_a_stopped_run_continues_with_what_was_kept(
    files: list[InputFile], tmp_path: Path, plain: dict[str, bytes], reads: list[str]
) -> None:
    def stop(task: Task, root: Path) -> None:
        if task.step == "filter" and len(kept(root)) < 6:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_plan(line_plan(files, DEDUP), tmp_path / "out", Watched(stop), Silent())
    reads.clear()
    run_plan(line_plan(files, DEDUP), tmp_path / "out", InProcess(), Silent())
    assert reads == []
    assert public_files(tmp_path / "out") == plain
    assert not (tmp_path / "out/tasks/kept").exists()


def test_what_other_plans_kept_is_removed_first(files: list[InputFile], tmp_path: Path) -> None:
    foreign = tmp_path / "out/tasks/kept" / ("0" * 32)
    foreign.mkdir(parents=True)
    (foreign / "batches.arrow").write_bytes(b"many bytes")

    def before(task: Task, root: Path) -> None:
        assert foreign not in kept(root)

    run_plan(line_plan(files, DEDUP), tmp_path / "out", Watched(before), Silent())
