import gzip
import io
import re
import zipfile
from pathlib import Path

import pytest
from book_archives import CONTAINER, PACKAGE, write_zip
from hypothesis import given
from hypothesis import strategies as st

from corpus.faults import FaultKind
from corpus.pipeline.reading import ReadLog
from corpus.sources.book_files import read_books
from corpus.sources.book_text import decode_book


def texts(path: Path, log: ReadLog | None = None, **limits: int) -> list[str]:
    return [batch["text"][0].as_py() for batch in read_books(str(path), log or ReadLog(), **limits)]


@pytest.mark.parametrize(
    ("data", "text", "encoding"),
    [
        ("naïve\r\n— end".encode(), "naïve\n— end", "utf-8"),
        (b"\xef\xbb\xbfmark", "mark", "utf-8"),
        ("Ünder".encode("utf-16"), "Ünder", "utf-16-le"),
        ("señor, café, garçon".encode("latin-1"), "señor, café, garçon", "cp1252"),
        ("“quoted”".encode("cp1252"), "“quoted”", "cp1252"),
        ("señor, café, garçon".encode("cp437"), "señor, café, garçon", "cp437"),
        ("Character set encoding: ISO-8859-2\r\n\r\nžluťoučký".encode("iso8859-2"), None, "iso8859-2"),
        (b"one\r\r\ntwo\r\r\n\r\r\nthree\rfour", "one\ntwo\n\nthree\nfour", "utf-8"),
    ],
)
def test_encodings_and_line_ends(data: bytes, text: str | None, encoding: str) -> None:
    decoded = decode_book(data)
    assert decoded.encoding == encoding
    assert decoded.replaced == 0
    assert decoded.text == text if text is not None else decoded.text.endswith("žluťoučký")


@pytest.mark.parametrize(
    ("line", "encodings"),
    [
        ("Привет, мир. Это книга о реке и о людях, которые жили на её берегах.", ["cp1251", "koi8-r", "cp866"]),
        ("Το βιβλίο αυτό μιλάει για ένα ποτάμι και για τους ανθρώπους του.", ["iso8859-7"]),
        ("この本は川とその人々について語る。昔々、ある村に老人が住んでいた。", ["shift_jis", "euc_jp"]),
        ("这本书讲的是一条河和住在河边的人们的故事。很久很久以前，有人说。", ["gb18030"]),
        ("Élan à été, où ça ! Un élève naïf préfère l'été.", ["cp1252", "cp437"]),
    ],
)
def test_undeclared_encodings_of_other_scripts(line: str, encodings: list[str]) -> None:
    text = "\n".join([line] * 20)
    for encoding in encodings:
        assert decode_book(text.encode(encoding)).text == text, encoding


def test_an_epub_is_read_in_its_reading_order(tmp_path: Path) -> None:
    members = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": CONTAINER,
        "OEBPS/book.opf": PACKAGE,
        "OEBPS/two.xhtml": "<html><body><h2>II</h2><p>Second <i>chapter</i>.</p></body></html>",
        "OEBPS/text one.xhtml": "<?xml version='1.0'?><html><body><p>First &amp; only.</p><p>Next.</p></body></html>",
    }
    path = write_zip(tmp_path / "b.epub", members)
    assert texts(path) == ["First & only.\n\nNext.\n\nII\n\nSecond chapter."]
    (book,) = read_books(str(path), ReadLog())
    assert [book[name][0].as_py() for name in ("title", "author", "language")] == ["Two & Two", "N. N.", "en"]


def test_verses_are_lines_of_a_paragraph(tmp_path: Path) -> None:
    page = "<html><p>One, two,<br/>\nbuckle<BR class=x>my shoe.<br></p><p>Three,<br> <br>four.</p></html>"
    (tmp_path / "v.html").write_text(page)
    assert texts(tmp_path / "v.html") == ["One, two,\nbuckle\nmy shoe.\n\nThree,\n\nfour."]


def test_a_zip_archive_gives_each_of_its_books(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "b.zip", {"../a.txt": "One.", "pics/x.png": b"\x89PNG", "d/b.htm": "<html><p>Two."})
    log = ReadLog()
    batches = list(read_books(str(path), log))
    assert [b["text"][0].as_py() for b in batches] == ["One.", "Two."]
    assert [b["member"][0].as_py() for b in batches] == ["../a.txt", "d/b.htm"]
    assert log.counts["documents"] == 2
    assert not log.faults


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("cut.txt.gz", gzip.compress(b"A book. " * 1000)[:-20], FaultKind.TRUNCATED),
        ("long.txt.gz", gzip.compress(b"A book. " * 10_000), FaultKind.TOO_LARGE),
        ("cut.zip", b"PK\x03\x04" + b"\0" * 50, FaultKind.CORRUPT),
        ("book.txt", b"%PDF-1.4\n" + b"\0\1" * 200, FaultKind.UNREADABLE),
    ],
)
def test_what_cannot_be_read_is_counted(tmp_path: Path, name: str, data: bytes, kind: FaultKind) -> None:
    (tmp_path / name).write_bytes(data)
    log = ReadLog()
    assert texts(tmp_path / name, log, max_bytes=20_000) == []
    assert [fault.kind for fault in log.faults] == [kind]
    assert log.counts["records"] == log.counts["unreadable"] == 1


def test_a_damaged_member_does_not_hide_the_others(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.txt", "First book.")
        archive.writestr("b.txt", "Second book.")
    (tmp_path / "d.zip").write_bytes(buffer.getvalue().replace(b"First book.", b"First book!"))
    log = ReadLog()
    assert texts(tmp_path / "d.zip", log) == ["Second book."]
    assert [fault.kind for fault in log.faults] == [FaultKind.CORRUPT]


@given(st.text(alphabet="\r\na", max_size=60), st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp437"]))
def test_every_line_end_is_one_newline(text: str, encoding: str) -> None:
    assert decode_book(text.encode(encoding)).text == re.sub("\r\r?\n|\r", "\n", text)
