"""A crawl's file read back from what was kept of it: the same batches, counts and faults, whole or damaged."""

from pathlib import Path

import pytest
from crawl_files import member, members, warc_record, written

from corpus.cleaning.html import Html
from corpus.errors import UserError
from corpus.identity import identify
from corpus.pipeline.filtering import Clock, Reading, ReadLog
from corpus.pipeline.store import Store
from corpus.sources.crawl import CrawlReader

FIELDS = ("WARC-Record-ID: <urn:uuid:{}>", "WARC-Target-URI: http://a.example/{}", "WARC-Date: 2020-01-02T03:04:05Z")
RECORDS = [
    warc_record(f"Title {n}\nText {n} \n".encode() + bytes([0xFF] * (n % 3)), fields=[f.format(n) for f in FIELDS])
    for n in range(20)
]
PAGE = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<title>t</title><p>Some text of a page, with more to it.</p>"
FILES = {
    "good.warc.wet.gz": members(RECORDS),
    "damaged.warc.wet.gz": members(RECORDS[:5]) + member(RECORDS[5])[:-12] + b"garbage" + members(RECORDS[6:]),
    "cut.warc.wet.gz": members([warc_record(b"software: test\r\n", "warcinfo"), *RECORDS])[:-30],
    "plain.warc.wet": b"".join(RECORDS),
    "pages.warc.gz": members(warc_record(PAGE, "response", fields=[f.format(n) for f in FIELDS]) for n in range(3)),
    "empty.warc.wet.gz": b"",
}


@pytest.mark.parametrize("limit", [None, 1, 7, 100])
@pytest.mark.parametrize("name", FILES)
def test_what_was_kept_equals_what_is_read(tmp_path: Path, name: str, limit: int | None) -> None:
    path = written(tmp_path, FILES[name], name)
    reading, store = Reading(CrawlReader(Html()), limit), Store(tmp_path / "out")
    file = identify(path)
    pages = reading.pages(file, {})
    read, kept, again = ReadLog(), ReadLog(), ReadLog()
    want = list(reading.of(file, read))
    assert list(reading.keeping(file, kept, Clock({}), store, pages)) == want
    assert store.scratch.find(pages) is not None
    Path(path).unlink()
    got = list(reading.again(file, again, Clock({}), store, pages))
    assert got == want
    assert [batch.schema for batch in got] == [batch.schema for batch in want]
    assert again == kept == read


def test_a_refused_file_is_not_kept(tmp_path: Path) -> None:
    path = written(tmp_path, FILES["damaged.warc.wet.gz"])
    reading, store = Reading(CrawlReader(Html()), strict=True), Store(tmp_path / "out")
    file = identify(path)
    pages = reading.pages(file, {})
    with pytest.raises(UserError, match="corrupt"):
        list(reading.keeping(file, ReadLog(strict=True), Clock({}), store, pages))
    assert store.scratch.find(pages) is None
    assert pages != Reading(CrawlReader(Html())).pages(file, {})


def test_a_file_that_is_not_read_to_its_end_is_not_kept(tmp_path: Path) -> None:
    path = written(tmp_path, FILES["good.warc.wet.gz"])
    reading, store = Reading(CrawlReader(Html())), Store(tmp_path / "out")
    file = identify(path)
    pages = reading.pages(file, {})
    batches = reading.keeping(file, ReadLog(), Clock({}), store, pages)
    next(batches)
    batches.close()
    assert store.scratch.find(pages) is None
    assert store.scratch.size() == 0
