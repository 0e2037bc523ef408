"""git's own files, read without git, against git."""

import subprocess
from pathlib import Path

import pytest
from projects import write_tree

from corpus.sources.git_index import git_directory, head_commit, origin_url, repository_of, tracked_files

FILES = {
    "a.py": b"a",
    "Z.py": b"z",
    "dir/b.py": b"b",
    "dir/" + "n" * 200 + ".py": b"n",
    "dir.c": b"c",
    "with space.py": b"s",
    "tab\tname.py": b"t",
    "ünïcode.py": b"u",
    "run.sh": b"#!/bin/sh\n",
    **{f"many/f{i:03}.py": b"%d" % i for i in range(300)},
}


def git(root: Path, *arguments: str) -> bytes:
    identity = ["-c", "user.name=T", "-c", "user.email=t@example.org", "-c", "init.defaultBranch=main"]
    return subprocess.run(["git", "-C", str(root), *identity, *arguments], check=True, capture_output=True).stdout


def listed(root: Path) -> list[bytes]:
    """Regular files as git has them, each once."""
    entries = [entry.split(b"\t", 1) for entry in git(root, "ls-files", "-s", "-z").split(b"\0") if entry]
    return list(dict.fromkeys(name for head, name in entries if head.startswith((b"100644", b"100755"))))


def repository(root: Path, *arguments: str) -> Path:
    root.mkdir()
    git(root, "init", *arguments)
    write_tree(root, FILES)
    (root / "run.sh").chmod(0o755)
    (root / "link.py").symlink_to("a.py")
    git(root, "add", ".")
    return root


@pytest.mark.parametrize("version", ["2", "3", "4"])
def test_tracked_files(tmp_path: Path, version: str) -> None:
    root = repository(tmp_path / "r")
    git(root, "update-index", f"--index-version={version}")
    if version == "3":  # written only where an entry needs it
        (root / "later.py").write_bytes(b"later")
        git(root, "add", "--intent-to-add", "later.py")
    assert (root / ".git/index").read_bytes()[7] == int(version)
    assert tracked_files(root / ".git") == listed(root)
    assert len(listed(root)) == len(FILES) + (version == "3")


def test_sha256_repositories(tmp_path: Path) -> None:
    root = repository(tmp_path / "r", "--object-format=sha256")
    git(root, "commit", "-m", "One")
    assert tracked_files(root / ".git") == listed(root)
    assert head_commit(root / ".git") == git(root, "rev-parse", "HEAD").decode().strip()


def test_conflicts_name_a_file_once(tmp_path: Path) -> None:
    root = repository(tmp_path / "r")
    git(root, "commit", "-m", "One")
    git(root, "checkout", "-b", "other")
    (root / "a.py").write_bytes(b"other")
    git(root, "commit", "-am", "Two")
    git(root, "checkout", "main")
    (root / "a.py").write_bytes(b"main")
    git(root, "commit", "-am", "Three")
    with pytest.raises(subprocess.CalledProcessError):
        git(root, "merge", "other")
    found = tracked_files(root / ".git")
    assert found == listed(root)
    assert found is not None
    assert found.count(b"a.py") == 1


def test_head_of_branches_packed_or_not_and_of_worktrees(tmp_path: Path) -> None:
    root = repository(tmp_path / "r")
    assert head_commit(root / ".git") is None
    git(root, "commit", "-m", "One")
    commit = git(root, "rev-parse", "HEAD").decode().strip()
    assert head_commit(root / ".git") == commit
    git(root, "pack-refs", "--all")
    assert head_commit(root / ".git") == commit
    git(root, "checkout", "--detach")
    assert head_commit(root / ".git") == commit
    git(root, "worktree", "add", str(tmp_path / "w"), "-b", "work")
    directory = git_directory(tmp_path / "w")
    assert directory is not None
    assert head_commit(directory) == commit
    assert tracked_files(directory) == listed(tmp_path / "w")
    git(root, "remote", "add", "origin", "https://github.com/octo/tool.git")
    assert origin_url(directory) == "https://github.com/octo/tool.git"


@pytest.mark.parametrize(
    ("url", "repo"),
    [
        ("git@github.com:octo/tool.git", "octo/tool"),
        ("https://github.com/octo/tool", "octo/tool"),
        ("https://user:secret@github.com/octo/tool.git/", "octo/tool"),
        ("ssh://git@gitlab.com:2222/group/sub/tool.git", "gitlab.com/group/sub/tool"),
        ("/srv/git/tool.git", None),
        ("../tool", None),
        ("https://[bad", None),
    ],
)
def test_names_of_repositories(url: str, repo: str | None) -> None:
    assert repository_of(url) == repo


def test_a_damaged_index_is_none(tmp_path: Path) -> None:
    root = repository(tmp_path / "r")
    index = root / ".git/index"
    whole = index.read_bytes()
    for size in (0, 3, 11, 12, 60, len(whole) // 2):
        index.write_bytes(whole[:size])
        assert tracked_files(root / ".git") is None
    index.unlink()
    assert tracked_files(root / ".git") is None
