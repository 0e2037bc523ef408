import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernels import _native


def unescape(text: str) -> str:
    return _native.html_unescape(text.encode("utf-8")).decode("utf-8")


def test_every_name() -> None:
    for name in html.entities.html5:
        for text in (f"&{name}", f"a&{name}b", f"&{name}=", f"&{name[:-1]};;", f"&{name.upper()} &{name.lower()}"):
            assert unescape(text) == html.unescape(text)


def test_every_number_to_ten_thousand_and_around_the_edges() -> None:
    edges = [
        0xD7FF,
        0xD800,
        0xDFFF,
        0xE000,
        0xFDD0,
        0xFDEF,
        0xFFFD,
        0xFFFE,
        0xFFFF,
        0x1FFFE,
        0x10FFFF,
        0x110000,
        1 << 40,
    ]
    for code in (*range(10_000), *edges):
        for text in (f"&#{code};", f"&#x{code:x};", f"&#X{code:X}"):
            assert unescape(text) == html.unescape(text)


@pytest.mark.parametrize(
    "text", ["&", "&;", "&#", "&#;", "&#x;", "&#xg", "&a", "&ampamp;", "&notit; &notin;", "& amp;"]
)
def test_what_is_no_reference(text: str) -> None:
    assert unescape(text) == html.unescape(text)


@given(st.text(st.sampled_from("&#xX;amplgtnoi019ABc é\x80")))
def test_any_text(text: str) -> None:
    assert unescape(text) == html.unescape(text)
