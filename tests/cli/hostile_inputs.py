"""Inputs of the sources that are made to hurt, each beside what must come through. Keys are file names."""

import gzip
import io
import tarfile
import zipfile
import zlib
from collections.abc import Iterable, Mapping

PROSE = b"It was a dark and stormy night, and the rain fell in torrents on the roofs. "
LINE_BYTES = 100 << 20
BOMB_BYTES = 1 << 30
DEEP = 10_000
OUTSIDE = ("/outside.tex", "../outside.tex", "p/../../outside.tex")
_LEVELS = "".join(
    f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in zip("abcdefgh", "bcdefghz", strict=True)
)
ENTITIES = f'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">{_LEVELS}]>'
"""Ten to the ninth letters as `&z;`."""


def long_line() -> bytes:
    return (PROSE * (LINE_BYTES // len(PROSE) + 1))[:LINE_BYTES]


def packed(before: bytes, after: bytes = b"") -> bytes:
    """gzip of `before`, 1 GiB of zeros, and `after`; made without holding it."""
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    begin, zeros = packer.compress(before), bytes(1 << 20)
    middle = [packer.compress(zeros) for _ in range(BOMB_BYTES >> 20)]
    return b"".join([begin, *middle, packer.compress(after), packer.flush()])


def tar(files: Mapping[str, bytes], links: Iterable[str] = ()) -> bytes:
    """links: to a file of the machine, symbolic and hard in turn."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
        for number, name in enumerate(links):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = (tarfile.LNKTYPE if number % 2 else tarfile.SYMTYPE), "/etc/passwd"
            archive.addfile(info)
    return target.getvalue()


def tar_bomb(files: Mapping[str, bytes], name: str) -> bytes:
    """A tar.gz of `files` and a member of 1 GiB of zeros."""
    info = tarfile.TarInfo(name)
    info.size = BOMB_BYTES
    return packed(tar(files).rstrip(b"\0").ljust(_blocks(files), b"\0") + info.tobuf(), bytes(1024))


def _blocks(files: Mapping[str, bytes]) -> int:
    """Bytes of the members of a tar archive: a header of 512 bytes each, and content in blocks of 512."""
    return sum(512 + -(-len(content) // 512) * 512 for content in files.values())


def zipped(files: Mapping[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()


def nested(opening: bytes, closing: bytes, inside: bytes = b"deep") -> bytes:
    return opening * DEEP + inside + closing * DEEP


def gzipped(data: bytes) -> bytes:
    return gzip.compress(data, 1, mtime=0)
