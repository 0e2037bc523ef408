"""Running plans: what is run, what is reused, what is shown."""

import errno
import fcntl
from pathlib import Path

import pytest
from word_plan import Silent, log_lines, plan, public_files, run_json, shown

from corpus.errors import UserError
from corpus.pipeline.executor import InProcess, LocalProcesses
from corpus.pipeline.run import RunSummary, run_plan
from corpus.pipeline.store import Store


def go(root: Path, words: list[str], log: Path, **changes: object) -> RunSummary:
    return run_plan(plan(words, log, **changes), root, InProcess(), Silent())  # type: ignore[arg-type]


def test_outputs_are_published_and_complete(tmp_path: Path) -> None:
    summary = go(tmp_path / "out", ["a", "b", "c"], tmp_path / "log")
    assert shown(tmp_path / "out") == ["a b", "c"]
    assert run_json(tmp_path / "out") == {"separator": " "}
    assert summary == RunSummary(5, 0, False)


def test_the_same_command_does_nothing_twice(tmp_path: Path) -> None:
    go(tmp_path / "out", ["a", "b", "c"], tmp_path / "log")
    before, lines = public_files(tmp_path / "out"), log_lines(tmp_path / "log")
    assert go(tmp_path / "out", ["a", "b", "c"], tmp_path / "log") == RunSummary(0, 5, True)
    assert public_files(tmp_path / "out") == before
    assert log_lines(tmp_path / "log") == lines


def test_a_changed_parameter_runs_only_what_depends_on_it(tmp_path: Path) -> None:
    go(tmp_path / "out", ["a", "b", "c"], tmp_path / "log")
    summary = go(tmp_path / "out", ["a", "b", "c"], tmp_path / "log", separator="-")
    assert summary == RunSummary(2, 3, False)
    assert shown(tmp_path / "out") == ["a-b", "c"]


def test_an_added_input_moves_later_parts_without_running_them_again(tmp_path: Path) -> None:
    log = tmp_path / "log"
    go(tmp_path / "out", ["m", "n"], log)
    go(tmp_path / "out", ["a", "b", "m", "n"], log)
    assert shown(tmp_path / "out") == ["a b", "m n"]
    assert log_lines(log).count("copy m") == 1
    assert log_lines(log).count("join") == 2


def test_outputs_of_a_former_run_do_not_stay(tmp_path: Path) -> None:
    go(tmp_path / "out", ["a", "b", "c", "d"], tmp_path / "log")
    go(tmp_path / "out", ["c", "d"], tmp_path / "log")
    assert shown(tmp_path / "out") == ["c d"]
    assert len(list((tmp_path / "out/tasks").glob("*/*/record.json"))) == 3


def test_a_failed_task_leaves_the_run_incomplete_and_others_committed(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="fail: this word"):
        go(tmp_path / "out", ["a", "fail"], tmp_path / "log")
    assert not (tmp_path / "out/run.json").exists()
    assert not list((tmp_path / "out/tasks").glob("*/*.partial-*"))
    assert go(tmp_path / "out", ["a", "b"], tmp_path / "log").tasks_reused == 1


def test_a_change_makes_a_complete_run_incomplete_first(tmp_path: Path) -> None:
    go(tmp_path / "out", ["a", "b"], tmp_path / "log")
    with pytest.raises(UserError):
        go(tmp_path / "out", ["a", "fail"], tmp_path / "log")
    assert not (tmp_path / "out/run.json").exists()


def test_a_lost_output_is_made_again(tmp_path: Path) -> None:
    go(tmp_path / "out", ["a", "b"], tmp_path / "log")
    (tmp_path / "out/joined/part-0.txt").unlink()
    assert go(tmp_path / "out", ["a", "b"], tmp_path / "log").tasks_run == 1
    assert shown(tmp_path / "out") == ["a b"]


def test_overwrite_forgets_everything(tmp_path: Path) -> None:
    go(tmp_path / "out", ["a", "b"], tmp_path / "log")
    summary = run_plan(plan(["a", "b"], tmp_path / "log"), tmp_path / "out", InProcess(), Silent(), overwrite=True)
    assert summary == RunSummary(3, 0, False)


def test_two_processes_show_the_same_bytes_as_one(tmp_path: Path) -> None:
    words = ["one", "two", "three", "four", "five"]
    go(tmp_path / "one", words, tmp_path / "log")
    monitor = Silent()
    run_plan(plan(words, tmp_path / "log"), tmp_path / "two", LocalProcesses(2), monitor)
    assert public_files(tmp_path / "one") == public_files(tmp_path / "two")
    assert monitor.bytes == sum(map(len, words))


def test_a_failure_in_a_worker_reaches_the_caller(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="fail: this word"):
        run_plan(plan(["a", "fail", "b"], tmp_path / "log"), tmp_path / "out", LocalProcesses(2), Silent())


def test_a_killed_worker_is_one_clear_line_and_the_rest_is_kept(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="a worker process was killed"):
        run_plan(plan(["a", "die"], tmp_path / "log"), tmp_path / "out", LocalProcesses(2), Silent())
    run_plan(plan(["a", "b"], tmp_path / "log"), tmp_path / "out", LocalProcesses(2), Silent())
    assert shown(tmp_path / "out") == ["a b"]


def test_a_second_command_in_the_same_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out/tasks").mkdir(parents=True)
    with open(tmp_path / "out/tasks/.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(UserError, match="another command is writing here"):
            go(tmp_path / "out", ["a"], tmp_path / "log")


def test_a_full_disk_is_one_clear_line_and_nothing_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Store, draft: object, target: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Store, "_commit", full)
    with pytest.raises(UserError, match="no space left"):
        go(tmp_path / "out", ["a"], tmp_path / "log")
    assert [path.name for path in (tmp_path / "out/tasks/copy").iterdir()] == []


@pytest.mark.parametrize("stop_after", range(8))
def test_a_kill_while_publishing_is_repaired(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop_after: int) -> None:
    """Publication stops before each of its renames and JSON writes in turn; the next run shows the right bytes."""
    import corpus.pipeline.store as store_module

    go(tmp_path / "want", ["a", "b", "m", "n"], tmp_path / "log")
    go(tmp_path / "out", ["m", "n"], tmp_path / "log")
    go(tmp_path / "out", ["m", "n"], tmp_path / "log")
    steps = iter(range(100))
    publishing = False

    class Killed(BaseException):
        pass

    def counted(function):  # type: ignore[no-untyped-def]
        def call(*arguments):  # type: ignore[no-untyped-def]
            if publishing and next(steps) == stop_after:
                raise Killed
            return function(*arguments)

        return call

    publish = Store.publish

    def watched(self, *arguments):  # type: ignore[no-untyped-def]
        nonlocal publishing
        publishing = True
        publish(self, *arguments)

    monkeypatch.setattr(Store, "publish", watched)
    monkeypatch.setattr(store_module.os, "rename", counted(store_module.os.rename))
    monkeypatch.setattr(store_module, "write_json", counted(store_module.write_json))
    try:
        go(tmp_path / "out", ["a", "b", "m", "n"], tmp_path / "log")
    except Killed:
        assert not (tmp_path / "out/run.json").exists()
    monkeypatch.undo()
    go(tmp_path / "out", ["a", "b", "m", "n"], tmp_path / "log")
    assert public_files(tmp_path / "out") == public_files(tmp_path / "want")
