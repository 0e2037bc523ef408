"""Deduplicates the lines of generated files in this process, and prints its peak resident bytes and what it removed.

python measured_lines.py OUT MEMORY LINES_PER_FILE
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import page_files
import pyarrow as pa
from page_files import line_plan, write_pages
from word_plan import Silent

from corpus.dedup.lines import LineDedup
from corpus.pipeline.executor import InProcess
from corpus.pipeline.reading import ReadLog
from corpus.pipeline.run import run_plan

LINES_PER_DOCUMENT = 50_000
LETTERS = 8


def generate_pages(path: str, log: ReadLog) -> Iterator[pa.RecordBatch]:
    """Documents of random lines; the last quarter of a file's is the first of the next one's."""
    number, lines = json.loads(Path(path).read_text())
    for start in range(0, lines, LINES_PER_DOCUMENT):
        generator = np.random.default_rng(number * lines * 3 // 4 + start)
        text = np.full((LINES_PER_DOCUMENT, LETTERS + 1), ord("\n"), np.uint8)
        text[:, :LETTERS] = generator.integers(97, 123, (LINES_PER_DOCUMENT, LETTERS), np.uint8)
        log.count("records")
        log.count("documents")
        yield pa.record_batch(
            {
                "id": pa.array([f"{number}/{start}"]),
                "text": pa.array([text.tobytes()[:-1].decode()], pa.large_string()),
                "source": pa.array(["pages"]),
                "url": pa.nulls(1, pa.string()),
                "origin": pa.array([{"path": path, "offset": 0, "record": 0}], page_files.ORIGIN),
                "nlines": pa.array([LINES_PER_DOCUMENT], pa.int32()),
                "original_length": pa.array([text.size], pa.int64()),
            }
        )


def peak_memory() -> int:
    """Bytes. Not ru_maxrss, which counts what the parent held when it started this process."""
    status = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) << 10 for line in status if line.startswith("VmHWM:"))


def main() -> None:
    out, memory, lines = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    page_files.read_pages = generate_pages
    files = write_pages(out / "in", {f"{number}.json": [number, lines] for number in range(3)})  # type: ignore[list-item]
    run_plan(line_plan(files, LineDedup(scope="all")), out / "out", InProcess(memory), Silent())
    stats = json.loads((out / "out/stats.json").read_text())
    [stage] = stats["stages"]
    print(json.dumps({"peak": peak_memory(), "removed": stage["in"]["lines"] - stage["kept"]["lines"]}))


if __name__ == "__main__":
    main()
