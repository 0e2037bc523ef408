"""Wikipedia: the articles of a dump as multistream bzip2, found and checked by the dump's own `dumpstatus.json`."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from corpus.download.listing import Host, Listing
from corpus.download.remote import Checksum, RemoteFile, remote_file
from corpus.errors import UsageError, UserError

BASE_URL = "https://dumps.wikimedia.org"
CONNECTIONS = 2
"""Wikimedia limits connections from one address; its robot policy of 2025 names two at a time for files."""

# fmt: off
PAPER_LANGUAGES = (
    "bg", "ca", "cs", "da", "de", "en", "es", "fr", "hr", "hu",
    "it", "nl", "pl", "pt", "ro", "ru", "sl", "sr", "sv", "uk",
)
# fmt: on
"""The twenty that LLaMA took (section 2.1), from dumps of June to August 2022."""

_JOB = "articlesmultistreamdump"
_LANGUAGE = re.compile(r"[a-z][a-z0-9-]{1,20}")
_ARTICLES = re.compile(r"[a-z0-9_]+-\d{8}-pages-articles-multistream(\d*)\.xml(?:-p(\d+)p\d+)?\.bz2")
_KEPT_FOR_MONTHS = (
    "the host keeps dumps for some months only; older ones, such as those of 2022 that LLaMA took, are kept by "
    "mirrors, which --base-url can name"
)


def list_files(host: Host, date: str, language: Sequence[str] = PAPER_LANGUAGES) -> Listing:
    """The article files of each language, in order of their pages: one file, or for large wikis several."""
    if not re.fullmatch(r"\d{8}", date):
        raise UsageError(f"--date {date}: not the date of a dump; write it like 20220720")
    files: list[RemoteFile] = []
    for code in language:
        if not _LANGUAGE.fullmatch(code):
            raise UsageError(f"--language {code}: not the code of a Wikipedia; they are like en or pt")
        files += _files(host, f"{code.replace('-', '_')}wiki", date)
    return Listing(f"{date} {' '.join(language)}", files)


def _files(host: Host, wiki: str, date: str) -> list[RemoteFile]:
    path = f"{wiki}/{date}/dumpstatus.json"
    url = f"{host.base_url}/{path}"
    data = host.read(path, f"is there a dump {wiki} of {date}? {_KEPT_FOR_MONTHS}")
    try:
        job: Mapping[str, Any] = json.loads(data)["jobs"][_JOB]
        status, found = str(job["status"]), dict(job.get("files", {}))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(f"{url}: does not tell of the articles ({error!r}); check the address of the host") from None
    if status != "done":
        raise UserError(f"{url}: the dump of the articles is not done but {status}; take an earlier --date")
    ordered = sorted((match for match in map(_ARTICLES.fullmatch, found) if match), key=_pages)
    if not ordered:
        raise UserError(f"{url}: names no articles; take another --date")
    whole = [match for match in ordered if match[1] == "" and match[2] is None]
    return [
        remote_file(host.base_url, f"{wiki}/{date}/{match[0]}", *_stated(url, found[match[0]]))
        for match in whole or ordered
    ]


def _pages(match: re.Match[str]) -> tuple[int, int]:
    return int(match[1] or 0), int(match[2] or 0)


def _stated(url: str, file: Any) -> tuple[int | None, Checksum | None]:
    """Size and SHA-1, as far as the list states them."""
    if not isinstance(file, dict):
        raise UserError(f"{url}: describes its files in an unknown way; check the address of the host")
    size, sha1 = file.get("size"), file.get("sha1")
    return size if isinstance(size, int) else None, Checksum("sha1", sha1.lower()) if isinstance(sha1, str) else None
