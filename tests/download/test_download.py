"""A whole download: which files, what is remembered, what a second command does, and what stops it."""

import errno
import gzip
import json
import shutil
import time
from collections import namedtuple
from pathlib import Path

import misbehaving_host as answers
import pytest
from misbehaving_host import Host
from small_dump import DUMP, QUICK, fetch, leftovers, name, plan, record, serve_list

import corpus.download.fetch as fetching
from corpus.download.commoncrawl import known_damaged
from corpus.download.record import JOURNAL, locked
from corpus.download.run import EXHAUSTED_IN_A_ROW, download
from corpus.errors import UsageError, UserError
from corpus.inputs import resolve
from corpus.sources.commoncrawl import CommonCrawl


@pytest.fixture
def names(host: Host, members: list[bytes]) -> list[str]:
    """Twenty files of different sizes."""
    listed = [name(number) for number in range(20)]
    serve_list(host, listed)
    for number, path in enumerate(listed):
        host.page(path, b"".join(members[: number + 1]))
    return listed


def test_every_file_comes_under_its_own_name(host: Host, names: list[str], tmp_path: Path) -> None:
    summary = fetch(host, tmp_path, connections=3)
    assert [len(summary.fetched), summary.here, summary.failed] == [20, 0, []]
    assert sorted(record(tmp_path)) == names
    assert all((tmp_path / path).read_bytes() == host.pages[f"/{path}"].content for path in names)
    assert leftovers(tmp_path) == []


def test_filter_finds_what_is_finished(host: Host, names: list[str], tmp_path: Path) -> None:
    host.pages[f"/{names[2]}"].answers.append(answers.cut_after(2000))
    host.pages[f"/{names[2]}"].always = answers.status(404)
    fetch(host, tmp_path)
    found = resolve([str(tmp_path)], CommonCrawl.suffixes)
    assert [file.path for file in found] == [str(tmp_path / path) for path in names if path != names[2]]


def test_finished_files_are_not_asked_for_again(host: Host, names: list[str], tmp_path: Path) -> None:
    fetch(host, tmp_path, wanted="5")
    before = (tmp_path / "download.json").read_bytes()
    host.requests.clear()
    summary = fetch(host, tmp_path, wanted="5")
    assert (summary.here, summary.fetched) == (5, [])
    assert [request.path for request in host.requests] == [f"/crawl-data/{DUMP}/wet.paths.gz"]
    assert (tmp_path / "download.json").read_bytes() == before
    assert len(fetch(host, tmp_path, wanted="8").fetched) == 3


def test_a_lost_or_changed_file_is_fetched_again(host: Host, names: list[str], tmp_path: Path) -> None:
    fetch(host, tmp_path)
    (tmp_path / names[3]).unlink()
    (tmp_path / names[4]).write_bytes(b"short")
    summary = fetch(host, tmp_path)
    assert sorted(entry.path for entry in summary.fetched) == names[3:5]
    assert (tmp_path / names[4]).read_bytes() == host.pages[f"/{names[4]}"].content


def test_files_from_elsewhere_are_adopted_when_they_are_whole(host: Host, names: list[str], tmp_path: Path) -> None:
    whole = host.pages[f"/{names[6]}"].content
    for path, content in [(names[6], whole), (names[7], host.pages[f"/{names[7]}"].content[:-1] + b"x")]:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content)
    fetch(host, tmp_path)
    assert [len(host.gets(path)) for path in names[6:8]] == [0, 1]
    assert sorted(record(tmp_path)) == names
    assert (tmp_path / names[7]).read_bytes() == host.pages[f"/{names[7]}"].content


def test_one_bad_file_does_not_keep_the_others(host: Host, names: list[str], tmp_path: Path) -> None:
    host.pages[f"/{names[2]}"].always = answers.status(404)
    host.pages[f"/{names[9]}"].always = answers.status(500)
    summary = fetch(host, tmp_path)
    assert len(summary.fetched) == 18
    assert sorted(file.path for file, _ in summary.failed) == [names[2], names[9]]
    with pytest.raises(UserError, match=r"could not be fetched: .*\(the first of 2\).*same command"):
        summary.require_success()
    data = json.loads((tmp_path / "download.json").read_text())
    assert sorted(failed["path"] for failed in data["commands"][0]["failed"]) == [names[2], names[9]]
    host.pages[f"/{names[2]}"].always = host.pages[f"/{names[9]}"].always = None
    assert len(fetch(host, tmp_path).fetched) == 2


def test_a_host_out_of_reach_is_not_tried_for_every_file(host: Host, names: list[str], tmp_path: Path) -> None:
    for path in names:
        host.pages[f"/{path}"].always = answers.status(503)
    summary = fetch(host, tmp_path, connections=1)
    assert len(summary.failed) == EXHAUSTED_IN_A_ROW
    with pytest.raises(UserError, match=f"{20 - EXHAUSTED_IN_A_ROW} files not tried any more"):
        summary.require_success()


def test_one_refusal_makes_all_connections_wait(host: Host, names: list[str], tmp_path: Path) -> None:
    """While the host asks for a second of peace, nobody asks it for anything."""
    host.pages[f"/{names[10]}"].answers.append(answers.status(429, Retry_After="1"))
    fetch(host, tmp_path, connections=4)
    refused = host.gets(names[10])[0].at
    # A request may already be on its way when the refusal arrives.
    assert not [request for request in host.requests if refused + 0.2 < request.at < refused + 1]
    assert len(record(tmp_path)) == 20


def test_known_damaged_files_are_skipped_and_named(host: Host, archive: bytes, tmp_path: Path) -> None:
    damaged = next(path for path in sorted(known_damaged()) if "CC-MAIN-2018-30" in path)
    good = damaged.replace("00442", "00443")
    serve_list(host, [good, damaged], dump="CC-MAIN-2018-30")
    host.page(good, archive)
    summary = fetch(host, tmp_path, dump="CC-MAIN-2018-30")
    assert (summary.skipped, len(summary.fetched), summary.failed) == ([damaged], 1, [])
    assert host.gets(damaged) == []
    assert json.loads((tmp_path / "download.json").read_text())["commands"][0]["skipped"] == [damaged]


def test_the_known_damaged_files_are_c4s() -> None:
    assert len(known_damaged()) == 18
    assert all(path.startswith("crawl-data/CC-MAIN-") and path.endswith(".warc.wet.gz") for path in known_damaged())


@pytest.mark.parametrize(
    "bad",
    [
        "../../../../home/user/.bashrc",
        "/etc/passwd",
        "a/../b.gz",
        "a//b.gz",
        "a/./b.gz",
        "~/b.gz",
        ".hidden/b.gz",
        "a\\b.gz",
        "a/b\x1b[2J.gz",
        "https://elsewhere.example/b.gz",
        "a/" + "b" * 300,
        "download.json",
        "a/b.gz.part",
        "a/b.gz.part.json",
    ],
)
def test_names_that_lead_elsewhere_are_refused(host: Host, tmp_path: Path, bad: str) -> None:
    if bad.startswith("~"):
        bad = "a" + bad[1:] + "/.."
    serve_list(host, [name(0), bad])
    with pytest.raises(UserError, match=r"no safe file name|needed for keeping track"):
        fetch(host, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_list_that_is_none(host: Host, tmp_path: Path) -> None:
    host.page(f"crawl-data/{DUMP}/wet.paths.gz", b"<html>Hello</html>")
    with pytest.raises(UserError, match="is no gzipped list"):
        fetch(host, tmp_path)
    host.page(f"crawl-data/{DUMP}/wet.paths.gz", gzip.compress(b""))
    with pytest.raises(UserError, match="lists no file"):
        fetch(host, tmp_path)


def test_a_dump_that_does_not_exist(host: Host, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such file; is there a dump CC-MAIN-2019-99"):
        fetch(host, tmp_path, dump="CC-MAIN-2019-99")


def test_a_list_is_asked_for_again(host: Host, names: list[str], tmp_path: Path) -> None:
    host.pages[f"/crawl-data/{DUMP}/wet.paths.gz"].answers.extend([answers.status(503), answers.cut_after(20)])
    assert len(fetch(host, tmp_path).fetched) == 20


def test_a_full_disk_stops_with_one_line(
    host: Host, names: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    fetch(host, tmp_path, wanted="4")
    monkeypatch.setattr(fetching, "open", full, raising=False)
    with pytest.raises(UserError, match="no space left; what came is kept"):
        fetch(host, tmp_path)
    assert sorted(record(tmp_path)) == names[:4]
    monkeypatch.undo()
    assert len(fetch(host, tmp_path).fetched) == 16


def test_too_little_space_is_told_before_anything_comes(
    host: Host, names: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(1 << 40, 0, 100_000))
    with pytest.raises(UserError, match=r"42[0-9]\.[0-9] kB are to come, 100\.0 kB are free"):
        fetch(host, tmp_path)
    assert not any(host.gets(path) for path in names)
    assert len(fetch(host, tmp_path, wanted="5").fetched) == 5


def test_two_commands_in_one_directory(host: Host, names: list[str], tmp_path: Path) -> None:
    with locked(tmp_path), pytest.raises(UserError, match="another download is writing here"):
        fetch(host, tmp_path)


def test_a_part_left_by_an_earlier_command_is_continued(host: Host, archive: bytes, tmp_path: Path) -> None:
    serve_list(host, [name(0)])
    page = host.page(name(0), archive, answers.cut_after(150_000))
    page.always = answers.status(404)
    assert fetch(host, tmp_path).failed
    assert leftovers(tmp_path) == [f"{Path(name(0)).name}.part", f"{Path(name(0)).name}.part.json"]
    page.always = None
    host.requests.clear()
    summary = fetch(host, tmp_path)
    assert (tmp_path / name(0)).read_bytes() == archive
    assert host.gets(name(0))[0].headers["range"] == "bytes=150000-"
    assert summary.received == len(archive) - 150_000


def test_a_part_whose_remote_changed_is_dropped(host: Host, archive: bytes, tmp_path: Path) -> None:
    serve_list(host, [name(0)])
    host.page(name(0), archive, answers.cut_after(150_000)).always = answers.status(404)
    fetch(host, tmp_path)
    new = gzip.compress(b"shorter than what is here")
    host.page(name(0), new)
    fetch(host, tmp_path)
    assert (tmp_path / name(0)).read_bytes() == new


@pytest.mark.parametrize("state", [b"", b"{", b"[]", b'{"url": 1}', None])
def test_a_part_without_a_usable_state_is_dropped(
    host: Host, archive: bytes, tmp_path: Path, state: bytes | None
) -> None:
    serve_list(host, [name(0)])
    host.page(name(0), archive)
    part = tmp_path / (name(0) + ".part")
    part.parent.mkdir(parents=True)
    part.write_bytes(archive[:1000])
    if state is not None:
        part.with_name(part.name + ".json").write_bytes(state)
    fetch(host, tmp_path)
    assert (tmp_path / name(0)).read_bytes() == archive


def test_a_whole_part_needs_no_request(host: Host, archive: bytes, tmp_path: Path) -> None:
    """A kill may come between the last byte and the final name."""
    serve_list(host, [name(0)])
    host.page(name(0), archive, answers.cut_after(150_000)).always = answers.status(404)
    fetch(host, tmp_path)
    (tmp_path / (name(0) + ".part")).write_bytes(archive)
    host.requests.clear()
    fetch(host, tmp_path)
    assert (tmp_path / name(0)).read_bytes() == archive
    assert host.gets(name(0)) == []


def test_a_part_longer_than_the_remote_file(host: Host, archive: bytes, tmp_path: Path) -> None:
    serve_list(host, [name(0)])
    host.page(name(0), archive, answers.cut_after(150_000)).always = answers.status(404)
    fetch(host, tmp_path)
    (tmp_path / (name(0) + ".part")).write_bytes(archive + b"more")
    host.pages[f"/{name(0)}"].always = None
    fetch(host, tmp_path)
    assert (tmp_path / name(0)).read_bytes() == archive


def test_the_journal_survives_a_cut_line(host: Host, names: list[str], tmp_path: Path) -> None:
    """As after a kill: no download.json yet, and the last line half written."""
    fetch(host, tmp_path, wanted="3")
    lines = [json.dumps(record(tmp_path)[path]) for path in names[:3]]
    (tmp_path / "download.json").unlink()
    (tmp_path / JOURNAL).write_text("\n".join([*lines[:2], lines[2][:40]]))
    summary = fetch(host, tmp_path, wanted="3")
    assert summary.here == 2
    assert sorted(record(tmp_path)) == names[:3]


def test_a_record_that_is_none(host: Host, names: list[str], tmp_path: Path) -> None:
    (tmp_path / "download.json").write_text("{}")
    with pytest.raises(UserError, match="no record of downloads"):
        fetch(host, tmp_path)


def test_two_sources_share_a_directory(host: Host, names: list[str], archive: bytes, tmp_path: Path) -> None:
    fetch(host, tmp_path, wanted="2")
    host.page("en/c4-train.00005-of-01024.json.gz", archive)
    download("c4", tmp_path, {}, wanted="5..5", base_url=host.url, patience=QUICK)
    assert sorted(record(tmp_path)) == [*names[:2], "en/c4-train.00005-of-01024.json.gz"]
    assert len(json.loads((tmp_path / "download.json").read_text())["commands"]) == 2


def test_a_dry_run_fetches_nothing(host: Host, names: list[str], tmp_path: Path) -> None:
    out = tmp_path / "out"
    found = plan(host, out)
    total = sum(len(host.pages[f"/{path}"].content) for path in names)
    assert found.as_json()["bytes"] == total
    assert (found.sizes.exact, len(found.files)) == (True, 20)
    assert not out.exists()
    assert not any(host.gets(path) for path in names)
    fetch(host, out, wanted="3")
    assert plan(host, out).here == frozenset(names[:3])
    assert plan(host, out).sizes.total == total


def test_many_sizes_are_estimated_from_a_sample(host: Host, members: list[bytes], tmp_path: Path) -> None:
    names = [name(number) for number in range(1000)]
    serve_list(host, names)
    for path in names:
        host.page(path, members[0])
    sizes = plan(host, tmp_path).sizes
    assert (sizes.total, sizes.exact, len(sizes.known)) == (1000 * len(members[0]), False, 64)
    assert sum(request.method == "HEAD" for request in host.requests) == 64


def test_a_host_that_tells_no_sizes(host: Host, names: list[str], tmp_path: Path) -> None:
    host.head = False
    assert plan(host, tmp_path / "plan").sizes.total is None
    assert len(fetch(host, tmp_path).fetched) == 20


@pytest.mark.parametrize(
    ("wanted", "share", "expected"),
    [
        ("1", None, [0]),
        ("3", None, [0, 1, 2]),
        ("5..7", None, [5, 6, 7]),
        ("19..19", None, [19]),
        ("100", None, list(range(20))),
        (None, 0.25, [0, 4, 8, 12, 16]),
        (None, 0.001, [0]),
        (None, 1.0, list(range(20))),
        (None, None, list(range(20))),
    ],
)
def test_choosing_files(
    host: Host, names: list[str], tmp_path: Path, wanted: str | None, share: float | None, expected: list[int]
) -> None:
    assert [file.path for file in plan(host, tmp_path, wanted=wanted, share=share).files] == [
        names[number] for number in expected
    ]


@pytest.mark.parametrize(
    ("wanted", "share", "fault"),
    [
        ("0", None, "names no file"),
        ("7..5", None, "names no file"),
        ("18..20", None, "there are 20 files, 0 to 19"),
        ("-3", None, "write N"),
        ("a..b", None, "write N"),
        (None, 0.0, "not a share"),
        (None, 1.5, "not a share"),
        ("3", 0.5, "exclude each other"),
    ],
)
def test_choices_that_make_no_sense(
    host: Host, names: list[str], tmp_path: Path, wanted: str | None, share: float | None, fault: str
) -> None:
    with pytest.raises(UsageError, match=fault):
        plan(host, tmp_path, wanted=wanted, share=share)


@pytest.mark.parametrize(
    ("source", "options", "fault"),
    [
        ("geocities", {}, "cannot be downloaded; there are commoncrawl, c4"),
        ("commoncrawl", {}, "commoncrawl needs --dump"),
        ("commoncrawl", {"dump": DUMP, "variant": "en"}, "--variant is not an option of commoncrawl"),
        ("commoncrawl", {"dump": "../2019"}, "not the name of a dump"),
        ("commoncrawl", {"dump": DUMP, "kind": "wat"}, "there are wet and warc"),
        ("c4", {"variant": "fr"}, "there are en, "),
    ],
)
def test_options_that_make_no_sense(tmp_path: Path, source: str, options: dict[str, object], fault: str) -> None:
    with pytest.raises(UsageError, match=fault):
        download(source, tmp_path, options)


@pytest.mark.parametrize("url", ["s3://commoncrawl", "file:///data", "data.commoncrawl.org", "/data"])
def test_addresses_that_are_none(tmp_path: Path, url: str) -> None:
    with pytest.raises(UsageError, match="begins with https"):
        download("c4", tmp_path, {}, base_url=url)


def test_the_environment_names_a_mirror(
    host: Host, names: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LLAMA_CORPUS_COMMONCRAWL_URL", host.url + "/")
    summary = download("commoncrawl", tmp_path, {"dump": DUMP}, wanted="2", patience=QUICK)
    assert sorted(record(tmp_path)) == names[:2]
    assert summary.title == "CC-MAIN-2019-18 wet"


def test_connections_work_at_the_same_time(host: Host, archive: bytes, tmp_path: Path) -> None:
    names = [name(number) for number in range(4)]
    serve_list(host, names)
    for path in names:
        host.page(path, archive, answers.stall_after(1000, 0.3))
    start = time.monotonic()
    fetch(host, tmp_path, connections=4)
    assert time.monotonic() - start < 1.0
