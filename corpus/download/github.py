"""GitHub: the tarballs it makes of repositories that people name, one for each commit, branch or tag."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from corpus.download.listing import Host, Listing
from corpus.download.remote import RemoteFile
from corpus.errors import UsageError
from corpus.inputs import read_list

BASE_URL = "https://codeload.github.com"
CONNECTIONS = 2
FOLDER = "github.com"
"""Where tarballs are put, as FOLDER/OWNER/NAME/REF.tar.gz; `filter github` takes the repository's name from there."""

_OWNER = r"[A-Za-z0-9][A-Za-z0-9_-]{0,38}"
_NAME = r"[A-Za-z0-9._-]{1,100}?"
_REF = r"(?![/.])[A-Za-z0-9_+=@,()!#./-]{1,200}(?<![/.])"
_REPOSITORY = re.compile(rf"(?:https://github\.com/)?({_OWNER})/({_NAME})(?:\.git)?/?(?:@({_REF}))?")
_NO_NAMES = (".", "..", ".git")
_NAMED_IN_TITLE = 3
_ABSENT = "no public repository of this name, or no such branch, tag or commit in it"


@dataclass(frozen=True)
class Repository:
    """ref: a commit, branch or tag; HEAD is the newest commit of the default branch."""

    owner: str
    name: str
    ref: str

    @classmethod
    def parse(cls, text: str, origin: str) -> "Repository":
        """From OWNER/NAME or OWNER/NAME@REF; the owner and name may be their address at github.com.

        origin: where the text was given, for messages. Raises UsageError.
        """
        found = _REPOSITORY.fullmatch(text)
        if found is None or found[2].lower() in _NO_NAMES or ".." in (found[3] or "") or "//" in (found[3] or ""):
            fault = "names no repository; write OWNER/NAME, or OWNER/NAME@REF with a commit, branch or tag"
            raise UsageError(f"{origin}: {text!r} {fault}")
        return cls(found[1], found[2], found[3] or "HEAD")

    def tarball(self, base_url: str) -> RemoteFile:
        """Slashes of a ref become tildes, which no ref has, so that two refs never share a name."""
        path = f"{FOLDER}/{self.owner}/{self.name}/{self.ref.replace('/', '~')}.tar.gz"
        return RemoteFile(path, f"{base_url}/{self.owner}/{self.name}/tar.gz/{quote(self.ref)}")


def list_files(host: Host, repo: Sequence[str]) -> Listing:
    """A tarball of each repository, once, in the order they are named. repo: `OWNER/NAME[@REF]`, or `@FILE` with one on
    a line. The host is not asked: it sends no length, neither before a tarball nor with it.
    """
    found: dict[tuple[str, str, str], Repository] = {}
    for repository in _repositories(repo):
        found.setdefault((repository.owner.lower(), repository.name.lower(), repository.ref), repository)
    names = [f"{repository.owner}/{repository.name}" for repository in found.values()]
    more = f" and {len(names) - _NAMED_IN_TITLE:,} more" if len(names) > _NAMED_IN_TITLE else ""
    return Listing(
        " ".join(names[:_NAMED_IN_TITLE]) + more,
        [repository.tarball(host.base_url) for repository in found.values()],
        absent=_ABSENT,
        sizes_told=False,
    )


def _repositories(given: Sequence[str]) -> Iterator[Repository]:
    for item in given:
        if item.startswith("@"):
            for line in read_list(item[1:]):
                yield Repository.parse(line, item[1:])
        else:
            yield Repository.parse(item, "--repo")
