import random
from itertools import product
from pathlib import Path

import kernel_definitions as oracles
import pyarrow as pa
import pytest
from arrow_columns import raw_payloads
from hypothesis import given
from hypothesis import strategies as st
from text_strategies import payloads

import kernels


def check(values: list[bytes]) -> None:
    result = kernels.wet_text(raw_payloads(values))
    expected = [oracles.wet_text(value) for value in values]
    assert result.title.to_pylist() == [title for title, _, _ in expected]
    assert result.text.to_pylist() == ["\n".join(body) for _, body, _ in expected]
    assert result.nlines.tolist() == [len(body) for _, body, _ in expected]
    assert result.length.tolist() == [len("\n".join(body)) for _, body, _ in expected]
    assert result.replaced.tolist() == [replaced for _, _, replaced in expected]
    chunks = [raw_payloads(values[:1]), raw_payloads(values)[1:], raw_payloads([])]
    in_chunks = kernels.wet_text(pa.chunked_array(chunks))
    assert in_chunks.title == result.title
    assert in_chunks.text == result.text
    assert in_chunks.nlines.tolist() == result.nlines.tolist()
    assert in_chunks.length.tolist() == result.length.tolist()
    assert in_chunks.replaced.tolist() == result.replaced.tolist()
    result.title.validate(full=True)
    result.text.validate(full=True)


@given(st.lists(payloads, max_size=4))
def test_equals_its_definition(values: list[bytes]) -> None:
    check(values)


@given(st.lists(st.sampled_from(["a", " ", "\n", "\r", "\r\n", "\x1c", "\x85", "\u3000", "é"]), max_size=12))
def test_line_ends_and_stripping(parts: list[str]) -> None:
    check(["".join(parts).encode()])


@pytest.mark.parametrize(
    ("payload", "title", "text", "nlines"),
    [
        (b"", "", "", 0),
        (b"Title", "Title", "", 1),
        (b"Title\n", "Title", "", 0),
        (b"Title\nbody", "Title", "body\n", 2),
        (b"Title\nbody\n", "Title", "body", 1),
        (b"Title\nbody\n \n", "Title", "body\n", 2),
        (b"Title\r\n body \rmore\n", "Title", "body\nmore", 2),
    ],
)
def test_trailing_lines(payload: bytes, title: str, text: str, nlines: int) -> None:
    result = kernels.wet_text(raw_payloads([payload]))
    assert (result.title.to_pylist(), result.text.to_pylist()) == ([title], [text])
    assert result.nlines.tolist() == [nlines]


def test_a_null_payload_is_empty() -> None:
    result = kernels.wet_text(pa.array([None, b"\xff\n"], pa.large_binary()))
    assert result.title.to_pylist() == ["", "\ufffd"]
    assert result.replaced.tolist() == [0, 1]


def test_megabytes_without_a_line_end() -> None:
    check([b"\xff" * (1 << 20), b"x" * (1 << 20), "é ".encode() * (1 << 19), b"\r" * (1 << 20)])


def test_every_two_bytes_and_many_longer_sequences_anywhere() -> None:
    """Well-formed text is passed over 64 bytes at a time, so faults have to show wherever they stand in these."""
    rng = random.Random(0)
    limits = b"\x41\x7f\x80\x8f\x90\x9f\xa0\xbf\xc1\xc2\xdf\xe0\xe1\xec\xed\xee\xef\xf0\xf1\xf3\xf4\xf5\xff"
    sequences = [bytes(pair) for pair in product(range(256), repeat=2)]
    sequences += [bytes(rng.choices(limits, k=rng.randint(3, 6))) for _ in range(60_000)]
    filling = "Ein Satz über 語 und 😀, ".encode() * 4
    plain = b"p" * len(filling)
    values = []
    for sequence in sequences:
        around = rng.choice([filling, plain])
        before = rng.randrange(len(around))
        values.append(around[before:] + sequence + around[: rng.choice([0, 70, 128])])
    decoded = [value.decode("utf-8", "replace") for value in values]
    result = kernels.wet_text(raw_payloads([b"\n" + value.replace(b"\n", b"+") for value in values]))
    assert [value.count("\ufffd") for value in decoded] == result.replaced.tolist()
    for text, value in zip(result.text.to_pylist(), decoded, strict=True):
        assert text.split() == value.replace("\n", "+").split()


def test_any_bytes_of_a_real_file(shared_data: Path) -> None:
    """Compressed bytes are as ill-formed as can be."""
    path = shared_data / "data/web/wet/CC-TEST-00000.warc.wet.gz"
    check([path.read_bytes()])
