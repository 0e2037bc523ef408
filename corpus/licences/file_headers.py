"""The licence a source file states of itself."""

import re

from corpus.licences.notices import notice, spdx_expression
from corpus.licences.texts import licence_texts
from corpus.licences.tree import Finding

HEAD = 8192
"""Characters at the beginning of a file in which its own licence is looked for."""
_HINT = re.compile(r"licen[sc]|gpl|public domain|redistribut|permission", re.IGNORECASE)
_COMMENTS = re.compile(
    r"\A(?:\s+|#!?[^\n]*|//[^\n]*|--[^\n]*|;[^\n]*|%[^\n]*|/\*.*?\*/|<!--.*?-->|<\?(?:php|xml[^>]*\?>)"
    r"|\"{3}.*?\"{3}|'{3}.*?'{3}|\(\*.*?\*\)|\{-.*?-\})+",
    re.DOTALL,
)


def own_licence(text: str, path: str) -> Finding | None:
    """What the leading comments of a file grant; None where they grant nothing."""
    leading = _COMMENTS.match(text[:HEAD])
    if leading is None or not _HINT.search(leading[0]):
        return None
    comments = leading[0]
    tagged = spdx_expression(comments)
    if tagged is not None:
        return Finding(tagged, f"its own SPDX header: {tagged}")
    texts = licence_texts(comments)
    if texts.found:
        first = texts.found[0]
        return Finding(first.identifier, f"its own header: {first.identifier} text, {first.coverage:.2f}")
    named = notice(comments, bare=False)
    return None if named is None else Finding(named.expression, f'its own header says "{named.words}"')
