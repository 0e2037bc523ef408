"""The regular records of a WET file: gzip members as zlib writes them in all its ways, whole, cut and changed."""

import random
import struct
import zlib

import pyarrow as pa
import pytest
from deflate_streams import deflate
from hypothesis import given, settings
from hypothesis import strategies as st
from text_strategies import payloads

import kernels

STRATEGIES = [zlib.Z_DEFAULT_STRATEGY, zlib.Z_FILTERED, zlib.Z_HUFFMAN_ONLY, zlib.Z_RLE, zlib.Z_FIXED]
HEADER = (
    b"WARC/1.0\r\nWARC-Type: conversion\r\nWARC-Target-URI: https://example.org/\r\nWARC-Date: 2024-05-18T01:58:10Z\r\n"
    b"WARC-Record-ID: <urn:uuid:ba729a40>\r\nWARC-Block-Digest: sha1:RDTS\r\nContent-Length: %d\r\n\r\n"
)


def record(payload: bytes) -> bytes:
    return HEADER % len(payload) + payload + b"\r\n\r\n"


def member(data: bytes, level: int = 6, strategy: int = 0, window: int = 15, flushes: tuple[int, ...] = ()) -> bytes:
    """A gzip member; flushes: where blocks end in `data`."""
    stream = zlib.compressobj(level, zlib.DEFLATED, -window, 9, strategy)
    body, before = b"", 0
    for place in sorted(flushes):
        body += stream.compress(data[before:place]) + stream.flush(zlib.Z_FULL_FLUSH if place % 2 else zlib.Z_BLOCK)
        before = place
    return gzipped(body + stream.compress(data[before:]) + stream.flush(), data)


def gzipped(stream: bytes, data: bytes) -> bytes:
    return b"\x1f\x8b\x08" + bytes(7) + stream + struct.pack("<II", zlib.crc32(data), len(data) & 0xFFFFFFFF)


SEEDED = st.integers(0, 1 << 32).map(random.Random)
END = [member(record(b"next"))] * 2


def read(members: bytes) -> list[bytes]:
    size, rows = kernels.WetReader().read(b"".join([members, *END]), 0, 0, "")
    assert size <= len(members) + len(END[0])
    payloads: list[bytes] = rows.column("payload").to_pylist()
    return payloads


def text(rng: random.Random, size: int) -> bytes:
    words = [bytes(rng.choices(b"etaoinshrdlu", k=rng.randint(1, 9))) for _ in range(rng.choice([3, 60, 2000]))]
    return b" ".join(rng.choices(words, k=size // 5))


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("level", range(10))
def test_every_way_of_deflating(level: int, strategy: int) -> None:
    rng = random.Random(level)
    skewed = bytes(min(int(rng.expovariate(0.05)), 255) for _ in range(60_000))
    for payload in (b"", b"a", b"ab" * 9000, b"\0" * 300_000, rng.randbytes(70_000), text(rng, 200_000), skewed):
        for window in (9, 15):
            assert read(member(record(payload), level, strategy, window)) == [payload]


@given(
    payload=st.one_of(payloads, st.builds(text, st.randoms(), st.integers(0, 5000))),
    level=st.integers(0, 9),
    strategy=st.sampled_from(STRATEGIES),
    flushes=st.lists(st.integers(0, 4000), max_size=4).map(tuple),
)
@settings(max_examples=100)
def test_any_payload(payload: bytes, level: int, strategy: int, flushes: tuple[int, ...]) -> None:
    assert read(member(record(payload), level, strategy, flushes=flushes)) == [payload]


def far_and_near(rng: random.Random) -> bytes:
    """Repeats over every distance there is, and of few and many bytes."""
    out = text(rng, rng.choice([20, 300, 40_000]))
    for _ in range(rng.randrange(8)):
        distance = rng.choice([rng.randint(1, 40), rng.randint(1, 32768), 32767, 32768, 32769])
        repeated = out[-distance:] * (1 + 600 // distance)
        out += repeated[: rng.choice([3, 33, 257, 258, 259, rng.randint(1, 2000)])] + rng.randbytes(rng.randrange(3))
    return out


@given(rng=SEEDED, blocks=st.integers(1, 5))
@settings(max_examples=60, deadline=None)
def test_streams_that_no_compressor_writes(rng: random.Random, blocks: int) -> None:
    payload = far_and_near(rng)
    assert read(gzipped(deflate(rng, record(payload), blocks), record(payload))) == [payload]


@given(
    rng=st.randoms(use_true_random=False),
    flips=st.lists(st.tuples(st.floats(0, 1), st.integers(1, 255)), min_size=1, max_size=3),
)
@settings(max_examples=100, deadline=None)
def test_changes_that_the_checksum_follows(rng: random.Random, flips: list[tuple[float, int]]) -> None:
    """What zlib makes of a changed stream, or nothing."""
    stream = bytearray(deflate(rng, record(text(rng, rng.choice([20, 300, 3000]))), rng.randint(1, 3)))
    for place, mask in flips:
        stream[int(place * (len(stream) - 1))] ^= mask
    decoder = zlib.decompressobj(-15)
    try:
        data = decoder.decompress(stream)
    except zlib.error:
        assert read(gzipped(bytes(stream), b"")) == []
        return
    rest = len(decoder.unused_data)
    changed = gzipped(bytes(stream[: len(stream) - rest]), data)
    assert read(changed) in ([], read(member(data)))


@given(
    payload=st.one_of(payloads, st.builds(text, st.randoms(), st.integers(0, 3000))),
    level=st.integers(0, 9),
    strategy=st.sampled_from(STRATEGIES),
    flips=st.lists(st.tuples(st.floats(0, 1), st.integers(1, 255)), min_size=1, max_size=3),
    moved=st.sampled_from([0, 0, -1, 1, -9]),
)
@settings(max_examples=300)
def test_damaged_members_are_left_to_others(
    payload: bytes, level: int, strategy: int, flips: list[tuple[float, int]], moved: int
) -> None:
    whole = member(record(payload), level, strategy)
    changed = bytearray(whole)
    for place, mask in flips:
        changed[int(place * (len(changed) - 1))] ^= mask
    if moved < 0:
        del changed[moved:]
    changed += bytes(max(moved, 0))
    # Changes that no checksum sees, such as to a time, change nothing.
    assert read(bytes(changed)) in ([], [payload])


def test_what_a_member_expands_to_is_bounded() -> None:
    assert read(member(record(bytes(15 << 20)))) == [bytes(15 << 20)]
    assert read(member(record(bytes(17 << 20)))) == []


@given(rng=SEEDED, count=st.integers(1, 60))
@settings(max_examples=60, deadline=None)
def test_members_one_behind_the_other(rng: random.Random, count: int) -> None:
    """Large and small ones, and such as hold what looks like a member."""
    hidden = member(record(b"hidden")) * 2
    payloads = []
    for _ in range(count):
        size = rng.choice([0, 20, 300, 3000, rng.choice([3000, 60_000])])
        payloads.append(
            rng.choice([text(rng, size), hidden + text(rng, size), rng.randbytes(size) + hidden, bytes(size)])
        )
    levels = [rng.choice([0, 1, 6, 9]) for _ in payloads]
    members = [member(record(payload), level) for payload, level in zip(payloads, levels, strict=True)]
    assert read(b"".join(members)) == payloads
    damaged = rng.randrange(count)
    members[damaged] = members[damaged][:-8] + bytes([members[damaged][-8] ^ 1]) + members[damaged][-7:]
    assert read(b"".join(members)) == payloads[: max(damaged - 1, 0)]


def test_members_behind_one_that_takes_long() -> None:
    rng = random.Random(1)
    payloads = [text(rng, 400_000), *(bytes(3 << 18) for _ in range(3)), *(text(rng, 900) for _ in range(40)), b""]
    assert read(b"".join(member(record(payload)) for payload in payloads)) == payloads


def test_headers_of_members() -> None:
    plain = member(record(b"x"))
    extra = struct.pack("<H", 6) + b"LX\2\0ab"
    for flags, fields in ((4, extra), (8, b"name\0"), (16, b"comment\0"), (28, extra + b"name\0comment\0")):
        assert read(plain[:3] + bytes([flags]) + plain[4:10] + fields + plain[10:]) == [b"x"]
    for flags, fields in ((2, b"ab"), (32, b""), (128, b""), (4, b"\xff\xff"), (8, b"")):
        assert read(plain[:3] + bytes([flags]) + plain[4:10] + fields + plain[10:]) in ([], [b"x"])
    for size in range(len(plain)):
        assert kernels.WetReader().read(plain[:size], 0, 0, "")[1].num_rows == 0


def test_a_member_is_read_from_anywhere() -> None:
    data = b"junk" + member(record(b"x")) + b"".join(END)
    size, rows = kernels.WetReader().read(data, 4, 1000, "commoncrawl/")
    assert size == len(member(record(b"x")))
    assert rows.to_pylist() == [
        {
            "payload": b"x",
            "id": "commoncrawl/ba729a40",
            "url": "https://example.org/",
            "digest": "sha1:RDTS",
            "seconds": 1715997490,
            "offset": 1000,
        }
    ]
    assert kernels.WetReader().read(data, len(data), 0, "") == (0, pa.RecordBatch.from_pylist([], rows.schema))
    with pytest.raises(ValueError, match="behind the end"):
        kernels.WetReader().read(data, len(data) + 1, 0, "")
