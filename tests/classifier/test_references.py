"""`classifier references`: from dumps to a list of addresses."""

import bz2
import gzip
import html
import re
from pathlib import Path

import pytest
from test_dump import page, xml

from corpus.errors import UserError
from corpus.quality.classifier import references
from corpus.quality.classifier.references import extract_references
from corpus.quality.classifier.urls import canonical_url


def dump(path: Path, *urls: str) -> Path:
    path.write_bytes(xml(page("One", " ".join(f"&lt;ref name=x&gt;{url} &lt;/ref&gt;" for url in urls))))
    return path


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


def test_a_damaged_dump_leaves_no_list(tmp_path: Path) -> None:
    dump(tmp_path / "a.xml", "http://a.org/1")
    (tmp_path / "b.xml").write_bytes(dump(tmp_path / "b.xml", "http://a.org/2").read_bytes()[:-5])
    for workers in (1, 2):
        with pytest.raises(UserError, match=r"b\.xml: not a whole MediaWiki dump"):
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
