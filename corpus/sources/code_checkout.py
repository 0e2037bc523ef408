"""A checkout of a project, or any folder of source files, as a tree; and its fingerprint as an input."""

import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from corpus.errors import UserError
from corpus.identity import InputFile, file_sha256
from corpus.sources.code_tree import DamagedFileError, Entry, EntryKind, Project
from corpus.sources.git_index import git_directory, head_commit, origin_url, repository_of, tracked_files


class CheckoutTree:
    """The files that git tracks, where the folder has a git index that can be read; else all files, save for `.git`.

    Links are not followed, and no file is taken that lies behind one.
    """

    def __init__(self, path: str) -> None:
        self.root = Path(path)
        self._git = git_directory(self.root)
        self._position = 0

    def entries(self) -> Iterator[Entry]:
        links = _Links(self.root)
        for name in file_names(self.root, self._git):
            path = os.path.join(os.fsencode(self.root), name)
            try:
                status = os.lstat(path)
            except OSError:
                continue  # tracked, and deleted since
            if stat.S_ISLNK(status.st_mode) or links.hide(name):
                kind = EntryKind.LINK
            else:
                kind = EntryKind.FILE if stat.S_ISREG(status.st_mode) else EntryKind.OTHER
            shown = name.decode("utf-8", "replace")

            def content(size: int, path: bytes = path) -> bytes:
                return _read(path, size)

            self._position += status.st_size
            yield Entry(shown, kind, status.st_size, 0, content)

    def position(self) -> int:
        return self._position

    def project(self, top: str | None) -> Project:
        url = origin_url(self._git) if self._git else None
        repo = repository_of(url) if url else None
        return Project(repo or self.root.resolve().name, head_commit(self._git) if self._git else None)


def file_names(root: Path, git: Path | None) -> list[bytes]:
    """Paths below a checkout's root, sorted; see CheckoutTree."""
    tracked = tracked_files(git) if git else None
    if tracked is not None:
        return sorted(name for name in tracked if _stays_inside(name))
    names = []
    base = os.fsencode(root)
    for folder, folders, files in os.walk(base):
        folders[:] = [name for name in folders if name != b".git"]
        links = [name for name in folders if os.path.islink(os.path.join(folder, name))]
        names += [os.path.relpath(os.path.join(folder, name), base) for name in (*files, *links) if name != b".git"]
    return sorted(names)


def identify_checkout(path: str) -> InputFile:
    """Size and fingerprint of all a checkout's files together: of their paths and contents, and of its commit.

    Raises UserError when one cannot be read.
    """
    root = Path(path)
    git = git_directory(root)
    digest, size, links = hashlib.sha256(), 0, _Links(root)
    digest.update(f"{CheckoutTree(path).project(None)}\n".encode("utf-8", "replace"))
    for name in file_names(root, git):
        full = os.path.join(os.fsencode(root), name)
        content = ""
        if os.path.isfile(full) and not os.path.islink(full) and not links.hide(name):
            size += os.path.getsize(full)
            try:
                with open(full, "rb") as file:
                    content = file_sha256(file)
            except OSError as error:
                raise UserError(
                    f"{os.fsdecode(full)}: cannot be read ({error.strerror}); check its permissions"
                ) from None
        digest.update(name + b"\0" + content.encode() + b"\n")
    return InputFile(path, size, digest.hexdigest())


def is_checkout(path: Path) -> bool:
    return (path / ".git").exists()


def _stays_inside(name: bytes) -> bool:
    return not name.startswith(b"/") and b".." not in name.split(b"/")


class _Links:
    """Finds files that only a link leads to."""

    def __init__(self, root: Path) -> None:
        self._root = os.fsencode(root)
        self._hidden: dict[bytes, bool] = {b"": False}

    def hide(self, name: bytes) -> bool:
        """Whether a folder on the way to the file is a link."""
        return self._is_hidden(os.path.dirname(name))

    def _is_hidden(self, folder: bytes) -> bool:
        if folder not in self._hidden:
            hidden = self._is_hidden(os.path.dirname(folder)) or os.path.islink(os.path.join(self._root, folder))
            self._hidden[folder] = hidden
        return self._hidden[folder]


def _read(path: bytes, size: int) -> bytes:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with open(handle, "rb") as file:
            return file.read(size)
    except PermissionError as error:
        raise UserError(f"{os.fsdecode(path)}: cannot be read ({error.strerror}); check its permissions") from None
    except OSError as error:
        raise DamagedFileError(str(error.strerror)) from None
