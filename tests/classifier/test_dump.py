"""Reading MediaWiki dumps: which pages are articles, every container, and XML that means harm."""

import bz2
import gzip
import tracemalloc
from pathlib import Path

import pytest

from corpus.errors import UserError
from corpus.quality.classifier import dump
from corpus.quality.classifier.dump import DumpReader

NAMESPACES = '<siteinfo><namespaces><namespace key="0" /><namespace key="1">Talk</namespace></namespaces></siteinfo>'


def page(title: str, text: str, ns: int | None = 0, redirect: str = "") -> str:
    number = "" if ns is None else f"<ns>{ns}</ns>"
    body = f"<revision><id>1</id><comment>c</comment><text>{text}</text></revision>"
    return f"<page><title>{title}</title>{number}<id>1</id>{redirect}{body}</page>"


def xml(*pages: str, head: str = NAMESPACES) -> bytes:
    return f'<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.10/">{head}{"".join(pages)}</mediawiki>'.encode()


def read(path: Path, content: bytes) -> tuple[list[str], DumpReader]:
    path.write_bytes(content)
    reader = DumpReader()
    return list(reader.read(str(path))), reader


def test_articles_are_told_from_other_pages(tmp_path: Path) -> None:
    content = xml(
        page("One", "&lt;ref&gt; é"),
        page("Talk:One", "talk", ns=1),
        page("Uno", "#REDIRECT [[One]]", redirect='<redirect title="One" />'),
        page("Two: the sequel", ""),
    )
    texts, reader = read(tmp_path / "a.xml", content)
    assert texts == ["<ref> é", ""]
    assert (reader.pages, reader.articles, reader.redirects, reader.other_namespaces) == (4, 2, 1, 1)


def test_old_dumps_name_namespaces_in_titles(tmp_path: Path) -> None:
    content = xml(page("One", "1", None), page("Talk:One", "2", None), page("Two: more", "3", None))
    assert read(tmp_path / "a.xml", content)[0] == ["1", "3"]


def test_of_several_revisions_the_last_counts(tmp_path: Path) -> None:
    two = page("One", "old").replace("</page>", "<revision><text>new</text></revision></page>")
    assert read(tmp_path / "a.xml", xml(two))[0] == ["new"]


def test_containers(tmp_path: Path) -> None:
    content = xml(*(page(f"P{number}", f"text {number}") for number in range(50)))
    streams = b"".join(bz2.compress(content[start : start + 999]) for start in range(0, len(content), 999))
    members = gzip.compress(content[:1000]) + gzip.compress(content[1000:])
    for form in (content, bz2.compress(content), streams, members):
        assert read(tmp_path / "any.name", form)[0] == [f"text {number}" for number in range(50)]


def test_pages_too_large_are_counted_and_their_text_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dump, "LARGEST_PAGE", 100_000)
    texts, reader = read(tmp_path / "a.xml", xml(page("One", "x" * 100_001), page("Two", "y" * 100_000)))
    assert texts == ["y" * 100_000]
    assert (reader.too_large, reader.articles) == (1, 1)


def test_memory_does_not_grow_with_the_dump(tmp_path: Path) -> None:
    path = tmp_path / "a.xml.bz2"
    path.write_bytes(bz2.compress(xml(*(page(f"P{number}", "words " * 20_000) for number in range(80)))))
    tracemalloc.start()
    assert sum(map(len, DumpReader().read(str(path)))) == 80 * 120_000
    assert tracemalloc.get_traced_memory()[1] < 7 << 20
    tracemalloc.stop()


BOMB = b'<!DOCTYPE mediawiki [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "no element found"),
        (b"just text", "syntax error"),
        (b"<html><body></body></html>", "its root element is <html>"),
        (xml(page("One", "1"))[: -len("</mediawiki>")], "no element found"),
        (xml(page("One", "1"))[:-20], "unclosed token"),
        (xml(page("One", "1")).replace(b"</title>", b"</tilte>"), "mismatched tag"),
        (BOMB + xml(page("One", "&b;")), "DOCTYPE"),
        (xml("<a>" * 100_000), "nested too deeply"),
        (xml(page("One", "1", 0).replace("<ns>0", "<ns>zero")), "invalid literal"),
        (xml(f"<page><title>{'t' * (30 << 20)}</title></page>"), "<title> of unlikely size"),
        (xml(f'<page a="{"t" * (3 << 20)}">'), "a tag of more than 1 MiB"),
        (bz2.compress(xml(page("One", "1 2 3 " * 1000)))[:-10], "not readable after 0 bytes"),
        (gzip.compress(xml(page("One", "1 2 3 " * 1000)))[:-10], "not readable after"),
        (b"BZh9 and more", "not readable after 0 bytes"),
        (xml(page("One", "\x01")), "not well-formed"),
        (xml(page("One", "1")).replace(b">1<", b">\xff<"), "not well-formed"),
    ],
)
def test_what_is_no_dump(tmp_path: Path, content: bytes, fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if "MiB" in fault:
        monkeypatch.setattr(dump, "LARGEST_PAGE", 1 << 20)
    with pytest.raises(UserError, match=fault) as error:
        read(tmp_path / "a.xml", content)
    assert str(error.value).startswith(str(tmp_path / "a.xml"))
    assert "\n" not in str(error.value)
