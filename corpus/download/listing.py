"""What a source's module gives: the files it publishes for what was asked."""

import gzip
import io
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from corpus.download.remote import RemoteFile
from corpus.errors import UserError

_LONGEST_LIST = 1 << 28
"""Bytes of a list, decoded; a list of 100,000 names takes 14 MB."""


class Host(Protocol):
    """The address under which a source's files lie, and a way to read a list there."""

    @property
    def base_url(self) -> str: ...

    def read(self, path: str, absent: str) -> bytes:
        """The file at `path` below the address, tried again as often as any file.

        absent: what it means, and what to do, when the host has no such file. Raises UserError.
        """
        ...


@dataclass(frozen=True)
class Listing:
    """title: what was asked for, in a few words. files: in the publisher's order.

    damaged: paths among them known to be damaged at the source, which are not fetched. note: what people should know.
    may_be_absent: whether the list names files that the publisher never made; they are counted, and no failure.
    absent: what it means when the host has no such file, for messages. sizes_told: whether the host tells the size of a
    file when it is asked; otherwise sizes are known of files that are here.
    """

    title: str
    files: Sequence[RemoteFile]
    damaged: frozenset[str] = field(default_factory=frozenset)
    note: str = ""
    may_be_absent: bool = False
    absent: str = ""
    sizes_told: bool = True


Lister = Callable[..., Listing]
"""Takes a Host and the source's own options."""


def gunzip_lines(data: bytes, url: str) -> list[str]:
    """The lines of a gzipped text without blank ones. Raises UserError when it is none."""
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
            text = stream.read(_LONGEST_LIST + 1).decode("utf-8-sig")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise UserError(f"{url}: is no gzipped list of files ({error}); check the address of the host") from None
    if len(text) > _LONGEST_LIST:
        raise UserError(f"{url}: is larger than a list of files can be; check the address of the host")
    return [line for line in text.split("\n") if line.strip()]
