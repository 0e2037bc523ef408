"""How fast arXiv papers are filtered, that the time grows with the size and not faster, and what memory it takes.

`python -m benchmarks.arxiv DIR` reads the bulk tars or source files of DIR; `--gigabyte` adds a bulk tar of 1 GB of
text made of them. Figures are MB of unpacked TeX per second of CPU on one core, start-up of the process left out.
"""

import argparse
import gzip
import io
import json
import resource
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa

import kernels
from corpus.inputs import resolve
from corpus.models.files import ModelFiles
from corpus.pipeline.reading import ReadLog
from corpus.pipeline.stage import Resources
from corpus.sources.arxiv import Arxiv
from corpus.sources.arxiv_papers import ReadPapers

RUNS = 3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("inputs", nargs="+", help="bulk tars or source files of papers, or directories of them")
    parser.add_argument("--gigabyte", action="store_true", help="also filter a bulk tar of 1 GB of text")
    parser.add_argument("--out", type=Path, default=Path("build/benchmarks/arxiv.json"))
    arguments = parser.parse_args()
    paths = [file.path for file in resolve(arguments.inputs, Arxiv.suffixes)]
    figures = {"stages": stages(paths), "growth": growth()}
    if arguments.gigabyte:
        figures["gigabyte"] = gigabyte(paths)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(json.dumps(figures, indent=1) + "\n")


def stages(paths: list[str]) -> dict[str, float]:
    """MB/s of reading and of each stage, and of all of it."""
    recipe = Arxiv()
    resources = Resources(ModelFiles.search([]), {})
    chain = [(stage.name, stage.open(resources)) for stage in recipe.stages]
    best: dict[str, float] = {}
    payload = 0
    for _ in range(RUNS):
        log = ReadLog()
        seconds, batches = timed(lambda log=log: [batch for path in paths for batch in reader(path, log)])  # type: ignore[misc]
        best["reading"] = min(best.get("reading", seconds), seconds)
        payload = log.counts["payload_bytes"]
        for name, function in chain:
            seconds, batches = timed(lambda f=function, b=batches: [f(batch).kept for batch in b])  # type: ignore[misc]
            best[f"stage {name}"] = min(best.get(f"stage {name}", seconds), seconds)
    best["all"] = sum(best.values())
    print(f"{payload / 1e6:.1f} MB of TeX in {len(paths)} files")
    rates = {name: payload / 1e6 / seconds for name, seconds in best.items()}
    for name, rate in rates.items():
        print(f"  {name:20} {rate:8.1f} MB/s")
    return rates


def reader(path: str, log: ReadLog) -> Iterator[pa.RecordBatch]:
    return ReadPapers(Arxiv().read.limits)(path, log)


def timed(job: Callable[[], list[pa.RecordBatch]]) -> tuple[float, list[pa.RecordBatch]]:
    start = time.process_time()
    result = job()
    return time.process_time() - start, result


HOSTILE: dict[str, Callable[[int], str]] = {
    "braces": lambda n: "{" * (n // 2) + "}" * (n // 2),
    "open braces": lambda n: r"\def\a#1{#1}" + r"\a{" * (n // 3),
    "nested uses": lambda n: r"\def\a#1{<#1>}" + r"\a{" * (n // 4) + "}" * (n // 4),
    "open definitions": lambda n: r"\def\a{" * (n // 7),
    "recursion": lambda n: r"\def\a{x\a\a}" + r"\a " * (n // 3),
    "doubling": lambda n: "".join(rf"\def\{a}{{\{b}\{b}}}" for a, b in pairwise("abcdefghijklm")) + r"\a " * (n // 3),
    "missing delimiters": lambda n: r"\def\a#1;{#1}" + r"\a x " * (n // 5),
    "open tests": lambda n: r"\iffalse " * (n // 9),
    "open verbatims": lambda n: r"\begin{verbatim} " * (n // 17),
    "verbs on one line": lambda n: r"\verb|x" * (n // 7),
    "urls": lambda n: r"\url{" * (n // 5),
    "one line": lambda n: "x" * n,
    "percent signs": lambda n: "%" * n,
    "headings": lambda n: r"\section{" * (n // 9),
    "short environments": lambda n: r"\begin{x}" * (n // 9),
    "optional arguments": lambda n: r"\newcommand{\a}[1][x]{#1}" + r"\a[" * (n // 3),
}  # fmt: skip


def growth(size: int = 1 << 18) -> dict[str, float]:
    """How the time of comments, macros and structure grows when hostile text of `size` bytes is doubled twice."""
    factors = {}
    print(f"time for four times the text, {size >> 10} KiB and up")
    for name, make in HOSTILE.items():
        seconds = [min(_kernels(make(size * factor)) for _ in range(RUNS)) for factor in (1, 4)]
        factors[name] = seconds[1] / max(seconds[0], 1e-4)
        print(f"  {name:20} {factors[name]:6.1f}x  {size * 4 / 1e6 / seconds[1]:8.1f} MB/s")
    return factors


def _kernels(source: str) -> float:
    text, styles = pa.array([source], pa.large_string()), pa.array([""], pa.large_string())
    start = time.process_time()
    plain = kernels.remove_tex_comments(text, styles)
    expanded = kernels.expand_tex(plain, styles, 100, 20)
    kernels.tex_structure(expanded.text, styles)
    return time.process_time() - start


def gigabyte(paths: list[str]) -> dict[str, float]:
    """Filters a bulk tar of 1 GB of text, batch by batch: MB/s, and how far memory rises above that before."""
    texts = [
        text for path in paths for batch in reader(path, ReadLog()) for text in batch.column("text").to_pylist() if text
    ]
    with tempfile.TemporaryDirectory() as directory:
        path, size = Path(directory) / "bulk.tar", 0
        with tarfile.open(path, "w") as archive:
            number = 0
            while size < 1_000_000_000:
                text = texts[number % len(texts)].encode()
                data = gzip.compress(text, 1)
                info = tarfile.TarInfo(f"2301/2301.{number:05d}.gz")
                info.size = len(data)
                archive.addfile(info, io.BytesIO(data))
                size += len(text)
                number += 1
        recipe = Arxiv()
        chain = [stage.open(Resources(ModelFiles.search([]), {})) for stage in recipe.stages]
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        start = time.process_time()
        kept = np.int64(0)
        for batch in reader(str(path), ReadLog()):
            for function in chain:
                batch = function(batch).kept
            kept += batch.num_rows
        seconds = time.process_time() - start
        rise = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(
        f"1 GB: {size / 1e6 / seconds:.1f} MB/s, {rise / 1024:.0f} MiB of memory more, {kept} of {number} papers kept"
    )
    return {"rate": size / 1e6 / seconds, "memory": rise * 1024.0}


if __name__ == "__main__":
    sys.exit(main())
