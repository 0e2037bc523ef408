"""Leading comments and licence headers: the kernel against its definition, and code that must stay."""

import code_definitions as definitions
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from text_strategies import payloads, texts

import kernels
from corpus.cleaning.comment_syntax import SYNTAXES, syntax_number
from corpus.cleaning.licence_phrases import PHRASES

COMMENTS = kernels.LeadingComments(SYNTAXES, PHRASES)
PIECES = [
    *(
        "# ",
        "#",
        "// ",
        "/* ",
        "*/",
        "/**",
        " * ",
        "<!-- ",
        "-->",
        "{- ",
        "-}",
        "--",
        "--[[",
        "]]",
        "; ",
        "% ",
        "! ",
        "c ",
    ),
    *(
        "dnl ",
        "rem ",
        "' ",
        ".. ",
        "   ",
        "=begin",
        "=end",
        "(*",
        "*)",
        '"""',
        "'''",
        "\\",
        "?>",
        "<?php ",
        "#!/bin/sh",
    ),
    *("<?xml ?>", "package x;", "\n", "\n\n", "\r\n", "\t", " ", "\ufeff", "x = 1", "int main() {}", "\u00a9", "é"),
    *(
        "Copyright (c) 2020 Foo",
        "Licensed under the MIT license.",
        "All rights reserved.",
        "SPDX-License-Identifier: MIT",
    ),
    *(
        "This module counts words.",
        "without warranty",
        "this file",
        "You may",
        "-*- coding: utf-8 -*-",
        "free software",
    ),
    *(
        "under the terms of",
        "the GNU General Public",
        "License,",
        "general public license",
        "see",
        "====",
        "Author: me",
    ),
]
sources = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=40).map("".join).map(str.encode),
    payloads,
)
numbers = st.integers(-1, len(SYNTAXES) - 1)


def column(values: list[bytes]) -> pa.LargeStringArray:
    return pa.array(values, pa.large_binary()).view(pa.large_string())


def binary(array: pa.LargeStringArray) -> list[bytes]:
    return array.view(pa.large_binary()).to_pylist()


@given(st.lists(st.tuples(sources, numbers), max_size=4))
@example([(b"\xef\xbb\xbf/* Copyright 2020 */int x;", syntax_number("a.c"))])
@example([(b"<?php/* Copyright 2020 */echo 1;", syntax_number("a.php"))])
def test_equals_its_definition(files: list[tuple[bytes, int]]) -> None:
    text = column([source for source, _ in files])
    syntax = np.array([number for _, number in files], dtype=np.int32)
    written = [SYNTAXES[number] if number >= 0 else None for _, number in files]
    pairs = list(zip([source for source, _ in files], written, strict=True))
    assert binary(COMMENTS.without_licence(text, syntax)) == [
        definitions.remove_licence_headers(source, one, PHRASES) for source, one in pairs
    ]
    assert binary(COMMENTS.words(text, syntax)) == [
        definitions.leading_comment_words(source, one, PHRASES) for source, one in pairs
    ]


@given(
    st.lists(st.one_of(texts, st.text(st.sampled_from("01aB_+/=\\xu\n .,f\x00\x1b\ufffd"), max_size=200)), max_size=5)
)
@example(["\\x1b \\u00e9 \\n0 0x1F 12_000"])
@example(["a1b2" * 16, "a1b2" * 15, "a" * 64, "\r\n\u2028"])
@example(
    ["x" * 63 + "\r\n" + "é" * 40 + "\u2028", " " * 62 + "\\x1b", " " * 63 + "\\u00", "a1" * 80, " " * 60 + "0_a" * 40]
)
def test_statistics_equal_their_definition(values: list[str]) -> None:
    counts = kernels.code_statistics(pa.array(values, pa.large_string()))
    expected = [definitions.code_statistics(text) for text in values]
    assert {name: column.tolist() for name, column in counts.items()} == {
        name: [one[name] for one in expected] for name in definitions.code_statistics("")
    }


def test_another_syntax_is_refused() -> None:
    with pytest.raises(IndexError):
        COMMENTS.words(column([b"x"]), np.array([len(SYNTAXES)], np.int32))
    with pytest.raises(ValueError, match="syntaxes"):
        COMMENTS.words(column([b"x"]), np.array([], np.int32))
