"""`filter github` from the command line: inputs of every kind, decisions, duplicates, determinism, faults."""

import json
import random
import subprocess
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from console import fail, kill_after, run, succeed
from projects import (
    COMMIT,
    MIT,
    below,
    code,
    dropped,
    filter_github,
    kept,
    tar_bytes,
    tar_gz,
    write_table,
    write_tree,
    zip_file,
)
from word_plan import public_files

GPL_FILE = b"# SPDX-License-Identifier: GPL-3.0-only\n"
PROJECT = {
    **MIT,
    "a.py": code("a"),
    "src/b.c": b"/* Copyright 2020 The Authors. Licensed under the MIT license. */\n#include <b.h>\nint b(void);\n",
    "vendor/lib/package.json": b'{"license": "GPL-2.0-only"}',
    "vendor/lib/c.py": code("c"),
    "own.py": GPL_FILE + code("own"),
    "logo.py": b"\x89PNG\r\n\x1a\n\0\0\0",
    "notes.txt": b"Notes about nothing at all.\n",
    "empty.py": b"",
    "long.py": b"x = '" + b"y" * 2000 + b"'\n",
}


def test_an_archive_from_github(tmp_path: Path) -> None:
    archive = tar_gz(tmp_path / "in/download.tar.gz", below("octo-tool-0123456", PROJECT), COMMIT)
    filter_github(archive, out=tmp_path / "out")
    rows = {row["path"]: row for row in kept(tmp_path / "out")}
    assert sorted(rows) == ["a.py", "src/b.c"]
    a = rows["a.py"]
    assert (a["repo"], a["revision"], a["language"], a["license"]) == ("octo/tool", COMMIT, "Python", "MIT")
    assert a["url"] == f"https://github.com/octo/tool/blob/{COMMIT}/a.py"
    assert "package.json" in a["license_evidence"]
    assert (a["origin"]["path"], a["origin"]["record"]) == (str(archive), 1)
    blob = subprocess.run(["git", "hash-object", "--stdin"], input=PROJECT["a.py"], capture_output=True, check=True)
    assert a["blob"] == blob.stdout.decode().strip()
    assert a["id"] == f"github:octo/tool/a.py@{a['blob']}"
    assert rows["src/b.c"]["text"].startswith("#include <b.h>")
    assert dropped(tmp_path / "out") == {
        "octo/tool/package.json": "paths: suffix_not_kept",
        "octo/tool/vendor/lib/package.json": "paths: suffix_not_kept",
        "octo/tool/vendor/lib/c.py": "licence: licence_not_permitted",
        "octo/tool/own.py": "licence: licence_not_permitted",
        "octo/tool/logo.py": "read: binary",
        "octo/tool/notes.txt": "paths: suffix_not_kept",
        "octo/tool/empty.py": "read: empty",
        "octo/tool/long.py": "code_rules: long_line",
    }
    assert "all well" in succeed("verify", tmp_path / "out")


def test_every_kind_of_tree_gives_the_same_files(tmp_path: Path) -> None:
    tar_gz(tmp_path / "tar/project-1.0.tar.gz", below("project-1.0", PROJECT))
    (tmp_path / "xz").mkdir()
    (tmp_path / "xz/project.tar.xz").write_bytes(tar_bytes(below("project-1.0", PROJECT), mode="w:xz"))
    (tmp_path / "bz2").mkdir()
    (tmp_path / "bz2/project.tar.bz2").write_bytes(tar_bytes(below("project-1.0", PROJECT), mode="w:bz2"))
    (tmp_path / "zip").mkdir()
    zip_file(tmp_path / "zip/project.zip", below("project-1.0", PROJECT))
    write_tree(tmp_path / "folder/project-1.0", PROJECT)
    found = []
    for kind in ("tar", "xz", "bz2", "zip", "folder"):
        filter_github(tmp_path / kind, out=tmp_path / "out" / kind)
        columns = ("id", "text", "repo", "path", "blob", "size", "license", "license_evidence", "language", "encoding")
        found.append(sorted(tuple(row[name] for name in columns) for row in kept(tmp_path / "out" / kind)))
        assert len(dropped(tmp_path / "out" / kind)) == 8
    assert all(rows == found[0] for rows in found)
    assert [row[3] for row in found[0]] == ["a.py", "src/b.c"]


def test_a_checkout_is_what_git_tracks(tmp_path: Path) -> None:
    root = write_tree(tmp_path / "tool", {**PROJECT, ".gitignore": b"built.py\n", "built.py": code("built")})
    git = [
        "git",
        "-C",
        str(root),
        "-c",
        "user.name=T",
        "-c",
        "user.email=t@example.org",
        "-c",
        "init.defaultBranch=main",
    ]
    for arguments in (["init"], ["add", "."], ["commit", "-m", "One"]):
        subprocess.run([*git, *arguments], check=True, capture_output=True)
    subprocess.run([*git, "remote", "add", "origin", "git@github.com:octo/tool.git"], check=True)
    commit = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()
    filter_github(root, out=tmp_path / "out")
    rows = {row["path"]: row for row in kept(tmp_path / "out")}
    assert sorted(rows) == ["a.py", "src/b.c"]
    assert (rows["a.py"]["repo"], rows["a.py"]["revision"]) == ("octo/tool", commit)
    assert json.loads((tmp_path / "out/run.json").read_text())["inputs"][0]["path"] == str(root)
    # A changed file is another input; the same files again are not.
    assert "already complete" in succeed("filter", "github", root, "--out", tmp_path / "out")
    (root / "a.py").write_bytes(code("changed"))
    assert "already complete" not in succeed("filter", "github", root, "--out", tmp_path / "out")


CONTENTS = [
    {"id": "b1", "size": 900, "content": code("one").decode(), "binary": False, "copies": 3},
    {"id": "b2", "size": 900, "content": code("two").decode(), "binary": False, "copies": 1},
    {"id": "b3", "size": 10, "content": None, "binary": True, "copies": 1},
    {"id": "b4", "size": 9_000_000, "content": None, "binary": False, "copies": 1},
    {"id": "b5", "size": 7, "content": "a/b.txt", "binary": False, "copies": 1},
    {"id": "b6", "size": 900, "content": code("six").decode(), "binary": False, "copies": 1},
]
FILES = [
    {"repo_name": "z/gpl", "ref": "refs/heads/master", "path": "a.py", "mode": 33188, "id": "b1"},
    {"repo_name": "y/mit", "ref": "refs/heads/master", "path": "a.txt", "mode": 33188, "id": "b1"},
    {"repo_name": "y/mit", "ref": "refs/heads/main", "path": "one file.py", "mode": 33188, "id": "b1"},
    {"repo_name": "x/mit", "ref": "refs/heads/main", "path": "b.py", "mode": 33188, "id": "b1"},
    {"repo_name": "z/gpl", "ref": "refs/heads/main", "path": "two.py", "mode": 33188, "id": "b2"},
    {"repo_name": "x/mit", "ref": "refs/heads/main", "path": "logo.png", "mode": 33188, "id": "b3"},
    {"repo_name": "x/mit", "ref": "refs/heads/main", "path": "large.py", "mode": 33188, "id": "b4"},
    {
        "repo_name": "x/mit",
        "ref": "refs/heads/main",
        "path": "k",
        "mode": 40960,
        "id": "b5",
        "symlink_target": "a/b.txt",
    },
    {"repo_name": "w/none", "ref": "refs/heads/main", "path": "six.py", "mode": 33188, "id": "b6"},
]
LICENCES = [
    {"repo_name": "x/mit", "license": "mit"},
    {"repo_name": "y/mit", "license": "mit"},
    {"repo_name": "z/gpl", "license": "gpl-2.0"},
]


@pytest.mark.parametrize("suffix", [".parquet", ".avro", ".json.gz", ".json"])
def test_tables_of_bigquery_are_joined(tmp_path: Path, suffix: str) -> None:
    write_table(tmp_path / f"in/contents-000{suffix}", CONTENTS[:3])
    write_table(tmp_path / f"in/contents-001{suffix}", CONTENTS[3:])
    write_table(tmp_path / f"in/files-000{suffix}", FILES[:4])
    write_table(tmp_path / f"in/files-001{suffix}", FILES[4:])
    write_table(tmp_path / f"in/licenses{suffix}", LICENCES)
    write_table(tmp_path / f"in/languages{suffix}", [{"repo_name": "x/mit", "language": "Python"}])
    filter_github(tmp_path / "in", out=tmp_path / "out")
    [row] = kept(tmp_path / "out")
    assert (row["repo"], row["path"], row["revision"], row["blob"]) == ("x/mit", "b.py", "main", "b1")
    assert (row["license"], row["license_evidence"]) == ("MIT", "BigQuery: mit")
    assert row["url"] == "https://github.com/x/mit/blob/main/b.py"
    assert row["text"] == CONTENTS[0]["content"]
    assert dropped(tmp_path / "out") == {
        "z/gpl/two.py": "licence: licence_not_permitted",
        "b3": "read: binary",
        "b4": "read: no_content",
        "b5": "join: no_path",
        "w/none/six.py": "licence: licence_unknown",
    }


def test_a_joined_table_needs_no_other(tmp_path: Path) -> None:
    rows = [
        {"repo_name": "a/b", "path": "x.py", "license": "apache-2.0", "content": code("x").decode(), "size": "900"},
        {"repo_name": "a/b", "path": "y.py", "license": "gpl-3.0", "content": code("y").decode(), "size": "900"},
        {"repo_name": "a/c", "path": "copy.py", "license": "mit", "content": code("x").decode(), "size": "900"},
    ]
    path = write_table(tmp_path / "joined.json.gz", rows)
    filter_github(path, out=tmp_path / "out")
    [row] = kept(tmp_path / "out")
    assert (row["repo"], row["path"], row["license"]) == ("a/b", "x.py", "Apache-2.0")
    assert dropped(tmp_path / "out") == {
        "a/b/y.py": "licence: licence_not_permitted",
        "a/c/copy.py": "exact: duplicate",
    }
    [pair] = pq.read_table(tmp_path / "out/pairs").to_pylist()
    assert pair["kept"] == row["id"]


def test_of_duplicates_the_first_that_may_stay_stays(tmp_path: Path) -> None:
    """In the order of inputs, and of the files in them; copies under other licences or names do not count."""
    same = code("same")
    tar_gz(tmp_path / "in/a.tar.gz", below("a", {"package.json": b'{"license": "GPL-3.0-only"}', "a.py": same}))
    tar_gz(tmp_path / "in/b.tar.gz", below("b", {**MIT, "b.txt": same, "c.py": same, "d.py": same}))
    tar_gz(tmp_path / "in/c.tar.gz", below("c", {**MIT, "e.py": same, "header.py": b"# Copyright Me\n" + same}))
    filter_github(tmp_path / "in", out=tmp_path / "out")
    assert [row["path"] for row in kept(tmp_path / "out")] == ["c.py", "header.py"]
    assert dropped(tmp_path / "out")["c/e.py"] == "exact: duplicate"


def test_copies_stay_where_they_are_not_compared(tmp_path: Path) -> None:
    path = tar_gz(tmp_path / "a.tar.gz", below("a", {**MIT, "a.py": code("x"), "b.py": code("x")}))
    settings = ["exact.enabled=false", "read.max_unpacked=20000"]
    filter_github(path, out=tmp_path / "out", settings=settings)
    assert [row["path"] for row in kept(tmp_path / "out")] == ["a.py", "b.py"]


def test_nothing_but_the_content_decides(tmp_path: Path) -> None:
    """Any number of workers, after any number of kills."""
    for number in range(6):
        files = {f"f{i}.py": code(f"f{i * number % 17}", 40) for i in range(60)}
        tar_gz(tmp_path / f"in/p{number}.tar.gz", below(f"p{number}", {**MIT, **files}))
    write_table(tmp_path / "in/contents.parquet", CONTENTS)
    write_table(tmp_path / "in/files.parquet", FILES)
    write_table(tmp_path / "in/licenses.parquet", LICENCES)
    succeed("filter", "github", tmp_path / "in", "--out", tmp_path / "one")
    arguments = ["filter", "github", str(tmp_path / "in"), "--out", str(tmp_path / "two"), "--workers", "2"]
    generator = random.Random(7)
    for _ in range(4):
        kill_after(generator.uniform(0.5, 3), arguments)
    succeed(*arguments)
    assert public_files(tmp_path / "one") == public_files(tmp_path / "two")


def test_faults_are_told_in_one_line(tmp_path: Path) -> None:
    contents = write_table(tmp_path / "contents.parquet", CONTENTS)
    files = write_table(tmp_path / "files.parquet", FILES)
    (tmp_path / "page.zip").write_bytes(b"<html><body>404</body></html>")
    (tmp_path / "nothing").mkdir()
    out = tmp_path / "out"
    assert "contents without paths" in fail("filter", "github", contents, "--out", out, code=1)
    assert "without contents" in fail("filter", "github", files, "--out", out, code=1)
    assert "an HTML page" in fail("filter", "github", tmp_path / "page.zip", "--out", out, code=1)
    assert "holds no files" in fail("filter", "github", tmp_path / "nothing", "--out", out, code=1)
    assert "paths.suffixes" in fail("filter", "github", files, "--out", out, "--set", "paths.suffixes=[]", code=2)
    # Beside one that can be read, an input that cannot is counted.
    tar_gz(tmp_path / "good.tar.gz", below("good", {**MIT, "a.py": code("a")}))
    result = run("filter", "github", tmp_path / "page.zip", tmp_path / "good.tar.gz", "--out", out)
    assert result.returncode == 0
    assert json.loads((out / "stats.json").read_text())["read"]["faults.unreadable"] == 1
