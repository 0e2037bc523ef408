"""Which licence a notice grants: the sentences in file headers, short licence files and READMEs that name one."""

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from corpus.licences.spdx import join, parse

_SPDX = re.compile(r"spdx-license-identifier\s*:?\s*([^\r\n]+)", re.IGNORECASE)
_SPDX_TOKEN = re.compile(r"[\s(]*[A-Za-z0-9][A-Za-z0-9.:_+/-]*[\s)]*")
_VERSION = r"(?:[ ,(]*(?:v|ver|version|license)?[ .]*(?P<version>\d(?:\.\d)?(?:\.\d)?))?"
_LATER = re.compile(r"(?:any|or) (?:\(?at your option\)? )?(?:any )?(?:later|newer|greater|higher)|or later|^\+| ?\d\+")
_GNU_ABBREVIATIONS = r"(?P<short>\b(?:a|l)?gpl)(?:[ -]?v?(?P<number>\d(?:\.\d)?)(?P<plus>\+)?|\b)"
_NAMES: tuple[tuple[str, str], ...] = (
    ("CDDL-1.0", r"common development and distribution license|\bcddl\b"),
    ("CPL-1.0", r"common public license"),
    ("EPL", rf"eclipse public license{_VERSION}|\bepl[ -]?v?(?P<number>\d\.\d)"),
    ("MPL", rf"mozilla public license{_VERSION}|\bmpl[ -]?v?(?P<number>\d(?:\.\d)?)"),
    ("Apache", rf"apache(?: software)?(?: foundation)? license{_VERSION}|\bapache[ -]?v?(?P<number>\d(?:\.\d)?)"
     r"|\basl ?2\.0|\bapache (?:software )?license\b"),
    ("BSL-1.0", r"boost software license"),
    ("ZPL-2.1", r"zope public license"),
    ("PSF-2.0", r"python software foundation license|\bpsf[ -](?:2\.0|license)|\bpython license"),
    ("Artistic-1.0-Perl OR GPL-1.0-or-later", r"same terms as (?:the )?perl(?: 5)?(?: programming language)?"
     r"(?: system)?(?: itself)?"),
    ("Artistic-2.0", r"artistic license(?:[ ,]*(?:version )?2)"),
    ("Artistic-1.0", r"artistic license"),
    ("IJG", r"\bijg\b[^.]{0,30}license|independent jpeg group"),
    ("BSD-3-Clause", r"eclipse distribution license|\bedl\b"),
    ("CNRI-Python", r"\bcnri(?:'s)?[ -]python(?: 1\.6)?(?: license)?"),
    ("MIT-CMU", r"\bmit-cmu\b|\bcmu license"),
    ("HPND", r"\bhpnd\b|historical permission notice"),
    ("BSD-4-Clause", r"(?:4|four)[ -]clause (?:\w+ )?bsd|bsd[ -](?:4|four)[ -]clause|original bsd license"),
    ("BSD-3-Clause", r"(?:3|three)[ -]clause (?:\w+ )?\(?bsd|bsd[ -](?:3|three)[ -]clause"
     r"|(?:new|modified|revised)[ -]bsd(?: license|-style)?|bsd 3\b"),
    ("BSD-2-Clause", r"(?:2|two)[ -]clause (?:\w+ )?\(?bsd|bsd[ -](?:2|two)[ -]clause|(?:simplified|freebsd)[ -]bsd"
     r"(?: license)?|bsd 2\b"),
    ("0BSD", r"zero[ -]clause bsd|\b0bsd\b|bsd zero clause"),
    ("LicenseRef-BSD", r"\bbsd[ -](?:style )?(?:open source )?licen[sc]\w+|\bbsd[ -]style\b|\bbsd licensed"
     r"|\bunder (?:the )?bsd\b|\blicense: ?bsd\b"),
    ("MIT-0", r"mit no attribution|\bmit-0\b"),
    ("MIT", r"\bmit(?: ?[/-] ?(?:x11|expat))?(?: open source)?(?: \(?(?:expat|x11)\)?)?[ -](?:style )?licen[sc]\w*"
     r"|\bexpat license|\bunder (?:the )?mit\b|\bmit licensed|\bx11 license|x/mit license"),
    ("ISC", r"\bisc[ -](?:style )?license"),
    ("Unlicense", r"\bunlicense\b"),
    ("CC0-1.0", r"\bcc0\b|creative commons zero"),
    ("WTFPL", r"\bwtfpl\b|do what the f\S+ you want"),
    ("Zlib", r"\bzlib(?: ?/ ?libpng)?[ -]license|zlib/libpng"),
    ("CC-BY-NC-4.0", r"creative commons attribution[ -]non ?commercial|\bcc[ -]by[ -]nc"),
    ("CC-BY-ND-4.0", r"creative commons attribution[ -]no ?deriv|\bcc[ -]by[ -]nd"),
    ("CC-BY-SA-4.0", r"creative commons attribution[ -]share ?alike|\bcc[ -]by[ -]sa"),
    ("CC-BY-4.0", r"creative commons attribution|\bcc[ -]by[ -]\d"),
    ("OFL-1.1", r"\bopen font license"),
    ("SSPL-1.0", r"server side public license|\bsspl\b"),
    ("Elastic-2.0", r"elastic license"),
    ("BUSL-1.1", r"business source license|\bbusl\b"),
    ("LicenseRef-Commons-Clause", r"commons clause"),
    ("CECILL-2.1", r"\bcecill\b"),
    ("Ruby OR BSD-2-Clause", r"same (?:terms|license) as ruby|ruby's license|\bruby license"),
    ("W3C", r"w3c software (?:notice and )?license"),
    ("PHP-3.01", r"\bphp license"),
    ("LPPL-1.3c", r"latex project public license|\blppl\b"),
    ("LicenseRef-public-domain", r"(?:in|into|to|under) the public domain|public domain(?: software| code)?$"),
    ("LicenseRef-proprietary", r"\bproprietary and confidential|\bconfidential and proprietary"
     r"|unauthori[sz]ed (?:copying|reproduction|distribution)[^.]{0,80} (?:is )?(?:strictly )?prohibited"),
)  # fmt: skip
_LITERALS = {
    "CDDL-1.0": ("cddl", "common development"),
    "CPL-1.0": ("common public",),
    "EPL": ("epl", "eclipse public"),
    "MPL": ("mpl", "mozilla public"),
    "Apache": ("apache", "asl 2.0", "asl2.0"),
    "BSL-1.0": ("boost software",),
    "ZPL-2.1": ("zope public",),
    "PSF-2.0": ("psf", "python license", "python software"),
    "Artistic-1.0-Perl OR GPL-1.0-or-later": ("same terms as",),
    "Artistic-2.0": ("artistic license",),
    "Artistic-1.0": ("artistic license",),
    "IJG": ("ijg", "independent jpeg"),
    "CNRI-Python": ("cnri",),
    "MIT-CMU": ("mit-cmu", "cmu license"),
    "HPND": ("hpnd", "historical permission"),
    "BSD-4-Clause": ("bsd",),
    "BSD-3-Clause": ("bsd", "eclipse distribution", "edl"),
    "BSD-2-Clause": ("bsd",),
    "0BSD": ("bsd",),
    "LicenseRef-BSD": ("bsd",),
    "MIT-0": ("mit no attribution", "mit-0"),
    "MIT": ("mit licen", "mit style", "mit open", "mit expat", "mit x11", "mit (", "mit-", "mit -", "mit/", "mit /",
            "under mit", "under the mit", "expat license", "x11 license"),
    "ISC": ("isc license", "isc-license", "isc style", "isc-style"),
    "Unlicense": ("unlicense",),
    "CC0-1.0": ("cc0", "creative commons"),
    "WTFPL": ("wtfpl", "do what the f"),
    "Zlib": ("zlib",),
    "CC-BY-NC-4.0": ("creative commons", "cc-by", "cc by"),
    "CC-BY-ND-4.0": ("creative commons", "cc-by", "cc by"),
    "CC-BY-SA-4.0": ("creative commons", "cc-by", "cc by"),
    "CC-BY-4.0": ("creative commons", "cc-by", "cc by"),
    "OFL-1.1": ("open font",),
    "SSPL-1.0": ("sspl", "server side"),
    "Elastic-2.0": ("elastic license",),
    "BUSL-1.1": ("busl", "business source"),
    "LicenseRef-Commons-Clause": ("commons clause",),
    "CECILL-2.1": ("cecill",),
    "Ruby OR BSD-2-Clause": ("ruby",),
    "W3C": ("w3c software",),
    "PHP-3.01": ("php license",),
    "LPPL-1.3c": ("lppl", "latex project"),
    "LicenseRef-public-domain": ("public domain",),
    "LicenseRef-proprietary": ("confidential", "unauthori"),
}  # fmt: skip
"""Words one of which is in all that a name's pattern matches: looking for them costs far less than for the pattern."""
NAMED = tuple((name, _LITERALS[name], re.compile(pattern)) for name, pattern in _NAMES)
_GNU = re.compile(
    rf"(?:gnu )?(?:(?P<kind>affero|lesser|library) )?(?:gnu )?general public licen[sc]e|{_GNU_ABBREVIATIONS}"
)
_GNU_VERSION = re.compile(r"\b(?:version|v\.?|gpl-?v?|license,?) ?(\d(?:\.\d)?)(\+)?")
_CHOICE = re.compile(
    r"\beither\b|\bdual(?:ly)?\b|\btri-?licen|\bat your (?:option|choice)|\balternativel?y?\b|\bchoice of\b"
    r"|\bone of the following\b|\bchoose\b|\bany of the\b"
)
_SENTENCE_END = re.compile(r"\.(?<!\bv\.)(?= [a-z(])|;(?= (?!either|or))")
_CONTINUED = re.compile(r"[ ,.*-]*(?:alternativ|or\b)")
_OR = re.compile(r"[ ,()]*(?:the |license,? |version )*(?:or|and/or|/)(?: the| under)*[ (]*")
_LATER_PHRASES = re.compile(r"\(?,? ?at your option\)?,?(?= any)|either(?= version| express)|or \(at your option\)")
_LATER_HINTS = ("at your option", "either version")
"""One of these is in all that _LATER_PHRASES matches."""
_GRANT = re.compile(
    r"licen[sc]ed? (?:to \w+ )?(?:\w+ )?under|under (?:the |a |an |either )?(?:\w+ ){0,3}(?:terms|conditions|licen)"
    r"|(?:re-?leased|distributed|available|provided|published|covered|redistributed?|used|governed|made) "
    r"(?:\w+ ){0,6}(?:under|by|in accordance|subject)|subject to the|terms of|free software|licen[sc]e\s?:"
    r"|dual[ -]licen[sc]ed?|\bis (?:\w+[ -])?licensed\b|licensed? (?:as|with)\b|same terms as|same license"
    r"|this (?:\w+ ){0,3}is (?:\w+ ){0,3}(?:in|under|into)|dedicated to|placed in|put in|proprietary|prohibited"
)
_PLAIN = bytes(byte if byte in b"abcdefghijklmnopqrstuvwxyz0123456789.+/'():,-" else 0x20 for byte in range(256))
REACH = 160
"""Characters before the name of a licence in which a grant must stand, for a notice; sentences are seldom longer."""


@dataclass(frozen=True)
class Notice:
    """What a notice says. expression: SPDX; words: the name of the licence as written, for evidence."""

    expression: str
    words: str


def spdx_expression(text: str) -> str | None:
    """The expressions of all `SPDX-License-Identifier` tags, joined by AND; None where there is no readable one."""
    found = []
    for match in _SPDX.finditer(text):
        expression = _longest(match[1])
        if expression is not None:
            found.append(expression)
    return join("AND", found) if found else None


def _longest(text: str) -> str | None:
    """The longest beginning of `text`, in whole words, that is an expression: a comment may be closed behind it."""
    ends, at = [], 0
    while match := _SPDX_TOKEN.match(text, at):
        at = match.end()
        ends.append(at)
    tried = (_written(text[:end].replace("/", " OR ")) for end in reversed(ends[:64]))
    return next((expression for expression in tried if expression is not None), None)


def _written(text: str) -> str | None:
    try:
        return str(parse(text))
    except ValueError:
        return None


def offers_choice(text: str) -> bool:
    """Whether it lets the user choose between licences, and not only between versions of one."""
    return _CHOICE.search(_without_later(plain(text))) is not None


def _without_later(flat: str) -> str:
    return _LATER_PHRASES.sub(" ", flat) if any(hint in flat for hint in _LATER_HINTS) else flat


def plain(text: str) -> str:
    """Lower case, everything that is no part of a licence's name made one space."""
    ascii_only = text.lower().replace("licence", "license").encode("ascii", "replace")
    return " ".join(ascii_only.translate(_PLAIN).decode("ascii").split())


@lru_cache(1 << 12)
def notice(text: str, bare: bool) -> Notice | None:
    """The licence that the sentences of `text` name, or None.

    bare: whether a name counts by itself, as in a licence file or under a heading "License"; else only behind words
    that grant something. Several licences are joined by OR where the text offers a choice ("either", "dual", "at your
    option", "or" right between the names), else by AND.
    """
    flat = plain(text)
    named = _named(flat, bare)
    if not named:
        return None
    written = ", ".join(dict.fromkeys(flat[begin:end].strip(" ,") for _, begin, end in named))
    return Notice(_joined(flat, named), written)


def _joined(flat: str, named: list[tuple[str, int, int]]) -> str:
    """The licences of a sentence by OR where it offers a choice, those of different sentences by AND.

    A sentence that offers a choice and names fewer than two goes on in the next, and "Alternatively" joins two.
    """
    ends = [match.end() for match in _SENTENCE_END.finditer(flat)]
    groups: list[str] = []
    open_choice = False
    for start, stop in pairwise([0, *ends, len(flat)]):
        names = [one for one in named if start <= one[1] < stop]
        if not names:
            open_choice |= bool(_CHOICE.search(_without_later(flat[start:stop])))
            continue
        sentence = _without_later(flat[start:stop])
        choice = bool(_CHOICE.search(sentence)) or any(
            _OR.fullmatch(flat[a_end:b_begin]) for (_, _, a_end), (_, b_begin, _) in pairwise(names)
        )
        continued = groups and (open_choice or _CONTINUED.match(sentence))
        whole = join("OR" if choice or continued or open_choice else "AND", [expression for expression, _, _ in names])
        if continued:
            groups[-1] = join("OR", [groups[-1], whole])
        else:
            groups.append(whole)
        open_choice = choice and len(names) < 2 and not continued
    return join("AND", groups)


def _named(flat: str, bare: bool) -> list[tuple[str, int, int]]:
    """Expressions with where they stand, in order, none inside another."""
    taken: list[tuple[str, int, int]] = []
    if "gpl" in flat or "general public" in flat:
        taken = [(_gnu(flat, match), match.start(), match.end()) for match in _GNU.finditer(flat)]
    for name, literals, pattern in NAMED:
        for literal in literals:
            if literal in flat:
                break
        else:
            continue
        found = [match for match in pattern.finditer(flat) if _free(taken, match.start(), match.end())]
        taken += [(_versioned(name, match), match.start(), match.end()) for match in found]
    granted = [one for one in taken if bare or _GRANT.search(flat, max(0, one[1] - REACH), min(len(flat), one[2] + 20))]
    return sorted(granted, key=lambda one: one[1])


def _free(taken: list[tuple[str, int, int]], begin: int, end: int) -> bool:
    return all(end <= a or begin >= b for _, a, b in taken)


def _versioned(name: str, match: re.Match[str]) -> str:
    groups = match.groupdict()
    version = groups.get("version") or groups.get("number")
    if name == "Apache":
        major = version or ("2.0" if "2" in match[0] else "")
        return f"Apache-{major if '.' in major else major + '.0'}" if major else "LicenseRef-Apache"
    if name in ("MPL", "EPL"):
        major = version or "2.0"
        return f"{name}-{major if '.' in major else major + '.0'}"
    return name


def _gnu(flat: str, match: re.Match[str]) -> str:
    """A GNU licence with its version: "or later" by the words behind it; no version means any (GPL, section 9)."""
    short = match["short"]
    kind = {"a": "AGPL", "l": "LGPL"}.get(short[0], "GPL") if short else None
    kind = kind or {"affero": "AGPL", "lesser": "LGPL", "library": "LGPL"}.get(match["kind"] or "", "GPL")
    number, plus = match["number"], bool(match["plus"])
    behind = flat[match.end() : match.end() + 160]
    version = _GNU_VERSION.search(behind[:110]) or _GNU_VERSION.search(flat, max(0, match.start() - 60), match.start())
    if number is None and version is not None:
        number, plus = version[1], bool(version[2])
    first = {"AGPL": "3.0", "LGPL": "2.0", "GPL": "1.0"}[kind]
    later = plus or number is None or bool(_LATER.search(behind))
    number = number or first
    return f"{kind}-{number if '.' in number else number + '.0'}-{'or-later' if later else 'only'}"
