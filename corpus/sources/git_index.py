"""Which files git tracks in a checkout, and what it is a checkout of, read from its own files.

git itself is not run: a checkout's configuration may name programs for it to start.
"""

import re
import struct
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

_HEADER = struct.Struct(">4sII")
_FIXED = 40
"""Bytes of an entry before the object's name: times, device, inode, mode, owner, group, size."""

_MODE = 24
_FLAG_EXTENDED = 0x4000
_FLAG_STAGE = 0x3000
_NAME_LENGTH = 0xFFF
_FILE_MODES = (0o100644, 0o100755)
_MOST_BYTES = 1 << 30
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_SECTION = re.compile(r'^\s*\[\s*remote\s+"origin"\s*\](.*?)(?=^\s*\[|\Z)', re.MULTILINE | re.DOTALL)
_URL = re.compile(r"^\s*url\s*=\s*\"?([^\"\n]+?)\"?\s*$", re.MULTILINE)
_SHA256 = re.compile(r"^\s*objectformat\s*=\s*sha256\s*$", re.MULTILINE | re.IGNORECASE)


def git_directory(root: Path) -> Path | None:
    """Where a checkout's git files are: `.git`, or the folder that a file of that name points to (worktrees)."""
    dot_git = root / ".git"
    if dot_git.is_dir():
        return dot_git
    if not dot_git.is_file():
        return None
    target = _text(dot_git).strip().removeprefix("gitdir:").strip()
    return root / target if target and (root / target).is_dir() else None


def tracked_files(directory: Path) -> list[bytes] | None:
    """Paths of the regular files in the index, sorted as git sorts them; None without an index that can be read.

    The format is git's own (Documentation/gitformat-index): versions 2 to 4. Links and submodules are no files.
    """
    index = directory / "index"
    try:
        if index.stat().st_size > _MOST_BYTES:
            return None
        data = index.read_bytes()
    except OSError:
        return None
    hash_bytes = 32 if _SHA256.search(_config(directory)) else 20
    try:
        return list(dict.fromkeys(name for mode, name in _entries(data, hash_bytes) if mode in _FILE_MODES))
    except (struct.error, ValueError, IndexError):
        return None


def _entries(data: bytes, hash_bytes: int) -> Iterator[tuple[int, bytes]]:
    magic, version, count = _HEADER.unpack_from(data)
    if magic != b"DIRC" or version not in (2, 3, 4):
        raise ValueError("no index")
    position, name = _HEADER.size, b""
    for _ in range(count):
        start = position
        (mode,) = struct.unpack_from(">I", data, position + _MODE)
        (flags,) = struct.unpack_from(">H", data, position + _FIXED + hash_bytes)
        position += _FIXED + hash_bytes + 2 + (2 if flags & _FLAG_EXTENDED else 0)
        if version == 4:
            taken_off, position = _offset(data, position)
            end = data.index(b"\0", position)
            name = name[: len(name) - taken_off] + data[position:end]
            position = end + 1
        else:
            length = flags & _NAME_LENGTH
            end = position + length if length < _NAME_LENGTH else data.index(b"\0", position)
            name = data[position:end]
            position = start + (end - start + 8) // 8 * 8
        if len(data) < position:
            raise ValueError("cut short")
        yield mode, name


def _offset(data: bytes, position: int) -> tuple[int, int]:
    """A number as pack files write offsets, and the position behind it."""
    byte = data[position]
    value = byte & 0x7F
    while byte & 0x80:
        position += 1
        byte = data[position]
        value = (value + 1 << 7) | (byte & 0x7F)
    return value, position + 1


def head_commit(directory: Path) -> str | None:
    """The commit checked out; None before the first, or where it cannot be read."""
    head = _text(directory / "HEAD").strip()
    if head.startswith("ref:"):
        name = head.removeprefix("ref:").strip()
        if not name.startswith("refs/") or ".." in name:
            return None
        shared = _shared(directory)
        head = _text(directory / name).strip() or _text(shared / name).strip()
        if not head:
            packed = re.search(rf"^([0-9a-f]+) {re.escape(name)}$", _text(shared / "packed-refs"), re.MULTILINE)
            head = packed[1] if packed else ""
    return head if _COMMIT.fullmatch(head) else None


def origin_url(directory: Path) -> str | None:
    """The address of the remote `origin`."""
    section = _SECTION.search(_config(directory))
    found = _URL.search(section[1]) if section else None
    return found[1] if found else None


def repository_of(url: str) -> str | None:
    """`owner/name` of a repository at GitHub, `host/path` of one elsewhere; None for what is no address of a host."""
    scp = re.fullmatch(r"(?:[^@/]+@)?([^:/@]+\.[^:/@]+):(?!//)(.+)", url)
    if scp:
        host, path = scp[1], scp[2]
    else:
        try:
            parts = urlsplit(url)
        except ValueError:
            return None
        host, path = parts.hostname or "", parts.path
    path = path.strip("/").removesuffix(".git")
    if not host or not path:
        return None
    return path if host.lower() == "github.com" else f"{host}/{path}"


def _shared(directory: Path) -> Path:
    common = _text(directory / "commondir").strip()
    return directory / common if common else directory


def _config(directory: Path) -> str:
    return _text(_shared(directory) / "config")


def _text(path: Path) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(16 << 20)
    except OSError:
        return ""
