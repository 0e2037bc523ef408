"""The sources that can be downloaded, one row each."""

import inspect
import os
from collections.abc import Mapping
from dataclasses import dataclass

from corpus.download import arxiv, books, c4, commoncrawl, github, stackexchange, wikipedia
from corpus.download.listing import Host, Lister, Listing
from corpus.errors import UsageError


@dataclass(frozen=True)
class Source:
    """base_url: the publisher's address; the environment variable `variable` names another one.

    connections: how many the publisher puts up with. closed: why `base_url` itself cannot be fetched from.
    """

    name: str
    base_url: str
    lister: Lister
    connections: int = 4
    closed: str = ""

    @property
    def variable(self) -> str:
        return f"LLAMA_CORPUS_{self.name.upper()}_URL"

    def address(self, given: str | None) -> str:
        """The address to use: the one given, else the environment's, else the publisher's. Raises UsageError."""
        url = given or os.environ.get(self.variable) or self.base_url
        if not url.startswith(("http://", "https://")) and url != self.base_url:
            raise UsageError(f"{url}: not an address of a host; it begins with https:// or http://")
        return url.rstrip("/")

    def check(self, options: Mapping[str, object]) -> None:
        """Raises UsageError for an option this source does not have, or lacks."""
        parameters = dict(list(inspect.signature(self.lister).parameters.items())[1:])
        for name in options:
            if name not in parameters:
                raise UsageError(f"--{name} is not an option of {self.name}; it has {_names(parameters)}")
        for name, parameter in parameters.items():
            if parameter.default is inspect.Parameter.empty and name not in options:
                raise UsageError(f"{self.name} needs --{name}; see llama-corpus download --help")

    def list_files(self, host: Host, options: Mapping[str, object]) -> Listing:
        return self.lister(host, **options)


SOURCES = {
    source.name: source
    for source in (
        Source("commoncrawl", commoncrawl.BASE_URL, commoncrawl.list_files),
        Source("c4", c4.BASE_URL, c4.list_files),
        Source("github", github.BASE_URL, github.list_files, github.CONNECTIONS),
        Source("wikipedia", wikipedia.BASE_URL, wikipedia.list_files, wikipedia.CONNECTIONS),
        Source("books", books.BASE_URL, books.list_files, books.CONNECTIONS),
        Source("arxiv", arxiv.BASE_URL, arxiv.list_files, closed=arxiv.REQUESTER_PAYS),
        Source("stackexchange", stackexchange.BASE_URL, stackexchange.list_files, stackexchange.CONNECTIONS),
    )
}


def find(name: str) -> Source:
    """Raises UsageError for a source that cannot be downloaded."""
    if name not in SOURCES:
        raise UsageError(f"{name}: cannot be downloaded; there are {', '.join(SOURCES)}")
    return SOURCES[name]


def _names(parameters: Mapping[str, object]) -> str:
    return ", ".join(f"--{name}" for name in parameters)
