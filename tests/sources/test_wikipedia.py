"""Wikipedia dumps: every container, every part of a file, every kind of damage."""

import bz2
import gzip
import json
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pyarrow.dataset as ds
import pytest
from hypothesis import given
from hypothesis import strategies as st
from wiki_pages import dump, header, multistream, page_xml, written

from corpus.errors import UnreadableInputError, UserError
from corpus.faults import Fault
from corpus.filter import filter_source
from corpus.pipeline.reading import ReadLog
from corpus.sources import mediawiki
from corpus.sources.wiki_dump import DumpReader
from corpus.sources.wiki_pieces import Piece

PAGES = [page_xml(i, f"Page {i}", f"Text of page {i}. " * 3) for i in range(1, 11)]


def read(path: str, start: int = 0, end: int | None = None) -> tuple[list[dict], ReadLog]:
    log = ReadLog()
    rows = [row for batch in DumpReader(start, end)(path, log) for row in batch.to_pylist()]
    return rows, log


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("enwiki.xml", dump(PAGES)),
        ("enwiki.xml.gz", gzip.compress(dump(PAGES))),
        ("enwiki.xml.bz2", bz2.compress(dump(PAGES))),
        ("enwiki-multistream.xml.bz2", multistream(PAGES)),
    ],
)
def test_every_container(tmp_path: Path, name: str, data: bytes) -> None:
    rows, log = read(written(tmp_path, data, name))
    assert [row["id"] for row in rows] == [f"wikipedia:en:{i}" for i in range(1, 11)]
    first = rows[0]
    assert (first["title"], first["revision_id"], first["language"]) == ("Page 1", 1001, "en")
    assert first["url"] == "https://en.wikipedia.org/wiki/Page_1"
    assert first["timestamp"].isoformat() == "2022-07-01T00:00:00+00:00"
    assert log.counts["documents"] == 10
    assert not log.faults


@given(st.lists(st.integers(0, 2500), max_size=4), st.booleans())
def test_parts_hold_every_page_once(tmp_path_factory: pytest.TempPathFactory, cuts: list[int], packed: bool) -> None:
    data = multistream(PAGES) if packed else dump(PAGES)
    path = written(tmp_path_factory.mktemp("dump"), data, "enwiki.xml.bz2" if packed else "enwiki.xml")
    bounds = sorted({0, len(data), *(min(cut, len(data)) for cut in cuts)})
    whole, _ = read(path)
    parts = [row for start, end in pairwise(bounds) for row in read(path, start, end)[0]]
    assert parts == whole


def test_pages_that_run_over_the_ends_of_streams(tmp_path: Path) -> None:
    data = dump(PAGES)
    streams = [bz2.compress(data[i : i + 97]) for i in range(0, len(data), 97)]
    path = written(tmp_path, b"".join(streams), "enwiki.xml.bz2")
    starts = [0]
    for stream in streams:
        starts.append(starts[-1] + len(stream))
    parts = [row for s, e in zip(starts[::7], [*starts[7::7], starts[-1]], strict=True) for row in read(path, s, e)[0]]
    assert [row["title"] for row in parts] == [f"Page {i}" for i in range(1, 11)]


def test_a_part_reads_no_further_than_its_last_page() -> None:
    data = dump(PAGES)
    pieces = iter(_pieces(data))
    pages = list(mediawiki.raw_pages(pieces, data.index(b"<page><title>Page 3"), "p", lambda fault: None))
    assert len(pages) == 2
    assert len(list(pieces)) * 64 > len(data) // 2


@pytest.mark.parametrize(
    ("page", "detail"),
    [
        ("<page><title>Bad</title><text>&bomb;</text></page>\n", "undefined entity"),
        ("<page><title>Bad</title><text>" + "<a>" * 40 + "</text></page>\n", "nested deeper"),
        ("<page><title>Bad</title><text>a < b</text></page>\n", "XML"),
        ("<page><ns>0</ns><id>1</id></page>\n", "no title"),
        ("<page><title>Bad</title>\n", "no end before the next"),
    ],
)
def test_a_bad_page_costs_itself_alone(tmp_path: Path, page: str, detail: str) -> None:
    rows, log = read(written(tmp_path, dump([PAGES[0], page, PAGES[1]])))
    assert [row["title"] for row in rows] == ["Page 1", "Page 2"]
    assert log.counts["unreadable"] == 1
    assert log.counts["records"] == 3
    assert detail in log.faults[0].detail


def test_entities_of_a_document_type_are_not_expanded(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]>\n'
    data = bomb.encode() + dump([PAGES[0], page_xml(2, "B", "x").replace("x<", "&b;<")])
    rows, log = read(written(tmp_path, data))
    assert [row["title"] for row in rows] == ["Page 1"]
    assert log.counts["faults.corrupt"] == 1


@pytest.mark.parametrize("cut", [30, 200, 1000])
def test_truncated_files_keep_what_is_whole(tmp_path: Path, cut: int) -> None:
    for name, data in (("a.xml.bz2", multistream(PAGES)), ("enwiki.xml", dump(PAGES))):
        rows, log = read(written(tmp_path, data[:-cut], name))
        assert 0 < len(rows) <= 10
        assert rows == read(written(tmp_path, data, name))[0][: len(rows)]
        if len(rows) < 10:
            assert "truncated" in {fault.kind.value for fault in log.faults}


def test_a_damaged_stream_costs_its_pages_alone(tmp_path: Path) -> None:
    data = bytearray(multistream(PAGES))
    streams = [i for i in range(len(data)) if data[i : i + 4] == b"BZh9" and data[i + 4 : i + 6] == b"1A"]
    middle = (streams[2] + streams[3]) // 2
    data[middle : middle + 8] = bytes(8)
    rows, log = read(written(tmp_path, bytes(data), "enwiki.xml.bz2"))
    assert {row["title"] for row in rows} >= {f"Page {i}" for i in (1, 2, 5, 6, 7, 8, 9, 10)}
    assert "corrupt" in {fault.kind.value for fault in log.faults}


@pytest.mark.parametrize("data", [b"", b"<html></html>", b"\x89PNG\r\n\x1a\n", b"plain text"])
def test_files_that_are_no_dumps(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(UnreadableInputError, match="not a wiki dump"):
        read(written(tmp_path, data))


def test_a_dump_that_names_no_language(tmp_path: Path) -> None:
    data = b"<mediawiki>" + PAGES[0].encode() + b"</mediawiki>"
    assert read(written(tmp_path, data, "dewiki-20220620.xml"))[0][0]["id"] == "wikipedia:de:1"
    with pytest.raises(UnreadableInputError, match="does not say its language"):
        read(written(tmp_path, data, "pages.xml"))


def test_a_page_above_the_limit_is_passed_over() -> None:
    pieces = iter(_pieces(dump([PAGES[0], page_xml(99, "Huge", "x" * 5000), PAGES[1]])))
    faults: list[Fault] = []
    pages = list(mediawiki.raw_pages(pieces, None, "p", faults.append, max_page_bytes=2000))
    assert [mediawiki.parse_page(page.xml).title for page in pages] == ["Page 1", "Page 2"]
    assert [fault.kind.value for fault in faults] == ["too_large"]


def _pieces(data: bytes, size: int = 64) -> list[Piece]:
    return [Piece(data[i : i + size], i, plain=True) for i in range(0, len(data), size)]


def test_cirrus_search_dumps(tmp_path: Path) -> None:
    fields = {"title": "A {{b}}", "text": "Plain [[text]].", "opening_text": "Plain.", "namespace": 0, "wiki": "dewiki"}
    fields |= {"version": 7, "timestamp": "2022-07-01T00:00:00Z", "language": "de"}
    lines = [json.dumps(line) for line in ({"index": {"_id": "12"}}, fields, {"index": {"_id": "13"}})] + ["{broken"]
    path = written(tmp_path, gzip.compress("\n".join(lines).encode()), "dewiki-20220620-cirrussearch-content.json.gz")
    rows, log = read(path)
    assert [(row["id"], row["revision_id"], row["model"]) for row in rows] == [("wikipedia:de:12", 7, "text")]
    assert log.counts["unreadable"] == 1
    filter_source("wikipedia", [path], tmp_path / "out", recipe="llama1", settings=["read.cirrus_field=opening_text"])
    assert ds.dataset(tmp_path / "out" / "documents").to_table()["text"].to_pylist() == ["Plain."]


def test_the_ledger_accounts_for_every_page(tmp_path: Path) -> None:
    pages = [
        page_xml(1, "Article", "Prose [[here]]."),
        page_xml(2, "Redirected", "#REDIRECT [[Article]]", extra='<redirect title="Article" />'),
        page_xml(3, "Old redirect", "#redirect [[Article]]"),
        page_xml(4, "Template:X", "x", namespace=10),
        page_xml(5, "Style", "a {}", model="css"),
        page_xml(6, "Mercury", "May be:\n* [[Planet]]\n{{disambiguation}}"),
        page_xml(7, "Empty", "{{Infobox}}"),
    ]
    path = written(tmp_path, dump(pages))
    settings = ["wikitext.disambiguation=false", "wikitext.title=true"]
    summary = filter_source("wikipedia", [path], tmp_path / "out", recipe="llama1", settings=settings)
    assert summary.as_json()["documents"] == 1
    dropped = ds.dataset(tmp_path / "out" / "dropped").to_table().to_pylist()
    assert Counter(row["reason"] for row in dropped) == {
        "redirect": 2,
        "namespace": 1,
        "not_wikitext": 1,
        "disambiguation": 1,
        "too_short": 1,
    }
    kept = ds.dataset(tmp_path / "out" / "documents").to_table().to_pylist()
    assert kept[0]["text"] == "Article\n\nProse here."


def test_large_files_are_read_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, multistream(PAGES), "enwiki-multistream.xml.bz2")
    whole = tmp_path / "whole"
    filter_source("wikipedia", [path], whole, recipe="llama1")
    monkeypatch.setattr("corpus.sources.wikipedia.PART_BYTES", 300)
    parts = tmp_path / "parts"
    summary = filter_source("wikipedia", [path], parts, recipe="llama1").as_json()
    assert len(list((parts / "documents").iterdir())) > 2
    assert ds.dataset(parts / "documents").to_table() == ds.dataset(whole / "documents").to_table()
    assert summary["read"]["files"] == 1


def test_a_changed_table_runs_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, dump(PAGES))
    filter_source("wikipedia", [path], tmp_path / "out", recipe="llama1")
    assert filter_source("wikipedia", [path], tmp_path / "out", recipe="llama1").as_json()["tasks_run"] == 0
    monkeypatch.setattr("corpus.cleaning.wiki_site.fingerprint", lambda: "another")
    assert filter_source("wikipedia", [path], tmp_path / "out", recipe="llama1").as_json()["tasks_run"] == 1


def test_a_strict_run_ends_at_the_first_bad_page(tmp_path: Path) -> None:
    path = written(tmp_path, (header() + PAGES[0] + "<page><title>x</page>").encode())
    with pytest.raises(UserError, match="run without --strict"):
        filter_source("wikipedia", [path], tmp_path / "out", recipe="llama1", strict=True)
