"""Reading regular records natively, many at a time, changes nothing: same batches, same faults in the same order."""

import gzip
import random
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pyarrow as pa
import pytest
from crawl_files import member, warc_record, written
from hypothesis import example, given, settings
from hypothesis import strategies as st

import kernels
from corpus.pipeline.reading import Reading, ReadLog
from corpus.sources.wet import read_wet
from kernels.wet import RECORDS

Outcome = tuple[list[pa.RecordBatch], ReadLog]


class SlowReader:
    """Leaves every record to the reader that goes piece by piece."""

    def read(self, data: bytes, begin: int, offset: int, id_prefix: str) -> tuple[int, pa.RecordBatch]:
        return 0, pa.RecordBatch.from_pylist([], RECORDS)


def outcome(path: str, limit: int | None = None, **sizes: int) -> Outcome:
    def read(name: str, told: ReadLog) -> Iterator[pa.RecordBatch]:
        return read_wet(name, told, **sizes)

    log = ReadLog()
    return list(Reading(read, limit).batches(path, log)), log


def check(path: str, limit: int | None = None, block: int = 256 << 10, **sizes: int) -> Outcome:
    with (
        patch("corpus.sources.gzip_stream._BLOCK_BYTES", block),
        patch("corpus.sources.gzip_stream._READ_BYTES", block),
    ):
        fast = outcome(path, limit, **sizes)
    with patch("kernels.WetReader", SlowReader):
        slow = outcome(path, limit, **sizes)
    assert fast == slow
    return fast


def regular(number: int, payload: bytes, **changes: str) -> bytes:
    fields = {
        "WARC-Target-URI": f"https://example.org/{number}?q=1",
        "WARC-Date": f"20{number % 90 + 10}-02-{number % 28 + 1:02}T{number % 24:02}:58:{number % 60:02}Z",
        "WARC-Record-ID": f"<urn:uuid:{number:08}-ff84-4085-8d48-0a5b2ee0c42d>",
        "WARC-Block-Digest": f"sha1:{number}",
    } | changes
    return warc_record(payload, fields=[f"{name}: {value}" for name, value in fields.items() if value != "absent"])


def test_all_of_a_regular_file_is_read_natively(tmp_path: Path) -> None:
    data = b"".join(member(regular(number, b"title\n" + b"%d " % number * number)) for number in range(300))
    size, rows = kernels.WetReader().read(data, 0, 70, "x/")
    assert rows.num_rows == 298  # nothing proves the one before the last
    assert size == len(data) - sum(
        len(member(regular(number, b"title\n" + b"%d " % number * number))) for number in (298, 299)
    )
    assert rows.schema == RECORDS
    assert rows.column("id")[7].as_py() == "x/00000007-ff84-4085-8d48-0a5b2ee0c42d"
    assert rows.column("payload")[2].as_py() == b"title\n2 2 "
    assert rows.column("offset")[:2].to_pylist() == [70, 70 + len(member(regular(0, b"title\n")))]
    check(written(tmp_path, data), batch_documents=64, block=2000)


def test_a_compressed_demo_crawl_and_real_shards(shared_data: Path) -> None:
    for shard in sorted((shared_data / "data/web").glob("w*/*.wet.gz")):
        batches, log = check(str(shard), batch_documents=100)
        assert sum(batch.num_rows for batch in batches) == log.counts["documents"]


CHANGES = [
    {},
    {"WARC-Target-URI": "<https://example.org/brackets>"},
    {"WARC-Target-URI": "absent"},
    {"WARC-Target-URI": ""},
    {"WARC-Target-URI": "https://example.org/\u00e9\u3000"},
    {"WARC-Record-ID": "absent"},
    {"WARC-Record-ID": "<>"},
    {"WARC-Record-ID": "urn:uuid:"},
    {"WARC-Record-ID": "plain"},
    {"WARC-Block-Digest": "absent"},
    {"WARC-Block-Digest": " \t spaced "},
    {"WARC-Date": "absent"},
    {"WARC-Date": "2023-02-29T00:00:00Z"},
    {"WARC-Date": "2024-02-29T23:59:59Z"},
    {"WARC-Date": "2000-12-31T23:59:60Z"},
    {"WARC-Date": "0000-01-01T00:00:00Z"},
    {"WARC-Date": "1900-02-28t00:00:00Z"},
    {"WARC-Date": "1960-02-28T00:00:00.5Z"},
    {"WARC-Date": "1969-12-31T23:59:59Z"},
    {"WARC-Type": "warcinfo"},
    {"warc-target-uri": "https://example.org/second"},
    {"X": "a\r\n folded"},
    {"X": "a\r\nWARC/1.0: strange"},
    {"X": "no\rline"},
    {"X ": "\x1c"},
    {"Content-Length": "5"},
]
texts = st.sampled_from(
    [b"", b"t", b"title\nbody\n", b"\xff\xfe bad\n\x80", b"WARC/1.0\r\n", b"a\n" * 200, "é\nü\n\n".encode()]
)
records = st.builds(regular, st.integers(0, 99), texts).flatmap(
    lambda plain: st.one_of(st.just(plain), st.builds(lambda c, t: regular(5, t, **c), st.sampled_from(CHANGES), texts))
)


def damaged(data: bytes, place: float, mask: int) -> bytes:
    at = int(place * (len(data) - 1))
    return data[:at] + bytes([data[at] ^ mask]) + data[at + 1 :]


odd = st.one_of(
    st.sampled_from(
        [b"\0" * 9, b"garbage", b"\x1f\x8b\x08", b"WARC/1.0\r\n", member(b""), member(b"\r\n"), member(b"junk\n")]
    ),
    st.lists(records, min_size=2, max_size=3).map(b"".join).map(member),
    st.builds(lambda record, place: member(record[: int(place * len(record))]), records, st.floats(0, 1)),
    st.builds(lambda record, place: member(record[int(place * len(record)) :]), records, st.floats(0, 1)),
    st.builds(lambda record, place: member(record)[: int(place * 80)], records, st.floats(0, 1)),
    st.builds(lambda record, p, mask: damaged(member(record), p, mask), records, st.floats(0, 1), st.integers(1, 255)),
    st.builds(lambda record: member(record + b"\r\n"), records),
    st.builds(lambda record: member(record[:-1]), records),
    st.builds(lambda record: member(record.replace(b"\r\n", b"\n")), records),
    st.builds(lambda record: member(record.replace(b"WARC/1.0", b"WARC/1.1")), records),
    st.builds(lambda record: gzip.compress(record, 9, mtime=5), records),
)
plain = st.builds(lambda number, text: member(regular(number, text)), st.integers(0, 99), texts)
parts = st.one_of(plain, plain, plain, records.map(member), odd)


@given(
    parts=st.lists(parts, max_size=14),
    documents=st.integers(1, 5),
    size=st.integers(1, 500),
    block=st.sampled_from([64, 700, 5000]),
    limit=st.sampled_from([None, None, 1, 4, 7]),
)
@example(parts=[], documents=1, size=1, block=64, limit=None)
@settings(max_examples=600)
def test_any_file(
    tmp_path_factory: pytest.TempPathFactory,
    parts: list[bytes],
    documents: int,
    size: int,
    block: int,
    limit: int | None,
) -> None:
    path = written(tmp_path_factory.getbasetemp(), b"".join(parts))
    check(path, limit, block, batch_documents=documents, batch_bytes=size)


def test_a_large_file_with_damage_here_and_there(tmp_path: Path) -> None:
    rng = random.Random(3)
    parts = [member(regular(number, rng.randbytes(30) + b"text\n" * rng.randrange(400))) for number in range(3000)]
    for number in rng.sample(range(3000), 12):
        parts[number] = rng.choice([b"", parts[number][:90], damaged(parts[number], rng.random(), 8), b"junk"])
    path = written(tmp_path, b"".join(parts))
    batches, log = check(path, batch_bytes=100_000)
    assert log.counts["documents"] > 2900
    assert len(batches) > 20
    check(path, limit=1500)
