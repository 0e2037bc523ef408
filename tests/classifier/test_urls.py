"""The canonical form of an address, and sets of addresses."""

import gzip
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from corpus.errors import UserError
from corpus.quality.classifier.urls import UrlSet, canonical_url, read_urls


@pytest.mark.parametrize(
    ("url", "form"),
    [
        ("http://example.org", "example.org"),
        ("https://example.org/", "example.org"),
        ("//example.org/a/", "example.org/a"),
        ("HTTP://WWW.Example.ORG/A", "example.org/A"),
        ("http://example.org:80/a", "example.org/a"),
        ("https://example.org:443/a", "example.org/a"),
        ("http://example.org:8080/a", "example.org:8080/a"),
        ("http://example.org./a#part", "example.org/a"),
        ("http://user:pass@example.org/a", "example.org/a"),
        ("http://example.org/a?b=1&c=2", "example.org/a?b=1&c=2"),
        ("http://example.org/a/?b=1", "example.org/a?b=1"),
        ("http://example.org/a?", "example.org/a"),
        ("http://example.org?b=1", "example.org?b=1"),
        ("http://example.org/%7Euser/%c3%a9", "example.org/~user/%C3%A9"),
        ("http://example.org/é 1", "example.org/%C3%A9%201"),
        ("http://example.org/100%", "example.org/100%25"),
        ("http://bücher.example/x", "xn--bcher-kva.example/x"),
        ("http://www.www.example.org", "example.org"),
        ("http://www.org/", "www.org"),
        (" http://example.org/a\n", "example.org/a"),
        ("http://192.0.2.1/a", "192.0.2.1/a"),
    ],
)
def test_spellings_of_one_page(url: str, form: str) -> None:
    assert canonical_url(url) == form


@pytest.mark.parametrize(
    "url",
    [
        *("", "http://", "example.org/a", "ftp://example.org/a", "http://localhost/a", "http:///a", "mailto:a@b.c"),
        *("http://[::1]/a", "http://a b.org", "http://.org", "http://a..org/", "http://" + "é" * 70 + ".org"),
        *("http://example.org:port/", "http://{{PAGENAME}}/a"),
    ],
)
def test_what_is_no_page(url: str) -> None:
    assert canonical_url(url) is None


PARTS = st.text("aWw.%27Ee/?#&=:@é \\~+", max_size=25)


@given(st.one_of(PARTS, st.text(max_size=20)), st.sampled_from(["http://", "//", "https://www."]))
@example("a.b/%%34%31", "http://")
@example("a.b//", "http://")
def test_a_form_is_its_own_form(rest: str, scheme: str) -> None:
    form = canonical_url(f"{scheme}x.{rest}")
    if form is not None:
        assert canonical_url(f"//{form}") == canonical_url(f"https://www.{form}#end") == form
        assert form.isascii()


def test_what_tells_pages_apart_is_kept() -> None:
    urls = [
        "http://a.org/x",
        "http://a.org/X",
        "http://b.a.org/x",
        "http://a.org/x?y",
        "http://a.org/x?Y",
        "http://a.org/x%2Fy",
    ]
    assert len({canonical_url(url) for url in urls}) == len(urls)


def test_sets_know_every_spelling() -> None:
    known = UrlSet(["example.org/a", "example.org/b?c=1", "example.org/a"])
    assert len(known) == 2
    urls = ["https://www.example.org/a/", None, "http://example.org/c", "http://EXAMPLE.org/b?c=1#d", "no address", ""]
    assert known.contains(urls).tolist() == [True, False, False, True, False, False]
    assert UrlSet([]).contains(urls).tolist() == [False] * 6
    assert known.contains([]).tolist() == []


@given(st.sets(st.integers(0, 400)), st.lists(st.integers(0, 400)))
def test_sets_against_python_sets(inside: set[int], asked: list[int]) -> None:
    known = UrlSet([f"example.org/{number}" for number in inside])
    found = known.contains([f"http://example.org/{number}/" for number in asked])
    assert found.tolist() == [number in inside for number in asked]


def test_lists(tmp_path: Path) -> None:
    text = b"http://a.org/1\n\nhttps://www.a.org/1/\r\n//b.org\n"
    (tmp_path / "list.txt").write_bytes(text)
    (tmp_path / "list.txt.gz").write_bytes(gzip.compress(text))
    for name in ("list.txt", "list.txt.gz"):
        assert len(read_urls(str(tmp_path / name))) == 2


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("a.txt", b"http://a.org\nnot one\n", "line 2: 'not one' is not the URL of a page"),
        ("a.txt", b"", "lists no URL"),
        ("a.txt.gz", b"http://a.org\n", "not readable after line 0"),
        ("a.txt.gz", gzip.compress(b"http://a.org\n" * 500)[:-9], "not readable after line"),
    ],
)
def test_bad_lists(tmp_path: Path, name: str, content: bytes, fault: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError, match=fault) as error:
        read_urls(str(tmp_path / name))
    assert str(error.value).startswith(str(tmp_path / name))
