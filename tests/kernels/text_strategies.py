"""Texts and bytes for property tests: many scripts, and the characters at which the kernels take a branch."""

import unicodedata

from hypothesis import strategies as st

import kernels

SAME_UNICODE = unicodedata.unidata_version == kernels.UNICODE_VERSION

SPECIAL = (
    "\n\r\t\x00\x0b\x0c\x1c\x1f \x7f\x80\x85\x9f\xa0\u1680\u2000\u2028\u2029\u3000\ufeff"  # edges and controls
    "09AZaz٣๒२０９①½"  # digits
    "ΣσςİıßẞÀéſKÅȺⱥǅʼnΌ"  # case
    "'.·:\u00ad\u0345\u0301\u200dʰ"  # case-ignorable
    "“”„«»１（）—…．►–´῾´;〈〉％"  # the replaced punctuation and what decomposes to it
    "가각힣ᄀㅏが\u3099\u0344\u0f73\u0958"  # decomposition
    "\u302e\u302f\u1b44\ua953\U00016ff0\U0001d15e\U0001d160\U0001d165\U0001d16d\U0001d16e\U0001d172"  # kept, reordered
    "\u0315\u0300\u05ae\u093c\u094d\u3099"  # dropped marks of several classes
    "\u0fff\uffff\ufffd\U0001f600\U00010400\U0010ffff"
)


def is_known(character: str) -> bool:
    """Whether this Python's oracles can judge the character: under another Unicode version than the kernels', only if
    Unicode 3.2, which every Python carries, had assigned it, so that both have. U+1734 changed its category in 14.0."""
    return SAME_UNICODE or (unicodedata.ucd_3_2_0.category(character) != "Cn" and character != "\u1734")


alphabet = st.one_of(
    st.sampled_from(SPECIAL),
    st.characters(max_codepoint=0x7F),
    st.characters(min_codepoint=0x80, max_codepoint=0x7FF),
    st.characters(exclude_categories=("Cs",)),
).filter(is_known)
lines = st.text(alphabet, max_size=80)
texts = st.lists(lines, max_size=12).map("\n".join)

ill_formed = st.sampled_from(
    [
        b"\x80", b"\xbf", b"\xc0\xaf", b"\xc2", b"\xe0\x80\x80", b"\xe2\x82", b"\xe2", b"\xed\xa0\x80", b"\xed\x9f",
        b"\xf0\x80\x80\x80", b"\xf0\x9f\x98", b"\xf0\x9f", b"\xf4\x90\x80\x80", b"\xf5", b"\xff", b"\xfe",
    ]
)  # fmt: skip
fragments = st.one_of(st.text(alphabet, max_size=20).map(str.encode), ill_formed, st.binary(max_size=8))
payloads = st.lists(fragments, max_size=15).map(b"".join)
