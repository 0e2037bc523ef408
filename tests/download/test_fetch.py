"""One file from a host that misbehaves: it comes whole, and no byte twice that need not, or it does not come."""

import gzip
import hashlib
import random
import time
from dataclasses import replace
from pathlib import Path

import misbehaving_host as answers
import pytest
from misbehaving_host import Host, Misbehaviour, Page
from small_dump import QUICK, fetch, leftovers, name, record, serve_list

from corpus.download.summary import Summary
from corpus.errors import UserError


def serve(host: Host, content: bytes, *given: Misbehaviour) -> Page:
    serve_list(host, [name(0)])
    return host.page(name(0), content, *given)


def assert_whole(out: Path, content: bytes, summary: Summary) -> None:
    assert summary.failed == []
    assert (out / name(0)).read_bytes() == content
    entry = record(out)[name(0)]
    assert (entry["bytes"], entry["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
    assert entry["damage"] is None
    assert leftovers(out) == []


def assert_failed(out: Path, summary: Summary, fault: str) -> None:
    assert summary.fetched == []
    assert not (out / name(0)).exists()
    assert name(0) not in record(out)
    assert all(path.stat().st_size for path in out.rglob("*.part"))
    with pytest.raises(UserError, match=fault):
        summary.require_success()


def test_a_file_with_its_record(host: Host, archive: bytes, tmp_path: Path) -> None:
    serve(host, archive)
    summary = fetch(host, tmp_path)
    assert_whole(tmp_path, archive, summary)
    assert record(tmp_path)[name(0)] == {
        "path": name(0),
        "url": f"{host.url}/{name(0)}",
        "bytes": len(archive),
        "sha256": hashlib.sha256(archive).hexdigest(),
        "etag": answers.etag(archive),
        "checked": "gzip",
        "damage": None,
    }
    assert host.gets(name(0))[0].headers["user-agent"].startswith("llama-corpus/")


@pytest.mark.parametrize("fault", [answers.reset_after, answers.cut_after])
def test_a_broken_connection_is_continued(host: Host, archive: bytes, tmp_path: Path, fault: object) -> None:
    serve(host, archive, fault(150_000))  # type: ignore[operator]
    summary = fetch(host, tmp_path)
    assert_whole(tmp_path, archive, summary)
    first, second = host.gets(name(0))
    assert "range" not in first.headers
    assert second.headers["range"] == "bytes=150000-"
    assert second.headers["if-range"] == answers.etag(archive)
    assert summary.received == len(archive)


@pytest.mark.parametrize(
    "fault",
    [
        answers.stall_after(100_000, 1.5),
        answers.slowly(1, 0.1),
        answers.chunked(cut=100_000),
        answers.status(500),
        answers.status(502),
        answers.status(429),
        answers.status(503),
        answers.status(403),
        answers.cut_after(0),
    ],
    ids=["stall", "drip", "cut chunks", "500", "502", "429", "503", "403", "nothing"],
)
def test_a_passing_fault_is_survived(host: Host, archive: bytes, tmp_path: Path, fault: Misbehaviour) -> None:
    serve(host, archive, fault)
    assert_whole(tmp_path, archive, fetch(host, tmp_path))


@pytest.mark.parametrize("way", [answers.without_length, answers.chunked()], ids=["until the end", "chunked"])
def test_a_body_without_a_length(host: Host, archive: bytes, tmp_path: Path, way: Misbehaviour) -> None:
    serve(host, archive, way)
    assert_whole(tmp_path, archive, fetch(host, tmp_path))
    assert len(host.gets(name(0))) == 1


def test_a_host_that_ignores_ranges(host: Host, archive: bytes, tmp_path: Path) -> None:
    serve(host, archive, answers.cut_after(150_000), answers.ignore_range)
    summary = fetch(host, tmp_path)
    assert_whole(tmp_path, archive, summary)
    assert len(host.gets(name(0))) == 2
    assert summary.received == len(archive)


@pytest.mark.parametrize("shift", [-5, 7])
def test_a_host_that_continues_elsewhere(host: Host, archive: bytes, tmp_path: Path, shift: int) -> None:
    serve(host, archive, answers.cut_after(150_000), answers.wrong_range(shift))
    assert_whole(tmp_path, archive, fetch(host, tmp_path))


def test_content_that_changes_in_between(host: Host, archive: bytes, members: list[bytes], tmp_path: Path) -> None:
    new = b"".join(reversed(members)) + members[0]
    page = serve(host, archive)

    def change(handler: answers.Handler, page: Page) -> None:
        answers.cut_after(150_000)(handler, page)
        page.content, page.etag = new, answers.etag(new)

    page.answers.append(change)
    assert_whole(tmp_path, new, fetch(host, tmp_path))


def test_changed_content_under_an_old_range(host: Host, archive: bytes, members: list[bytes], tmp_path: Path) -> None:
    """A host that knows no If-Range sends the end of the new content, under its new ETag."""
    new = b"".join(reversed(members))
    page = serve(host, archive)

    def change(handler: answers.Handler, page: Page) -> None:
        answers.cut_after(150_000)(handler, page)
        page.content, page.etag = new, answers.etag(new)

    def continue_anyway(handler: answers.Handler, page: Page) -> None:
        handler.start(206, page, len(new) - 150_000, Content_Range=f"bytes 150000-{len(new) - 1}/{len(new)}")
        handler.wfile.write(new[150_000:])

    page.answers.extend([change, continue_anyway])
    assert_whole(tmp_path, new, fetch(host, tmp_path))


def test_a_change_nothing_tells_of_is_found_by_checksums(
    host: Host, archive: bytes, members: list[bytes], tmp_path: Path
) -> None:
    """Same ETag, same length: what is put together from old and new fails gzip's checksum, and is fetched anew."""
    new = b"".join(reversed(members))
    page = serve(host, archive)

    def change(handler: answers.Handler, page: Page) -> None:
        answers.cut_after(150_000)(handler, page)
        page.content = new

    page.answers.append(change)
    assert len(new) == len(archive)
    assert_whole(tmp_path, new, fetch(host, tmp_path))
    assert ["range" in request.headers for request in host.gets(name(0))] == [False, True, False]


@pytest.mark.parametrize(("extra", "fault"), [(1000, "ended after"), (-1000, "ends inside a gzip member")])
def test_a_wrong_length(host: Host, archive: bytes, tmp_path: Path, extra: int, fault: str) -> None:
    """Once, it is survived; always, it is told. A file announced too short looks damaged at its source."""
    page = serve(host, archive, answers.announce(extra))
    assert_whole(tmp_path / "once", archive, fetch(host, tmp_path / "once"))
    page.always = answers.announce(extra)
    summary = fetch(host, tmp_path / "always")
    if extra > 0:
        assert_failed(tmp_path / "always", summary, fault)
    else:
        assert fault in str(record(tmp_path / "always")[name(0)]["damage"])


def test_damage_on_the_way_is_fetched_again(host: Host, archive: bytes, tmp_path: Path) -> None:
    damaged = bytearray(archive)
    damaged[100_000] ^= 0xFF
    serve(host, archive, answers.send(bytes(damaged)))
    assert_whole(tmp_path, archive, fetch(host, tmp_path))
    assert ["range" in request.headers for request in host.gets(name(0))] == [False, False]


def test_damage_at_the_source_is_kept_and_told(host: Host, archive: bytes, tmp_path: Path) -> None:
    damaged = archive[:-100]
    serve(host, damaged)
    summary = fetch(host, tmp_path)
    assert (tmp_path / name(0)).read_bytes() == damaged
    assert "the file ends inside a gzip member" in str(record(tmp_path)[name(0)]["damage"])
    assert summary.as_json()["damaged"][0]["path"] == name(0)
    assert len(host.gets(name(0))) == 2
    summary.require_success()
    assert fetch(host, tmp_path).here == 1


def test_an_error_page_with_status_200_is_no_file(host: Host, tmp_path: Path) -> None:
    serve(host, b"<html>Please log in to the network</html>")
    assert_failed(tmp_path, fetch(host, tmp_path), "an HTML page under a .gz name")


def test_a_file_of_which_nothing_is_readable_is_not_kept(host: Host, tmp_path: Path) -> None:
    serve(host, gzip.compress(bytes(5000))[:-4])
    assert_failed(tmp_path, fetch(host, tmp_path), "ends inside a gzip member")


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_redirects_are_followed(host: Host, archive: bytes, tmp_path: Path, code: int) -> None:
    host.page("elsewhere", archive, answers.cut_after(150_000))
    serve(host, b"").always = answers.redirect("/elsewhere", code)
    assert_whole(tmp_path, archive, fetch(host, tmp_path))
    assert [request.headers.get("range") for request in host.gets("elsewhere")] == [None, "bytes=150000-"]


@pytest.mark.parametrize("location", ["file:///etc/passwd", "ftp://127.0.0.1/x"])
def test_redirects_leave_no_web(host: Host, tmp_path: Path, location: str) -> None:
    serve(host, b"").always = answers.redirect(location)
    assert_failed(tmp_path, fetch(host, tmp_path), "not allowed|unknown url type")


def test_a_circle_of_redirects_ends(host: Host, tmp_path: Path) -> None:
    serve(host, b"").always = answers.redirect(f"/{name(0)}")
    assert_failed(tmp_path, fetch(host, tmp_path), "infinite loop")


@pytest.mark.parametrize("code", [400, 401, 404, 410, 501])
def test_final_answers_are_not_asked_again(host: Host, tmp_path: Path, code: int) -> None:
    serve(host, b"").always = answers.status(code)
    assert_failed(tmp_path, fetch(host, tmp_path), f"answers {code}")
    assert len(host.gets(name(0))) == 1


@pytest.mark.parametrize("fault", [answers.status(403), answers.cut_after(0), answers.reset_after(0)])
def test_giving_up_after_the_stated_number(host: Host, tmp_path: Path, archive: bytes, fault: Misbehaviour) -> None:
    serve(host, archive).always = fault
    assert_failed(tmp_path, fetch(host, tmp_path), f"tried {QUICK.attempts} times")
    assert len(host.gets(name(0))) == QUICK.attempts


def test_progress_renews_the_tries(host: Host, members: list[bytes], tmp_path: Path) -> None:
    content = b"".join(members * 50)
    serve(host, content).always = answers.cut_after(1_200_000)
    assert_whole(tmp_path, content, fetch(host, tmp_path))
    assert len(host.gets(name(0))) == -(-len(content) // 1_200_000) > QUICK.attempts


def test_coming_again_from_the_start_is_no_progress(host: Host, members: list[bytes], tmp_path: Path) -> None:
    """A host whose ETag changes with every answer can never be continued."""
    page = serve(host, b"".join(members * 50))
    lengths = iter([1_200_000, 2_300_000, 1_200_000, 2_400_000, 1_200_000, 2_500_000, 1_300_000])

    def change(handler: answers.Handler, page: Page) -> None:
        page.etag = f'"{len(host.requests)}"'
        answers.cut_after(next(lengths))(handler, page)

    page.always = change
    assert_failed(tmp_path, fetch(host, tmp_path), f"tried {QUICK.attempts} times")


def damaged_copy(content: bytes, draw: random.Random) -> bytes:
    damaged = bytearray(content)
    damaged[draw.randrange(len(content))] ^= 1 << draw.randrange(8)
    return bytes(damaged)


@pytest.mark.parametrize("seed", range(25))
def test_any_sequence_of_faults_ends_in_the_right_file_or_none(
    host: Host, archive: bytes, members: list[bytes], tmp_path: Path, seed: int
) -> None:
    """Never in a mixture of two contents, nor in one with a flipped bit."""
    draw = random.Random(seed)
    page = serve(host, archive)

    def replace_content(handler: answers.Handler, page: Page) -> None:
        answers.cut_after(draw.randrange(len(page.content)))(handler, page)
        page.content = b"".join(draw.sample(members, draw.randrange(1, len(members))))
        page.etag = answers.etag(page.content)
        versions.append(page.content)

    versions = [archive]
    faults = [
        lambda: answers.cut_after(draw.randrange(len(archive))),
        lambda: answers.reset_after(draw.randrange(len(archive))),
        lambda: answers.chunked(cut=draw.randrange(1, len(archive))),
        lambda: answers.chunked(),
        lambda: answers.without_length,
        lambda: answers.ignore_range,
        lambda: answers.wrong_range(draw.randrange(-50, 50)),
        lambda: answers.announce(draw.randrange(1, 5000)),
        lambda: answers.send(damaged_copy(archive, draw)),
        lambda: answers.status(draw.choice([403, 429, 500, 503])),
        lambda: answers.redirect(f"/{name(0)}?again", draw.choice([302, 307])),
        lambda: replace_content,
    ]
    host.pages[f"/{name(0)}?again"] = page
    page.answers.extend(draw.choice(faults)() for _ in range(12))
    for _ in range(13):
        summary = fetch(host, tmp_path)
        if summary.failed:
            assert not (tmp_path / name(0)).exists()
        else:
            break
    # Members are compared by what they hold: of their headers, gzip checks little.
    assert gzip.decompress((tmp_path / name(0)).read_bytes()) in map(gzip.decompress, versions)
    assert record(tmp_path)[name(0)]["damage"] is None


@pytest.mark.parametrize("seconds", [1, 2])
def test_retry_after_is_honoured(host: Host, archive: bytes, tmp_path: Path, seconds: int) -> None:
    serve(host, archive, answers.status(429, Retry_After=str(seconds)))
    assert_whole(tmp_path, archive, fetch(host, tmp_path))
    first, second = host.gets(name(0))
    assert second.at - first.at >= seconds


def test_a_host_that_asks_for_too_long_a_wait(host: Host, archive: bytes, tmp_path: Path) -> None:
    serve(host, archive).always = answers.status(503, Retry_After="86400")
    start = time.monotonic()
    assert_failed(tmp_path, fetch(host, tmp_path), "86,400 s")
    assert time.monotonic() - start < 5


def test_a_closed_port(host: Host, archive: bytes, tmp_path: Path) -> None:
    host.url = "http://127.0.0.1:1"
    with pytest.raises(UserError, match=r"cannot be read.*refused; tried 4 times"):
        fetch(host, tmp_path)


def test_no_validator_means_no_range(host: Host, archive: bytes, tmp_path: Path) -> None:
    """Nothing would tell whether the rest belongs to what is here."""
    serve(host, archive, answers.cut_after(150_000)).etag = None
    assert_whole(tmp_path, archive, fetch(host, tmp_path))
    assert ["range" in request.headers for request in host.gets(name(0))] == [False, False]


def test_a_weak_etag_gives_way_to_the_date(host: Host, archive: bytes, tmp_path: Path) -> None:
    page = serve(host, archive, answers.cut_after(150_000))
    page.etag, page.last_modified = 'W/"1"', "Thu, 18 Apr 2019 10:12:43 GMT"
    assert_whole(tmp_path, archive, fetch(host, tmp_path))
    assert host.gets(name(0))[1].headers["if-range"] == page.last_modified


@pytest.mark.parametrize(
    "headers",
    [
        lambda content: {"X-Linked-Etag": f'"{hashlib.sha256(content).hexdigest()}"'},
        lambda content: {"Server": "AmazonS3", "ETag": f'"{hashlib.md5(content).hexdigest()}"'},
    ],
    ids=["sha256", "md5"],
)
def test_checksums_in_headers(host: Host, archive: bytes, tmp_path: Path, headers: object) -> None:
    """A whole file, but another one than the header says, is not taken."""
    good = serve(host, archive)
    good.headers = headers(archive)  # type: ignore[operator]
    assert_whole(tmp_path / "good", archive, fetch(host, tmp_path / "good"))
    assert record(tmp_path / "good")[name(0)]["checked"] in ("md5", "sha256")
    bad = serve(host, archive)
    bad.headers = headers(archive + b"more")  # type: ignore[operator]
    assert_failed(tmp_path / "bad", fetch(host, tmp_path / "bad"), "came damaged 2 times: has (md5|sha256)")


def test_a_checksum_given_with_a_redirect(host: Host, archive: bytes, tmp_path: Path) -> None:
    host.page("store", archive)
    linked = f'"{hashlib.sha256(archive).hexdigest()}"'
    serve(host, b"").always = answers.redirect("/store", X_Linked_Etag=linked)
    assert_whole(tmp_path, archive, fetch(host, tmp_path))
    assert record(tmp_path)[name(0)]["checked"] == "sha256"


def test_patience_doubles_with_jitter() -> None:
    patience = replace(QUICK, first=1.0, most=60.0)
    for failures, whole in [(1, 1), (2, 2), (6, 32), (7, 60), (50, 60)]:
        delays = {patience.delay(failures) for _ in range(200)}
        assert whole / 2 <= min(delays) < max(delays) <= whole
