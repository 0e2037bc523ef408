"""Source code: the comments a file begins with, licence headers in them, and counts of its characters and lines."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from kernels import _native
from kernels.arrays import large_strings, require


@dataclass(frozen=True)
class CommentSyntax:
    """How comments of a language are written; everything in lower case, letter case of the text does not matter.

    line: markers of comments up to the end of a line; one that ends in white space may also end its line. block: pairs
    of delimiters. prolog: pairs of beginnings and ends of what may stand before and between the leading comments; an
    empty end is at once. nested: whether blocks nest. at_line_start: whether line markers count in the first column
    only. indented: a marker whose comment goes on over all lines indented below it. line_end: what ends a line comment
    before its line does; such a comment is not looked at. docstrings: delimiters of a string behind the comments that
    `leading_comments` takes for one.
    """

    line: tuple[str, ...] = ()
    block: tuple[tuple[str, str], ...] = ()
    prolog: tuple[tuple[str, str], ...] = ()
    nested: bool = False
    at_line_start: bool = False
    indented: str = ""
    line_end: str = ""
    docstrings: tuple[str, ...] = ()


@dataclass(frozen=True)
class LicencePhrases:
    """What licence headers say, in lower case and single spaces.

    strong: phrases that make a comment a licence header. line: the same, at the beginning of a line. weak: phrases that
    belong to the licence where the same comment holds a strong one. openers: how the sentences begin that the phrases
    may stand in the middle of. directives: what lines hold that stay in any case. hints: what comments hold, anywhere,
    that tell of a licence.
    """

    strong: tuple[str, ...]
    line: tuple[str, ...]
    weak: tuple[str, ...]
    openers: tuple[str, ...]
    directives: tuple[str, ...]
    hints: tuple[str, ...]


class LeadingComments:
    """The comments that files begin with: those that start in the first 64 KiB and are not longer
    than that. Never fails on a text."""

    def __init__(self, syntaxes: Sequence[CommentSyntax], phrases: LicencePhrases) -> None:
        self._native = _native.LeadingComments([vars(one) for one in syntaxes], vars(phrases))

    def without_licence(self, text: pa.LargeStringArray, syntax: np.ndarray) -> pa.LargeStringArray:
        """Each text without the licence headers in its leading comments, and otherwise byte for byte as it was.

        syntax: int32[n], number of the syntax of each, -1 for none; IndexError for another.
        """
        require(text, pa.LargeStringArray)
        return large_strings(self._native.without_licence(text, np.ascontiguousarray(syntax, np.int32)))

    def words(self, text: pa.LargeStringArray, syntax: np.ndarray) -> pa.LargeStringArray:
        """The words of the leading comments of each text, without comment marks, a line each; empty where none of them
        tells of a licence."""
        require(text, pa.LargeStringArray)
        return large_strings(self._native.words(text, np.ascontiguousarray(syntax, np.int32)))


def code_statistics(text: pa.LargeStringArray) -> dict[str, np.ndarray]:
    r"""Counts per document, int64[n] each, all of code points.

    `characters`; `lines` and `longest_line`, of `str.splitlines()`; `alphanumeric` (`str.isalnum()`), `letters`
    (`str.isalpha()`), `digits` (ASCII); `controls`: C0 but for white space and ESC, DEL, and U+FFFD; `data`: ASCII
    letters and digits in words that begin with a digit, in escapes like "\x1b", and in runs of 64 or more letters,
    digits and "_+/=" of which a sixteenth at least are digits, as base64 and hexadecimal have.
    """
    require(text, pa.LargeStringArray)
    return _native.code_statistics(text)
