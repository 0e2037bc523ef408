"""LaTeX source: files put together, comments removed, macros expanded, parts found."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import pyarrow as pa

from kernels import _native
from kernels.arrays import large_strings, require


@dataclass(frozen=True)
class AssembledTex:
    """One text made of a paper's files.

    used: whether each file is part of it. missing: names that input commands ask for and that are not there.
    over_limit: the text stops at the limit given.
    """

    text: bytes
    used: list[bool]
    missing: list[str]
    over_limit: bool


@dataclass(frozen=True)
class ExpandedTex:
    """n texts without definitions. definitions, expanded, unexpanded: int64[n], definitions read, uses replaced, and
    uses removed without a replacement."""

    text: pa.LargeStringArray
    definitions: np.ndarray
    expanded: np.ndarray
    unexpanded: np.ndarray


class TexPart(IntEnum):
    """Marks of a paper's structure."""

    BEGIN_DOCUMENT = 0
    END_DOCUMENT = 1
    HEADING = 2
    PARAGRAPH = 3
    TITLE = 4
    BEGIN_ABSTRACT = 5
    END_ABSTRACT = 6
    APPENDIX = 7
    BIBLIOGRAPHY = 8
    BEGIN_REFERENCES = 9
    END_REFERENCES = 10


@dataclass(frozen=True)
class TexStructure:
    """The marks of n texts: those of text i are numbers offsets[i] to offsets[i + 1], in order.

    parts: int8, TexPart. begins, ends: int64, bytes from the start of the text; a heading, title or bibliography
    command ends behind its argument.
    """

    offsets: np.ndarray
    parts: np.ndarray
    begins: np.ndarray
    ends: np.ndarray


def assemble_tex(names: Sequence[str], texts: pa.LargeStringArray, main: int, max_bytes: int) -> AssembledTex:
    """The file number `main`, with what \\input, \\include, \\subfile and \\import name put in its place.

    Only the files given are looked at. Commands that name others are removed; a file inside itself counts as missing.
    """
    require(texts, pa.LargeStringArray)
    text, used, missing, over_limit = _native.tex_assemble(list(names), texts, main, max_bytes)
    return AssembledTex(text, used, [name.decode("utf-8", "replace") for name in missing], over_limit)


def remove_tex_comments(text: pa.LargeStringArray, styles: pa.LargeStringArray) -> pa.LargeStringArray:
    """Texts without comments and comment environments; in verbatim text and URLs % is a character.

    styles: the source of each paper's own style files, which may declare more such environments.
    """
    require(text, pa.LargeStringArray)
    require(styles, pa.LargeStringArray)
    return large_strings(_native.tex_remove_comments(text, styles))


def expand_tex(text: pa.LargeStringArray, styles: pa.LargeStringArray, depth: int, growth: int) -> ExpandedTex:
    """Texts (without comments) with the macros they define expanded and the definitions removed.

    depth: of macros in macros. growth: bytes read again and written by expansions, as a multiple of the text. A use
    that would go beyond either, or whose arguments do not match, loses its name and leaves its arguments as they are.
    """
    require(text, pa.LargeStringArray)
    require(styles, pa.LargeStringArray)
    strings, definitions, expanded, unexpanded = _native.tex_expand(text, styles, depth, growth)
    return ExpandedTex(large_strings(strings), definitions, expanded, unexpanded)


def tex_structure(text: pa.LargeStringArray, styles: pa.LargeStringArray) -> TexStructure:
    """Where the parts of each text begin and end, outside verbatim text."""
    require(text, pa.LargeStringArray)
    require(styles, pa.LargeStringArray)
    return TexStructure(*_native.tex_structure(text, styles))
