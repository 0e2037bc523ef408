"""English words, and what they and the lines of a text add up to."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from kernels import _native
from kernels.arrays import large_strings, require


def english_words(text: pa.LargeStringArray) -> pa.LargeListArray:
    """The words of each document as spaCy 3.8's blank English tokenizer gives them, without those of white space.

    List of large_string. Bytes that are not UTF-8 count as U+FFFD, one for each maximal ill-formed sequence.
    """
    require(text, pa.LargeStringArray)
    words, offsets = _native.english_words(text)
    return pa.LargeListArray.from_arrays(pa.array(offsets), large_strings(words))


def text_statistics(
    text: pa.LargeStringArray, stop_words: Sequence[str], short_line: int, repetition: bool
) -> dict[str, np.ndarray]:
    """Counts per document, int64[n] each, by name; lengths are in code points.

    stop_words: at most 64, ValueError for more. short_line: the longest a short line may be. repetition: whether to
    count what begins at `paragraphs`; 0 otherwise.

    characters, newlines: of the text. hashes: "#". ellipses: "...", without overlap, and "…".
    words; nonsymbol_words, nonsymbol_characters: those not made of punctuation alone, and their length; letter_words:
    with a letter; stop_words: how many of the given ones occur.
    lines, bullet_lines, ellipsis_lines: of str.splitlines(); starting with "•" or "-", ending in "..." or "…", white
    space aside.
    text_lines: of split("\\n"), those with more than white space; terminal_lines end in a sentence's last mark;
    short_lines; repeated_text_line_characters: length of those that occurred before.
    paragraphs, repeated_paragraphs, repeated_paragraph_characters: pieces of the stripped text between two or more
    newlines, those that occurred before, their length. blocks, …: the same between any newlines, unstripped.
    top_Ngram (2 to 4): length of the most frequent n-gram of words (the first of several), spaces included, times its
    count. repeated_Ngrams (5 to 10): length, without spaces, of n-grams that occurred before, reading on behind each.
    """
    require(text, pa.LargeStringArray)
    return _native.text_statistics(text, list(stop_words), short_line, repetition)
