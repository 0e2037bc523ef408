"""Questions joined with their answers, beside the same in plain Python; the external sort at any size of its parts."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.pipeline.reading import ReadLog
from corpus.sources import stackexchange_runs, stackexchange_threads
from corpus.sources.stackexchange_posts import SCHEMA
from corpus.sources.stackexchange_runs import merged, run_paths, write_runs
from corpus.sources.stackexchange_threads import read_threads, split_tags
from kernels.posts import MISSING


def post(question: int, answer: bool, number: int, score: int = 0, created: int = 0, body: str = "b") -> dict:
    texts = {"title": f"t{number}", "tags": "<a><b>", "body": body}
    fields = {"score": score, "created": created, "accepted": MISSING, "offset": 0, "record": 0}
    return {"question": question, "answer": answer, "id": number, **fields, **texts}


posts = st.builds(
    lambda answer, parent, number, score, created: post(
        parent if answer else number, answer, number, score, created, f"<{number}>"
    ),
    st.booleans(),
    st.integers(1, 6),
    st.integers(1, 40),
    st.integers(-3, 120),
    st.integers(0, 3),
)


def defined(dumps: list[list[dict]]) -> tuple[list[tuple[int, list[int]]], dict[str, int]]:
    """Question and answer ids in their order, and what became of every post."""
    chosen: dict[tuple[bool, int, int], dict] = {}
    for dump in dumps:
        for each in dump:
            chosen.setdefault((each["answer"], each["question"], each["id"]), each)
    questions = sorted(number for answer, _, number in chosen if not answer)
    threads = []
    for number in questions:
        own = [each for each in chosen.values() if each["answer"] and each["question"] == number]
        own.sort(key=lambda each: (-each["score"], each["created"], each["id"]))
        threads.append((number, [each["id"] for each in own]))
    answers = sum(len(own) for _, own in threads)
    total = sum(map(len, dumps))
    counts = {
        "records": total,
        "documents": len(threads),
        "skipped.answer": answers,
        "skipped.duplicate_post": total - len(chosen),
        "skipped.orphan_answer": len(chosen) - len(threads) - answers,
    }
    return threads, counts


@settings(max_examples=40)
@given(st.lists(st.lists(posts, max_size=30), min_size=1, max_size=3), st.integers(1, 3), st.integers(1, 2000))
def test_any_posts_of_any_dumps(dumps: list[list[dict]], partitions: int, room: int) -> None:
    for dump in dumps:
        for record, each in enumerate(dump):
            each["record"] = record
    threads, wanted = defined(dumps)
    log, found = ReadLog(), []
    with TemporaryDirectory() as root, pytest.MonkeyPatch.context() as patch:
        patch.setattr(stackexchange_runs, "BLOCK_BYTES", 200)
        patch.setattr(stackexchange_runs, "MOST_RUNS", 4)
        given_dumps = []
        for number, dump in enumerate(dumps):
            directory = Path(root) / str(number)
            directory.mkdir()
            batches = (pa.RecordBatch.from_pylist([each], SCHEMA) for each in dump)
            runs = write_runs(batches, directory, partitions, room)
            given_dumps.append((f"dump-{number}", run_paths(directory, runs)))
        for partition in range(partitions):
            for batch in read_threads("x.com", given_dumps, partition, "score", log):
                found += batch.to_pylist()
    found.sort(key=lambda document: document["question_id"])
    ids = [(d["question_id"], [int(body) for body in bodies(d)[1:]]) for d in found]
    assert ids == threads
    assert [int(bodies(d)[0]) for d in found] == [number for number, _ in threads]
    assert {name: log.counts.get(name, 0) for name in wanted} == wanted


def bodies(document: dict) -> list[str]:
    position, parts = 0, []
    for size in document["post_bytes"]:
        parts.append(document["text"][position : position + size].strip("<>"))
        position += size
    assert position == len(document["text"])
    return parts


def threads_of(directory: Path, given_posts: list[dict], order: str = "score") -> list[dict]:
    directory.mkdir(exist_ok=True)
    for record, each in enumerate(given_posts):
        each["record"] = record
    write_runs([pa.RecordBatch.from_pylist(given_posts, SCHEMA)], directory, 1, 1 << 30)
    dumps = [("dump", run_paths(directory, 1))]
    return [d for batch in read_threads("x.com", dumps, 0, order, ReadLog()) for d in batch.to_pylist()]


def test_scores_are_numbers_but_in_redpajama(tmp_path: Path) -> None:
    scores = [9, 100, -1, 10, 85]
    given_posts = [post(1, False, 1), *(post(1, True, 2 + i, s, body=f"<{s}>") for i, s in enumerate(scores))]
    assert bodies(threads_of(tmp_path / "a", given_posts)[0])[1:] == ["100", "85", "10", "9", "-1"]
    assert bodies(threads_of(tmp_path / "b", given_posts, "score_text")[0])[1:] == ["9", "85", "100", "10", "-1"]


def test_columns(tmp_path: Path) -> None:
    given_posts = [post(1, False, 1, score=3, created=1_399_155_584_830), post(1, True, 2), post(5, False, 5)]
    given_posts[0]["accepted"] = 2
    given_posts[2].update(accepted=9, tags="", created=MISSING)
    first, second = threads_of(tmp_path, given_posts)
    assert (first["id"], first["url"]) == ("stackexchange/x.com/1", "https://x.com/questions/1")
    assert (first["accepted"], first["answer_count"], first["score"], first["tags"]) == (True, 1, 3, ["a", "b"])
    assert first["timestamp"].isoformat() == "2014-05-03T22:19:44+00:00"
    assert first["origin"] == {"path": "dump", "offset": 0, "record": 0}
    assert (second["accepted"], second["answer_count"], second["tags"], second["timestamp"]) == (False, 0, [], None)


def test_tags_of_both_forms() -> None:
    tags = pa.array(["<c#><.net-4.0>", "|a|b|", "<one>", "", "|one|"], pa.large_string())
    assert split_tags(tags).to_pylist() == [["c#", ".net-4.0"], ["a", "b"], ["one"], [], ["one"]]


def test_batches_depend_on_the_documents_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stackexchange_threads, "_BATCH_DOCUMENTS", 7)
    monkeypatch.setattr(stackexchange_threads, "_BATCH_BYTES", 200)
    given_posts = [post(i, False, i, body="x" * (i * 13 % 80)) for i in range(1, 80)]
    sizes = []
    for room in (400, 5000, 1 << 30):
        directory = tmp_path / str(room)
        directory.mkdir()
        runs = write_runs((pa.RecordBatch.from_pylist([each], SCHEMA) for each in given_posts), directory, 1, room)
        batches = read_threads("x.com", [("dump", run_paths(directory, runs))], 0, "score", ReadLog())
        sizes.append([batch.num_rows for batch in batches])
    assert sizes[0] == sizes[1] == sizes[2]
    assert 1 < max(sizes[0]) <= 7


def test_many_runs_are_first_made_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stackexchange_runs, "MOST_RUNS", 3)
    given_posts = [post(i, False, i) for i in range(50, 0, -1)]
    count = write_runs((pa.RecordBatch.from_pylist([each], SCHEMA) for each in given_posts), tmp_path, 2, 400)
    assert count <= 3
    windows = [window for window, _ in merged(run_paths(tmp_path, count), 0, lambda excess: None)]
    assert [n for window in windows for n in sorted(window.column("question").to_pylist())] == list(range(2, 51, 2))
    assert len(list(tmp_path.iterdir())) == 2 * count


def test_a_thread_too_large_for_memory_costs_itself_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stackexchange_runs, "BLOCK_BYTES", 500)
    monkeypatch.setattr(stackexchange_runs, "MOST_THREAD_BYTES", 3000)
    log = ReadLog()
    given_posts = [post(1, False, 1), post(2, False, 2), *(post(2, True, i) for i in range(10, 200)), post(3, False, 3)]
    runs = write_runs((pa.RecordBatch.from_pylist([each], SCHEMA) for each in given_posts), tmp_path, 1, 4000)
    batches = read_threads("x.com", [("dump", run_paths(tmp_path, runs))], 0, "score", log)
    assert [number for batch in batches for number in batch.column("question_id").to_pylist()] == [1, 3]
    assert log.counts["skipped.thread_too_large"] + log.counts["skipped.orphan_answer"] == 191
    assert log.counts["records"] == 193
