"""MinHash signatures and LSH candidates of the same documents: by datasketch, and by the kernels of `filter documents`;
and that command as a whole, which also compares the candidates for real and writes the documents that stay.

    python -m benchmarks.minhash [PARQUET] [--megabytes N] [--runs N]

Without a Parquet file with columns `id` and `text`, pages of a generated crawl are taken, every tenth of them twice.
"""

import argparse
import json
import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.measure import measure, python, report
from corpus.dedup.near_duplicates import NearDuplicates
from corpus.pipeline.reading import ReadLog
from corpus.sources.wet import read_wet
from demo.web import write_crawl

RESULTS = Path(__file__).parent / "results"
PACKAGES = ("llama-corpus", "datasketch", "pyarrow", "numpy")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("documents", nargs="?", type=Path, help="Parquet file")
    parser.add_argument("--megabytes", type=float, default=32.0, help="of generated text, without a file")
    parser.add_argument("--runs", type=int, default=2, help="of each, the fastest counts")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        work = Path(scratch)
        documents = arguments.documents or _generate(work, arguments.megabytes)
        _compare(documents, arguments.runs, work)


def _compare(documents: Path, runs: int, work: Path) -> None:
    stage = NearDuplicates()
    parameters = {name: getattr(stage, name) for name in ("words", "permutations", "bands", "rows")}
    text_bytes = sum(column.nbytes for column in pq.read_table(documents, columns=["text"]).columns)
    job = json.dumps({"documents": str(documents), **parameters})
    theirs = measure("datasketch", python("-m", "benchmarks.datasketch_way", job), runs)
    ours = measure("kernels", python("-m", "benchmarks.minhash_kernels", job), runs)
    command = ["filter", "documents", str(documents), "--out", str(work / "out"), "--workers", "1", "--overwrite"]
    options = ["--set", "exact.enabled=false", "--json"]
    whole = measure("llama-corpus filter documents", python("-c", "import cli; cli.main()", *command, *options), runs)
    found, expected = json.loads(ours.output), json.loads(theirs.output)
    if found != expected:
        raise SystemExit(f"the two found different candidates: {found} and {expected}")
    report("MinHash and LSH", text_bytes / 1e6, [theirs, ours, whole], PACKAGES, RESULTS / "minhash.json")


def _generate(work: Path, megabytes: float) -> Path:
    crawl = write_crawl(work / "wet", seed=0, megabytes=megabytes)
    pages = [text for file in crawl.files for batch in read_wet(str(file), ReadLog()) for text in batch["text"]]
    texts = [text.as_py() for number, text in enumerate(pages) for _ in range(2 if number % 10 == 0 else 1)]
    ids = [f"page/{number}" for number in range(len(texts))]
    table = pa.table({"id": ids, "text": pa.array(texts, pa.large_string())})
    pq.write_table(table, work / "documents.parquet")
    return work / "documents.parquet"


if __name__ == "__main__":
    main()
