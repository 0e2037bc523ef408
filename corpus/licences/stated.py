"""The SPDX expression for what people write in a package's field "license"."""

import re
from functools import lru_cache

from corpus.licences.licence_files import read_licence_file
from corpus.licences.notices import notice
from corpus.licences.spdx import Expression, identifiers, join, known, parse

_NAMES = {
    "bsd": "LicenseRef-BSD",
    "new bsd": "BSD-3-Clause",
    "bsd3": "BSD-3-Clause",
    "bsd2": "BSD-2-Clause",
    "mit": "MIT",
    "expat": "MIT",
    "apache": "LicenseRef-Apache",
    "apache2": "Apache-2.0",
    "asl": "LicenseRef-Apache",
    "asf": "LicenseRef-Apache",
    "psf": "PSF-2.0",
    "psfl": "PSF-2.0",
    "python": "PSF-2.0",
    "perl": "Artistic-1.0-Perl OR GPL-1.0-or-later",
    "perl_5": "Artistic-1.0-Perl OR GPL-1.0-or-later",
    "apache_2_0": "Apache-2.0",
    "artistic_2": "Artistic-2.0",
    "gpl_2": "GPL-2.0-only",
    "gpl_3": "GPL-3.0-only",
    "lgpl_2_1": "LGPL-2.1-only",
    "lgpl_3_0": "LGPL-3.0-only",
    "ruby": "Ruby",
    "zpl": "ZPL-2.1",
    "zlib": "Zlib",
    "boost": "BSL-1.0",
    "cc0": "CC0-1.0",
    "gfdl": "GFDL-1.1-or-later",
    "public domain": "LicenseRef-public-domain",
    "public-domain": "LicenseRef-public-domain",
    "proprietary": "LicenseRef-proprietary",
    "all rights reserved": "LicenseRef-proprietary",
    "allrightsreserved": "LicenseRef-proprietary",
    "unlicensed": "LicenseRef-proprietary",
}
"""Names short of an identifier; `unlicensed` is npm's word for "no rights granted"."""
_DEBIAN_PLUS = re.compile(
    r"\b((?:A|L)?GPL|GFDL|Artistic|Apache|MPL|LPPL)-?(\d(?:\.\d)*)(\+?)(?=[\s,)]|$)", re.IGNORECASE
)
_NOT_STATED = re.compile(
    r"\W*(?:unknown|none|other|n/?a|see licen|license\.|file:|undefined|noassertion|dual license\W*$)"
)
LONG = 400
"""Characters from which on a value is a licence's text and not its name."""


@lru_cache(1 << 12)
def stated(value: str) -> str | None:
    """The expression `value` stands for; None for one that says nothing ("UNKNOWN", "see LICENSE") or not clearly."""
    value = value.strip().strip("\"'").strip()
    if not value or _NOT_STATED.match(value.lower()):
        return None
    if len(value) > LONG:
        return read_licence_file("License", value).expression
    return _expression(value) or _by_name(value) or _by_notice(value)


def _expression(value: str) -> str | None:
    """`value` if it is SPDX, with the "/" and "," that Cargo and others write for OR and AND."""
    value = _DEBIAN_PLUS.sub(lambda m: f"{m[1]}-{m[2] if '.' in m[2] else m[2] + '.0'}{m[3]}", value)
    for text in (value, value.replace("/", " OR "), value.replace(", and ", " AND ").replace(",", " AND ")):
        try:
            parsed = parse(text)
        except ValueError:
            continue
        names = identifiers(str(parsed))
        if all(known(name) or name.startswith("LicenseRef-") for name in names):
            return str(parsed)
        if any(known(name) for name in names) and re.search(r"\s(?:and|or|with)\s", text, re.IGNORECASE):
            return str(_renamed(text))
    return None


def _renamed(text: str) -> Expression:
    """An expression in which a package's own short names ("Expat") stand beside identifiers."""
    return parse(re.sub(r"[A-Za-z0-9][A-Za-z0-9.:_-]*\+?", lambda m: _simple(m[0]) or m[0], text))


def _simple(word: str) -> str | None:
    name = _NAMES.get(word.lower())
    return name if name is not None and " " not in name else None


def _by_name(value: str) -> str | None:
    name = re.sub(r"\s+", " ", re.sub(r"\b(?:the|licen[sc]ed?)\b|[^\w\s-]", " ", value.lower())).strip()
    return _NAMES.get(name)


def _by_notice(value: str) -> str | None:
    found = notice(value, bare=True)
    return None if found is None else found.expression


_CLASSIFIERS = (
    (r"MIT No Attribution", "MIT-0"),
    (r"MIT License", "MIT"),
    (r"BSD License", "LicenseRef-BSD"),
    (r"Apache Software License", "LicenseRef-Apache"),
    (r"ISC License", "ISC"),
    (r"Python Software Foundation License", "PSF-2.0"),
    (r"Mozilla Public License 1\.0", "MPL-1.0"),
    (r"Mozilla Public License 1\.1", "MPL-1.1"),
    (r"Mozilla Public License 2\.0", "MPL-2.0"),
    (r"GNU Affero General Public License v3 or later", "AGPL-3.0-or-later"),
    (r"GNU Affero General Public License", "AGPL-3.0-only"),
    (r"GNU Lesser General Public License v2 or later", "LGPL-2.0-or-later"),
    (r"GNU Lesser General Public License v2", "LGPL-2.0-only"),
    (r"GNU Lesser General Public License v3 or later", "LGPL-3.0-or-later"),
    (r"GNU Lesser General Public License v3", "LGPL-3.0-only"),
    (r"GNU Library or Lesser General Public License", "LGPL-2.0-or-later"),
    (r"GNU General Public License v2 or later", "GPL-2.0-or-later"),
    (r"GNU General Public License v2", "GPL-2.0-only"),
    (r"GNU General Public License v3 or later", "GPL-3.0-or-later"),
    (r"GNU General Public License v3", "GPL-3.0-only"),
    (r"GNU General Public License", "GPL-1.0-or-later"),
    (r"zlib/libpng", "Zlib"),
    (r"Zope Public License", "ZPL-2.1"),
    (r"Historical Permission Notice", "HPND"),
    (r"CMU License", "MIT-CMU"),
    (r"The Unlicense", "Unlicense"),
    (r"CC0 1\.0", "CC0-1.0"),
    (r"Artistic License", "Artistic-1.0"),
    (r"Boost Software License", "BSL-1.0"),
    (r"Eclipse Public License 1\.0", "EPL-1.0"),
    (r"Eclipse Public License 2\.0", "EPL-2.0"),
    (r"European Union Public Licence 1\.2", "EUPL-1.2"),
    (r"Public Domain", "LicenseRef-public-domain"),
    (r"Other/Proprietary License", "LicenseRef-proprietary"),
)


def classified(classifiers: list[str]) -> str | None:
    """The expression for `License :: …` trove classifiers.

    Several are joined by AND: the classifiers cannot say whether they are a choice, so nothing is given away.
    """
    found = []
    for classifier in classifiers:
        if not classifier.startswith("License ::"):
            continue
        last = classifier.split("::")[-1]
        name = next((expression for pattern, expression in _CLASSIFIERS if re.search(pattern, last)), None)
        if name is None and last.strip() not in ("OSI Approved", "DFSG approved"):
            name = stated(last) or "LicenseRef-unknown"
        if name is not None:
            found.append(name)
    return join("AND", found) if found else None
