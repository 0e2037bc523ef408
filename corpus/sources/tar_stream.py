"""Tar archives read from front to back, member by member, without a file being written anywhere."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from zlib import adler32

BLOCK = 512
_LONGEST_NAME = 64 << 10
_SKIP_BYTES = 1 << 20


class TarError(Exception):
    """The archive is damaged or cut short; what was read before it is good."""


@dataclass
class Member:
    """One member. kind: `file`, `directory`, `link`, `device` or `other`. offset: of its header.

    `read` gives its content, only until the next member is asked for.
    """

    name: str
    size: int
    kind: str
    offset: int
    _read: Callable[[int], bytes] = field(repr=False)
    left: int = 0

    def read(self, size: int) -> bytes:
        """At most `size` bytes of what is left of the content; raises TarError where the archive ends early."""
        wanted = min(size, self.left)
        data = self._read(wanted)
        self.left -= len(data)
        if len(data) < wanted:
            raise TarError("the archive ends inside a member")
        return data


def is_tar_header(block: bytes) -> bool:
    """Whether 512 bytes are a tar header, which its checksum tells (archives before POSIX have no magic)."""
    if len(block) < BLOCK or not block[0]:
        return False
    stored = _number(block[148:156])
    return stored is not None and stored == _sum(block[:256]) + _sum(block[256:BLOCK]) - sum(block[148:156]) + 8 * 32


def _sum(data: bytes) -> int:
    """Of at most 256 bytes: the lower half of their Adler-32 is one more, being less than its modulus."""
    return (adler32(data) & 0xFFFF) - 1


def tar_members(read: Callable[[int], bytes]) -> Iterator[Member]:
    """The members of an archive; `read(n)` gives its next n bytes, fewer only at its end.

    GNU and POSIX long names are understood; a name longer than 64 KiB, like any damage, raises TarError.
    """
    offset, padding, long_name = 0, 0, None
    while True:
        block = read(padding + BLOCK)
        if len(block) < padding:
            raise TarError("the archive ends inside a member")
        block = block[padding:]
        if not block or not any(block):
            return
        if not is_tar_header(block):
            raise TarError("a header is damaged" if len(block) == BLOCK else "the archive ends inside a header")
        type_flag = block[156:157]
        kind = _KINDS.get(type_flag, "other")
        size = 0 if kind in _WITHOUT_CONTENT else _number(block[124:136]) or 0
        padded = size + -size % BLOCK
        if type_flag in b"LxgK":
            content = _small(read, padded)[:size] if type_flag in b"Lx" else _skipped(read, padded)
            long_name, padding = _long_name(type_flag, content) or long_name, 0
        else:
            member = Member(long_name or _name(block), size, kind, offset, read, size)
            yield member
            _skip(read, member.left)
            long_name, padding = None, padded - size
        offset += BLOCK + padded


_KINDS = {
    b"0": "file",
    b"\0": "file",
    b"7": "file",
    b"1": "link",
    b"2": "link",
    b"3": "device",
    b"4": "device",
    b"5": "directory",
    b"6": "device",
}
_WITHOUT_CONTENT = ("link", "device", "directory")


def _small(read: Callable[[int], bytes], size: int) -> bytes:
    if size > _LONGEST_NAME:
        raise TarError(f"a name of {size} bytes")
    return read(size)


def _skipped(read: Callable[[int], bytes], size: int) -> bytes:
    _skip(read, size)
    return b""


def _skip(read: Callable[[int], bytes], size: int) -> None:
    while size > 0:
        data = read(min(size, _SKIP_BYTES))
        if not data:
            raise TarError("the archive ends inside a member")
        size -= len(data)


def _number(digits: bytes) -> int | None:
    """A number in octal digits, or in base 256 where the first bit is set; None when it is neither."""
    if digits and digits[0] & 0x80:
        return int.from_bytes(bytes([digits[0] & 0x7F]) + digits[1:], "big")
    text = digits.strip(b" \0")
    try:
        return int(text, 8) if text else 0
    except ValueError:
        return None


def _name(block: bytes) -> str:
    name = block[:100].split(b"\0", 1)[0]
    prefix = block[345:500].split(b"\0", 1)[0] if block[257:263] == b"ustar\0" else b""
    return (prefix + b"/" + name if prefix else name).decode("utf-8", "replace")


def _long_name(type_flag: bytes, content: bytes) -> str | None:
    if type_flag == b"L":
        return content.split(b"\0", 1)[0].decode("utf-8", "replace")
    while content:  # POSIX records: "length key=value\n"
        digits, _, _ = content.partition(b" ")
        if not digits.isdigit() or not 0 < int(digits) <= len(content):
            return None
        record, content = content[: int(digits)], content[int(digits) :]
        key, _, value = record[len(digits) + 1 : -1].partition(b"=")
        if key == b"path":
            return value.decode("utf-8", "replace")
    return None
