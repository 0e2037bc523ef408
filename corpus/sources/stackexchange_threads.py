"""Questions joined with their answers: one document each, from the runs of all dumps of a site."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpus.document import ORIGIN, document_schema
from corpus.pipeline.reading import ReadLog
from corpus.sources.stackexchange_runs import merged
from kernels.posts import MISSING

VERSION = 1
SOURCE = "stackexchange"

COLUMNS = (
    pa.field("site", pa.string()),
    pa.field("question_id", pa.int64()),
    pa.field("title", pa.large_string()),
    pa.field("tags", pa.list_(pa.string())),
    pa.field("score", pa.int64()),
    pa.field("answer_count", pa.int32()),
    pa.field("accepted", pa.bool_()),
)
"""score: of the question. answer_count: answers joined to it. accepted: whether the accepted one is among them."""

POST_BYTES = pa.field("post_bytes", pa.list_(pa.int64()), nullable=False)
"""Bytes of the text that are the question's HTML, and those of each answer, one behind the other."""

SCHEMA = document_schema([*COLUMNS, POST_BYTES])

_BATCH_DOCUMENTS, _BATCH_BYTES = 1024, 8 << 20


def read_threads(
    site: str, dumps: Sequence[tuple[str, Sequence[Path]]], partition: int, order: str, log: ReadLog
) -> Iterator[pa.RecordBatch]:
    """Batches of SCHEMA by question id: the questions of one partition of a site, each with its answers.

    dumps: path and runs of each dump, the newest first. Of a post in several, the first one's copy is taken. `log`
    counts every post as document, `skipped.answer` (part of a document), `skipped.orphan_answer` (without its question)
    `skipped.duplicate_post` or `skipped.thread_too_large` (of a question with too many posts for the memory).
    order: of the answers: `score`, highest first; `score_text`, as RedPajama compares scores, as text: 9, 85, 100, -1.
    Of equal scores the earlier answer comes first, then the smaller id.
    """
    paths = [run for _, runs in dumps for run in runs]
    owners = np.repeat(np.arange(len(dumps)), [len(runs) for _, runs in dumps])
    names = pa.array([path for path, _ in dumps], pa.string())

    def on_excess(posts: int) -> None:
        log.count("records", posts)
        log.count("skipped.thread_too_large", posts)

    merging = merged(paths, partition, on_excess)
    windows = (_joined(posts, owners[run], site, names, order, log) for posts, run in merging)
    return _rebatched(windows)


def _joined(posts: pa.Table, dump: np.ndarray, site: str, names: pa.Array, order: str, log: ReadLog) -> pa.RecordBatch:
    """The documents of a window of posts: all posts of some questions."""
    question, ids = posts.column("question").to_numpy(), posts.column("id").to_numpy()
    answer, record = posts.column("answer").to_numpy(), posts.column("record").to_numpy()
    rows = np.lexsort((record, dump, ids, answer, question))
    first = np.ones(len(rows), bool)
    first[1:] = np.any([np.diff(column[rows]) != 0 for column in (question, answer.astype(np.int8), ids)], axis=0)
    rows = rows[first]
    created, score = posts.column("created").to_numpy(), posts.column("score").to_numpy()
    rows = rows[np.lexsort((ids[rows], created[rows], _descending(score[rows], order), answer[rows], question[rows]))]
    thread, is_first = _groups(question[rows])
    asked = ~answer[rows][is_first]
    log.count("records", posts.num_rows)
    log.count("skipped.duplicate_post", posts.num_rows - len(rows))
    log.count("skipped.orphan_answer", int((~asked[thread]).sum()))
    log.count("skipped.answer", int(asked[thread].sum() - asked.sum()))
    log.count("documents", int(asked.sum()))
    rows = rows[asked[thread]]
    thread, is_first = _groups(question[rows])
    return _documents(posts, rows, thread, is_first, names.take(pa.array(dump[rows[is_first]])), site)


def _groups(question: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which thread each post is of, counted from 0, and whether it is the thread's first; questions are sorted."""
    is_first = np.ones(len(question), bool)
    is_first[1:] = np.diff(question) != 0
    return np.cumsum(is_first) - 1, is_first


def _descending(score: np.ndarray, order: str) -> np.ndarray:
    """What sorts posts from the highest score to the lowest."""
    if order == "score":
        return -score
    return -np.unique(score.astype(str), return_inverse=True)[1]


def _documents(
    posts: pa.Table, rows: np.ndarray, thread: np.ndarray, is_first: np.ndarray, paths: pa.Array, site: str
) -> pa.RecordBatch:
    questions = posts.take(pa.array(rows[is_first])).drop_columns(["body"]).combine_chunks()
    bodies = posts.column("body").combine_chunks().take(pa.array(rows))
    offsets = np.frombuffer(bodies.buffers()[1], np.int64, len(bodies) + 1)
    bounds = np.append(np.flatnonzero(is_first), len(rows))
    text = pa.LargeStringArray.from_buffers(len(bounds) - 1, pa.py_buffer(offsets[bounds]), bodies.buffers()[2])
    number = questions.column("question").to_numpy()
    accepted = questions.column("accepted").to_numpy()[thread] == posts.column("id").to_numpy()[rows]
    created = questions.column("created").to_numpy()
    names = [str(n) for n in number.tolist()]
    place = [_whole(questions.column(name)) for name in ("offset", "record")]
    columns = {
        "id": pa.array([f"{SOURCE}/{site}/{name}" for name in names], pa.string()),
        "text": text,
        "source": pa.repeat(SOURCE, len(names)),
        "url": pa.array([f"https://{site}/questions/{name}" for name in names], pa.string()),
        "timestamp": pa.array(created // 1000, mask=created == MISSING).cast(pa.timestamp("s", tz="UTC")),
        "origin": pa.StructArray.from_arrays([paths, *place], fields=list(ORIGIN)),
        "site": pa.repeat(site, len(names)),
        "question_id": pa.array(number),
        "title": pc.utf8_trim_whitespace(pc.replace_substring(_whole(questions.column("title")), "\n", " ")),
        "tags": split_tags(_whole(questions.column("tags"))),
        "score": _whole(questions.column("score")),
        "answer_count": pa.array(np.diff(bounds) - 1, pa.int32()),
        "accepted": pa.array(np.bincount(thread[accepted & ~is_first], minlength=len(names)) > 0),
        "post_bytes": pa.ListArray.from_arrays(pa.array(bounds, pa.int32()), pa.array(np.diff(offsets))),
    }
    return pa.RecordBatch.from_arrays([columns[field.name] for field in SCHEMA], schema=SCHEMA)


def _whole(column: pa.ChunkedArray) -> pa.Array:
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)


def split_tags(tags: pa.LargeStringArray) -> pa.ListArray:
    """Tags as the dumps have had them up to 2023, "<a><b>", and since, "|a|b|"."""
    separated = pc.utf8_trim(pc.replace_substring(tags, "><", "|"), "<>|")
    lists = pc.split_pattern(pc.if_else(pc.equal(separated, ""), pa.scalar(None, pa.large_string()), separated), "|")
    counts = pc.fill_null(pc.list_value_length(lists), 0).to_numpy(zero_copy_only=False)
    offsets = pa.array(np.concatenate([[0], np.cumsum(counts)]), pa.int32())
    return pa.ListArray.from_arrays(offsets, lists.flatten().cast(pa.string()))


def _rebatched(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The same rows in batches whose bounds depend on the rows alone: full at _BATCH_DOCUMENTS or _BATCH_BYTES."""
    pending: list[pa.RecordBatch] = []
    documents = size = 0
    for batch in batches:
        text = batch.column("text")
        ends = np.cumsum(np.diff(np.frombuffer(text.buffers()[1], np.int64, len(text) + 1)))
        position = 0
        while position < batch.num_rows:
            before = int(ends[position - 1]) if position else 0
            full = int(np.searchsorted(ends, before + _BATCH_BYTES - size)) + 1 - position
            count = min(full, _BATCH_DOCUMENTS - documents, batch.num_rows - position)
            pending.append(batch.slice(position, count))
            position += count
            documents += count
            size += int(ends[position - 1]) - before
            if documents >= _BATCH_DOCUMENTS or size >= _BATCH_BYTES:
                yield _concatenated(pending)
                pending, documents, size = [], 0, 0
    if pending:
        yield _concatenated(pending)


def _concatenated(batches: Sequence[pa.RecordBatch]) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays(
        [pa.concat_arrays([batch.column(i) for batch in batches]) for i in range(len(SCHEMA))], schema=SCHEMA
    )
