"""Gopher's, FineWeb's and C4's rules on the same pages: datatrove, and the stages of this package.

    python -m benchmarks.quality_rules [WET ...] [--megabytes N] [--runs N]

Without WET files a crawl is generated. Every filter sees the whole text of every page and the decisions of Gopher's and
FineWeb's must agree; datatrove's C4 filter has the paper's numbers and counts sentences by spaCy's rules, so of it only
the cost is compared.
"""

import argparse
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.measure import measure, python, report
from corpus.models.files import ModelFiles
from corpus.pipeline.reading import ReadLog
from corpus.pipeline.stage import Resources
from corpus.quality.c4_rules import C4Rules
from corpus.quality.fineweb import FineWeb
from corpus.quality.gopher import GopherQuality, GopherRepetition
from corpus.quality.word_rules import word_rules
from corpus.sources.wet import read_wet
from demo.web import write_crawl

RESULTS = Path(__file__).parent / "results"
PACKAGES = ("llama-corpus", "datatrove", "spacy", "pyarrow", "numpy")
STATISTICS, REPETITION, QUALITY, FINEWEB = word_rules(GopherRepetition(), GopherQuality(), FineWeb())
C4 = C4Rules(min_words=3, min_sentences=5, punkt="")
AGREEING = ("gopher_repetition", "gopher_quality", "fineweb")


def ours(pages: Path) -> dict[str, int]:
    """Documents each filter keeps of all pages."""
    resources = Resources(ModelFiles(()), {})
    measure_words, clean = STATISTICS.open(resources), C4.open(resources)
    rules = {stage.name: stage.open(resources) for stage in (REPETITION, QUALITY, FINEWEB)}
    kept = dict.fromkeys((*rules, "c4"), 0)
    for batch in _batches(pages):
        measured = measure_words(batch).kept
        for name, rule in rules.items():
            kept[name] += rule(measured).kept.num_rows
        kept["c4"] += clean(batch).kept.num_rows
    return kept


def theirs(pages: Path) -> dict[str, int]:
    from datatrove.data import Document
    from datatrove.pipeline.filters import (
        C4QualityFilter,
        FineWebQualityFilter,
        GopherQualityFilter,
        GopherRepetitionFilter,
    )

    filters = {
        "gopher_repetition": GopherRepetitionFilter(),
        "gopher_quality": GopherQualityFilter(),
        "fineweb": FineWebQualityFilter(),
        "c4": C4QualityFilter(),
    }
    kept = dict.fromkeys(filters, 0)
    for batch in _batches(pages):
        for row, text in enumerate(batch.column("text").to_pylist()):
            for name, rule in filters.items():
                verdict = rule.filter(Document(text=text, id=str(row)))
                kept[name] += verdict is True or (isinstance(verdict, tuple) and verdict[0])
    return kept


def _batches(pages: Path) -> Iterator[pa.RecordBatch]:
    return pq.ParquetFile(pages).iter_batches(batch_size=1024)


def _write_pages(files: list[Path], out: Path, most: float) -> int:
    """Writes pages as Parquet until there are so many bytes of text; returns how many."""
    size = 0
    schema = pa.schema([("text", pa.large_string())])
    with pq.ParquetWriter(out, schema) as writer:
        for file in files:
            for batch in read_wet(str(file), ReadLog(), batch_bytes=1 << 20):
                if size < most:
                    writer.write_batch(pa.record_batch([batch.column("text")], schema=schema))
                    size += batch.column("text").nbytes
    return size


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wet", nargs="*", type=Path, help="WET files")
    parser.add_argument("--megabytes", type=float, default=8.0, help="of text")
    parser.add_argument("--runs", type=int, default=1, help="of each, the fastest counts")
    arguments = parser.parse_args()
    runs: int = arguments.runs
    with tempfile.TemporaryDirectory() as scratch:
        pages = Path(scratch) / "pages.parquet"
        wet = arguments.wet or list(write_crawl(Path(scratch), seed=0, megabytes=arguments.megabytes).files)
        size = _write_pages(wet, pages, arguments.megabytes * 1e6)
        call = "import json, sys; from pathlib import Path; from benchmarks import quality_rules as q; "
        timings = [
            measure(name, python("-c", f"{call}print(json.dumps(q.{way}(Path(sys.argv[1]))))", str(pages)), runs)
            for name, way in (("datatrove", "theirs"), ("llama-corpus", "ours"))
        ]
        found = [json.loads(timing.output.splitlines()[-1]) for timing in timings]
        for name in AGREEING:
            if found[0][name] != found[1][name]:
                raise SystemExit(f"{name}: datatrove kept {found[0][name]} documents and these stages {found[1][name]}")
        report("Gopher, FineWeb and C4 rules", size / 1e6, timings, PACKAGES, RESULTS / "quality_rules.json")


if __name__ == "__main__":
    main()
