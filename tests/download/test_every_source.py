"""One file of every source, from a host that fails on the way: waited for, continued, checked, told."""

import bz2
import gzip
import hashlib
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import misbehaving_host as answers
import pytest
from console import run, succeed
from misbehaving_host import Host, Page
from publishers import CATALOGUE, SEVEN_ZIP, manifest, serve_item, serve_wiki
from small_dump import QUICK, leftovers, name, record, serve_list

from corpus.download import pace
from corpus.download.run import download
from corpus.download.summary import Summary

NOISE = random.Random(3).randbytes(20_000)


@dataclass(frozen=True)
class Case:
    """path: of the file below the download's directory. checked: how it is judged."""

    options: Mapping[str, object]
    path: str
    page: Page
    base_url: str
    checked: str


def commoncrawl(host: Host) -> Case:
    serve_list(host, [name(0)])
    return Case({"dump": "CC-MAIN-2019-18"}, name(0), host.page(name(0), gzip.compress(NOISE)), host.url, "gzip")


def c4(host: Host) -> Case:
    path, content = "en/c4-train.00000-of-01024.json.gz", gzip.compress(NOISE)
    page = host.page(path, content)
    page.headers = {"X-Linked-Etag": f'"{hashlib.sha256(content).hexdigest()}"'}
    return Case({}, path, page, host.url, "sha256")


def github(host: Host) -> Case:
    page = host.page("octo/tool/tar.gz/HEAD", gzip.compress(NOISE))
    return Case({"repo": ["octo/tool"]}, "github.com/octo/tool/HEAD.tar.gz", page, host.url, "gzip")


def wikipedia(host: Host) -> Case:
    file = "plwiki-20220720-pages-articles-multistream.xml.bz2"
    serve_wiki(host, "plwiki", {file: bz2.compress(NOISE)})
    path = f"plwiki/20220720/{file}"
    return Case({"date": "20220720", "language": ["pl"]}, path, host.pages[f"/{path}"], host.url, "sha1")


def books(host: Host) -> Case:
    host.page("cache/epub/feeds/pg_catalog.csv.gz", gzip.compress(CATALOGUE.encode()))
    path = "cache/epub/84/pg84.txt"
    return Case({}, path, host.page(path, NOISE), host.url, "length")


def arxiv(host: Host) -> Case:
    host.page("src/arXiv_src_manifest.xml", manifest({"2301_001": NOISE}))
    path = "src/arXiv_src_2301_001.tar"
    return Case({}, path, host.page(path, NOISE), host.url, "md5")


def stackexchange(host: Host) -> Case:
    base_url = serve_item(host, {"ai.stackexchange.com.7z": SEVEN_ZIP + NOISE})
    page = host.pages["/download/stackexchange/ai.stackexchange.com.7z"]
    return Case({}, "ai.stackexchange.com.7z", page, base_url, "sha1")


SOURCES = [commoncrawl, c4, github, wikipedia, books, arxiv, stackexchange]
every_source = pytest.mark.parametrize("serve", SOURCES, ids=lambda serve: serve.__name__)
Serve = Callable[[Host], Case]


def fetch(serve: Serve, case: Case, out: Path) -> Summary:
    summary = download(
        serve.__name__, out, case.options, wanted="1", base_url=case.base_url, patience=QUICK, connections=1
    )
    assert isinstance(summary, Summary)
    return summary


@every_source
def test_faults_on_the_way_are_survived(host: Host, tmp_path: Path, serve: Serve) -> None:
    """The host wants peace, then breaks off; what had come then is not sent again."""
    case = serve(host)
    case.page.answers.extend([answers.status(503), answers.status(429), answers.cut_after(9000)])
    summary = fetch(serve, case, tmp_path)
    assert (summary.failed, summary.received) == ([], len(case.page.content))
    assert (tmp_path / case.path).read_bytes() == case.page.content
    entry = record(tmp_path)[case.path]
    assert (entry["checked"], entry["sha256"]) == (case.checked, hashlib.sha256(case.page.content).hexdigest())
    assert leftovers(tmp_path) == []
    assert fetch(serve, case, tmp_path).here == 1


@every_source
def test_another_command_goes_on(host: Host, tmp_path: Path, serve: Serve) -> None:
    case = serve(host)
    case.page.answers.append(answers.cut_after(9000))
    case.page.always = answers.status(404)
    summary = fetch(serve, case, tmp_path)
    assert not (tmp_path / case.path).exists()
    assert [file.path for file, _ in summary.failed] + [file.path for file in summary.absent] == [case.path]
    case.page.always = None
    assert fetch(serve, case, tmp_path).received == len(case.page.content) - 9000
    assert (tmp_path / case.path).read_bytes() == case.page.content


@every_source
def test_wrong_content_is_refused(host: Host, tmp_path: Path, serve: Serve) -> None:
    """Of the same length; a book has nothing that would tell."""
    case = serve(host)
    wrong = bytearray(case.page.content)
    wrong[10_000] ^= 1
    case.page.always = answers.send(bytes(wrong))
    summary = fetch(serve, case, tmp_path)
    assert len(summary.failed) == (case.checked != "length")
    assert (tmp_path / case.path).exists() == (case.checked == "length")


@every_source
def test_an_end_that_nothing_tells_is_not_believed(host: Host, tmp_path: Path, serve: Serve) -> None:
    """A body without a length that ends early: known by checksum or format, or by coming otherwise the next time."""
    case = serve(host)
    case.page.answers.extend([answers.cut_without_length(9000), answers.without_length])
    case.page.always = answers.without_length
    assert fetch(serve, case, tmp_path / "whole").failed == []
    assert (tmp_path / "whole" / case.path).read_bytes() == case.page.content
    case.page.answers.extend(answers.cut_without_length(9000 + i) for i in range(QUICK.attempts))
    assert len(fetch(serve, case, tmp_path / "cut").failed) == 1
    assert not (tmp_path / "cut" / case.path).exists()


@every_source
def test_nothing_is_waited_for_in_silence(
    host: Host, tmp_path: Path, serve: Serve, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(pace, "TOLD_SECONDS", 0.0)
    case = serve(host)
    for page in host.pages.values():
        page.answers.append(answers.status(503))
    fetch(serve, case, tmp_path)
    lines = [line for line in capsys.readouterr().err.splitlines() if "asking again in" in line]
    assert len(lines) == len(host.pages)
    assert all(line.startswith(host.url) and "the host answers 503" in line for line in lines)


def test_why_no_size_is_known_is_told(host: Host, tmp_path: Path) -> None:
    arguments = ["download", "c4", "--files", "1", "--dry-run", "--out", tmp_path / "out", "--base-url"]
    assert "c4 en: 1 file, of unknown size (Connection refused) in all" in succeed(*arguments, "http://127.0.0.1:1")
    host.head = False
    assert "of unknown size (the host answers 405 Method Not Allowed)" in succeed(*arguments, host.url)
    assert run(*arguments, host.url, "--json").stdout.count('"bytes": null') == 2
