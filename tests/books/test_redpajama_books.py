"""What RedPajama v1's published rule for books removes of the real ones, beside this tool's."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from redpajama_books import fingerprint, removed

from corpus.cleaning.gutenberg import strip_gutenberg
from corpus.filter import filter_source
from corpus.pipeline.reading import ReadLog
from corpus.sources.book_files import read_books

COPIES = [
    {"git1661__1661", "git1661__1661-8", "git1661__advsh10", "git1661__advsh12", "mit6824__pg-sherlock_holmes"},
    {"git1342__1342", "git1342__1342-0", "git1342__pandp10", "git1342__pandp12", "kolp__pg1342"},
    {"git2000__2000-8", "git2000__2donq10", "epies__pg2000"},
]
"""Editions of one book each."""
PARTS = {"git1001__1001", "git1001__1ddcl10", "git1001__dinfr09", "git1000__1000-0"}
"""Books that lie in another, most of them in the whole of the Divine Comedy."""


def test_fingerprints_are_simhashes_of_letters() -> None:
    assert fingerprint("Ab-c d e?f") == fingerprint("ABCDEF") == fingerprint("abc, def!") == 0x58AAD83C8C14978E
    assert fingerprint("a") != fingerprint("b")


@pytest.mark.slow
def test_what_its_rule_removes(shared_data: Path, tmp_path: Path) -> None:
    files = sorted((shared_data / "data" / "books").iterdir())
    books = {
        file.name.removesuffix(".txt.gz"): batch["text"][0].as_py()
        for file in files
        for batch in read_books(str(file), ReadLog())
    }
    names, texts = list(books), list(books.values())
    raw = {names[number] for number in removed(texts)}
    stripped = {names[number] for number in removed([strip_gutenberg(text) for text in texts])}
    filter_source("books", [str(file) for file in files], tmp_path / "out", recipe="llama1")
    dropped = {
        Path(row["origin"]["path"]).name.removesuffix(".txt.gz"): row["reason"]
        for row in pq.read_table(tmp_path / "out" / "dropped").to_pylist()
    }
    contained = {name for name, reason in dropped.items() if reason == "contained"}
    assert (len(raw), len(stripped), len(contained)) == (10, 11, 13)
    for copies in COPIES:
        assert len(copies - raw) == len(copies - stripped) == len(copies - contained) == 1
    assert not raw & PARTS
    assert stripped & PARTS == {"git1001__1ddcl10"}
    assert len(contained & PARTS) == 3
    assert {name for name, reason in dropped.items() if reason == "few_letters"} == {"git1342__pandp09"}


@pytest.mark.slow
def test_candidates_hold_what_datasketch_finds(shared_data: Path, tmp_path: Path) -> None:
    """Every pair that its index for containment proposes, and that is one, is compared here too."""
    from benchmarks.lsh_ensemble_way import contained_pairs

    files = [str(file) for file in sorted((shared_data / "data" / "books").iterdir())]
    filter_source("books", files, tmp_path / "out", recipe="llama1", settings=["prose.min_letters=0"])
    tables = [pq.read_table(tmp_path / "out" / folder) for folder in ("documents", "dropped")]
    ids = pa.concat_tables([table.select(["id", "origin"]) for table in tables]).to_pylist()
    id_of = {row["origin"]["path"]: row["id"] for row in ids}
    compared = {frozenset((row["id_a"], row["id_b"])) for row in pq.read_table(tmp_path / "out" / "pairs").to_pylist()}
    texts = [strip_gutenberg(batch["text"][0].as_py()) for file in files for batch in read_books(file, ReadLog())]
    theirs = {
        frozenset((id_of[files[larger]], id_of[files[smaller]]))
        for larger, smaller in contained_pairs(texts, words=5, threshold=0.9)
        if len(texts[larger].split()) >= len(texts[smaller].split())
    }
    assert len(theirs) >= 20
    assert theirs <= compared
