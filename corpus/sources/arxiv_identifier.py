"""arXiv identifiers, old (`hep-th/9901001`) and new (`2301.00001`), as file names write them."""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

_NEW = re.compile(r"(\d{2})(\d{2})\.\d{4,5}")
_OLD = re.compile(r"([a-z-]+)(?:\.[A-Z]{2})?[/_]?((\d{2})(\d{2})\d{3})")
_VERSION = re.compile(r"v\d+$")
_SUFFIXES = (".tar.gz", ".tgz", ".gz", ".pdf", ".tar", ".tex")
_FIRST_YEAR = 1991


@dataclass(frozen=True)
class Identifier:
    """A paper's identifier in arXiv's own writing, without a version, and the month it stands for.

    A name that is no identifier is kept as it is, without year and month.
    """

    id: str
    year: int | None = None
    month: int | None = None

    @property
    def url(self) -> str | None:
        return f"https://arxiv.org/abs/{self.id}" if self.year else None


def identify_paper(path: str) -> Identifier:
    """The identifier in the last part of a path such as `9301/cs9301001.gz` or `2301.00001v2.tar.gz`."""
    name = PurePosixPath(path.replace("\\", "/")).name
    for suffix in _SUFFIXES:
        if name.lower().endswith(suffix):
            name = name[: -len(suffix)]
            break
    plain = _VERSION.sub("", name)
    if match := _NEW.fullmatch(plain):
        return Identifier(plain, 2000 + int(match[1]), int(match[2]))
    if match := _OLD.fullmatch(plain):
        year = int(match[3])
        return Identifier(f"{match[1]}/{match[2]}", year + (1900 if year >= _FIRST_YEAR % 100 else 2000), int(match[4]))
    return Identifier(name)
