"""The lists of the publishers, in their own formats, and the files they lead to."""

import bz2
import gzip
from pathlib import Path

import misbehaving_host as answers
import pytest
from console import fail, succeed
from misbehaving_host import Host
from publishers import CATALOGUE, SEVEN_ZIP, manifest, serve_item, serve_wiki
from small_dump import QUICK, record

from corpus.download import c4, wikipedia
from corpus.download.run import download
from corpus.download.summary import Plan, Summary
from corpus.errors import UsageError, UserError


def fetch(source: str, host: Host, out: Path, **options: object) -> Summary:
    summary = download(source, out, options, base_url=host.url, patience=QUICK)
    assert isinstance(summary, Summary)
    return summary


def plan(source: str, base_url: str | None, out: Path, **options: object) -> Plan:
    found = download(source, out, options, base_url=base_url, patience=QUICK, dry_run=True)
    assert isinstance(found, Plan)
    return found


def test_c4_is_named_by_number(host: Host, archive: bytes, tmp_path: Path) -> None:
    names = [file.path for file in plan("c4", host.url, tmp_path).files]
    assert (names[0], names[-1], len(names)) == (
        "en/c4-train.00000-of-01024.json.gz",
        "en/c4-train.01023-of-01024.json.gz",
        1024,
    )
    host.page("realnewslike/c4-train.00511-of-00512.json.gz", archive)
    summary = download("c4", tmp_path, {"variant": "realnewslike"}, wanted="511..511", base_url=host.url)
    assert isinstance(summary, Summary)
    assert [entry.path for entry in summary.fetched] == ["realnewslike/c4-train.00511-of-00512.json.gz"]


def test_c4_comes_from_one_revision() -> None:
    assert c4.BASE_URL.startswith("https://huggingface.co/datasets/allenai/c4/resolve/")
    assert len(c4.BASE_URL.rpartition("/")[2]) == 40


def test_wikipedia_in_one_file_and_in_parts(host: Host, tmp_path: Path) -> None:
    """The whole file is taken where there is one, else all parts in the order of their pages; never the index."""
    whole = "plwiki-20220720-pages-articles-multistream.xml.bz2"
    parts = [
        "plwiki-20220720-pages-articles-multistream10.xml-p901p1000.bz2",
        "enwiki-20220720-pages-articles-multistream10.xml-p901p1000.bz2",
        "enwiki-20220720-pages-articles-multistream2.xml-p301p900.bz2",
        "enwiki-20220720-pages-articles-multistream1.xml-p101p300.bz2",
        "enwiki-20220720-pages-articles-multistream1.xml-p1p100.bz2",
        "enwiki-20220720-pages-articles-multistream-index1.txt-p1p100.bz2",
    ]
    contents = {name: bz2.compress(name.encode()) for name in [whole, *parts]}
    serve_wiki(host, "plwiki", {name: contents[name] for name in (parts[0], whole)})
    serve_wiki(host, "enwiki", {name: contents[name] for name in parts[1:]})
    summary = fetch("wikipedia", host, tmp_path, date="20220720", language=["pl", "en"])
    expected = [f"plwiki/20220720/{whole}", *(f"enwiki/20220720/{parts[i]}" for i in (4, 3, 2, 1))]
    assert [
        file.path for file in plan("wikipedia", host.url, tmp_path, date="20220720", language=["pl", "en"]).files
    ] == (expected)
    assert len(summary.fetched) == 5
    entries = record(tmp_path)
    assert sorted(entries) == sorted(expected)
    assert {entry["checked"] for entry in entries.values()} == {"sha1"}


def test_wikipedia_takes_the_papers_twenty_languages(host: Host, tmp_path: Path) -> None:
    assert len(set(wikipedia.PAPER_LANGUAGES)) == 20
    for code in wikipedia.PAPER_LANGUAGES:
        name = f"{code}wiki-20220720-pages-articles-multistream.xml.bz2"
        serve_wiki(host, f"{code}wiki", {name: bz2.compress(b"")})
    found = plan("wikipedia", host.url, tmp_path, date="20220720")
    assert [file.path.split("wiki")[0] for file in found.files] == list(wikipedia.PAPER_LANGUAGES)
    assert found.sizes.exact
    assert not [request for request in host.requests if request.method == "HEAD"]


def test_wikipedia_with_another_content_than_its_list_says(host: Host, tmp_path: Path) -> None:
    name = "plwiki-20220720-pages-articles-multistream.xml.bz2"
    serve_wiki(host, "plwiki", {name: bz2.compress(b"right")})
    page = host.pages[f"/plwiki/20220720/{name}"]
    page.content = page.content[:-1] + b"x"
    summary = fetch("wikipedia", host, tmp_path, date="20220720", language=["pl"])
    assert "has sha1" in summary.failed[0][1]
    page.content += b"longer"
    summary = fetch("wikipedia", host, tmp_path, date="20220720", language=["pl"])
    assert "where its list says" in summary.failed[0][1]
    assert record(tmp_path) == {}


def test_wikipedia_dumps_that_cannot_be_taken(host: Host, tmp_path: Path) -> None:
    name = "plwiki-20220720-pages-articles-multistream.xml.bz2"
    serve_wiki(host, "plwiki", {name: b""}, status="in-progress")
    with pytest.raises(UserError, match="is not done but in-progress; take an earlier --date"):
        fetch("wikipedia", host, tmp_path, date="20220720", language=["pl"])
    with pytest.raises(UserError, match=r"is there a dump dewiki of 20220720\?.*for some months only"):
        fetch("wikipedia", host, tmp_path, date="20220720", language=["de"])
    serve_wiki(host, "plwiki", {"plwiki-20220720-pages-articles-multistream-index.txt.bz2": b""})
    with pytest.raises(UserError, match="names no articles"):
        fetch("wikipedia", host, tmp_path, date="20220720", language=["pl"])
    for body in (b"<html>", b"[]", b"{}", b'{"jobs": {"articlesmultistreamdump": []}}'):
        host.page("plwiki/20220720/dumpstatus.json", body)
        with pytest.raises(UserError, match="does not tell of the articles"):
            fetch("wikipedia", host, tmp_path, date="20220720", language=["pl"])
    for options in ({"date": "July"}, {"date": "20220720", "language": ["../en"]}):
        with pytest.raises(UsageError, match=r"--date July|--language"):
            fetch("wikipedia", host, tmp_path, **options)


def test_stackexchange_takes_one_archive_a_site(host: Host, tmp_path: Path) -> None:
    names = [
        "stackoverflow.com-Comments.7z",
        "stackoverflow.com-Posts.7z",
        "ru.stackoverflow.com.7z",
        "math.stackexchange.com.7z",
        "math.meta.stackexchange.com.7z",
        "stackexchange_archive.torrent",
        "stackexchange_files.xml",
        "readme.txt",
    ]
    base_url = serve_item(host, {name: SEVEN_ZIP + name.encode() for name in names if "files.xml" not in name})
    found = plan("stackexchange", base_url, tmp_path)
    assert [file.path for file in found.files] == [names[4], names[3], names[2], names[1]]
    assert "28 largest" in found.note
    chosen = ["stackoverflow.com", "math.stackexchange.com"]
    download("stackexchange", tmp_path, {"site": chosen}, base_url=base_url, patience=QUICK)
    assert sorted(record(tmp_path)) == [names[3], names[1]]
    assert record(tmp_path)[names[3]]["checked"] == "sha1"
    with pytest.raises(UsageError, match="--site nosuch: not among the 4 sites"):
        plan("stackexchange", base_url, tmp_path, site=["nosuch"])


def test_archives_are_7z_even_where_the_list_gives_no_checksum(host: Host, tmp_path: Path) -> None:
    base_url = serve_item(host, {})
    rows = b'<files><file name="ai.stackexchange.com.7z"/><file name="a.7z"/></files>'
    host.page("download/stackexchange/stackexchange_files.xml", rows)
    page = host.page("download/stackexchange/ai.stackexchange.com.7z", b"<html>")
    summary = download("stackexchange", tmp_path, {}, base_url=base_url, patience=QUICK)
    assert isinstance(summary, Summary)
    assert "is an HTML page under a .7z name" in summary.failed[0][1]
    page.content = SEVEN_ZIP
    download("stackexchange", tmp_path, {}, base_url=base_url, patience=QUICK)
    assert record(tmp_path)["ai.stackexchange.com.7z"]["checked"] == "length"


def test_an_item_list_that_is_none(host: Host, tmp_path: Path) -> None:
    host.page("item/item_files.xml", b"<files>")
    with pytest.raises(UserError, match="is no list of files"):
        plan("stackexchange", f"{host.url}/item", tmp_path)


def test_arxiv_from_a_mirror_oldest_first(host: Host, tmp_path: Path) -> None:
    contents = {month: month.encode() * 100 for month in ("0001_001", "2301_002", "2301_001", "9301_001", "9108_001")}
    host.page("src/arXiv_src_manifest.xml", manifest(contents))
    for month, content in contents.items():
        host.page(f"src/arXiv_src_{month}.tar", content)
    found = plan("arxiv", host.url, tmp_path)
    order = ["9108_001", "9301_001", "0001_001", "2301_001", "2301_002"]
    assert [file.path for file in found.files] == [f"src/arXiv_src_{month}.tar" for month in order]
    summary = fetch("arxiv", host, tmp_path)
    assert len(summary.fetched) == 5
    assert {entry["checked"] for entry in record(tmp_path).values()} == {"md5"}


def test_arxiv_itself_says_who_pays(tmp_path: Path) -> None:
    copy = tmp_path / "arXiv_src_manifest.xml"
    copy.write_bytes(manifest({"2301_001": bytes(2500), "2301_002": bytes(500)}))
    text = succeed("download", "arxiv", "--manifest", copy, "--dry-run", "--out", tmp_path / "out")
    assert "arxiv sources: 2 files, 3.0 kB in all" in text
    assert "the requester pays" in text
    for arguments in (["--manifest", str(copy)], ["--dry-run"], []):
        assert "the requester pays" in fail("download", "arxiv", *arguments, "--out", tmp_path / "out", code=1)
    assert not (tmp_path / "out").exists()


def test_arxiv_manifests_that_are_none(tmp_path: Path) -> None:
    copy = tmp_path / "manifest.xml"
    with pytest.raises(UserError, match="cannot be read"):
        plan("arxiv", None, tmp_path, manifest=copy)
    copy.write_bytes(b"<html>")
    with pytest.raises(UserError, match="is no manifest"):
        plan("arxiv", None, tmp_path, manifest=copy)
    copy.write_bytes(b"<arXivPDF><file><filename>pdf/x.pdf</filename></file></arXivPDF>")
    with pytest.raises(UserError, match="which is no archive"):
        plan("arxiv", None, tmp_path, manifest=copy)


def test_books_by_language_and_those_without_text(host: Host, tmp_path: Path) -> None:
    host.page("cache/epub/feeds/pg_catalog.csv.gz", gzip.compress(CATALOGUE.encode()))
    for number in (84, 500, 1342):
        host.page(f"cache/epub/{number}/pg{number}.txt", b"*** START OF ... %d" % number)
    found = plan("books", host.url, tmp_path)
    assert [file.path for file in found.files] == [f"cache/epub/{n}/pg{n}.txt" for n in (84, 500, 796, 1342)]
    summary = fetch("books", host, tmp_path, language=["fr"])
    assert [entry.path for entry in summary.fetched] == ["cache/epub/500/pg500.txt"]
    assert [file.path for file in summary.absent] == ["cache/epub/796/pg796.txt"]
    summary.require_success()
    host.page("cache/epub/796/pg796.txt", b"").always = answers.status(401)
    with pytest.raises(UserError, match="answers 401"):
        fetch("books", host, tmp_path).require_success()


def test_a_catalogue_that_is_none(host: Host, tmp_path: Path) -> None:
    host.page("cache/epub/feeds/pg_catalog.csv.gz", gzip.compress(b"a,b\n1,2\n"))
    with pytest.raises(UserError, match="is not Project Gutenberg's catalogue"):
        plan("books", host.url, tmp_path)
