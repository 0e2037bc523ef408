"""Reading dumps: every container, every kind of damage, every row counted."""

import bz2
import gzip
import random
from pathlib import Path

import pytest
from stackexchange.site_dumps import answer, archive, posts_xml, question, row

from corpus.errors import UnreadableInputError
from corpus.pipeline.reading import ReadLog
from corpus.sources import stackexchange_posts
from corpus.sources.stackexchange_posts import DumpCounts, read_posts, site_of

ROWS = [question(1), answer(2, 1, 5), row(Id=3, PostTypeId=5, Body="wiki"), question(4), answer(5, 4)]


def read(path: Path) -> tuple[list[dict], ReadLog]:
    log = ReadLog()
    posts = [post for batch in read_posts(str(path), log, DumpCounts()) for post in batch.to_pylist()]
    counts = log.counts
    skipped = sum(amount for name, amount in counts.items() if name.startswith("skipped."))
    assert counts["records"] == len(posts) + skipped + counts.get("unreadable", 0)
    return posts, log


def dump(directory: Path, data: bytes, name: str = "beer.stackexchange.com.Posts.xml") -> Path:
    path = directory / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress])
def test_every_container(tmp_path: Path, pack) -> None:
    posts, log = read(dump(tmp_path, pack(posts_xml(ROWS))))
    assert [(post["question"], post["answer"], post["id"]) for post in posts] == [
        (1, False, 1),
        (1, True, 2),
        (4, False, 4),
        (4, True, 5),
    ]
    assert [post["record"] for post in posts] == [0, 1, 3, 4]
    assert log.counts["skipped.tag_wiki"] == 1
    assert not log.faults


def test_offsets_in_a_plain_file_are_those_of_the_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stackexchange_posts, "_BLOCK_BYTES", 100)
    data = posts_xml(ROWS)
    posts, _ = read(dump(tmp_path, data))
    assert [data[post["offset"] :].startswith(f'<row Id="{post["id"]}"'.encode()) for post in posts] == [True] * 4


def test_archives_are_read_without_unpacking(tmp_path: Path) -> None:
    path = tmp_path / "beer.stackexchange.com.7z"
    archive(path, {"Comments.xml": b"<comments/>" * 1000, "Posts.xml": posts_xml(ROWS), "Votes.xml": b"<votes/>"})
    posts, log = read(path)
    assert len(posts) == 4
    assert not log.faults
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_an_archive_can_be_left_in_the_middle(tmp_path: Path) -> None:
    path = tmp_path / "beer.stackexchange.com.7z"
    archive(path, {"Posts.xml": posts_xml(question(i, Body="x" * 100_000) for i in range(300))})
    batches = read_posts(str(path), ReadLog(), DumpCounts())
    next(batches)
    batches.close()


def test_a_damaged_archive_keeps_what_decodes(tmp_path: Path) -> None:
    path = tmp_path / "beer.stackexchange.com.7z"
    noise = random.Random(1)
    archive(path, {"Posts.xml": posts_xml(question(i, Body=noise.randbytes(5000).hex()) for i in range(1000))})
    data = bytearray(path.read_bytes())
    for share, kept in ((0.8, True), (0.01, False)):
        place = int(len(data) * share)
        data[place : place + 50] = bytes(50)
        path.write_bytes(data)
        if kept:
            posts, log = read(path)
            assert 300 < len(posts) < 1000
            assert log.counts["faults.corrupt"] == 1
        else:
            with pytest.raises(UnreadableInputError, match="does not decode"):
                read(path)


@pytest.mark.parametrize("cut", [10, 200, 5000])
def test_truncated_gzip_keeps_what_is_whole(tmp_path: Path, cut: int) -> None:
    noise = random.Random(1)
    data = gzip.compress(posts_xml(question(i, Body=noise.randbytes(500).hex()) for i in range(100)))
    posts, log = read(dump(tmp_path, data[:-cut]))
    assert 0 < len(posts) <= 100
    assert log.counts["faults.truncated"] >= 1


def test_a_row_of_any_length_costs_itself_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stackexchange_posts, "MOST_ROW_BYTES", 1 << 20)
    monkeypatch.setattr(stackexchange_posts, "_BLOCK_BYTES", 1 << 20)
    rows = [question(1), question(2, Body="x" * 5_000_000), question(3)]
    posts, log = read(dump(tmp_path, posts_xml(rows)))
    assert [post["id"] for post in posts] == [1, 3]
    assert log.counts["faults.too_large"] >= 1


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is nothing"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "is PNG image data"),
        (b"<!doctype html><html></html>", "is an HTML page"),
        (b'<?xml version="1.0"?><users><row Id="1" Reputation="5" /></users>', "no PostTypeId"),
        (posts_xml(ROWS).decode().encode("utf-16"), "UTF-16"),
        (b"7z\xbc\xaf\x27\x1c" + bytes(100), "no whole 7z archive"),
    ],
)
def test_files_that_are_no_dumps(tmp_path: Path, data: bytes, said: str) -> None:
    with pytest.raises(UnreadableInputError, match=said):
        read(dump(tmp_path, data))


def test_an_archive_without_posts(tmp_path: Path) -> None:
    path = tmp_path / "beer.stackexchange.com.7z"
    archive(path, {"Comments.xml": b"<comments/>"})
    with pytest.raises(UnreadableInputError, match=r"holds no Posts\.xml"):
        read(path)


@pytest.mark.parametrize(
    ("path", "site"),
    [
        ("dumps/stackoverflow.com-Posts.7z", "stackoverflow.com"),
        ("ai.stackexchange.com_2016-12-11.Posts.xml.gz", "ai.stackexchange.com"),
        ("stackoverflow.com-head.posts.xml.gz", "stackoverflow.com"),
        ("beer.stackexchange.com/Posts.xml", "beer.stackexchange.com"),
        ("/data.example.com/mathoverflow.net/2014/Posts.xml.gz", "mathoverflow.net"),
        ("math.meta.stackexchange.com.7z", "math.meta.stackexchange.com"),
        ("Posts.xml", None),
    ],
)
def test_sites(path: str, site: str | None) -> None:
    assert site_of(path) == site


def test_a_file_that_does_not_say_its_site(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInputError, match="does not say its site"):
        list(read_posts("Posts.xml", ReadLog(), DumpCounts()))
