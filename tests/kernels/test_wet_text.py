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


def test_any_bytes_of_a_real_file(shared_data: Path) -> None:
    """Compressed bytes are as ill-formed as can be."""
    path = shared_data / "data/web/wet/CC-TEST-00000.warc.wet.gz"
    check([path.read_bytes()])
