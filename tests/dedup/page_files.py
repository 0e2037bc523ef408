"""Tiny inputs for tests of deduplication: JSON files of texts, their reader, and a plan of only that stage."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
from word_plan import Silent

from corpus.dedup import lines
from corpus.document import ORIGIN, document_schema
from corpus.identity import InputFile, identify
from corpus.models.files import ModelFiles
from corpus.pipeline.executor import InProcess, LocalProcesses
from corpus.pipeline.plan import Plan
from corpus.pipeline.reading import Reading, ReadLog
from corpus.pipeline.run import run_plan
from corpus.pipeline.source_plan import source_plan
from corpus.pipeline.stage import Stage
from corpus.pipeline.upstream import Upstream

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


def page_plan(files: Sequence[InputFile], stages: Sequence[Stage], columns: Sequence[pa.Field] = ()) -> Plan:
    documents = [Upstream(file, Reading(read_pages), ModelFiles(()), {}, keep=True) for file in files]
    return source_plan(stages, documents, {"source": "pages", "inputs": []}, document_schema(columns), strict=False)


def line_plan(files: Sequence[InputFile], dedup: lines.LineDedup) -> Plan:
    return page_plan(files, [dedup], lines.COLUMNS)


def run_lines(
    files: Sequence[InputFile], out: Path, dedup: lines.LineDedup, workers: int = 1, memory: int = 1 << 30
) -> dict[str, list[int]]:
    """Surviving line numbers of every kept document, by id."""
    import pyarrow.parquet as pq

    executor = InProcess(memory) if workers == 1 else LocalProcesses(workers, memory)
    run_plan(line_plan(files, dedup), out, executor, Silent())
    rows = pq.read_table(out / "documents").select(["id", "line_ids"]).to_pylist()
    return {row["id"]: row["line_ids"] for row in rows}
