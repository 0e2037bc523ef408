"""Damaged WARC files: what is whole is kept, what is not is a counted fault, and nothing raises or fills the memory."""

import itertools
import tracemalloc
import zlib
from pathlib import Path

import pytest
from crawl_files import PAGES, RECORDS, kinds, member, members, payloads, read_all, warc_record, written
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.errors import UserError
from corpus.faults import Fault, FaultKind
from corpus.sources.warc import Record, read_records

STREAM = b"".join(RECORDS)
CONTAINERS = {"plain": STREAM, "members": members(RECORDS), "one member": member(STREAM)}


def lost(faults: list[Fault]) -> list[int | None]:
    """Numbers of the records the reader left out."""
    return [fault.record for fault in faults if fault.loses_record]


def assert_numbered(records: list[Record], faults: list[Fault]) -> None:
    """Every record found has a number of its own, readable or not, and none is passed over."""
    numbers = sorted([record.index for record in records] + [n for n in lost(faults) if n is not None])
    assert numbers == list(range(len(numbers)))


@pytest.mark.parametrize("container", CONTAINERS)
def test_a_file_cut_anywhere_gives_the_records_before_the_cut(container: str, tmp_path: Path) -> None:
    data = CONTAINERS[container]
    ends = list(itertools.accumulate(map(len, RECORDS)))
    for cut in range(1, len(data)):
        path = written(tmp_path, data[:cut])
        decoded = zlib_prefix(data[:cut]) if container != "plain" else data[:cut]
        if b"WARC/1.0\r\n" not in decoded:
            with pytest.raises(UserError):
                read_all(path)
            continue
        records, faults = read_all(path)
        # The two line ends that close a record need not be there: its bytes are.
        assert payloads(records) == [page for page, end in zip(PAGES, ends, strict=True) if end - 4 <= len(decoded)]
        assert set(kinds(faults)) <= {"truncated"}
        assert len(faults) <= 1
        assert_numbered(records, faults)
        whole = [0, *ends, *(end - 2 for end in ends), *(end - 4 for end in ends), *(end - 3 for end in ends)]
        if container == "plain" and len(decoded) not in [*whole, *(end - 1 for end in ends)]:
            assert lost(faults) == [len(records)]
        if container != "plain" and cut not in member_ends(data):
            assert len(faults) == 1


def zlib_prefix(data: bytes) -> bytes:
    decoded = b""
    while data:
        inflate = zlib.decompressobj(31)
        decoded += inflate.decompress(data)
        data = inflate.unused_data
    return decoded


def member_ends(data: bytes) -> list[int]:
    ends, rest = [], data
    while rest:
        inflate = zlib.decompressobj(31)
        inflate.decompress(rest)
        rest = inflate.unused_data
        ends.append(len(data) - len(rest))
    return ends


def test_a_bit_flipped_anywhere_loses_one_record_of_a_crawl_file(tmp_path: Path) -> None:
    data = CONTAINERS["members"]
    for bit in range(8 * len(data)):
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        records, faults = read_all(written(tmp_path, bytes(flipped)))
        assert is_subsequence(payloads(records), PAGES)
        assert len(records) >= len(PAGES) - 1
        assert len(records) == len(PAGES) or faults
        assert_numbered(records, faults)


def test_a_bit_flipped_anywhere_in_one_member_gives_no_damaged_record(tmp_path: Path) -> None:
    data = CONTAINERS["one member"]
    for bit in range(0, 8 * len(data), 5):
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        try:
            records, faults = read_all(written(tmp_path, bytes(flipped)))
        except UserError:
            continue
        assert is_subsequence(payloads(records), PAGES)
        assert len(records) == len(PAGES) or faults


def is_subsequence(part: list[bytes], whole: list[bytes]) -> bool:
    rest = iter(whole)
    return all(item in rest for item in part)


@given(st.binary(max_size=400))
@settings(deadline=None)
def test_any_bytes_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    directory = tmp_path_factory.getbasetemp()
    for whole in (data, b"\x1f\x8b\x08" + data, b"WARC/1.0\r\n" + data, member(data), members(RECORDS[:2]) + data):
        try:
            records, faults = read_all(written(directory, whole))
        except UserError:
            continue
        assert_numbered(records, faults)


PUT_IN = [b"", b"\0", b"WARC/1.0\r\nA: b\r\n\r\n", b"\x1f\x8b\x08", b"\r\n"]
EDIT = st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 60), st.sampled_from(PUT_IN))


@given(st.sampled_from(sorted(CONTAINERS)), st.lists(EDIT, min_size=1, max_size=4))
@settings(deadline=None, max_examples=300)
def test_cut_out_and_put_in_anywhere(
    tmp_path_factory: pytest.TempPathFactory, container: str, edits: list[tuple[float, int, bytes]]
) -> None:
    data = CONTAINERS[container]
    for place, removed, put in edits:
        at = int(place * len(data))
        data = data[:at] + put + data[at + removed :]
    try:
        records, faults = read_all(written(tmp_path_factory.getbasetemp(), data))
    except UserError:
        return
    assert_numbered(records, faults)
    if container == "members":
        assert all(page in PAGES for page in payloads(records))


def test_a_member_that_breaks_off_before_the_next_one_loses_only_its_record(tmp_path: Path) -> None:
    page = zlib.compress(bytes(range(256)) * 40, 0)[10:]
    for length in (20, 200, len(member(warc_record(page))) - 3):
        data = members(RECORDS[:2]) + member(warc_record(page))[:length] + members(RECORDS[2:])
        records, faults = read_all(written(tmp_path, data))
        assert payloads(records) == PAGES
        assert [record.index for record in records] == [0, 1, 3, 4, 5]
        assert [(fault.kind, fault.record) for fault in faults] == [(FaultKind.CORRUPT, 2)]
        assert faults[0].offset == len(members(RECORDS[:2]))


def test_garbage_between_members_and_records_is_passed(tmp_path: Path) -> None:
    first, rest = members(RECORDS[:2]), members(RECORDS[2:])
    records, faults = read_all(written(tmp_path, first + b"not gzip" + rest + b"tail"))
    assert payloads(records) == PAGES
    assert [(fault.kind.value, fault.offset, fault.record) for fault in faults] == [
        ("garbage", len(first), None),
        ("garbage", len(first + b"not gzip" + rest), None),
    ]
    assert faults[0].detail == "8 bytes that are no gzip member skipped"
    plain = RECORDS[0] + RECORDS[1] + b"no record\r\n\r\n" + b"".join(RECORDS[2:])
    records, faults = read_all(written(tmp_path, plain))
    assert payloads(records) == PAGES
    assert [(fault.kind.value, fault.offset) for fault in faults] == [("garbage", len(RECORDS[0] + RECORDS[1]))]


@pytest.mark.parametrize(
    ("length", "kind", "detail"),
    [
        (None, "bad_length", "no Content-Length"),
        ("-4", "bad_length", "Content-Length '-4' is no number"),
        ("1e3", "bad_length", "Content-Length '1e3' is no number"),
        ("²", "bad_length", "Content-Length '²' is no number"),
        ("0", "bad_length", "no record ends where its Content-Length says"),
        ("11", "bad_length", "no record ends where its Content-Length says"),
        ("40", "bad_length", None),
        ("1000000", "bad_length", None),
        ("1048577", "too_large", "Content-Length 1048577 is over the limit of 1048576 bytes"),
        ("9" * 5000, "too_large", None),
    ],
)
@pytest.mark.parametrize("packed", [bytes, member, None])
def test_a_wrong_length_loses_only_its_record(
    length: str | None, kind: str, detail: str | None, packed: object, tmp_path: Path
) -> None:
    wrong = warc_record(b"text\n\nof the wrong page", length=length)
    parts = [RECORDS[0], wrong, *RECORDS[1:]]
    data = members(parts) if packed is None else packed(b"".join(parts))  # type: ignore[operator]
    records, faults = read_all(written(tmp_path, data))
    assert payloads(records) == PAGES
    assert [(fault.kind.value, fault.record) for fault in faults] == [(kind, 1)]
    assert detail is None or faults[0].detail == detail


def test_a_wrong_length_in_the_last_record(tmp_path: Path) -> None:
    for data in (STREAM, member(STREAM), members(RECORDS)):
        end = data == STREAM
        last = warc_record(b"page", length="50")
        records, faults = read_all(written(tmp_path, data + (last if end else member(last))))
        assert payloads(records) == PAGES
        assert [(fault.kind.value, fault.record) for fault in faults] == [("truncated", 5)]


@pytest.mark.parametrize(
    "header",
    [
        b"WARC/1.0\r\nWARC-Type: conversion\r\n",
        b"WARC/1.0\r\nWARC-Type: conversion\r\nContent-Le\n",
        b"WARC/1.0\r\n" + b"X-Field: x\r\n" * 10000,
    ],
)
@pytest.mark.parametrize("packed", [bytes, member])
def test_a_header_without_end_loses_only_its_record(header: bytes, packed: object, tmp_path: Path) -> None:
    data = packed(RECORDS[0] + header + b"".join(RECORDS[1:]))  # type: ignore[operator]
    records, faults = read_all(written(tmp_path, data))
    assert payloads(records) == PAGES
    assert [(fault.kind.value, fault.record) for fault in faults] == [("bad_header", 1)]


def test_a_record_of_the_greatest_size_is_kept_and_one_byte_more_is_not(tmp_path: Path) -> None:
    path = written(tmp_path, members([warc_record(b"x" * 100), warc_record(b"y" * 101), warc_record(b"z")]))
    records, faults = read_all(path, max_record_bytes=100)
    assert payloads(records) == [b"x" * 100, b"z"]
    assert kinds(faults) == ["too_large"]


def test_what_a_member_expands_to_does_not_fill_the_memory(tmp_path: Path) -> None:
    size = 100 << 20
    zeros = bytes(1 << 20)
    compress = zlib.compressobj(1, wbits=31)
    bomb = [compress.compress(b"WARC/1.0\r\nWARC-Type: conversion\r\nContent-Length: %d\r\n\r\n" % size)]
    bomb += [compress.compress(zeros) for _ in range(size >> 20)]
    bomb.append(compress.flush())
    headless = zlib.compressobj(1, wbits=31)
    garbage = b"".join([headless.compress(zeros) for _ in range(size >> 20)]) + headless.flush()
    path = written(tmp_path, members(RECORDS[:2]) + b"".join(bomb) + garbage + members(RECORDS[2:]))
    tracemalloc.start()
    try:
        faults: list[Fault] = []
        read = payloads(list(read_records(path, faults.append, max_record_bytes=2 << 20)))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert read == PAGES
    assert kinds(faults) == ["too_large"]
    assert peak < 10 << 20


def test_a_stated_length_alone_takes_no_memory(tmp_path: Path) -> None:
    path = written(tmp_path, warc_record(b"short", length=str(60 << 20)) + STREAM)
    tracemalloc.start()
    try:
        faults: list[Fault] = []
        read = payloads(list(read_records(path, faults.append)))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (read, kinds(faults)) == (PAGES, ["bad_length"])
    assert peak < 4 << 20
