"""A crawl's file read back from what was kept of it: the same batches, counts and faults, whole or damaged."""

from pathlib import Path

import pytest
from crawl_files import member, members, warc_record, written

from corpus.cleaning.html import Html
from corpus.errors import UserError
from corpus.identity import identify
from corpus.models.files import ModelFiles
from corpus.pipeline.clock import Clock
from corpus.pipeline.ledger import Ledger
from corpus.pipeline.reading import Reading, ReadLog
from corpus.pipeline.store import Store
from corpus.pipeline.upstream import Upstream
from corpus.quality.length import Length
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


def upstream(path: str, limit: int | None = None, *, strict: bool = False) -> Upstream:
    reading = Reading(CrawlReader(Html()), limit, strict)
    return Upstream(identify(path), reading, ModelFiles(()), {}, (Length(min_length=8),), keep=True).keeping()


@pytest.mark.parametrize("limit", [None, 1, 7, 100])
@pytest.mark.parametrize("name", FILES)
def test_what_was_kept_equals_what_is_read(tmp_path: Path, name: str, limit: int | None) -> None:
    path = written(tmp_path, FILES[name], name)
    documents, store = upstream(path, limit), Store(tmp_path / "out")
    read, again = (ReadLog(), Ledger()), (ReadLog(), Ledger())
    want = list(documents.passed(store, Clock({}), *read))
    assert list(documents.batches(store, Clock({}))) == [each.batch for each in want]
    assert store.scratch.find(documents.kept[0][1]) is not None
    Path(path).unlink()
    got = list(documents.passed(store, Clock({}), *again))
    assert got == want
    assert [each.batch.schema for each in got] == [each.batch.schema for each in want]
    assert again == read


def test_a_refused_file_is_not_kept(tmp_path: Path) -> None:
    path = written(tmp_path, FILES["damaged.warc.wet.gz"])
    documents, store = upstream(path, strict=True), Store(tmp_path / "out")
    with pytest.raises(UserError, match="corrupt"):
        list(documents.batches(store, Clock({})))
    assert store.scratch.find(documents.kept[0][1]) is None
    assert documents.kept != upstream(path).kept


def test_a_file_that_is_not_read_to_its_end_is_not_kept(tmp_path: Path) -> None:
    path = written(tmp_path, FILES["good.warc.wet.gz"])
    documents, store = upstream(path), Store(tmp_path / "out")
    batches = documents.batches(store, Clock({}))
    next(batches)
    batches.close()
    assert store.scratch.find(documents.kept[0][1]) is None
    assert store.scratch.size() == 0
