"""One form for the many spellings of a page's address, and sets of addresses in it."""

import hashlib
import re
from array import array
from collections.abc import Iterable, Iterator
from urllib.parse import quote

import numpy as np

from corpus.errors import UserError
from corpus.quality.lm.texts import read_lines

_URL = re.compile(r"(?:https?:)?//(?:[^/?#@]*@)?([^/?#:@]+)(?::(\d*))?(/[^?#]*)?(?:\?([^#]*))?(?:#.*)?", re.I | re.S)
_HOST = re.compile(r"(?:[a-z0-9_-]+\.)+[a-z0-9-]+")
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
_PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_DEFAULT_PORTS = (None, "", "80", "443")


def canonical_url(url: str) -> str | None:
    """The address without what rarely tells pages apart; None for what is not the http(s) address of a host with a dot.

    Without scheme, user, fragment, the ports 80 and 443, "www." in front of the host, the host's last dot and slashes
    at the end of the path; an empty query is none. The host is in lower case and ASCII (IDNA). Escapes of characters
    that need none (RFC 3986, section 2.3) are undone, the others in upper case; characters outside ASCII are escaped.
    "https://WWW.Example.org:443/a%7Eb/#top" is "example.org/a~b". The form of a form, after "//", is that form.
    """
    match = _URL.fullmatch(url.strip())
    host = _canonical_host(match[1]) if match else None
    if match is None or host is None:
        return None
    port = "" if match[2] in _DEFAULT_PORTS else f":{match[2]}"
    path = _canonical_escapes(match[3] or "").rstrip("/")
    query = f"?{_canonical_escapes(match[4])}" if match[4] else ""
    return f"{host}{port}{path}{query}"


def _canonical_host(host: str) -> str | None:
    host = host.lower().rstrip(".")
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            return None
    while host.startswith("www.") and "." in host[4:]:
        host = host[4:]
    return host if _HOST.fullmatch(host) else None


def _canonical_escapes(part: str) -> str:
    if part.isascii() and "%" not in part and part.isprintable() and " " not in part:
        return part
    return _ESCAPE.sub(_canonical_escape, quote(_STRAY_PERCENT.sub("%25", part), safe=_PRINTABLE, errors="replace"))


def _canonical_escape(match: re.Match[str]) -> str:
    character = chr(int(match[0][1:], 16))
    return character if character in _UNRESERVED else match[0].upper()


class UrlSet:
    """Addresses known by 64 bits of a hash of their canonical form: 8 bytes each. Of 10^9 pages looked up among
    4 * 10^7, one is taken for another with a probability of 0.2 %."""

    def __init__(self, canonical: Iterable[str]) -> None:
        keys = array("Q", (_key(url) for url in canonical))
        self._keys = np.unique(np.frombuffer(keys, dtype=np.uint64))

    def __len__(self) -> int:
        return len(self._keys)

    def contains(self, urls: Iterable[str | None]) -> np.ndarray:
        """bool[n]: whether the address, in any of its forms, is in the set; what is no address is not."""
        forms = [None if url is None else canonical_url(url) for url in urls]
        if not len(self._keys):
            return np.zeros(len(forms), dtype=bool)
        keys = np.array([0 if form is None else _key(form) for form in forms], dtype=np.uint64)
        places = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        present = np.array([form is not None for form in forms], dtype=bool)
        return present & (self._keys[places] == keys)


def _key(canonical: str) -> int:
    return int.from_bytes(hashlib.blake2b(canonical.encode(), digest_size=8).digest(), "little")


def read_urls(path: str) -> UrlSet:
    """A list of addresses, one a line, plain or `.gz`.

    Raises UserError for a list that cannot be read, has a line that is no address, or none at all.
    """
    addresses = UrlSet(_canonical_lines(path))
    if not len(addresses):
        raise UserError(f"{path}: lists no URL; make a list with: llama-corpus classifier references")
    return addresses


def _canonical_lines(path: str) -> Iterator[str]:
    for number, line in enumerate(read_lines(path), 1):
        url = line.strip()
        if not url:
            continue
        form = canonical_url(url)
        if form is None:
            raise UserError(f"{path}, line {number}: {url[:80]!r} is not the URL of a page; give one a line")
        yield form
