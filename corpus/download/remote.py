"""What is to be fetched: one file of a source, where it lies and what its publisher says of it."""

import re
from dataclasses import dataclass
from urllib.parse import quote

from corpus.errors import UserError

RECORD, JOURNAL, LOCK = "download.json", "download.journal", ".download.lock"
PART_SUFFIX = ".part"
_COMPONENT = re.compile(r"[A-Za-z0-9_+=@,~()!-][A-Za-z0-9._+=@,~()! -]*")
_LONGEST_COMPONENT = 200


def keeps_track(name: str) -> bool:
    """Whether a download needs a file of this name for itself: its records, and what has not come whole."""
    return name in (RECORD, JOURNAL, LOCK) or name.endswith((PART_SUFFIX, f"{PART_SUFFIX}.json"))


@dataclass(frozen=True)
class Checksum:
    """algorithm: md5, sha1 or sha256, as hashlib names them. digest: lower-case hexadecimal."""

    algorithm: str
    digest: str


@dataclass(frozen=True)
class RemoteFile:
    """path: below the download's directory, with slashes. size: bytes, None where no list states it."""

    path: str
    url: str
    size: int | None = None
    checksum: Checksum | None = None


def remote_file(base_url: str, path: str, size: int | None = None, checksum: Checksum | None = None) -> RemoteFile:
    """The file at `path` below `base_url`; lists come from the network, so their names are not trusted.

    Raises UserError for a name that leaves the download's directory, hides, or takes a name this program needs.
    """
    parts = path.split("/")
    for part in parts:
        if not _COMPONENT.fullmatch(part) or len(part) > _LONGEST_COMPONENT:
            raise UserError(f"{base_url}: lists {path!r}, which is no safe file name; check the address of the host")
    if keeps_track(parts[-1]):
        raise UserError(f"{base_url}: lists {path!r}, a name needed for keeping track; check the address of the host")
    return RemoteFile(path, f"{base_url.rstrip('/')}/{quote(path)}", size, checksum)
