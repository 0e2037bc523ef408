import gzip
import io
import zipfile
from pathlib import Path

import pytest

from corpus.errors import UnreadableInputError
from corpus.faults import FaultKind
from corpus.pipeline.filtering import ReadLog
from corpus.sources.book_files import read_books
from corpus.sources.book_text import decode_book

CONTAINER = '<?xml version="1.0"?><container><rootfiles><rootfile full-path="OEBPS/book.opf"/></rootfiles></container>'
PACKAGE = """<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf"><manifest>
<item id="b" href="two.xhtml"/><item id="a" href="text%20one.xhtml"/><item id="css" href="style.css"/></manifest>
<spine><itemref idref="a"/><itemref idref="b"/></spine></package>"""


def write_zip(path: Path, members: dict[str, bytes | str]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


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


def test_an_epub_is_read_in_its_reading_order(tmp_path: Path) -> None:
    members = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": CONTAINER,
        "OEBPS/book.opf": PACKAGE,
        "OEBPS/two.xhtml": "<html><body><h2>II</h2><p>Second <i>chapter</i>.</p></body></html>",
        "OEBPS/text one.xhtml": "<?xml version='1.0'?><html><body><p>First &amp; only.</p><p>Next.</p></body></html>",
    }
    assert texts(write_zip(tmp_path / "b.epub", members)) == ["First & only.\n\nNext.\n\nII\n\nSecond chapter."]


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


def test_bombs_and_entities_are_refused(tmp_path: Path) -> None:
    log = ReadLog()
    bomb = write_zip(tmp_path / "bomb.zip", {"a.txt": b"0" * 5_000_000, "b.txt": "Fine."})
    assert texts(bomb, log, max_bytes=100_000) == ["Fine."]
    entities = '<!DOCTYPE c [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + CONTAINER[21:]
    assert texts(write_zip(tmp_path / "e.epub", {"META-INF/container.xml": entities}), log) == []
    assert [fault.kind for fault in log.faults] == [FaultKind.TOO_LARGE, FaultKind.CORRUPT]


def test_a_damaged_member_does_not_hide_the_others(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.txt", "First book.")
        archive.writestr("b.txt", "Second book.")
    (tmp_path / "d.zip").write_bytes(buffer.getvalue().replace(b"First book.", b"First book!"))
    log = ReadLog()
    assert texts(tmp_path / "d.zip", log) == ["Second book."]
    assert [fault.kind for fault in log.faults] == [FaultKind.CORRUPT]


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "e.txt").write_bytes(b"")
    with pytest.raises(UnreadableInputError, match="empty file"):
        texts(tmp_path / "e.txt")
