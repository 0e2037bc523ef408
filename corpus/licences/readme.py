"""The section "License" of a README."""

import re

from corpus.licences.notices import notice
from corpus.licences.stated import stated
from corpus.licences.texts import licence_texts

_NAME = re.compile(r"readme(?:\.(?:md|markdown|rst|txt|adoc|org))?", re.IGNORECASE)
_HEADING = re.compile(
    r"^[ \t]*(?:#+[ \t]*|=+[ \t]*|\*+[ \t]*)?(?:\d+\.?[ \t]*)?(?:copyright (?:and|&) )?licen[sc](?:e|ing)"
    r"(?: (?:and|&) copyright)?[ \t]*:?[ \t]*[#=*]*[ \t]*$",
    re.IGNORECASE | re.MULTILINE,
)
_NEXT = re.compile(r"^(?:#+[ \t]*\S|=+[ \t]+\S|[^\n]{3,60}\n[-=~^]{3,}[ \t]*$)", re.MULTILINE)
SECTION = 3000
"""Characters of a section that are read; a longer one holds the text of the licence, whose beginning is enough."""


def is_readme(path: str) -> bool:
    return _NAME.fullmatch(path.rpartition("/")[2]) is not None


def readme_licence(text: str) -> str | None:
    """The expression for the licence the section names or holds; None without such a section or name."""
    heading = _HEADING.search(text)
    if heading is None:
        return None
    section = re.sub(r"\A\s*[-=~^*]{3,}[ \t]*\n", "", text[heading.end() : heading.end() + SECTION].lstrip("\n"))
    following = _NEXT.search(section)
    section = section[: following.start()] if following else section
    found = licence_texts(section).found
    if found:
        return found[0].identifier
    named = notice(section, bare=True)
    first = re.match(r"\W*([\w .+/-]{2,60}?)(?:[,.;(]\s|\.?\s*\n|\.?\s*$)", section)
    return named.expression if named else stated(first[1]) if first else None
