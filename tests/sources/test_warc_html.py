import gzip
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from crawl_files import members, warc_record, written

from corpus.cleaning.html import Html
from corpus.errors import UsageError
from corpus.pipeline.reading import Reading, ReadLog
from corpus.sources.crawl import CrawlReader, has_pages
from corpus.sources.crawl_columns import SCHEMA

SENTENCE = "The harbour was quiet in the morning, and the boats lay where the tide had left them. "
PAGE = f"<title>Böats</title><article><p>{SENTENCE * 3}</p></article>"
TEXT = (SENTENCE * 3).strip()


def http(body: bytes | str, *fields: str, status: str = "200 OK", media_type: str = "text/html") -> bytes:
    header = [f"HTTP/1.1 {status}", f"Content-Type: {media_type}", *fields, "", ""]
    return "\r\n".join(header).encode() + (body.encode() if isinstance(body, str) else body)


def page(body: bytes | str = PAGE, *fields: str, number: int = 0, record: tuple[str, ...] = (), **kind: Any) -> bytes:
    header = (f"WARC-Record-ID: <urn:uuid:{number}>", f"WARC-Target-URI: http://a.b/{number}", "WARC-Date: 2020-01-01")
    return warc_record(http(body, *fields, **kind), "response", fields=(*header, *record))


def read(path: str, html: Html | None = None) -> tuple[list[dict[str, Any]], ReadLog]:
    log = ReadLog()
    batches = list(Reading(CrawlReader(html or Html())).batches(path, log))
    assert all(batch.schema == SCHEMA for batch in batches)
    rows = [row for batch in batches for row in batch.to_pylist()]
    skipped = sum(count for name, count in log.counts.items() if name.startswith("skipped."))
    assert log.counts.get("records", 0) == len(rows) + skipped + log.counts.get("unreadable", 0)
    assert log.counts.get("documents", 0) == len(rows)
    return rows, log


def test_a_page_becomes_a_document(tmp_path: Path) -> None:
    record = page(record=("WARC-Payload-Digest: sha1:PAYLOAD", "WARC-Block-Digest: sha1:BLOCK"))
    rows, _ = read(written(tmp_path, members([record]), "x.warc.gz"))
    assert len(rows) == 1
    row = rows[0]
    assert (row["id"], row["url"], row["digest"]) == ("commoncrawl/0", "http://a.b/0", "sha1:PAYLOAD")
    assert (row["title"], row["text"]) == ("Böats", TEXT)
    assert (row["original_length"], row["nlines"], row["length"]) == (len(PAGE.encode()), 1, len(TEXT))
    assert row["timestamp"].isoformat() == "2020-01-01T00:00:00+00:00"
    assert row["origin"] == {"path": str(tmp_path / "x.warc.gz"), "offset": 0, "record": 0}


def test_what_is_no_page_is_counted(tmp_path: Path) -> None:
    records = [
        warc_record(b"software: x", "warcinfo"),
        warc_record(b"GET / HTTP/1.1\r\n\r\n", "request"),
        page(number=1),
        page(number=2, status="404 Not Found"),
        page(number=3, status="301 Moved"),
        page(b"\x89PNG\r\n\x1a\n", number=4, media_type="image/png"),
        page("{}", number=5, media_type=""),
        page("", number=6),
        page(" " * 5000, number=7),
        page(b"\0\1", "Content-Encoding: sdch", number=8),
        page("<p>" + "x" * 5000, number=9),
        page("<!doctype html><p>x", number=10, media_type=""),
        page(PAGE, number=11, record=("WARC-Identified-Payload-Type: application/pdf",)),
        warc_record(b"a.b.\t60\tIN\tA\t127.0.0.1", "response", fields=("Content-Type: text/dns",)),
        page(PAGE[:-30], number=12, record=("WARC-Truncated: length",)),
    ]
    rows, log = read(written(tmp_path, members(records), "x.warc.gz"), Html(max_bytes=4000))
    assert [row["id"] for row in rows] == ["commoncrawl/1", "commoncrawl/10", "commoncrawl/12"]
    skipped = {name: count for name, count in log.counts.items() if name.startswith("skipped.")}
    assert skipped == {
        "skipped.warcinfo": 1,
        "skipped.request": 1,
        "skipped.status": 2,
        "skipped.media_type": 4,
        "skipped.empty": 1,
        "skipped.too_large": 2,
        "skipped.encoding": 1,
    }
    assert log.counts["truncated"] == 1
    assert not log.faults


@pytest.mark.parametrize(
    ("body", "fields", "media_type"),
    [
        (PAGE.encode("latin-1"), (), "text/html; charset=ISO-8859-1"),
        (b"<meta charset=utf-8>" + PAGE.encode(), (), "text/html"),
        (gzip.compress(PAGE.encode()), ("Content-Encoding: gzip",), "text/html"),
        (b"%x\r\n%s\r\n0\r\n\r\n" % (len(PAGE.encode()), PAGE.encode()), ("Transfer-Encoding: chunked",), "text/html"),
    ],
)
def test_encodings(tmp_path: Path, body: bytes, fields: tuple[str, ...], media_type: str) -> None:
    rows, log = read(written(tmp_path, page(body, *fields, media_type=media_type), "x.warc"))
    assert [(row["title"], row["text"]) for row in rows] == [("Böats", TEXT)]
    assert "ill_formed" not in log.counts


def test_pages_with_bytes_outside_their_encoding_are_counted(tmp_path: Path) -> None:
    rows, log = read(written(tmp_path, page(b"<meta charset=utf-8><p>\xff" + SENTENCE.encode() * 3), "x.warc"))
    assert rows[0]["text"].startswith("\ufffdThe")
    assert log.counts["ill_formed"] == 1


def test_all_of_a_page(tmp_path: Path) -> None:
    path = written(tmp_path, page(f"<nav>menu</nav>{PAGE}"), "x.warc")
    assert read(path)[0][0]["text"] == TEXT
    assert read(path, Html(content="all"))[0][0]["text"] == f"menu\n{TEXT}"


def test_parameters_are_checked() -> None:
    for wrong in ({"content": "best"}, {"max_bytes": 0}, {"max_bytes": 1 << 31}):
        with pytest.raises(UsageError):
            Html(**wrong)


def test_batches_do_not_change_the_documents(tmp_path: Path) -> None:
    from corpus.sources.warc_html import read_warc

    path = written(tmp_path, members([page(number=number) for number in range(5)]), "x.warc.gz")
    tables = [
        pa.Table.from_batches(read_warc(path, ReadLog(), Html(), batch_documents=documents, batch_bytes=size))
        for documents, size in ((100, 1 << 20), (2, 1 << 20), (100, 1))
    ]
    assert tables[0].num_rows == 5
    assert all(table.combine_chunks().equals(tables[0].combine_chunks()) for table in tables)


def test_readers_are_chosen_by_name_and_content(tmp_path: Path) -> None:
    text, pages = members([warc_record(b"title\ntext\n")]), members([warc_record(b"x", "warcinfo"), page()])
    assert not has_pages(written(tmp_path, text, "a.warc.wet.gz"))
    assert not has_pages(written(tmp_path, text, "a.warc.gz"))
    assert has_pages(written(tmp_path, pages, "b.warc.gz"))
    assert has_pages(written(tmp_path, pages, "b.anything"))
    assert not has_pages(written(tmp_path, b"nothing", "c.warc.gz"))


def test_every_real_crawl_file_is_read_to_its_end(shared_data: Path) -> None:
    """Odd, cut and damaged ones too: every record is a document, skipped, or a fault of one line."""
    documents: Counter[str] = Counter()
    for path in sorted((shared_data / "data/web/warc").iterdir()):
        rows, log = read(str(path))
        documents[path.name.partition(".")[0]] += len(rows)
        assert all("\n" not in fault.describe() for fault in log.faults)
        assert sum(row["length"] == 0 for row in rows) <= 0.05 * len(rows)
    assert documents["resiliparse-warcfile"] == 16
    assert documents["dolma-sample-0000"] == 22
    assert documents["aut-IAH-blackbook"] == 94
    for name in ("brotli", "gzip", "none"):
        assert documents[f"ukwadisc-transfer_compression_{name}"] == 1
    assert documents["solrwayback-transfer_compression_none_truncated"] == 0


def test_encodings_of_a_real_crawl(shared_data: Path) -> None:
    rows, _ = read(str(shared_data / "data/web/warc/resiliparse-warcfile.warc.gz"))
    titles = " ".join(row["title"] for row in rows)
    assert "我国卫生与健康领域有了“基本法”" in titles, "gb2312"
    assert "Стратегия пожарной безопасности" in titles, "windows-1251"
