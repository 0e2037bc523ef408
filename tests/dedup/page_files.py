"""Tiny inputs for tests of deduplication: JSON files of texts, their reader, and a plan of only that stage."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
from word_plan import Silent

from corpus.dedup import line_tasks, lines
from corpus.document import ORIGIN, document_schema
from corpus.identity import InputFile, identify, key_of
from corpus.models.files import ModelFiles
from corpus.pipeline.executor import InProcess, LocalProcesses
from corpus.pipeline.filtering import FilterTask, Reading, ReadLog, TaskShare
from corpus.pipeline.plan import Plan, Step, Task, distinct
from corpus.pipeline.publication import publish_documents
from corpus.pipeline.run import run_plan
from corpus.pipeline.store import Store

BATCH = 3


def write_pages(directory: Path, files: Mapping[str, Sequence[str]]) -> list[InputFile]:
    for name, texts in files.items():
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_text(json.dumps(texts))
    return [identify(str(directory / name)) for name in sorted(files)]


def read_pages(path: str, log: ReadLog) -> Iterator[pa.RecordBatch]:
    texts = json.loads(Path(path).read_text())
    for start in range(0, len(texts), BATCH):
        some = texts[start : start + BATCH]
        log.count("records", len(some))
        log.count("documents", len(some))
        origins = [{"path": path, "offset": 0, "record": start + at} for at in range(len(some))]
        yield pa.record_batch(
            {
                "id": pa.array([f"{Path(path).stem}/{start + at}" for at in range(len(some))]),
                "text": pa.array(some, pa.large_string()),
                "source": pa.repeat("pages", len(some)),
                "url": pa.nulls(len(some), pa.string()),
                "origin": pa.array(origins, ORIGIN),
                "nlines": pa.array([text.count("\n") + 1 for text in some], pa.int32()),
                "original_length": pa.array([len(text.encode()) for text in some], pa.int64()),
            }
        )


def line_plan(files: Sequence[InputFile], dedup: lines.LineDedup) -> Plan:
    reading = Reading(read_pages)
    hashing = {file: line_tasks.HashTask(key_of({"hash": file.fingerprint}), file, reading, ()) for file in files}
    comparing: list[line_tasks.CompareTask] = []
    shares: dict[InputFile, TaskShare] = {}
    for group in dedup.groups(files):
        tasks = line_tasks.compare_tasks([hashing[file] for file in group])
        comparing += tasks
        shares.update(zip(group, line_tasks.shares_of(tasks), strict=True))
    schema = document_schema(lines.COLUMNS)
    filtering = [
        FilterTask(
            key_of({"filter": file.path, "duplicates": shares[file].identity, "keep": dedup.keep}),
            file,
            reading,
            (dedup,),
            ModelFiles(()),
            {dedup.name: shares[file]},
            schema,
        )
        for file in files
    ]
    hash_tasks = distinct(hashing.values())

    def publish(store: Store, tasks: Mapping[str, Sequence[Task]]):  # type: ignore[no-untyped-def]
        return publish_documents(store, {"source": "pages", "inputs": []}, filtering, [], strict=False)

    steps = [Step("hash", lambda store: hash_tasks), Step("duplicates", lambda store: comparing)]
    return Plan([*steps, Step("filter", lambda store: filtering)], publish)


def run_lines(
    files: Sequence[InputFile], out: Path, dedup: lines.LineDedup, workers: int = 1, memory: int = 1 << 30
) -> dict[str, list[int]]:
    """Surviving line numbers of every kept document, by id."""
    import pyarrow.parquet as pq

    executor = InProcess(memory) if workers == 1 else LocalProcesses(workers, memory)
    run_plan(line_plan(files, dedup), out, executor, Silent())
    rows = pq.read_table(out / "documents").select(["id", "line_ids"]).to_pylist()
    return {row["id"]: row["line_ids"] for row in rows}
