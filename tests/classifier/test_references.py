"""`classifier references`: from dumps to a list of addresses."""

import bz2
import gzip
import html
import re
from pathlib import Path

import pytest

from corpus.errors import UserError
from corpus.quality.classifier import references
from corpus.quality.classifier.references import extract_references
from corpus.quality.classifier.urls import canonical_url

SITEINFO = (
    "<siteinfo><dbname>enwiki</dbname><namespaces>"
    '<namespace key="0" /><namespace key="1">Talk</namespace></namespaces></siteinfo>'
)


def page(title: str, *urls: str, namespace: int | None = 0, redirect: str = "") -> str:
    number = "" if namespace is None else f"<ns>{namespace}</ns>"
    text = " ".join(f"&lt;ref name=x&gt;{url} &lt;/ref&gt;" for url in urls)
    return f"<page><title>{title}</title>{number}{redirect}<revision><id>1</id><text>{text}</text></revision></page>"


def dump_of(path: Path, *pages: str) -> Path:
    root = '<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.10/">'
    path.write_text(f"{root}{SITEINFO}{''.join(pages)}</mediawiki>", "utf-8")
    return path


def dump(path: Path, *urls: str) -> Path:
    return dump_of(path, page("One", *urls))


def test_of_many_spellings_one_is_listed(tmp_path: Path) -> None:
    dump(tmp_path / "b.xml", "http://b.org/2", "http://www.a.org/1/", "http://localhost/", "http://c.org/3#x")
    dump(tmp_path / "a.xml", "https://a.org/1", "http://b.org/2", "http://a.org/1#top")
    made = extract_references([str(tmp_path)], tmp_path / "list.txt")
    assert (tmp_path / "list.txt").read_text() == "http://a.org/1#top\nhttp://b.org/2\nhttp://c.org/3#x\n"
    assert (made.urls, made.counts.cited, made.counts.unusable, made.counts.articles) == (3, 7, 1, 2)
    assert made.as_json()["urls"] == 3
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.xml", "b.xml", "list.txt"]


def test_sorting_in_parts_and_by_several_processes_gives_the_same_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        dump(tmp_path / f"{number}.xml", *(f"http://a.org/{i * 7919 % 500}" for i in range(number * 50, 300)))
    extract_references([str(tmp_path)], tmp_path / "whole.txt")
    extract_references([str(tmp_path)], tmp_path / "two.txt.gz", workers=2)
    monkeypatch.setattr(references, "RUN_BYTES", 1000)
    extract_references([str(tmp_path)], tmp_path / "parts.txt")
    whole = (tmp_path / "whole.txt").read_bytes()
    assert whole == (tmp_path / "parts.txt").read_bytes() == gzip.decompress((tmp_path / "two.txt.gz").read_bytes())
    assert len(whole.splitlines()) == 300


@pytest.mark.parametrize("stated", [True, False], ids=["namespaces stated", "namespaces in titles"])
def test_only_articles_cite(tmp_path: Path, stated: bool) -> None:
    pages = [
        page("One", "http://a.org/1", namespace=0 if stated else None),
        page("Talk:One", "http://a.org/2", namespace=1 if stated else None),
        page("Uno", "http://a.org/3", namespace=0 if stated else None, redirect='<redirect title="One" />'),
        page("Two: the sequel", "http://a.org/4", namespace=0 if stated else None),
    ]
    counts = extract_references([str(dump_of(tmp_path / "a.xml", *pages))], tmp_path / "list.txt").counts
    assert (tmp_path / "list.txt").read_text() == "http://a.org/1\nhttp://a.org/4\n"
    assert (counts.pages, counts.articles, counts.redirects, counts.other_namespaces) == (4, 2, 1, 1)


def test_what_can_be_read_of_a_damaged_dump_counts(tmp_path: Path) -> None:
    dump(tmp_path / "a.xml", "http://a.org/1")
    damaged = dump_of(tmp_path / "b.xml", page("One", "http://a.org/2"), page("Two", "http://a.org/3"))
    damaged.write_bytes(damaged.read_bytes()[:-30])
    for workers in (1, 2):
        made = extract_references([str(tmp_path)], tmp_path / "list.txt", workers=workers)
        assert (tmp_path / "list.txt").read_text() == "http://a.org/1\nhttp://a.org/2\n"
        assert (made.counts.articles, made.counts.unreadable) == (2, 1)
        assert [fault.kind.value for fault in made.faults] == ["truncated"]
        assert made.as_json()["faults"][0]["path"] == str(damaged)


def test_a_file_that_is_no_dump_leaves_no_list(tmp_path: Path) -> None:
    dump(tmp_path / "a.xml", "http://a.org/1")
    (tmp_path / "b.xml").write_text("just text")
    for workers in (1, 2):
        with pytest.raises(UserError, match=r"b\.xml: .*not a wiki dump"):
            extract_references([str(tmp_path)], tmp_path / "list.txt", workers=workers)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.xml", "b.xml"]


def test_dumps_that_cite_nothing(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no article cites a page"):
        extract_references([str(dump(tmp_path / "a.xml", "http://localhost/"))], tmp_path / "list.txt")


PLAIN_REF = re.compile(r"<ref>(?:(?!</ref>).)*?(https?://[^\s|\]<>{}\"]+).*?</ref>")
"""References as a regular expression on lines finds them: unnamed, whole on their line, one a line."""

COPY = re.compile(r"https?://web\.archive\.org/web/\d+/")


def test_real_dumps(shared_data: Path, tmp_path: Path) -> None:
    folder = shared_data / "data/wikipedia/xml"
    made = extract_references([str(folder)], tmp_path / "list.txt")
    counts = made.counts
    assert (made.dumps, counts.pages, counts.articles, counts.redirects) == (17, 1181, 957, 157)
    assert (counts.cited, counts.unusable, made.urls) == (7874, 2, 7105)
    listed = (tmp_path / "list.txt").read_text("utf-8").splitlines()
    forms = [canonical_url(url) for url in listed]
    assert len(set(forms)) == len(forms) == 7105
    assert None not in forms


def test_a_line_by_line_expression_finds_fewer(shared_data: Path, tmp_path: Path) -> None:
    """RedPajama's way, on the English dump: everything it finds is found, and more than as much again."""
    path = shared_data / "data/wikipedia/xml/enwiki-gensim-pages-articles.xml.bz2"
    extract_references([str(path)], tmp_path / "list.txt")
    ours = {canonical_url(url) for url in (tmp_path / "list.txt").read_text("utf-8").splitlines()}
    text = re.sub("<!--.*?-->", "", html.unescape(bz2.decompress(path.read_bytes()).decode()), flags=re.DOTALL)
    found = [match[1] for line in text.splitlines() if (match := PLAIN_REF.search(line))]
    theirs = {canonical_url(COPY.sub("", url.replace("&amp;", "&")).rstrip(".,;")) for url in found}
    assert theirs <= ours
    assert (len(ours), len(theirs)) == (3625, 1457)
