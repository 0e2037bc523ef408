"""Tarballs of repositories: named by people, sent without a length, read by `filter github`."""

import gzip
import io
import json
import tarfile
from pathlib import Path, PurePosixPath

import misbehaving_host as answers
import pyarrow.parquet as pq
import pytest
from console import fail, succeed
from hypothesis import example, given
from hypothesis import strategies as st
from misbehaving_host import Host, Misbehaviour, Page
from small_dump import QUICK, leftovers, record

from corpus.download.github import Repository
from corpus.download.remote import keeps_track
from corpus.download.run import download
from corpus.download.summary import Plan, Summary
from corpus.errors import UsageError, UserError
from corpus.filter import filter_source
from corpus.sources.github_inputs import github_inputs

COMMIT = "0123456789abcdef0123456789abcdef01234567"
HEAD = "github.com/octo/my-tool/HEAD.tar.gz"


def tarball(top: str, body: bytes) -> bytes:
    """As `git archive` writes it: the commit in a comment, everything in one folder."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=tarfile.PAX_FORMAT, pax_headers={"comment": COMMIT}) as archive:
        for name, content in ((f"{top}/LICENSE", LICENCE), (f"{top}/src/a.py", body)):
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return gzip.compress(target.getvalue(), mtime=0)


LICENCE = b"SPDX-License-Identifier: MIT\n"
TOOL = tarball("my-tool-HEAD", b"".join(b"def f_%d(value):\n    return value + %d\n\n\n" % (i, i) for i in range(900)))
LIB = tarball("lib-fix-1", b"def lib(value):\n    return value\n" * 9)


def serve(host: Host, repository: str, content: bytes, *given: Misbehaviour, ref: str = "HEAD") -> Page:
    """In chunks, as GitHub does."""
    return host.page(f"{repository}/tar.gz/{ref}", content, *given, always=answers.chunked())


def fetch(host: Host, out: Path, *repositories: str) -> Summary:
    summary = download("github", out, {"repo": repositories}, base_url=host.url, patience=QUICK)
    assert isinstance(summary, Summary)
    return summary


def test_repositories_come_under_their_names_with_a_record(host: Host, tmp_path: Path) -> None:
    serve(host, "octo/my-tool", TOOL)
    serve(host, "x/lib", LIB, ref="fix/1")
    serve(host, "x/lib", LIB, ref="%40x/lib%401.0")
    summary = fetch(host, tmp_path, "octo/my-tool", "x/lib@fix/1", "https://github.com/x/lib.git@@x/lib@1.0")
    names = [HEAD, "github.com/x/lib/@x~lib@1.0.tar.gz", "github.com/x/lib/fix~1.tar.gz"]
    assert sorted(record(tmp_path)) == names
    assert (summary.title, summary.failed, leftovers(tmp_path)) == ("octo/my-tool x/lib x/lib", [], [])
    assert (tmp_path / HEAD).read_bytes() == TOOL
    entry = record(tmp_path)[HEAD]
    assert (entry["url"], entry["checked"], entry["damage"]) == (f"{host.url}/octo/my-tool/tar.gz/HEAD", "gzip", None)
    assert entry["etag"] == answers.etag(TOOL)
    assert {request.method for request in host.requests} == {"GET"}  # what has no length need not be asked for one


def test_filter_knows_repository_and_commit(host: Host, tmp_path: Path) -> None:
    """Also beside what has not come whole, which is never read."""
    serve(host, "octo/my-tool", TOOL)
    serve(host, "x/lib", LIB).always = answers.chunked(cut=100)
    fetch(host, tmp_path / "in", "octo/my-tool", "x/lib")
    assert leftovers(tmp_path / "in") == ["HEAD.tar.gz.part", "HEAD.tar.gz.part.json"]
    filter_source("github", [str(tmp_path / "in")], tmp_path / "out", recipe="llama1")
    run = json.loads((tmp_path / "out/run.json").read_text())
    assert [file["path"] for file in run["inputs"]] == [str(tmp_path / "in" / HEAD)]
    row = next(row for row in pq.read_table(tmp_path / "out/documents").to_pylist() if row["path"] == "src/a.py")
    assert (row["repo"], row["revision"]) == ("octo/my-tool", COMMIT)
    assert row["url"] == f"https://github.com/octo/my-tool/blob/{COMMIT}/src/a.py"
    assert row["id"].startswith("github:octo/my-tool/src/a.py@")


def test_a_folder_with_nothing_whole_holds_nothing(host: Host, tmp_path: Path) -> None:
    serve(host, "x/lib", LIB).always = answers.chunked(cut=100)
    fetch(host, tmp_path, "x/lib")
    with pytest.raises(UserError, match="holds no files"):
        github_inputs([str(tmp_path)])


@pytest.mark.parametrize(
    "fault",
    [
        answers.cut_without_length(3000),
        answers.cut_without_length(0),
        answers.chunked(cut=3000),
        answers.send(b"<html>Too many requests</html>"),
        answers.status(403),
        answers.status(429),
        answers.status(503),
        answers.status(500),
    ],
    ids=["cut", "nothing", "cut chunks", "page", "403", "429", "503", "500"],
)
def test_a_passing_fault_is_survived_and_a_lasting_one_told(host: Host, tmp_path: Path, fault: Misbehaviour) -> None:
    page = serve(host, "octo/my-tool", TOOL, fault)
    assert fetch(host, tmp_path / "passing", "octo/my-tool").failed == []
    assert (tmp_path / "passing" / HEAD).read_bytes() == TOOL
    page.always = fault
    assert len(fetch(host, tmp_path / "lasting", "octo/my-tool").failed) == 1
    assert not (tmp_path / "lasting" / HEAD).exists()
    assert record(tmp_path / "lasting") == {}


def test_retry_after_is_honoured(host: Host, tmp_path: Path) -> None:
    page = serve(host, "octo/my-tool", TOOL, answers.status(429, Retry_After="1"))
    page.etag = f"W/{page.etag}"
    fetch(host, tmp_path, "octo/my-tool")
    first, second = host.gets("octo/my-tool/tar.gz/HEAD")
    assert second.at - first.at >= 1


def test_what_is_whole_is_not_asked_for_again(host: Host, tmp_path: Path) -> None:
    serve(host, "octo/my-tool", TOOL)
    broken = serve(host, "x/lib", LIB)
    broken.always = answers.chunked(cut=100)
    fetch(host, tmp_path, "octo/my-tool", "x/lib")
    host.requests.clear()
    broken.always = answers.chunked()
    summary = fetch(host, tmp_path, "octo/my-tool", "x/lib")
    assert (summary.here, [entry.path for entry in summary.fetched]) == (1, ["github.com/x/lib/HEAD.tar.gz"])
    assert host.gets("octo/my-tool/tar.gz/HEAD") == []


def test_a_repository_that_is_not_there_is_one_line(host: Host, tmp_path: Path) -> None:
    serve(host, "octo/my-tool", TOOL)
    given = ["--base-url", host.url, "--repo", "octo/none", "--repo", "octo/my-tool"]
    line = fail("download", "github", *given, "--out", tmp_path, code=1)
    assert f"{host.url}/octo/none/tar.gz/HEAD: could not be fetched: the host answers 404" in line
    assert "no public repository of this name, or no such branch, tag or commit in it" in line
    assert list(record(tmp_path)) == [HEAD]


def test_a_dry_run_asks_nobody(host: Host, tmp_path: Path) -> None:
    serve(host, "octo/my-tool", TOOL)
    (tmp_path / "list.txt").write_text("# tools\nocto/my-tool\n\nOcto/My-Tool\noctocat/a@v1\na/b\nc/d\n")
    arguments = ["download", "github", "--repo", f"@{tmp_path}/list.txt", "--base-url", host.url]
    lines = succeed(*arguments, "--out", tmp_path / "out", "--dry-run").splitlines()
    assert [line.split() for line in lines[:2]] == [[HEAD], ["github.com/octocat/a/v1.tar.gz"]]
    assert (
        lines[-1]
        == "github octo/my-tool octocat/a a/b and 1 more: 4 files, of unknown size (the host tells none) in all"
    )
    assert host.requests == []
    assert not (tmp_path / "out").exists()
    succeed(*arguments, "--out", tmp_path / "out", "--files", "1")
    plan = download("github", tmp_path / "out", {"repo": ["octo/my-tool"]}, base_url=host.url, dry_run=True)
    assert isinstance(plan, Plan)
    assert (plan.sizes.total, plan.sizes.exact) == (len(TOOL), True)


HOSTILE = [
    "",
    "octo",
    "octo/",
    "/tool",
    "octo/tool/more",
    "../tool",
    "octo/..",
    "octo/../",
    "octo/..git",
    "octo/.git",
    "octo/.GIT@x",
    "-o/tool",
    "octo/tool@",
    "octo/tool@../../x",
    "octo/tool@a/../b",
    "octo/tool@/etc/passwd",
    "octo/tool@a//b",
    "octo/tool@.hidden",
    "octo/tool@a~1",
    "octo/tool@a?token=b",
    "octo/tool@a%2e",
    "octo/tool@" + "a" * 201,
    "octo/to ol",
    "octo/tool\n",
    "octo/t\x1b[2Jool",
    "oct\u00f3/tool",
    "https://elsewhere.example/octo/tool",
    "https://github.com.elsewhere.example/octo/tool",
    "git@github.com:octo/tool",
]


@pytest.mark.parametrize("bad", HOSTILE)
def test_names_that_are_none_are_refused(host: Host, tmp_path: Path, bad: str) -> None:
    with pytest.raises(UsageError, match=r"names no repository; write OWNER/NAME"):
        fetch(host, tmp_path / "out", "octo/my-tool", bad)
    assert not (tmp_path / "out").exists()
    assert host.requests == []


def test_a_list_is_named_where_it_names_none(host: Host, tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("octo/my-tool\nocto/tool@..\x1b\n")
    with pytest.raises(UsageError, match=r"list\.txt: 'octo/tool@\.\.\\x1b' names no repository"):
        fetch(host, tmp_path / "out", f"@{tmp_path}/list.txt")
    with pytest.raises(UserError, match=r"none\.txt: list of inputs cannot be read"):
        fetch(host, tmp_path / "out", f"@{tmp_path}/none.txt")


_PARTS = st.sampled_from(
    ["octo", "a.b", ".emacs.d", "..", ".", ".git", "/", "@", "~", "%2e", "-", "HEAD", "\n", "é", "x"]
)


@given(st.one_of(st.text(), st.lists(_PARTS).map("".join)))
@example("octo/.emacs.d@refs/heads/main")
@example("a/b@v1.tar.gz.part")
def test_any_text_is_a_repository_or_refused(text: str) -> None:
    """Its tarball lies in its own folder under a name that no other ref has and no download needs."""
    try:
        repository = Repository.parse(text, "--repo")
    except UsageError:
        return
    file = repository.tarball("https://host.example")
    folder, owner, name, ref = PurePosixPath(file.path).parts
    assert (folder, owner, name) == ("github.com", repository.owner, repository.name)
    assert not {owner, name} & {".", "..", ".git"}
    assert ref.removesuffix(".tar.gz").replace("~", "/") == repository.ref
    assert not keeps_track(ref)
    assert file.url.isascii()
    assert file.url.startswith(f"https://host.example/{owner}/{name}/tar.gz/")
    assert file.url.count("?") == file.url.count("#") == 0
