"""Records of whole WARC files, in every container they come in."""

import zlib
from collections import Counter
from pathlib import Path

import fsspec
import pytest
from crawl_files import PAGES, RECORDS, kinds, member, members, payloads, read_all, warc_record, written

from corpus.errors import UserError
from corpus.sources import input_stream
from corpus.sources.warc import read_records

STREAM = b"".join(RECORDS)

CONTAINERS = {
    "plain": STREAM,
    "gzip member per record": members(RECORDS),
    "one gzip member": member(STREAM),
    "some records per member": members([RECORDS[0] + RECORDS[1], RECORDS[2], RECORDS[3] + RECORDS[4]]),
    "members that cut records": members(STREAM[i : i + 37] for i in range(0, len(STREAM), 37)),
    "empty members between": b"".join(member(record) + member(b"") for record in RECORDS),
    "zero padding between and after": b"".join(member(record) + bytes(500) for record in RECORDS),
    "newlines before": b"\r\n\n" + STREAM,
    "zeros after": STREAM + bytes(512),
    "no newlines at the end": STREAM.rstrip(),
    "extra newlines between": members(record + b"\r\n\r\n\n" for record in RECORDS),
}


@pytest.mark.parametrize("container", CONTAINERS)
def test_every_container_gives_the_same_records(container: str, tmp_path: Path) -> None:
    records, faults = read_all(written(tmp_path, CONTAINERS[container]))
    assert payloads(records) == PAGES
    assert [record.index for record in records] == [0, 1, 2, 3, 4]
    assert [record.type for record in records] == ["warcinfo", *["conversion"] * 4]
    assert faults == []


def test_offset_is_where_the_record_can_be_read_from(tmp_path: Path) -> None:
    starts = [len(b"".join(RECORDS[:i])) for i in range(5)]
    plain, _ = read_all(written(tmp_path, STREAM))
    assert [record.offset for record in plain] == starts
    one, _ = read_all(written(tmp_path, member(STREAM)))
    assert [record.offset for record in one] == [0] * 5
    data = members(RECORDS)
    each, _ = read_all(written(tmp_path, data))
    for record, wanted in zip(each, RECORDS, strict=True):
        assert zlib.decompressobj(31).decompress(data[record.offset :]) == wanted
    mixed = [RECORDS[0] + RECORDS[1], RECORDS[2], RECORDS[3] + RECORDS[4][:30], RECORDS[4][30:]]
    third, fourth = len(members(mixed[:1])), len(members(mixed[:2]))
    some, _ = read_all(written(tmp_path, members(mixed)))
    assert [record.offset for record in some] == [0, 0, third, fourth, fourth]


@pytest.mark.parametrize("version", ["0.17", "0.18", "1.0", "1.1"])
@pytest.mark.parametrize("newline", [b"\n", b"\r\n"])
def test_versions_and_line_ends(version: str, newline: bytes, tmp_path: Path) -> None:
    data = b"".join(warc_record(page, version=version, newline=newline) for page in PAGES)
    records, faults = read_all(written(tmp_path, data))
    assert (payloads(records), faults) == (PAGES, [])


def test_records_larger_than_what_is_read_and_decoded_at_a_time(tmp_path: Path) -> None:
    large = [bytes(range(256)) * n for n in (8000, 3, 12000)]
    stream = [warc_record(page) for page in large]
    for data in (b"".join(stream), member(b"".join(stream)), members(stream)):
        records, faults = read_all(written(tmp_path, data), max_record_bytes=8 << 20)
        assert (payloads(records), faults) == (large, [])


@pytest.mark.parametrize("padding", range(0, 70))
def test_blocks_may_cut_a_header_anywhere(padding: int, tmp_path: Path) -> None:
    page = b"x" * ((256 << 10) - 160 + padding)
    data = b"".join([warc_record(page), *RECORDS])
    records, faults = read_all(written(tmp_path, data))
    assert (payloads(records), faults) == ([page, *PAGES], [])


def test_a_url_is_read_through_its_file_system() -> None:
    url = "memory://crawl/a.warc.wet.gz"
    with fsspec.open(url, "wb") as file:
        file.write(members(RECORDS))
    records, faults = read_all(url)
    assert (payloads(records), faults) == (PAGES, [])


REAL = {
    "IAH-urls-wget.warc.gz": {"warcinfo": 1, "request": 16, "response": 16, "resource": 3},
    "aut-IAH-blackbook.warc.gz": {"warcinfo": 1, "response": 299, "request": 261, "metadata": 261},
    "dolma-sample-0000.warc.gz": {"warcinfo": 1, "request": 22, "response": 22, "metadata": 1, "resource": 2},
    "jwarc-cc.warc.gz": {"response": 1},
    "resiliparse-warcfile.warc.gz": {"warcinfo": 1, "request": 17, "response": 16, "metadata": 16},
    "ukwa-main-page.warc.gz": {"warcinfo": 1, "request": 77, "response": 70, "resource": 3},
    "ukwa-post-blackout.warc.gz": {"warcinfo": 1, "request": 62, "response": 51, "resource": 3},
    "ukwa-sopa-wikipedia-homepage.warc.gz": {"warcinfo": 1, "request": 86, "response": 74, "resource": 3},
    "ukwadisc-transfer_compression_brotli.warc.gz": dict.fromkeys(["request", "response", "metadata", "resource"], 1),
    "ukwadisc-transfer_compression_gzip.warc.gz": dict.fromkeys(["request", "response", "metadata", "resource"], 1),
    "ukwadisc-transfer_compression_none.warc.gz": dict.fromkeys(["request", "response", "metadata", "resource"], 1),
    "ukwadisc-truncated_datetime.warc": dict.fromkeys(["request", "response", "metadata", "resource"], 1),
    "warcio-example-resource.warc.gz": {"warcinfo": 2, "resource": 1},
    "warcio-example.warc.gz": {"warcinfo": 2, "response": 1, "request": 2, "revisit": 1},
    "whirlwind.warc.gz": {"warcinfo": 1, "request": 1, "response": 1, "metadata": 1},
    "whirlwind.warc.wat.gz": {"warcinfo": 1, "metadata": 1},
    "whirlwind.warc.wet.gz": {"warcinfo": 1, "conversion": 1},
}


@pytest.mark.parametrize("name", REAL)
def test_real_crawl_files_are_read_whole(name: str, shared_data: Path) -> None:
    wanted = REAL[name] | ({"warcinfo": 1} if name.startswith("ukwadisc") else {})
    path = shared_data / "data/web/warc" / name
    records, faults = read_all(str(path), max_record_bytes=8 << 20)
    assert Counter(record.type for record in records) == wanted
    assert faults == []
    data = path.read_bytes()
    for record in records:
        stream = data[record.offset :]
        if name.endswith(".gz"):
            stream = zlib.decompressobj(31).decompress(stream)
        header, _, rest = stream.partition(b"\r\n\r\n")
        assert header.startswith(b"WARC/")
        assert rest[: int(record.headers["Content-Length"])] == record.payload


def test_a_real_file_cut_short_gives_its_whole_records(shared_data: Path) -> None:
    path = shared_data / "data/web/warc/solrwayback-transfer_compression_none_truncated.warc.gz"
    records, faults = read_all(str(path))
    assert [record.type for record in records] == ["warcinfo", "request"]
    assert [(fault.kind.value, fault.offset, fault.record) for fault in faults] == [("truncated", 881, 2)]


def test_a_real_record_that_states_too_great_a_length_is_not_kept(shared_data: Path) -> None:
    records, faults = read_all(str(shared_data / "data/web/warc/solrwayback-Evil-Warc-Headers.warc"))
    assert records == []
    assert [(fault.kind.value, fault.offset, fault.record) for fault in faults] == [("truncated", 0, 0)]


def test_html_crawls_are_read_whole(shared_data: Path) -> None:
    for path in sorted((shared_data / "data/web/html").glob("*.warc.gz")):
        faults: list[object] = []
        count = Counter(record.type for record in read_records(str(path), faults.append))
        with path.open("rb") as file:
            assert sum(count.values()) == file.read().count(b"\x1f\x8b\x08\x00")
        assert faults == []


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "empty (0 bytes); fetch it again"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "not gzip and not WARC (starts with PNG image data); give WARC"),
        (b"\n<!DOCTYPE html><title>403</title>", "not gzip and not WARC (starts with an HTML page); give WARC or WET"),
        (b"<?xml version='1.0'?><Error>", "not gzip and not WARC (starts with XML text); give WARC or WET"),
        (b"\x28\xb5\x2f\xfd" + bytes(40), "not gzip and not WARC (starts with Zstandard data); give WARC or WET"),
        (b"plain words\n", r"not gzip and not WARC (starts with 'plain words\n'); give WARC or WET"),
        (member(b'{"text": "a"}\n'), "no WARC record in it (its content starts with JSON text); give WARC or WET"),
        (member(b""), "no WARC record in it (its content starts with nothing); give WARC or WET"),
        (b"\x1f\x8b", "no WARC record can be read (the file ends inside a gzip member); fetch it again"),
        (members(RECORDS)[:15], "no WARC record can be read (the file ends inside a gzip member); fetch it again"),
    ],
)
def test_files_that_are_something_else_are_refused_in_one_line(data: bytes, message: str, tmp_path: Path) -> None:
    path = written(tmp_path, data)
    with pytest.raises(UserError) as error:
        read_all(path)
    assert str(error.value).startswith(f"{path}: {message}")
    assert "\n" not in str(error.value)


def test_files_that_cannot_be_opened_or_read_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UserError, match=r"none\.wet\.gz: no such file; check the path"):
        read_all(str(tmp_path / "none.wet.gz"))
    with pytest.raises(UserError, match=r"is a directory; give the files in it"):
        read_all(str(tmp_path))
    with pytest.raises(UserError, match=r"nowhere://crawl/a\.gz: cannot be opened \(Protocol not known: nowhere"):
        read_all("nowhere://crawl/a.gz")

    class FailingFile:
        def __init__(self) -> None:
            self.blocks = [STREAM]

        def read(self, size: int) -> bytes:
            if not self.blocks:
                raise ConnectionResetError(104, "Connection reset by peer")
            return self.blocks.pop()

        def close(self) -> None:
            pass

    monkeypatch.setattr(input_stream, "_open", lambda path: FailingFile())
    with pytest.raises(UserError, match=rf"reading failed at byte {len(STREAM)} \(Connection reset by peer\)"):
        read_all("s3://crawl/a.wet")


def test_leading_garbage_is_passed(tmp_path: Path) -> None:
    for data in (b"junk\n" + STREAM, b"junk\n" + members(RECORDS), member(b"junk\n" + STREAM)):
        records, faults = read_all(written(tmp_path, data))
        assert payloads(records) == PAGES
        assert kinds(faults) == ["garbage"]
        assert (faults[0].offset, faults[0].record, faults[0].detail[:7]) == (0, None, "5 bytes")
