"""Finds near-duplicates among generated documents in this process, and prints its peak resident bytes and what it
dropped.

    python measured_documents.py OUT MEMORY DOCUMENTS_PER_FILE
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import page_files
import pyarrow as pa
from measured_lines import peak_memory
from page_files import page_plan, write_pages
from word_plan import Silent

from corpus.dedup.exact import ExactDedup
from corpus.dedup.near_duplicates import NearDuplicates
from corpus.pipeline.executor import InProcess
from corpus.pipeline.reading import ReadLog
from corpus.pipeline.run import run_plan

BATCH = 2000
WORDS, LETTERS = 12, 5


def generate_documents(path: str, log: ReadLog) -> Iterator[pa.RecordBatch]:
    """Documents of random words; the first tenth of a batch is in the other file too, with another first word."""
    number, documents = json.loads(Path(path).read_text())
    for start in range(0, documents, BATCH):
        own, both = np.random.default_rng([number, start]), np.random.default_rng(start)
        letters = own.integers(97, 123, (BATCH, WORDS, LETTERS + 1), np.uint8)
        shared = both.integers(97, 123, (BATCH // 10, WORDS, LETTERS + 1), np.uint8)
        letters[: BATCH // 10, 1:] = shared[:, 1:]
        letters[:, :, LETTERS] = ord(" ")
        offsets = np.arange(BATCH + 1, dtype=np.int64) * (WORDS * (LETTERS + 1))
        text = pa.LargeStringArray.from_buffers(BATCH, pa.py_buffer(offsets), pa.py_buffer(letters.tobytes()))
        log.count("records", BATCH)
        log.count("documents", BATCH)
        yield pa.record_batch(
            {
                "id": pa.array([f"{number}/{start + at}" for at in range(BATCH)]),
                "text": text,
                "source": pa.repeat("pages", BATCH),
                "url": pa.nulls(BATCH, pa.string()),
                "origin": pa.nulls(BATCH, page_files.ORIGIN),
            }
        )


def main() -> None:
    out, memory, documents = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    page_files.read_pages = generate_documents
    files = write_pages(out / "in", {f"{number}.json": [number, documents] for number in range(2)})  # type: ignore[list-item]
    stages = [ExactDedup(), NearDuplicates(words=2, permutations=64, bands=16, rows=4, threshold=0.7)]
    run_plan(page_plan(files, stages), out / "out", InProcess(memory), Silent())
    stats = json.loads((out / "out/stats.json").read_text())
    dropped = sum(amount["documents"] for stage in stats["stages"] for amount in stage["dropped"].values())
    print(json.dumps({"peak": peak_memory(), "removed": dropped}))


if __name__ == "__main__":
    main()
