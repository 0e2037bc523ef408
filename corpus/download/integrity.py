"""Whether a file is what its publisher meant: by the published checksum, else by what its format checks itself."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from corpus.download.remote import Checksum
from corpus.faults import Fault
from corpus.sources.gzip_stream import MAGIC, Window, gzip_pieces
from corpus.sources.input_stream import InputStream, describe_content

_MAGIC = {".gz": MAGIC, ".bz2": b"BZh", ".7z": b"7z\xbc\xaf\x27\x1c"}


@dataclass(frozen=True)
class Verdict:
    """sha256: of the whole file. checked: by what it was judged: md5, sha1, sha256, gzip, or length alone.

    damage: what is wrong, None for a whole file. readable: whether a part of a damaged file can be used: at least one
    whole gzip member.
    """

    sha256: str
    size: int
    checked: str
    damage: str | None = None
    readable: bool = True


def judge(path: Path, name: str, checksum: Checksum | None) -> Verdict:
    """Reads the file once for its digests and, where no checksum is published and `name` ends in .gz, again for the
    checksum of every gzip member."""
    sha256, published, size = hashlib.sha256(), hashlib.new(checksum.algorithm) if checksum else None, 0
    with open(path, "rb") as stream:
        start = stream.read(64)
        stream.seek(0)
        while block := stream.read(1 << 20):
            size += len(block)
            sha256.update(block)
            if published is not None:
                published.update(block)
    digest = sha256.hexdigest()
    if checksum is not None and published is not None:
        found = published.hexdigest()
        damage = None if found == checksum.digest else f"has {checksum.algorithm} {found}, not {checksum.digest}"
        return Verdict(digest, size, checksum.algorithm, damage, readable=False)
    for suffix, magic in _MAGIC.items():
        if name.endswith(suffix) and not start.startswith(magic):
            return Verdict(
                digest, size, "length", f"is {describe_content(start)} under a {suffix} name", readable=False
            )
    if not name.endswith(".gz"):
        return Verdict(digest, size, "length")
    damage, readable = _gzip_damage(path)
    return Verdict(digest, size, "gzip", damage, readable)


def _gzip_damage(path: Path) -> tuple[str | None, bool]:
    """The first damage, and whether any member is whole."""
    faults: list[Fault] = []
    damage, whole, started = None, 0, -1
    with InputStream(str(path)) as stream:
        for piece in gzip_pieces(Window(stream), str(path), faults.append):
            if piece.first and piece.damage is None:
                started = piece.offset
                whole += 1
            if piece.damage is not None:
                whole -= started == piece.offset
                damage = damage or f"byte {piece.damage.offset:,}: {piece.damage.detail}"
    if damage is None and faults:
        damage = f"byte {faults[0].offset:,}: {faults[0].detail}"
    return damage, whole > 0
