"""Bytes of an input file, local or remote, with failures told as one clear line."""

from types import TracebackType
from typing import BinaryIO, cast

import fsspec

from corpus.errors import UserError

_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "PNG image data"),
    (b"\xff\xd8\xff", "JPEG image data"),
    (b"GIF8", "GIF image data"),
    (b"%PDF-", "PDF data"),
    (b"PK\x03\x04", "ZIP data"),
    (b"\x28\xb5\x2f\xfd", "Zstandard data"),
    (b"\x04\x22\x4d\x18", "LZ4 data"),
    (b"BZh", "bzip2 data"),
    (b"\xfd7zXZ\x00", "xz data"),
    (b"7z\xbc\xaf\x27\x1c", "7-Zip data"),
    (b"\x1f\x8b", "gzip data"),
    (b"PAR1", "Parquet data"),
    (b"ARROW1", "Arrow data"),
    (b"\x7fELF", "an ELF program"),
)


class InputStream:
    """A file read from front to back; `path` is a local path or any URL (`scheme://`) that fsspec opens.

    Raises UserError when it cannot be opened or read: that is a failure of the disk or network, not of the content.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.offset = 0
        self._file = _open(path)

    def __enter__(self) -> "InputStream":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def read(self, size: int) -> bytes:
        """At most `size` bytes; none when the file is over."""
        try:
            data = self._file.read(size)
        except Exception as error:
            reason = _reason(error)
            raise UserError(
                f"{self.path}: reading failed at byte {self.offset} ({reason}); run the command again"
            ) from error
        self.offset += len(data)
        return data

    def seek(self, offset: int) -> None:
        """Makes `offset` the next byte to be read."""
        try:
            self._file.seek(offset)
        except Exception as error:
            raise UserError(
                f"{self.path}: cannot be read from byte {offset} ({_reason(error)}); download the file first"
            ) from error
        self.offset = offset


def describe_content(start: bytes) -> str:
    """What a file or stream that begins with `start` looks like, for an error line: "PNG image data", "XML text"."""
    for signature, name in _SIGNATURES:
        if start.startswith(signature):
            return name
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text.startswith((b"<!doctype html", b"<html")):
        return "an HTML page"
    if text.startswith((b"<?xml", b"<error")):
        return "XML text"
    if text.startswith((b"{", b"[")):
        return "JSON text"
    if not start.strip(b"\0"):
        return "zero bytes" if start else "nothing"
    return repr(start[:16])[1:]


def _open(path: str) -> BinaryIO:
    try:
        if "://" in path:
            return cast(BinaryIO, fsspec.open(path, "rb").open())
        return open(path, "rb", buffering=0)
    except FileNotFoundError as error:
        raise UserError(f"{path}: no such file; check the path") from error
    except IsADirectoryError as error:
        raise UserError(f"{path}: is a directory; give the files in it") from error
    except Exception as error:
        # Besides OSError, fsspec back ends raise what their client libraries define, ImportError where one is missing.
        raise UserError(f"{path}: cannot be opened ({_reason(error)}); check the path and its permissions") from error


def _reason(error: Exception) -> str:
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return " ".join(text.split()) or type(error).__name__
