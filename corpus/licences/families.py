"""Which SPDX identifiers belong to the families of licences LLaMA names: Apache, BSD and MIT.

A family holds what the SPDX licence list gives the family's name, as long as it asks for no more than the family's
own texts do. So `BSD-Protection` (copyleft) and the `BSD-3-Clause-No-…` ones (limits on use) are not BSD, and `JSON`
("for Good, not Evil") and `MIT-CMU` (a form of HPND) are not MIT; `X11` is, by the name the Free Software Foundation
and Debian have for MIT's text ("Expat") and its twin. ISC is a family of its own: GitHub's table of licences, from
which the paper's choice was made, lists it beside mit and bsd-2-clause, and the paper does not name it.

People also write just "BSD" or "Apache License" and leave the version open. Every version is of the family, so such a
statement is kept as one of UNVERSIONED, in the form the SPDX specification has for licences not on its list.
"""

from collections.abc import Mapping, Sequence

from corpus.errors import UsageError

_APACHE = "Apache-1.0 Apache-1.1 Apache-2.0"
_BSD = """
0BSD BSD-1-Clause BSD-2-Clause BSD-2-Clause-Darwin BSD-2-Clause-first-lines BSD-2-Clause-FreeBSD BSD-2-Clause-NetBSD
BSD-2-Clause-Patent BSD-2-Clause-Views BSD-3-Clause BSD-3-Clause-acpica BSD-3-Clause-Attribution BSD-3-Clause-Clear
BSD-3-Clause-flex BSD-3-Clause-HP BSD-3-Clause-LBNL BSD-3-Clause-Modification BSD-3-Clause-Open-MPI BSD-3-Clause-Sun
BSD-4-Clause BSD-4-Clause-Shortened BSD-4-Clause-UC BSD-4.3RENO BSD-4.3TAHOE BSD-Source-Code BSD-Systemics
"""
_MIT = """
MIT MIT-0 MIT-advertising MIT-enna MIT-feh MIT-Festival MIT-Modern-Variant MIT-open-group MIT-testregex MIT-Wu X11
X11-distribute-modifications-variant
"""
UNVERSIONED: Mapping[str, str] = {"Apache": "LicenseRef-Apache", "BSD": "LicenseRef-BSD"}
"""What stands for a licence of a family whose version nobody states."""
FAMILIES: Mapping[str, frozenset[str]] = {
    "Apache": frozenset([*_APACHE.split(), UNVERSIONED["Apache"]]),
    "BSD": frozenset([*_BSD.split(), UNVERSIONED["BSD"]]),
    "MIT": frozenset(_MIT.split()),
}
"""SPDX identifiers by family."""


def members(families: Sequence[str]) -> frozenset[str]:
    """The identifiers of all `families`; raises UsageError for a name that is none of FAMILIES."""
    unknown = [name for name in families if name not in FAMILIES]
    if unknown:
        raise UsageError(f"{unknown[0]!r} is no family of licences; known are {', '.join(FAMILIES)}")
    return frozenset().union(*(FAMILIES[name] for name in families))
