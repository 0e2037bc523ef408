import contextlib
import gzip
import zlib

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.sources.http_response import (
    BodyTooLargeError,
    UndecodableBodyError,
    join_chunks,
    parse_response,
)

PAGE = b"<p>page</p>" * 100


def response(body: bytes, *fields: str, status: str = "HTTP/1.1 200 OK", newline: str = "\r\n") -> memoryview:
    return memoryview(newline.join([status, *fields, "", ""]).encode() + body)


def body_of(body: bytes, *fields: str, max_bytes: int = 1 << 20) -> bytes:
    return parse_response(response(body, *fields)).body(max_bytes)


def chunked(body: bytes, size: int, last: bytes = b"0\r\n\r\n") -> bytes:
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x;ext=1\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + last


@pytest.mark.parametrize("newline", ["\r\n", "\n"])
def test_header_and_body(newline: str) -> None:
    parsed = parse_response(response(PAGE, "Content-Type: Text/HTML; charset=x", "A: b", newline=newline))
    assert (parsed.status, parsed.media_type, parsed.headers["a"]) == (200, "text/html", "b")
    assert parsed.body(1 << 20) == PAGE


def test_empty_header_and_no_header() -> None:
    assert parse_response(memoryview(b"HTTP/1.0 404 Not Found\r\n\r\nx")).body(9) == b"x"
    assert parse_response(memoryview(b"HTTP/1.0 404 Not Found\r\n\r\nx")).status == 404
    cut = parse_response(memoryview(b"HTTP/1.0 200 OK\r\nContent-Type: text/html"))
    assert (cut.status, cut.media_type, cut.body(9)) == (200, "text/html", b"")
    bare = parse_response(memoryview(PAGE))
    assert (bare.status, bare.media_type, bare.body(1 << 20)) == (0, "", PAGE)


def compressed(body: bytes, encoding: str) -> bytes:
    if encoding == "gzip":
        return gzip.compress(body)
    if encoding == "deflate":
        return zlib.compress(body)
    if encoding == "raw deflate":
        return zlib.compress(body)[2:-4]
    return pa.compress(body, {"br": "brotli", "zstd": "zstd"}[encoding], asbytes=True)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "raw deflate", "br", "zstd"])
def test_content_encodings(encoding: str) -> None:
    field = f"Content-Encoding: {encoding.split()[-1]}"
    sent = compressed(PAGE, encoding)
    assert body_of(sent, field) == PAGE
    assert body_of(PAGE, field) == PAGE, "undone by the crawler"
    assert body_of(chunked(sent, 13), field, "Transfer-Encoding: chunked") == PAGE
    with pytest.raises(BodyTooLargeError):
        body_of(sent, field, max_bytes=len(PAGE) - 1)
    assert body_of(sent, field, max_bytes=len(PAGE)) == PAGE


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br"])
def test_compressed_bodies_cut_short_keep_their_beginning(encoding: str) -> None:
    page = bytes(range(256)) * 2000
    part = body_of(compressed(page, encoding)[:-600], f"Content-Encoding: {encoding}", max_bytes=1 << 20)
    assert page.startswith(part)


def test_a_small_bomb_does_not_fill_memory() -> None:
    bomb = gzip.compress(bytes(64 << 20))
    with pytest.raises(BodyTooLargeError):
        body_of(bomb, "Content-Encoding: gzip", max_bytes=1 << 20)


def test_several_and_unknown_encodings() -> None:
    assert body_of(gzip.compress(zlib.compress(PAGE)), "Content-Encoding: deflate, gzip") == PAGE
    assert body_of(PAGE, "Content-Encoding: sdch") == PAGE
    with pytest.raises(UndecodableBodyError):
        body_of(b"\0\1\2", "Content-Encoding: sdch")


def test_chunks() -> None:
    assert join_chunks(chunked(PAGE, 7)) == PAGE
    assert join_chunks(chunked(PAGE, 7, last=b"")) == PAGE
    assert (
        join_chunks(chunked(PAGE, 600)[:-300]) == PAGE[: len(chunked(PAGE, 600)[:-300]) - 2 * len("258;ext=1\r\n") - 2]
    )
    assert join_chunks(PAGE) == PAGE


@given(st.binary(max_size=300), st.integers(1, 50))
def test_chunks_of_any_bytes(body: bytes, size: int) -> None:
    assert join_chunks(chunked(body, size)) == body


@given(st.binary(max_size=200))
def test_any_payload(payload: bytes) -> None:
    parsed = parse_response(memoryview(payload))
    with contextlib.suppress(BodyTooLargeError, UndecodableBodyError):
        assert len(parsed.body(100)) <= 100
