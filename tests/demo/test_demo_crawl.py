"""The generated crawl: its files are WET files, and the truth about its planted cases holds.

The oracle here is written from the recipe alone: lines, normal forms, two-pass removal, lengths.
"""

import base64
import gzip
import hashlib
import re
import tracemalloc
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from demo.foreign import LANGUAGES
from demo.planted import DROPPED, KEPT, LINES_REMOVED, UNREADABLE, Planted, PlantedPage
from demo.web import write_crawl

PUNCTUATION = "，。、」「《》∶：？！（）；．～〈〉【】％１„”“«»´’–—…━►"
DELETED = dict.fromkeys([*map(ord, PUNCTUATION), *range(32), *range(127, 160)])


@dataclass
class Record:
    headers: dict[str, str]
    block: bytes

    @property
    def lines(self) -> list[str]:
        text = self.block.decode("utf-8", "replace")
        return [line.strip() for line in text.removesuffix("\n").split("\n")]


@pytest.fixture(scope="module")
def crawl(tmp_path_factory: pytest.TempPathFactory) -> Planted:
    return write_crawl(tmp_path_factory.mktemp("crawl"), seed=5, shards=3, megabytes=4.0)


@pytest.fixture(scope="module")
def rows(crawl: Planted) -> list[PlantedPage]:
    return list(crawl.rows())


@pytest.fixture(scope="module")
def records(crawl: Planted) -> dict[str, Record]:
    """Every whole conversion record by URL, in the order of the files."""
    found: dict[str, Record] = {}
    for path in crawl.files:
        for member in members(path.read_bytes()):
            record = parsed(member)
            if record.headers["WARC-Type"] == "conversion":
                found[record.headers["WARC-Target-URI"]] = record
    return found


def members(data: bytes) -> Iterator[bytes]:
    """The gzip members of a file; one that is cut is left out."""
    while data:
        inflate = zlib.decompressobj(wbits=31)
        member = inflate.decompress(data)
        if not inflate.eof:
            return
        yield member
        data = inflate.unused_data


def parsed(member: bytes) -> Record:
    head, _, rest = member.partition(b"\r\n\r\n")
    version, *lines = head.decode().split("\r\n")
    assert version == "WARC/1.0"
    assert rest.endswith(b"\r\n\r\n")
    return Record(dict(line.split(": ", 1) for line in lines), rest[:-4])


def normal_form(line: str) -> str:
    return re.sub(r"\d", "0", line.strip().lower()).translate(DELETED)


def surviving(records: dict[str, Record]) -> dict[str, list[str]]:
    """The lines that two-pass removal leaves of every page that is long enough."""
    bodies = {url: record.lines[1:] for url, record in records.items()}
    bodies = {url: body for url, body in bodies.items() if len("\n".join(body)) >= 300}
    seen: Counter[str] = Counter()
    for body in bodies.values():
        seen.update({normal_form(line) for line in body})
    left = {}
    for url, body in bodies.items():
        unique = {normal_form(line): line for line in reversed(body)}
        left[url] = [line for line in body if seen[normal_form(line)] == 1 and unique.pop(normal_form(line), None)]
    return left


def test_files_are_gzip_members_that_begin_with_warcinfo(crawl: Planted) -> None:
    for path in crawl.files[:-1]:
        first = parsed(next(members(path.read_bytes())))
        assert first.headers["WARC-Type"] == "warcinfo"
        assert first.headers["WARC-Filename"] == path.name
        assert int(first.headers["Content-Length"]) == len(first.block)
        whole = gzip.decompress(path.read_bytes())
        assert whole.count(b"WARC/1.0\r\n") == sum(1 for _ in members(path.read_bytes()))


def test_only_the_last_file_is_cut(crawl: Planted, rows: list[PlantedPage], records: dict[str, Record]) -> None:
    with pytest.raises(EOFError):
        gzip.decompress(crawl.files[-1].read_bytes())
    cut = [row for row in rows if row.expected.case == "truncated_record"]
    assert [row.shard for row in cut] == [crawl.files[-1].name]
    assert cut[0].url not in records
    assert len(records) == crawl.pages - 1


def test_headers_are_those_of_common_crawl(records: dict[str, Record], rows: list[PlantedPage]) -> None:
    wrong = {row.url for row in rows if row.expected.case in ("length_too_small", "length_too_large")}
    identified = 0
    names = ["WARC-Type", "WARC-Target-URI", "WARC-Date", "WARC-Record-ID", "WARC-Refers-To", "WARC-Block-Digest"]
    for url, record in records.items():
        headers = dict(record.headers)
        identified += headers.pop("WARC-Identified-Content-Language", None) is not None
        assert list(headers) == [*names, "Content-Type", "Content-Length"]
        digest = base64.b32encode(hashlib.sha1(record.block).digest()).decode()
        assert headers["WARC-Block-Digest"] == f"sha1:{digest}"
        assert (int(headers["Content-Length"]) == len(record.block)) == (url not in wrong)
    assert abs(identified / len(records) - 2 / 3) < 0.05
    assert len({record.headers["WARC-Record-ID"] for record in records.values()}) == len(records)


def test_every_planted_page_is_where_the_truth_says(rows: list[PlantedPage], records: dict[str, Record]) -> None:
    assert len({row.url for row in rows}) == len(rows)
    for row in rows:
        if row.expected.case != "truncated_record":
            assert records[row.url].headers["WARC-Record-ID"] == f"<{row.record_id}>"
    assert Counter(row.expected.case for row in rows)["foreign_polish"] == 2
    assert {f"foreign_{language}" for language in LANGUAGES} <= {row.expected.case for row in rows}


def test_the_oracle_agrees_with_every_expectation(rows: list[PlantedPage], records: dict[str, Record]) -> None:
    left = surviving(records)
    for row in rows:
        expected = row.expected
        if expected.outcome == UNREADABLE:
            continue
        if expected.outcome == DROPPED and expected.reasons[0] in ("read/too_short", "dedup/no_lines_left"):
            reason = "read/too_short" if row.url not in left else "dedup/no_lines_left" if not left[row.url] else "kept"
            assert (reason,) == expected.reasons, row
            continue
        lines = left[row.url]
        assert lines, row
        assert not set(expected.removed) & set(lines), row
        assert set(expected.removed) <= set(records[row.url].lines), row
        assert [lines.count(line) for line in expected.kept] == [1] * len(expected.kept), row
        assert all(part in "\n".join(lines) for part in expected.contains), row
        assert (expected.outcome == LINES_REMOVED) == bool(expected.removed), row
        assert expected.outcome in (KEPT, LINES_REMOVED, DROPPED)


def test_most_ordinary_lines_survive(records: dict[str, Record]) -> None:
    left = surviving(records)
    before = sum(len(line) for record in records.values() for line in record.lines)
    assert sum(len(line) for lines in left.values() for line in lines) > 0.7 * before


def test_cases_are_what_they_are_called(rows: list[PlantedPage], records: dict[str, Record]) -> None:
    def of(case: str) -> list[Record]:
        return [records[row.url] for row in rows if row.expected.case == case]

    for case, characters in (("page_of_299", 299), ("page_of_299_wide", 299), ("page_of_300", 300)):
        assert {len("\n".join(record.lines[1:])) for record in of(case)} == {characters}
    assert all(len(record.block.split(b"\n", 1)[1]) > 300 for record in of("page_of_299_wide"))
    assert all(b"\r\n" in record.block for record in of("crlf_lines"))
    assert all(b"\r" in record.block and b"\r\n" not in record.block for record in of("lone_cr_lines"))
    assert all(max(map(len, record.lines)) >= 200_000 for record in of("huge_line"))
    assert all("<s>" in "\n".join(record.lines) for record in of("control_tokens"))
    for record in of("broken_utf8"):
        with pytest.raises(UnicodeDecodeError):
            record.block.decode()
    copies = [record.headers["WARC-Block-Digest"] for record in of("duplicate_page")]
    assert set(Counter(copies).values()) == {3}
    too_small, too_large = of("length_too_small")[0], of("length_too_large")[0]
    assert int(too_small.headers["Content-Length"]) < len(too_small.block)
    assert int(too_large.headers["Content-Length"]) > len(too_large.block)


def test_a_good_record_follows_each_of_wrong_length(rows: list[PlantedPage], records: dict[str, Record]) -> None:
    urls = list(records)
    neighbours = {row.url for row in rows if row.expected.case == "after_wrong_length"}
    wrong = [row.url for row in rows if row.expected.case.startswith("length_too_")]
    assert {urls[urls.index(url) + 1] for url in wrong} == neighbours


def test_the_same_seed_writes_the_same_bytes(tmp_path: Path) -> None:
    def written(name: str, seed: int) -> dict[str, bytes]:
        write_crawl(tmp_path / name, seed=seed, shards=2, megabytes=0.5)
        return {path.name: path.read_bytes() for path in (tmp_path / name).iterdir()}

    first = written("first", 1)
    assert first == written("again", 1)
    other = written("other", 2)
    assert other.keys() == first.keys()
    assert all(other[name] != first[name] for name in first)


def test_a_single_shard_holds_everything(tmp_path: Path) -> None:
    planted = write_crawl(tmp_path, seed=3, shards=1, megabytes=0.1)
    assert [path.name for path in planted.files] == sorted(path.name for path in tmp_path.glob("*.wet.gz"))
    assert sum(planted.counts.values()) == len(list(planted.rows()))
    assert re.fullmatch(r"CC-MAIN-\d{14}-\d{14}-00000\.warc\.wet\.gz", planted.files[0].name)


def test_the_truth_round_trips(rows: list[PlantedPage]) -> None:
    assert [PlantedPage.from_json(row.to_json()) for row in rows] == rows
    assert all("\n" not in row.to_json() for row in rows)


def test_sizes_are_near_what_was_asked(crawl: Planted) -> None:
    assert 4.0e6 < crawl.text_bytes < 4.3e6
    unpacked = sum(len(member) for path in crawl.files for member in members(path.read_bytes()))
    assert unpacked > crawl.text_bytes - 10_000


def test_memory_does_not_grow_with_the_crawl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("demo.web.BLOCK_BYTES", 400_000)
    peaks = []
    for megabytes in (0.4, 2.0):
        tracemalloc.start()
        write_crawl(tmp_path / str(megabytes), seed=1, shards=2, megabytes=megabytes)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.3 * peaks[0]


def test_the_oracle_knows_the_recipe_example() -> None:
    assert normal_form(" Héllo, World! 2019 – “x” ①２") == "héllo, world! 0000  x ①0"
