"""Submissions and bulk archives as arXiv makes them, and filtering them."""

import gzip
import io
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from corpus.filter import filter_source

PAPER = (
    "\\documentclass{article}\n\\newcommand{\\R}{\\mathbb{R}}\n\\title{On $\\R$}\n\\begin{document}\n\\maketitle\n"
    "\\begin{abstract}We look.\\end{abstract}\n% note\n\\section{Introduction}\nIn $\\R$ there is much. "
    + "It goes on for long enough to be kept. " * 8
    + "\n\\begin{thebibliography}{9}\\bibitem{a} A.\\end{thebibliography}\n\\end{document}\n"
)


def tar(files: Mapping[str, bytes | str]) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for name, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return stream.getvalue()


def targz(files: Mapping[str, bytes | str]) -> bytes:
    return gzip.compress(tar(files), mtime=0)


def filtered(
    inputs: Sequence[Path], out: Path, settings: Sequence[str] = (), recipe: str = "llama1", **options: Any
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Documents and dropped documents, each sorted by id."""
    filter_source("arxiv", list(map(str, inputs)), out, recipe=recipe, settings=settings, **options)
    documents, dropped = (
        pa.concat_tables(map(pq.read_table, sorted((out / name).glob("*.parquet")))).to_pylist()
        for name in ("documents", "dropped")
    )
    return sorted(documents, key=lambda row: row["id"]), sorted(dropped, key=lambda row: row["id"])


def filtered_paper(directory: Path, data: bytes, name: str = "2301.00001.gz", **options: Any) -> dict[str, Any]:
    """The only document, or the only dropped one."""
    path = directory / name
    path.write_bytes(data)
    documents, dropped = filtered([path], directory / "out", overwrite=True, **options)
    (row,) = documents + dropped
    return row
