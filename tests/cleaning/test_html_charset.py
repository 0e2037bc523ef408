import codecs
import gzip
import hashlib
import json
from pathlib import Path

import pytest
import webencodings.labels
from hypothesis import given
from hypothesis import strategies as st

from corpus.cleaning.encoding_labels import CODEC_OF_LABEL
from corpus.cleaning.html_charset import codec_of_content_type, codec_of_label, declared_codec, decode_page
from corpus.sources.http_response import parse_response
from corpus.sources.warc import read_records


def test_labels_are_those_of_the_standard() -> None:
    refused = {"iso-2022-cn", "iso-2022-cn-ext", "replacement"}
    for label, name in webencodings.labels.LABELS.items():
        codec = codec_of_label(f" {label.upper()}\n")
        if label in refused:
            assert codec is None
            continue
        assert codec is not None, label
        if name.startswith(("iso-8859", "windows-125", "koi8", "utf")) and name != "iso-8859-8-i":
            assert codecs.lookup(codec).name == codecs.lookup(name).name, label
    assert all(codecs.lookup(codec) for codec in CODEC_OF_LABEL.values())
    assert codec_of_label("no such encoding") is None


@pytest.mark.parametrize(
    ("content_type", "codec"),
    [
        ("text/html; charset=ISO-8859-1", "cp1252"),
        ('text/html;charset="utf-8"', "utf_8"),
        ("text/html; Charset = 'Shift_JIS'", "cp932"),
        ("text/html; charset=", None),
        ("text/html; charset=xyz", None),
        ("text/html", None),
        ("", None),
    ],
)
def test_content_type(content_type: str, codec: str | None) -> None:
    assert codec_of_content_type(content_type) == codec


@pytest.mark.parametrize(
    ("start", "codec"),
    [
        ("<meta charset=utf-8>", "utf_8"),
        ("<META CHARSET='windows-1251' />", "cp1251"),
        ('<meta http-equiv="Content-Type" content="text/html; charset=gb2312">', "gb18030"),
        ('<meta content="text/html; charset=euc-kr" http-equiv=content-type>', "cp949"),
        ('<meta name=x content="text/html; charset=euc-kr">', None),
        ("<meta charset=nothing><meta charset=koi8-r>", "koi8_r"),
        ("<!-- <meta charset=koi8-r> --><meta charset=big5>", "big5hkscs"),
        ("<meta charset=utf-16>", "utf_8"),
        ('<?xml version="1.0" encoding="iso-8859-2"?><html>', "iso8859_2"),
        ("<p>meta charset=utf-8", None),
    ],
)
def test_declarations(start: str, codec: str | None) -> None:
    assert declared_codec(start.encode()) == codec


def test_order_of_precedence() -> None:
    meta = b"<meta charset=koi8-r>"
    assert decode_page(b"\xef\xbb\xbf" + meta, "text/html; charset=big5").codec == "utf_8"
    assert decode_page(meta, "text/html; charset=big5").codec == "big5hkscs"
    assert decode_page(meta, "text/html; charset=nothing").codec == "koi8_r"
    assert decode_page("<p>é".encode()).codec == "utf_8"
    assert decode_page(b"<p>plain").codec == "utf_8"
    assert decode_page("<p>cut \u20ac".encode()[:-1]).codec == "utf_8"


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-8"])
def test_byte_order_marks_are_no_text(codec: str) -> None:
    decoded = decode_page(codecs.encode("\ufeff<p>é", codec))
    assert (decoded.text, decoded.replaced) == ("<p>é".encode(), 0)


def test_undefined_bytes_are_controls_as_in_browsers() -> None:
    assert decode_page(b"\x80\x81\x9d\x95", "; charset=latin1").text.decode() == "\u20ac\x81\x9d\u2022"
    assert decode_page(b"\xaa\x81", "; charset=windows-1253").text.decode() == "\ufffd\x81"


@given(st.binary(max_size=300), st.sampled_from(["", *(f"; charset={label}" for label in CODEC_OF_LABEL)]))
def test_any_bytes_become_utf_8(page: bytes, content_type: str) -> None:
    decoded = decode_page(page, content_type)
    assert decoded.text.decode("utf-8").count("\ufffd") == decoded.replaced


def test_encodings_are_detected(shared_data: Path) -> None:
    """On undeclared pages of 35 encodings, judged by the decoded text; chardet alone gets 0.98."""
    with gzip.open(shared_data / "data/web/html/chardet.truth.jsonl.gz", "rt", encoding="utf-8") as lines:
        truth = {entry["id"]: entry for entry in map(json.loads, lines)}
    right = []
    for record in read_records(str(shared_data / "data/web/html/chardet.warc.gz"), print):
        entry = truth.get(record.headers["warc-record-id"])
        if entry is None:
            continue
        page = parse_response(record.payload).body(1 << 23)
        text = decode_page(page).text
        right.append(
            hashlib.sha1(text).hexdigest() == entry.get("decoded_sha1") or text == as_browsers(page, entry["encoding"])
        )
    assert len(right) == len(truth) == 334
    assert sum(right) / len(right) >= 0.95


def as_browsers(page: bytes, encoding: str) -> bytes | None:
    """The page in the superset that browsers use for an encoding; None for encodings they do not know."""
    codec = codec_of_label(encoding)
    return page.decode(codec, "replace").removeprefix("\ufeff").encode() if codec else None
