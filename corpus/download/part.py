"""A file that has come in part: its bytes in NAME.part, and in NAME.part.json which remote content they belong to."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from corpus.download.http import Response
from corpus.download.remote import PART_SUFFIX, Checksum


@dataclass(frozen=True)
class Content:
    """What a host said of the content it was sending. length: bytes of all of it, None when not announced.

    end_told: see Response.
    """

    url: str
    etag: str | None
    last_modified: str | None
    length: int | None
    checksum: Checksum | None
    end_told: bool = True

    @classmethod
    def announced(cls, url: str, response: Response) -> "Content":
        return cls(url, response.etag, response.last_modified, response.length, response.checksum, response.end_told)

    @property
    def validator(self) -> str | None:
        """What If-Range takes: a strong ETag, else the date; None where a change could not be noticed."""
        if self.etag and not self.etag.startswith("W/"):
            return self.etag
        return self.last_modified


class Part:
    """The part of `target` that is here. Every change leaves files from which another process can go on."""

    def __init__(self, target: Path, url: str) -> None:
        self.path = target.with_name(target.name + PART_SUFFIX)
        self._state = target.with_name(target.name + PART_SUFFIX + ".json")
        self._target = target
        self.content = self._read_content(url)
        if self.content is None:
            self.discard()

    @property
    def size(self) -> int:
        return self.path.stat().st_size if self.path.exists() else 0

    @property
    def is_complete(self) -> bool:
        return self.content is not None and self.content.length == self.size

    @property
    def can_continue(self) -> bool:
        return self.size > 0 and self.content is not None and self.content.validator is not None

    def begin(self, content: Content) -> None:
        """Forgets what is here; what is appended from now on belongs to `content`."""
        self.discard()
        draft = self._state.with_name(self._state.name + ".new")
        draft.write_text(json.dumps(asdict(content)), "utf-8")
        os.replace(draft, self._state)
        self.content = content

    def discard(self) -> None:
        """The bytes go first: a state without bytes says nothing wrong."""
        self.path.unlink(missing_ok=True)
        self._state.unlink(missing_ok=True)
        self.content = None

    def finish(self) -> None:
        """Gives the part its final name."""
        with open(self.path, "rb") as stream:
            os.fsync(stream.fileno())
        os.replace(self.path, self._target)
        self._state.unlink(missing_ok=True)

    def _read_content(self, url: str) -> Content | None:
        """None where there is nothing to go on from, or the bytes here came from another address."""
        try:
            data = json.loads(self._state.read_text("utf-8"))
            checksum = data.pop("checksum")
            content = Content(**data, checksum=Checksum(**checksum) if checksum else None)
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return None
        return content if content.url == url else None
