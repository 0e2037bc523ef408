"""Archives, checkouts and tables as batches: what is hostile or damaged is dropped with a reason, in bounded memory."""

import gzip
import io
import lzma
import random
import tarfile
import zipfile
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from projects import COMMIT, MIT, below, code, tar_bytes, tar_gz, write_table, write_tree, zip_file

from corpus.errors import UnreadableInputError, UserError
from corpus.pipeline.own_process import in_own_process
from corpus.pipeline.reading import ReadLog
from corpus.sources import code_survey
from corpus.sources.github_inputs import github_inputs
from corpus.sources.github_read import Limits
from corpus.sources.github_reader import ReadProjects

LIMITS = Limits(file=1 << 20, unpacked=1 << 30)


def read(path: Path, log: ReadLog | None = None, limits: Limits = LIMITS) -> list[dict[str, Any]]:
    return [row for batch in ReadProjects(limits)(str(path), log or ReadLog()) for row in batch.to_pylist()]


def states(path: Path, limits: Limits = LIMITS) -> dict[str, str]:
    """For each path why it has no text, or "text"."""
    return {row["path"]: row["absence"] or "text" for row in read(path, limits=limits)}


def test_hostile_members_of_a_tar_archive(tmp_path: Path) -> None:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as archive:
        for name in ("p/a.py", "/etc/passwd.py", "../up.py", "p/../../up.py", "p/..\\..\\up.py", "C:/x.py"):
            info = tarfile.TarInfo(name)
            info.size = 4
            archive.addfile(info, io.BytesIO(b"x=1\n"))
        for name, kind in (("p/s.py", tarfile.SYMTYPE), ("p/h.py", tarfile.LNKTYPE), ("p/f.py", tarfile.FIFOTYPE)):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
        for name, size in (("p/long.py", 100 << 20), ("p/edge.py", 1 << 20), ("p/over.py", (1 << 20) + 1)):
            info = tarfile.TarInfo(name)
            info.size = size
            archive.addfile(info, io.BytesIO(b"y" * size))
        for name, content in (("p/empty.py", b""), ("p/image.py", b"\x89PNG\r\n\x1a\n\0\0"), ("p/x.py", b"\x81 \xe9")):
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    (tmp_path / "a.tar.gz").write_bytes(data.getvalue())
    before = sorted(tmp_path.rglob("*"))
    assert states(tmp_path / "a.tar.gz") == {
        "a.py": "text",
        "/etc/passwd.py": "unsafe_path",
        "../up.py": "unsafe_path",
        "../../up.py": "unsafe_path",
        "..\\..\\up.py": "unsafe_path",
        "C:/x.py": "unsafe_path",
        "s.py": "link",
        "h.py": "link",
        "f.py": "not_a_file",
        "long.py": "too_large",
        "edge.py": "text",
        "over.py": "too_large",
        "empty.py": "empty",
        "image.py": "binary",
        "x.py": "undecodable",
    }
    assert sorted(tmp_path.rglob("*")) == before


def test_hostile_members_of_a_zip_archive(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("p/a.py", "../up.py", "/abs.py"):
            archive.writestr(name, b"x = 1\n")
        archive.writestr("p/bomb.py", b"\0" * (50 << 20))
        link = zipfile.ZipInfo("p/link.py")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        archive.writestr(link, b"/etc/passwd")
        archive.writestr("p/crc.py", b"value = 'a checksum that will not fit'\n")
        archive.writestr("p/short.py", b"claims = 'less than it has'\n" * 100)
    data = bytearray(path.read_bytes())
    crc = data.index(b"p/crc.py")
    data[crc + 12] ^= 0xFF
    size = data.rindex(b"p/short.py") - 46
    data[size + 24 : size + 28] = (2800 >> 1).to_bytes(4, "little")
    path.write_bytes(data)
    found = states(path)
    assert found.pop("short.py") in ("damaged", "text")  # Python's versions differ in what they make of it
    assert found == {
        "a.py": "text",
        "../up.py": "unsafe_path",
        "/abs.py": "unsafe_path",
        "bomb.py": "too_large",
        "link.py": "link",
        "crc.py": "damaged",
    }


def test_encrypted_members_are_damaged(tmp_path: Path) -> None:
    path = zip_file(tmp_path / "a.zip", {"p/a.py": code("a")})
    data = bytearray(path.read_bytes())
    for magic, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(magic) + flags] |= 1
    path.write_bytes(data)
    assert states(path) == {"a.py": "damaged"}


@pytest.mark.parametrize("compress", [gzip.compress, lzma.compress])
def test_what_unpacks_without_end_is_left_behind_its_limit(tmp_path: Path, compress: Any) -> None:
    path = tmp_path / "bomb.tar.gz"
    path.write_bytes(compress(tar_bytes({"p/a.py": code("a"), "p/zeros.py": bytes(40 << 20), "p/b.py": code("b")})))
    log = ReadLog()
    rows = read(path, log, Limits(1 << 20, 20 << 20))
    assert [(row["path"], row["absence"]) for row in rows] == [("a.py", None), ("zeros.py", "too_large")]
    assert log.counts["faults.too_large"] == 1
    assert log.counts["records"] == 2


def test_a_zip_that_unpacks_to_too_much(tmp_path: Path) -> None:
    path = zip_file(tmp_path / "a.zip", {f"p/f{i}.py": b"x" * (1 << 20) for i in range(30)})
    log = ReadLog()
    rows = read(path, log, Limits(1 << 20, 10 << 20))
    assert len(rows) == 10
    assert log.counts["faults.too_large"] == 1


def _rows_and_memory(path: str, progress: Any) -> tuple[int, int]:
    rows = sum(batch.num_rows for batch in ReadProjects(LIMITS)(path, ReadLog()))
    status = Path("/proc/self/status").read_text()
    return rows, int(status.partition("VmHWM:")[2].split()[0]) << 10


def test_memory_does_not_grow_with_the_archive(tmp_path: Path) -> None:
    line = "".join(random.Random(1).choices("abcdef =()\n", k=4000)).encode()
    used = []
    for count in (100, 1600):  # 24 and 384 MB
        files = {f"p/f{i}.py": line * 60 + b"%d" % i for i in range(count)}
        path = tar_gz(tmp_path / "a.tar.gz", {**below("p", MIT), **files})
        rows, memory = in_own_process(partial(_rows_and_memory, str(path)), lambda *done: None)
        assert rows == count + 1
        used.append(memory)
    assert used[1] < used[0] + (100 << 20)


def test_a_large_tree_is_read_as_a_small_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether all its files are held at once or not, the same comes out."""
    path = tar_gz(tmp_path / "a.tar.gz", below("p", {"a.py": code("a"), "v/b.py": code("b"), "link.py": b"", **MIT}))
    held = read(path)
    monkeypatch.setattr(code_survey, "HELD_BYTES", 10)
    assert read(path) == held
    assert [row["license"] for row in held] == ["MIT", "MIT", None, "MIT"]


@pytest.mark.parametrize("suffix", [".tar.gz", ".tar.xz", ".tar.bz2"])
def test_what_is_before_the_damage_is_kept(tmp_path: Path, suffix: str) -> None:
    files = {f"p/f{i}.py": random.Random(i).randbytes(6000).hex().encode() for i in range(120)}
    whole = tar_bytes(files, mode=f"w:{suffix.rpartition('.')[2]}")
    path = tmp_path / f"a{suffix}"
    path.write_bytes(whole[: len(whole) * 3 // 4])
    log = ReadLog()
    rows = read(path, log)
    assert len(rows) == log.counts["records"]
    assert 60 < len(rows) < 120
    assert all(row["text"].encode() == files[f"p/{row['path'].removeprefix('p/')}"] for row in rows)
    assert log.counts["faults.truncated"] == 1
    with pytest.raises(UserError, match="without --strict"):
        read(path, ReadLog(strict=True))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html><body>Not found</body></html>",
        b"PK\x03\x04 but no zip",
        b"\x1f\x8b\x08 but no gzip",
        gzip.compress(b"\x7fELF but no tar"),
        b"PAR1 but no table",
        b"Obj\x01 but no table",
        b'{"name": "a package", "license": "MIT"}\n',
        b"{ no JSON",
        tar_bytes({}),
    ],
)
def test_what_is_no_input_is_told(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "input.tar.gz"
    path.write_bytes(content)
    with pytest.raises(UnreadableInputError, match=r"input\.tar\.gz"):
        read(path)


@pytest.mark.parametrize(
    ("top", "commit", "repo"),
    [
        ("octo-tool-0123456", COMMIT, "octo/tool"),
        (f"octo-tool-{COMMIT}", COMMIT, "octo/tool"),
        ("octo-tool-0123456", None, "octo-tool-0123456"),
        ("octo-tool-7654321", COMMIT, "octo-tool-7654321"),
        ("my-octo-tool-0123456", COMMIT, "my-octo-tool-0123456"),
        (f"tool-{COMMIT}", COMMIT, f"tool-{COMMIT}"),
    ],
)
def test_names_of_repositories_in_archives(tmp_path: Path, top: str, commit: str | None, repo: str) -> None:
    for path in (
        tar_gz(tmp_path / "x.tar.gz", {f"{top}/a.py": b"x=1\n"}, commit),
        zip_file(tmp_path / "x.zip", {f"{top}/a.py": b"x=1\n"}, commit),
    ):
        [row] = read(path)
        assert (row["repo"], row["path"], row["revision"]) == (repo, "a.py", commit)


def test_an_archive_without_a_top_folder_is_named_after_its_file(tmp_path: Path) -> None:
    [a, b] = read(tar_gz(tmp_path / "tool-2.tar.gz", {"a.py": b"x=1\n", "src/b.py": b"y=1\n"}))
    assert [(row["repo"], row["path"]) for row in (a, b)] == [("tool-2", "a.py"), ("tool-2", "src/b.py")]


def test_links_out_of_a_folder_are_not_followed(tmp_path: Path) -> None:
    write_tree(tmp_path / "outside", {"secret.py": b"secret = 1\n"})
    root = write_tree(tmp_path / "p", {"a.py": b"x=1\n"})
    (root / "link.py").symlink_to(tmp_path / "outside/secret.py")
    (root / "folder").symlink_to(tmp_path / "outside")
    assert states(root) == {"a.py": "text", "link.py": "link", "folder": "link"}


def test_which_folders_are_projects(tmp_path: Path) -> None:
    write_tree(tmp_path / "projects/one", {"a.py": b"x", "data/t.tar.gz": b"", "package.json": b"{}"})
    write_tree(tmp_path / "projects/two/.git", {"HEAD": b""})
    write_tree(tmp_path / "archives", {"x.zip": b"PK", "download.json": b"{}", "deep/y.tgz": b"x"})
    write_tree(tmp_path / "tables", {"c-0.json": b"{}", "c-1.json": b"{}", "d.json.gz": b"{}"})

    def found(name: str) -> list[str]:
        return [str(Path(file.path).relative_to(tmp_path)) for file in github_inputs([str(tmp_path / name)])]

    assert found("projects") == ["projects/one", "projects/two"]
    assert found("projects/one") == ["projects/one"]
    assert found("archives") == ["archives/deep/y.tgz", "archives/x.zip"]
    assert found("tables") == ["tables/c-0.json", "tables/c-1.json", "tables/d.json.gz"]


ROWS = [{"repo_name": "a/b", "path": f"f{i}.py", "license": "mit", "content": f"x = {i}\n" * 50} for i in range(40)]


@pytest.mark.parametrize("suffix", [".parquet", ".avro", ".json.gz"])
def test_contents_of_tables_are_judged_as_files_are(tmp_path: Path, suffix: str) -> None:
    contents = {
        "a.py": "\ufeffx = 1\n",
        "b.py": "x = '\0'\n",
        "c.py": "",
        "d.py": "y" * (1 << 20),
        "e.py": "y" * ((1 << 20) + 1),
        "f.py": None,
        "g.py": "x = '\u00e9'\n",
    }
    rows = [{"repo_name": "a/b", "path": path, "content": content} for path, content in contents.items()]
    table = write_table(tmp_path / f"t{suffix}", [{**rows[0], "license": "mit", "binary": False}, *rows[1:]])
    found = {row["path"]: row["absence"] or row["text"] for row in read(table)}
    assert found == {
        "a.py": "x = 1\n",
        "b.py": "binary",
        "c.py": "empty",
        "d.py": "y" * (1 << 20),
        "e.py": "too_large",
        "f.py": "no_content",
        "g.py": "x = '\u00e9'\n",
    }


@pytest.mark.parametrize("suffix", [".parquet", ".avro", ".json.gz"])
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_tables_and_archives_do_not_end_in_a_crash(tmp_path: Path, suffix: str, data: st.DataObject) -> None:
    """One byte of it is another, or it is cut short."""
    path = write_table(tmp_path / f"t{suffix}", ROWS)
    whole = bytearray(path.read_bytes())
    _damage_and_read(path, whole, data)


@pytest.mark.parametrize("name", ["a.tar.gz", "a.zip", "a.tar.xz"])
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_archives_do_not_end_in_a_crash(tmp_path: Path, name: str, data: st.DataObject) -> None:
    files = {f"p/f{i}.py": code(f"f{i}") for i in range(5)}
    path = tmp_path / name
    if name.endswith(".zip"):
        zip_file(path, files)
    else:
        path.write_bytes(tar_bytes(files, COMMIT, f"w:{name.rpartition('.')[2]}"))
    _damage_and_read(path, bytearray(path.read_bytes()), data)


def _damage_and_read(path: Path, whole: bytearray, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(whole) - 1))
    if data.draw(st.booleans()):
        whole[place] ^= data.draw(st.integers(1, 255))
    else:
        del whole[place:]
    path.write_bytes(whole)
    log = ReadLog()
    with suppress(UserError):
        rows = read(path, log)
        assert log.counts.get("documents", 0) == len(rows)
        skipped = sum(count for name, count in log.counts.items() if name.startswith("skipped."))
        assert log.counts.get("records", 0) == len(rows) + skipped + log.counts.get("unreadable", 0)
