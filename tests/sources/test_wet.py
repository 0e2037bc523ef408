"""Documents of WET files."""

import gzip
import hashlib
import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path

import pyarrow as pa
import pytest
from crawl_files import members, warc_record, written
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.errors import UserError
from corpus.pipeline.reading import ReadLog
from corpus.sources.crawl_columns import SCHEMA
from corpus.sources.wet import read_wet

FIELDS = (
    "WARC-Target-URI: https://example.org/a?q=1",
    "WARC-Date: 2024-05-18T01:58:10Z",
    "WARC-Record-ID: <urn:uuid:ba729a40-ff84-4085-8d48-0a5b2ee0c42d>",
    "WARC-Block-Digest: sha1:RDTSR52RUHWDA7QK4BK7OUHU3EXTXYUL",
)
READ = ("url", "title", "digest", "original_length", "nlines")
REFERENCE = ("url", "title", "digest", "length_in", "nlines_in")
WARCINFO = warc_record(b"software: test\r\n", "warcinfo")


def table(path: str, log: ReadLog | None = None, **sizes: int) -> pa.Table:
    return pa.Table.from_batches(read_wet(path, log or ReadLog(), **sizes), SCHEMA)


def documents(directory: Path, records: Sequence[bytes], log: ReadLog | None = None) -> list[dict[str, object]]:
    return table(written(directory, members(records)), log).to_pylist()


def assert_accounted(log: ReadLog) -> None:
    """Every record is a document, skipped or unreadable, and every fault is counted."""
    skipped = sum(count for name, count in log.counts.items() if name.startswith("skipped."))
    accounted = log.counts.get("documents", 0) + skipped + log.counts.get("unreadable", 0)
    assert log.counts.get("records", 0) == accounted
    assert log.counts.get("unreadable", 0) == sum(fault.loses_record for fault in log.faults)
    assert sum(count for name, count in log.counts.items() if name.startswith("faults.")) == len(log.faults)


def test_every_page_of_four_shards_is_read_as_cc_net_reads_it(shared_data: Path) -> None:
    truth: dict[str, list[dict[str, object]]] = defaultdict(list)
    with gzip.open(shared_data / "golden/ccnet/dedup.jsonl.gz", "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            truth[row["shard"]].append(row)
    assert sum(map(len, truth.values())) == 1147
    log = ReadLog()
    for shard, pages in truth.items():
        rows = table(str(shared_data / "data/web/wet" / shard), log).to_pylist()
        for row in rows:
            lines_of_text = row["text"].split("\n") if row["nlines"] else []
            assert (row["length"], row["nlines"]) == (len(row["text"]), len(lines_of_text))
        read = [[row[name] for name in READ] for row in rows if row["length"] >= 300]
        assert read == [[page[name] for name in REFERENCE] for page in pages]
    assert log.counts == {"records": 1154, "documents": 1150, "skipped.warcinfo": 4, "payload_bytes": 12585608}


def test_columns_of_a_document(tmp_path: Path) -> None:
    payload = "  Título \nline one\t\n\n line two\n\n".encode()
    path = written(tmp_path, members([WARCINFO, warc_record(payload, fields=FIELDS)]))
    assert table(path).to_pylist() == [
        {
            "id": "commoncrawl/ba729a40-ff84-4085-8d48-0a5b2ee0c42d",
            "text": "line one\n\nline two\n",
            "source": "commoncrawl",
            "url": "https://example.org/a?q=1",
            "timestamp": datetime(2024, 5, 18, 1, 58, 10, tzinfo=timezone.utc),
            "origin": {"path": path, "offset": len(members([WARCINFO])), "record": 1},
            "title": "Título",
            "digest": "sha1:RDTSR52RUHWDA7QK4BK7OUHU3EXTXYUL",
            "original_length": len(payload),
            "nlines": 4,
            "length": 19,
        }
    ]


def test_a_real_common_crawl_file(shared_data: Path) -> None:
    [row] = table(str(shared_data / "data/web/warc/whirlwind.warc.wet.gz")).to_pylist()
    assert row["id"] == "commoncrawl/ba729a40-ff84-4085-8d48-0a5b2ee0c42d"
    assert row["title"] == "Escopete - Biquipedia, a enciclopedia libre"
    assert row["url"] == "https://an.wikipedia.org/wiki/Escopete"
    assert row["timestamp"] == datetime(2024, 5, 18, 1, 58, 10, tzinfo=timezone.utc)
    assert row["digest"] == "sha1:RDTSR52RUHWDA7QK4BK7OUHU3EXTXYUL"
    assert row["original_length"] == 4456
    assert row["text"].startswith("Ir al contenido\nMenú principal\nMenú principal\nmover a la barra lateral\n")


def test_headers_that_are_not_there(tmp_path: Path) -> None:
    url = ["WARC-Target-URI: <http://a.org/>", "WARC-Date: yesterday"]
    digest = "sha1:RDTSR52RUHWDA7QK4BK7OUHU3EXTXYUL"
    rows = documents(
        tmp_path,
        [
            warc_record(b"a\nb"),
            warc_record(b"c"),
            warc_record(b"a\nb", fields=url),
            warc_record(b"a\nb", fields=FIELDS[3:]),
        ],
    )
    assert [row["url"] for row in rows] == [None, None, "http://a.org/", None]
    assert [row["timestamp"] for row in rows] == [None] * 4
    assert [row["digest"] for row in rows] == [None, None, None, digest]
    content = [hashlib.sha1(payload).hexdigest() for payload in (b"a\nb", b"c", b"a\nb")]
    keys = [f"\n{content[0]}", f"\n{content[1]}", f"http://a.org/\n{content[2]}", f"\n{digest}"]
    assert [row["id"] for row in rows] == [f"commoncrawl/{hashlib.sha1(key.encode()).hexdigest()}" for key in keys]


def test_text_that_is_not_utf8_is_kept_and_reported(tmp_path: Path) -> None:
    log = ReadLog()
    records = [WARCINFO, warc_record(b"t\ncaf\xe9 \xff\xfe"), warc_record("t\n\ufffd".encode())]
    rows = documents(tmp_path, records, log)
    assert [row["text"] for row in rows] == ["caf\ufffd \ufffd\ufffd\n", "\ufffd"]
    [fault] = log.faults
    assert (fault.kind.value, fault.record, fault.offset) == ("invalid_utf8", 1, len(members(records[:1])))
    assert fault.detail == "3 ill-formed sequences read as U+FFFD"
    assert (log.counts["documents"], log.counts.get("unreadable")) == (2, None)


def test_other_records_are_counted_by_type(tmp_path: Path) -> None:
    log = ReadLog()
    types = ["warcinfo", "request", "response", "conversion", "metadata", "CONVERSION", "x" * 90, "", "request"]
    assert len(documents(tmp_path, [warc_record(b"p\n", kind) for kind in types], log)) == 2
    assert log.counts == {
        "records": 9,
        "documents": 2,
        "payload_bytes": 18,
        "skipped.warcinfo": 1,
        "skipped.request": 2,
        "skipped.response": 1,
        "skipped.metadata": 1,
        "skipped.other": 2,
    }


def test_batches_are_of_the_size_asked_for_and_hold_the_same_documents(shared_data: Path) -> None:
    path = str(shared_data / "data/web/wet/CC-TEST-00003.warc.wet.gz")
    whole = table(path)
    by_documents = list(read_wet(path, ReadLog(), batch_documents=100))
    assert [batch.num_rows for batch in by_documents] == [100, 100, 87]
    by_bytes = list(read_wet(path, ReadLog(), batch_bytes=100_000))
    for batch in by_bytes[:-1]:
        sizes = batch.column("original_length").to_pylist()
        assert sum(sizes) >= 100_000 > sum(sizes[:-1])
    for batches in (by_documents, by_bytes):
        assert pa.Table.from_batches(batches, SCHEMA).equals(whole)


def test_counts_add_up_at_every_batch(shared_data: Path) -> None:
    log = ReadLog()
    for path in sorted((shared_data / "data/web/wet").glob("*.wet.gz")):
        for _ in read_wet(str(path), log, batch_documents=10):
            assert_accounted(log)


def test_crawl_files_without_text_are_refused(shared_data: Path, tmp_path: Path) -> None:
    for name, held in (
        ("whirlwind.warc.gz", "1 metadata, 1 request, 1 response, 1 warcinfo"),
        ("whirlwind.warc.wat.gz", "1 metadata, 1 warcinfo"),
    ):
        path = str(shared_data / "data/web/warc" / name)
        with pytest.raises(UserError) as error:
            table(path)
        assert str(error.value) == (
            f"{path}: WARC records but no text among them ({held}); give the crawl's .warc.wet.gz or .warc.gz files"
        )
    assert documents(tmp_path, [WARCINFO]) == []


def test_strict_stops_at_the_first_fault(tmp_path: Path) -> None:
    path = written(tmp_path, members([WARCINFO, warc_record(b"page\n", length="17")]))
    assert table(path).num_rows == 0
    with pytest.raises(
        UserError, match=r"crawl\.warc\.wet\.gz, byte \d+, record 1: truncated: .*; run without --strict"
    ):
        table(path, ReadLog(strict=True))


@given(st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.binary(max_size=6)), max_size=5))
@settings(deadline=None)
def test_a_damaged_file_is_accounted_for(
    tmp_path_factory: pytest.TempPathFactory, overwrites: list[tuple[float, bytes]]
) -> None:
    pages = [f"Title {i}\n{'text ' * i}\n".encode() for i in range(12)]
    data = bytearray(members([WARCINFO, *(warc_record(page, fields=FIELDS) for page in pages)]))
    for place, put in overwrites:
        at = int(place * len(data))
        data[at : at + len(put)] = put
    log = ReadLog()
    path = written(tmp_path_factory.getbasetemp(), bytes(data))
    try:
        read = table(path, log)
    except UserError:
        return
    assert_accounted(log)
    assert log.counts.get("documents", 0) == read.num_rows >= 11 - 2 * len(overwrites)
    assert set(read.column("title").to_pylist()) <= {f"Title {i}" for i in range(12)}
