"""A licence text as words, so that layout, punctuation, quotes and the holder's copyright lines make no difference.

The equivalences are those of the SPDX matching guidelines (licence list, "Matching Guidelines"): white space, case,
quotation marks, hyphens, bullets and numbering, comment characters, copyright notices, spelling of "licence".
"""

import re
from itertools import accumulate
from zlib import crc32

SHINGLE = 4
"""Words in a shingle."""

_COPYRIGHT = re.compile(
    r"^[^\w\n]*(?:rem\s|dnl\s)?(?:portions?\s)?(?:copyright|\(c\)|©|copr\.)(?!\W+(?:and|notice|license|law|holder|owner))[^\n]*",
    re.IGNORECASE | re.MULTILINE,
)
_RESERVED = re.compile(r"all\s+rights?\s+reserved\.?", re.IGNORECASE)
_HYPHENATED = re.compile(r"-(?<=[a-z]-)[ \t]*\n\W*(?=[a-z])")
_WORD = re.compile(r"[a-z]{2,}")
_SPELLING = {
    "licence": "license",
    "licences": "licenses",
    "licenced": "licensed",
    "sublicence": "sublicense",
    "merchantibility": "merchantability",
}


def words(text: str) -> list[str]:
    """The words of two letters and more, in lower case, without copyright lines."""
    text = _RESERVED.sub(" ", _COPYRIGHT.sub(" ", text)).lower()
    found = _WORD.findall(_HYPHENATED.sub("", text))
    if _SPELLING.keys().isdisjoint(found):
        return found
    return [_SPELLING.get(word, word) for word in found]


def shingles(listed: list[str]) -> list[int]:
    """CRC-32 of every run of SHINGLE words, in order."""
    joined = " ".join(listed).encode("ascii")
    begins = [0, *accumulate(len(word) + 1 for word in listed)]
    return [crc32(joined[begin : end - 1]) for begin, end in zip(begins, begins[SHINGLE:], strict=False)]
