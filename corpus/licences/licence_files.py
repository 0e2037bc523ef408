"""Licence files: which files are some, what one of them says, and what several in one folder say together."""

import re
from dataclasses import dataclass
from itertools import islice

from corpus.licences.notices import notice, spdx_expression
from corpus.licences.spdx import identifiers, join, known, stems
from corpus.licences.texts import FoundText, licence_texts
from corpus.licences.words import words

_NAME = re.compile(
    r"(?:(?:un)?licen[sc]es?|copying|copyright|eula)(?:[-._ ](?P<suffix>.+))?|(?P<prefix>[a-z0-9.+ -]+)[-_.]licen[sc]e"
)
_PAPER = re.compile(r"\.(?:txt|te?xt|md|markdown|mkdn|rst|adoc|asciidoc|org|html?|rtf)$")
_CODE = re.compile(
    r"\.(?:[ch]|cc|cpp|hpp|cs|css|java|js|jsx|mjs|ts|tsx|py|pyi|rb|rs|go|php|pl|pm|sh|kt|swift|scala|lua|r|json|xml|ya?ml"
    r"|toml|po|pot|svg|png|gif|jpe?g|ico|in|vue|dart|sql|m4|tmpl|tpl|class|key|crt|pem|gz|el|hs|ex|exs)$"
)
_OTHERS = re.compile(
    r"third[-_ ]?part|3rd|bundled|vendor|dependenc|notices?$|acknowledg|external|header|template|depend"
)
_LICENCE_SUFFIX = re.compile(
    r"(?:mit|x11|expat|bsd|[0234]?-?bsd|apache|asl|gpl|lgpl|agpl|lesser|lib|library|mpl|epl|cddl|isc|zlib|boost|psf|python|"
    r"artistic|unlicense|cc0?|ofl|wtfpl|perl|ruby|cpl)[-_.v\d]*(?:clause|only|or-later|license|v?\d)*"
)
_CHOICE = re.compile(
    r"\beither\b|\bdual(?:ly)?\b|\btri-?licen|\bat your (?:option|choice|discretion)\b|\balternatively\b"
    r"|\bchoice of\b(?! law)|\bone of the following\b|\byou may choose\b|\bchoose\b",
    re.IGNORECASE,
)
_LATER = re.compile(r"\(?at\s+your\s+option\)?,?\s+any\s+later|either\s+(?:version|express)", re.IGNORECASE)
_OF_SOME = re.compile(
    r"\b(?:some|certain|following|other)\s+(?:\w+\s+)?(?:code|files|parts|functions|modules)\b|\bexamples?\b"
    r"|\bthe\s+(?:data|documentation|tests?)\b",
    re.IGNORECASE,
)
_PARTS = re.compile(
    r"bundl|third[- ]part|\binclud|incorporat|\bportions?\b|component|vendor|\bderived\b|\badapted\b|taken from"
    r"|redistribut|\bparts?\b|\bfiles?\b|following license|other license|\bcopied\b|submodule|\bdirectory\b|borrow"
    r"|belongs? to|based on",
    re.IGNORECASE,
)
_RESTRICTED = re.compile(
    r"commons clause|non-?\s?commercial|(?:academic|research|educational|evaluation|personal)\s+(?:use|purposes?)"
    r"\s+only|not\s+(?:be\s+)?(?:used?|permitted)\s+(?:for|in)\s+(?:any\s+)?(?:commercial|military)"
    r"|shall be used for good",
    re.IGNORECASE,
)
_EXCEPTIONS = re.compile(
    r"\bexcept(?:ion|ing)?s?\b|\bexempt|\bthe (?:data|documentation|test)|third[- ]part|\bother dependencies|\bbundle"
    r"|\bsome (?:code|files|parts)|\bportions of|\bthe following (?:files|components|parts)"
    r"|\bcertain (?:\w+ )?(?:files|parts|functions)|\bincludes? (?:code|software|files)",
    re.IGNORECASE,
)
_GRANTS = re.compile(
    r"\bhereby\s+grants?\b|\b(?:is|are)\s+(?:hereby\s+)?granted\b|\bpermission\s+to\s+use\b", re.IGNORECASE
)
_DISCLAIMS = re.compile(
    r"\bas[\s-]+is\b|\bwithout\s+(?:any\s+)?warrant|\bdisclaims?\s+(?:all|any)\b"
    r"|\b(?:no|not\s+make\s+any)\s+(?:\w+\s+or\s+)?warrant",
    re.IGNORECASE,
)
_POINTER = re.compile(r"\bcopying\b|\blicen[sc]e[.-]|\bsee\b|\bcopyright\b|\breadme\b", re.IGNORECASE)
POINTER = 300
"""Characters of a licence file short enough to do no more than name another file."""
PREAMBLE = 6000
"""Characters of a licence file in which its own words about the texts in it are looked for."""


@dataclass(frozen=True)
class LicenceFile:
    """What a licence file says. expression: None if nothing known; texts: identifiers whose whole text it holds.
    points: whether it only sends the reader to another file."""

    name: str
    expression: str | None
    evidence: str
    texts: tuple[str, ...] = ()
    points: bool = False


def is_licence_file(path: str) -> bool:
    """LICENSE, COPYING.LESSER, MIT-LICENSE.txt, UNLICENSE, LICENSE-APACHE…; not license.py, NOTICE, or a list of the
    licences of third parties."""
    name = path.rpartition("/")[2].lower()
    stem = _PAPER.sub("", name)
    match = _NAME.fullmatch(stem)
    return match is not None and not _CODE.search(name) and not _OTHERS.search(stem)


def is_reuse_text(path: str) -> bool:
    """Whether a file is a licence's text in REUSE's folder of them: LICENSES/MIT.txt."""
    folder, _, name = path.rpartition("/")
    return folder.rpartition("/")[2].lower() in ("licenses", "licences") and known(_PAPER.sub("", name))


def names_licence(name: str) -> bool:
    """Whether a licence file's name says which licence it holds (LICENSE-MIT, COPYING.LESSER, MIT-LICENSE)."""
    match = _NAME.fullmatch(_PAPER.sub("", name.lower()))
    part = match and (match["suffix"] or match["prefix"])
    return bool(part and _LICENCE_SUFFIX.fullmatch(part))


def names_part(name: str) -> bool:
    """Whether its name says that it is about something else than the folder (LICENSE.qhull, LICENSE_STIX)."""
    match = _NAME.fullmatch(_PAPER.sub("", name.lower()))
    part = match and (match["suffix"] or match["prefix"])
    return bool(part and not _LICENCE_SUFFIX.fullmatch(part) and not re.fullmatch(r"[\d.]+|en|full|orig", part))


def read_licence_file(name: str, text: str) -> LicenceFile:
    """What the file `name` with the content `text` says of the files it governs.

    One licence text: that licence. Several: all of them, by OR if the words before them offer a choice; the first
    alone if these words speak of parts that are under the others (those have their own licence files or headers, or
    are not in the tree); else by AND. No text: the licences it names. Words that limit the use, outside a known
    text, make the result unknown, and so does a licence that is not known before the first that is.
    """
    tagged = spdx_expression(text[:PREAMBLE])
    texts = licence_texts(text)
    if not texts.found:
        named = notice(_of_project(text), bare=True) or notice(text[:PREAMBLE], bare=True)
        expression = tagged or (named.expression if named else None)
        if _RESTRICTED.search(text) or expression is None:
            points = len(text) < POINTER and _POINTER.search(text) is not None
            return LicenceFile(name, None, "text not recognised", points=points)
        return LicenceFile(name, expression, f'says "{named.words if named and not tagged else expression}"')
    before_first, before_second = _preambles(text, texts.found)
    described = " and ".join(f"{one.identifier} text, {one.coverage:.2f}" for one in texts.found)
    held = tuple(one.identifier for one in texts.found)
    if texts.explained < 0.95 and _RESTRICTED.search(before_first):
        return LicenceFile(name, None, f"{described}, with limits on use", held)
    if _grants_and_disclaims(before_first):
        return LicenceFile(name, None, f"a licence that is not known, before {described}", held)
    own_words = notice(_of_project(before_first), bare=False)
    if own_words is not None and not stems(own_words.expression) <= stems(join("AND", held)):
        operator = "OR" if _offers_choice(before_first) else "AND"
        expression = own_words.expression if len(held) > 1 else _joined(operator, [own_words.expression, held[0]])
        return LicenceFile(name, expression, f'says "{own_words.words}"; {described}', held)
    if len(held) == 1:
        return LicenceFile(name, held[0], described, held)
    if own_words is not None and " " not in own_words.expression:
        stem = stems(own_words.expression)
        first = next((one for one in held if stems(one) == stem), own_words.expression)
        return LicenceFile(name, first, f'says "{own_words.words}"; {described}', held)
    if _offers_choice(before_second):
        return LicenceFile(name, join("OR", held), f"a choice of {described}", held)
    if _PARTS.search(before_second):
        return LicenceFile(name, held[0], f"{described}; the first is the project's, the others are of parts", held)
    return LicenceFile(name, join("AND", held), described, held)


def _of_project(text: str) -> str:
    """What a licence file says before it comes to exceptions and parts."""
    exception = _EXCEPTIONS.search(text)
    return text[: min(PREAMBLE, exception.start())] if exception else text[:PREAMBLE]


def _grants_and_disclaims(text: str) -> bool:
    """Whether `text` grants a licence and, as licences do at their end, disclaims warranty."""
    grant = _GRANTS.search(text)
    return grant is not None and _DISCLAIMS.search(text, grant.end()) is not None


def _joined(operator: str, expressions: list[str]) -> str:
    """Joined, unless one already covers the other ("GPL-3.0-or-later" and the text of GPL-3.0)."""
    stem = {re.sub(r"-(?:only|or-later)$", "", name) for name in identifiers(expressions[0])}
    if {re.sub(r"-(?:only|or-later)$", "", name) for name in identifiers(expressions[1])} <= stem:
        return expressions[0]
    return join(operator, expressions)


def _offers_choice(text: str) -> bool:
    """Whether a sentence does that is not about some of the files."""
    sentences = re.split(r"\.\s", _LATER.sub(" ", text))
    return any(_CHOICE.search(one) and not _OF_SOME.search(one) for one in sentences)


def _preambles(text: str, found: tuple[FoundText, ...]) -> tuple[str, str]:
    """The text before the first licence text, and that together with what stands between the first two."""
    first = _position(text, found[0].at)
    if len(found) == 1:
        return text[:first], text[:first]
    second = _position(text, found[1].at)
    return text[:first], text[:first] + text[max(first, second - 1500) : second]


def _position(text: str, at: int) -> int:
    """Where word number `at` of the text stands, in characters."""
    found = words(text)
    start = found[at : at + 4]
    before = sum(word == start[0] and found[place : place + 4] == start for place, word in enumerate(found[:at]))
    matches = re.finditer(r"(?:[^a-z]|\b[a-z]\b){1,200}".join(start), text.lower())
    match = next(islice(matches, before, None), None)
    return match.start() if match else 0


def combined(files: list[LicenceFile]) -> LicenceFile | None:
    """What the licence files of one folder say together; None without any.

    Of several, files about something else are left out; where all are, or more than name their licence, only those
    with a plain name speak of the folder. Two files that name their licence are a choice: LICENSE-MIT and
    LICENSE-APACHE. A GNU library licence stands with the general one it refers to. A file without a text of its own
    that points to the others says how they go together. Otherwise all apply.
    """
    own = _about_folder(files) if len(files) > 1 else files
    own = [one for one in own if not one.points] or own
    if not own:
        return None
    pointing = [one for one in own if one.expression and not one.texts and not names_licence(one.name)]
    if len(own) > 1 and pointing:
        return pointing[0]
    recognised = [one for one in own if one.expression is not None]
    if not recognised:
        return own[0]
    unclear = [one for one in own if one.expression is None and not names_licence(one.name)]
    named = [one for one in recognised if names_licence(one.name)]
    if unclear and not named:
        return unclear[0]
    if len(recognised) == 1:
        return recognised[0]
    expressions = _without_base(list(dict.fromkeys(one.expression for one in recognised if one.expression is not None)))
    evidence = "; ".join(one.evidence for one in recognised)
    operator = "OR" if unclear or len(named) == len(recognised) == 2 else "AND"
    return LicenceFile("", join(operator, expressions), evidence)


def _about_folder(files: list[LicenceFile]) -> list[LicenceFile]:
    """Those that are not, by their names, about something else in or near it."""
    whole = [one for one in files if not names_part(one.name)]
    plain = [one for one in whole if not names_licence(one.name)]
    return plain if len(files) - len(whole) > len(whole) - len(plain) else whole


def _without_base(expressions: list[str]) -> list[str]:
    """Leaves the GPL out beside an LGPL, which is written as an addition to it."""
    if any(one.startswith("LGPL-") for one in expressions):
        return [one for one in expressions if not one.startswith("GPL-")]
    return expressions
