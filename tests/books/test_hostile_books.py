"""Files that are no books, or made to hurt: each costs itself alone, is named, and takes neither long nor much."""

import gzip
import time
import zipfile
from pathlib import Path

import pytest
from book_archives import CONTAINER, PACKAGE, write_zip

from corpus.errors import UnreadableInputError
from corpus.faults import FaultKind
from corpus.filter import filter_source
from corpus.pipeline.reading import ReadLog
from corpus.sources.book_files import read_books

LINE = b"It was a dark and stormy night, and the rain fell in torrents. "
CHAPTER = "<html><body><p>First chapter.</p></body></html>"
BOMB = '<?xml version="1.0"{encoding}?><!DOCTYPE c [<!ENTITY a "aaaaaaaaaa">{more}]><container>&z;</container>'
LEVELS = "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefghijk", "bcdefghijkz", strict=True))


def read(path: Path, **limits: int) -> tuple[list[str], list[FaultKind]]:
    log = ReadLog()
    texts = [batch["text"][0].as_py() for batch in read_books(str(path), log, **limits)]
    assert log.counts["records"] == len(texts) + log.counts.get("unreadable", 0)
    return texts, [fault.kind for fault in log.faults]


def test_an_empty_file_is_refused_and_the_others_are_read(tmp_path: Path) -> None:
    (tmp_path / "e.txt").write_bytes(b"")
    (tmp_path / "b.txt").write_bytes(LINE * 20)
    with pytest.raises(UnreadableInputError, match="empty file"):
        read(tmp_path / "e.txt")
    summary = filter_source("books", [str(tmp_path)], tmp_path / "out", recipe="llama1")
    assert summary.as_json()["read"]["faults.unreadable"] == 1
    assert summary.as_json()["documents"] == 1


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("a.txt", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(100), ([], [FaultKind.UNREADABLE])),
        ("a.htm", b"Plain words in a file that is said to be a page.", ("Plain words", [])),
        ("a.txt", b"<!DOCTYPE html><html><body><p>A page</p></body></html>", ("A page", [])),
        ("a.epub", b"Plain words.", ("Plain words.", [])),
        ("a.txt", gzip.compress(b"Compressed words."), ("Compressed words.", [])),
        ("a.epub", b"PK\x03\x04 and nothing more", ([], [FaultKind.CORRUPT])),
        ("a.zip", b"PK\x05\x06" + bytes(18), ([], [FaultKind.UNREADABLE])),
    ],
)
def test_content_counts_and_not_the_name(
    tmp_path: Path, name: str, data: bytes, expected: tuple[str | list[str], list[FaultKind]]
) -> None:
    (tmp_path / name).write_bytes(data)
    texts, faults = read(tmp_path / name)
    assert faults == expected[1]
    assert texts == expected[0] if faults else texts[0].startswith(str(expected[0]))


def test_an_epub_stays_within_itself(tmp_path: Path) -> None:
    """Its paths are names of members; none is looked for on the disk, and `..` leads no further than its root."""
    (tmp_path / "secret.xhtml").write_text("<html><body><p>Secret.</p></body></html>")
    escaping = PACKAGE.replace("two.xhtml", "../../secret.xhtml")
    members = {"META-INF/container.xml": CONTAINER, "OEBPS/book.opf": escaping, "OEBPS/text one.xhtml": CHAPTER}
    assert read(write_zip(tmp_path / "a.epub", members)) == ([], [FaultKind.CORRUPT])
    inside = {**members, "OEBPS/book.opf": PACKAGE.replace("two.xhtml", "../OEBPS/x/../text%20one.xhtml")}
    assert read(write_zip(tmp_path / "b.epub", inside)) == (["First chapter.\n\nFirst chapter."], [])
    climbing = {**members, "../../secret.xhtml": CHAPTER, "OEBPS/book.opf": PACKAGE}
    read(write_zip(tmp_path / "c.epub", climbing))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.epub", "b.epub", "c.epub", "secret.xhtml"]


@pytest.mark.parametrize("encoding", ["", "utf-16", "cp037"])
def test_entities_are_refused_in_whatever_encoding(tmp_path: Path, encoding: str) -> None:
    declared = BOMB.format(encoding=f' encoding="{encoding}"' if encoding else "", more=LEVELS)
    if encoding == "cp037":  # an expat that follows the declaration reads what comes behind it so
        head, _, rest = declared.partition("?>")
        data = f"{head}?>".encode() + rest.encode("cp037")
    else:
        data = declared.encode(encoding or "utf-8")
    members: dict[str, bytes | str] = {"META-INF/container.xml": data}
    assert read(write_zip(tmp_path / "a.epub", members)) == ([], [FaultKind.CORRUPT])
    members = {"META-INF/container.xml": CONTAINER, "OEBPS/book.opf": data}
    assert read(write_zip(tmp_path / "b.epub", members)) == ([], [FaultKind.CORRUPT])


def test_bombs_are_told_before_they_are_unpacked(tmp_path: Path) -> None:
    bomb = write_zip(tmp_path / "bomb.zip", {"a.txt": b"0" * 5_000_000, "b.txt": "Fine."})
    assert read(bomb, max_bytes=100_000) == (["Fine."], [FaultKind.TOO_LARGE])
    chapters = {"META-INF/container.xml": CONTAINER, "OEBPS/book.opf": PACKAGE, "OEBPS/two.xhtml": CHAPTER}
    many = write_zip(tmp_path / "a.epub", {**chapters, "OEBPS/text one.xhtml": b" " * 5_000_000})
    assert read(many, max_bytes=100_000) == ([], [FaultKind.TOO_LARGE])
    (tmp_path / "a.txt.gz").write_bytes(gzip.compress(b"0" * 50_000_000))
    assert read(tmp_path / "a.txt.gz", max_bytes=100_000) == ([], [FaultKind.TOO_LARGE])


def test_a_member_that_lies_about_its_size(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", {"a.txt": b"0" * 5_000_000})
    data = path.read_bytes().replace((5_000_000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    path.write_bytes(data)
    assert read(path)[0] == []


def test_an_encrypted_member(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", {"a.txt": b"Words."})
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        directory = archive.start_dir
    data[6] |= 1
    data[directory + 8] |= 1
    path.write_bytes(data)
    assert read(path) == ([], [FaultKind.CORRUPT])


@pytest.mark.parametrize(
    "page",
    [
        b"<html><body>" + b"<div>" * 10_000 + b"Deep." + b"</div>" * 10_000,
        b"<html><body>" + b"<b><p>" * 10_000 + b"Deep.",
        b"<html><body>Deep." + b"<" * 100_000,
        b"<html><body>Deep." + b"<!--" * 20_000,
        b"<?xml version='1.0'?>" + b"<!---->" * 500 + b"<p>no page, as comments go",
        b"<html>" + b"&#x44;eep. " + b"&amp" * 50_000,
    ],
    ids=["nested", "misnested", "angles", "comments", "prolog", "entities"],
)
def test_pages_made_to_hurt(tmp_path: Path, page: bytes) -> None:
    (tmp_path / "a.html").write_bytes(page)
    start = time.process_time()
    texts, faults = read(tmp_path / "a.html")
    assert time.process_time() - start < 5
    assert len(texts) == 1
    assert not faults


@pytest.mark.parametrize(
    "text",
    [
        LINE * 80_000,
        b"(etext " * 400_000,
        b"\n(etext" * 400_000,
        b"\n" * 3_000_000,
        b"\r" * 3_000_000,
        b"*** START OF THE PROJECT GUTENBERG EBOOK X\n" * 60_000,
        b"*** START OF THE PROJECT GUTENBERG EBOOK X ***\n\n" + b"End of Project Gutenberg's X\n" * 60_000,
        b"*** START OF THE PROJECT GUTENBERG EBOOK X ***\n" + LINE * 40_000 + b"\nProject Gutenberg",
        b"[Transcriber's note: " * 100_000,
        bytes(range(1, 256)) * 8_000,
        "\u0345\u0301".encode() * 500_000,
    ],
    ids=["line", "etext", "etexts", "newlines", "returns", "starts", "ends", "whole", "notes", "bytes", "accents"],
)
def test_texts_made_to_hurt(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_bytes(text)
    start = time.process_time()
    summary = filter_source("books", [str(tmp_path / "in")], tmp_path / "out", recipe="llama1").as_json()
    assert time.process_time() - start < 10
    assert summary["read"]["documents"] == 1
