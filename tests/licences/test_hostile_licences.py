"""Whatever a source tree holds, its evidence is read without failing and in time that grows with its size."""

import time

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus.cleaning.comment_syntax import SYNTAXES, syntax_number
from corpus.cleaning.licence_phrases import PHRASES
from corpus.licences.file_headers import own_licence
from corpus.licences.path_statements import read_dep5
from corpus.licences.spdx import permitted
from corpus.licences.tree import Finding, LicenceTree
from kernels import LeadingComments

NAMES = (
    *("LICENSE", "COPYING.LESSER", "LICENSE-MIT", "README.md", "PKG-INFO", "pyproject.toml", "setup.cfg", "setup.py"),
    *("package.json", "Cargo.toml", "x.gemspec", "pom.xml", "DESCRIPTION", "x.cabal", "debian/copyright", "REUSE.toml"),
    *(".reuse/dep5", "a.c.license", "LICENSES/MIT.txt", "x.spec"),
)
WORDS = (
    *("License", "MIT", "BSD", "GPL", "version 2", "or", "AND", "(", ")", "either", "Copyright (c) 2020", "[project]"),
    *("Files: *", "\n", "\n\n", "=", "-", '"', "'", "[", "]", "{", "}", ":", "=====", "## License", "Format: dep5"),
    *("SPDX-License-Identifier:", "license =", "License :: ", "<license>", "<name>", "\x00", "é", "*"),
)
REPEATED = (
    *("(", "[", "copyright ", "\n", "=\n", "a-\n", "license: ", "<license>", "<license><name>", "* ", "- \n", "\\"),
    *("SPDX-License-Identifier: MIT AND ", "gpl ", "mit or ", "License:\n ", "License\n---\n", "\t\n", "/*", " "),
)
SIZE = 1 << 17
SECONDS = 10.0
"""Generous for one file: the slowest takes a tenth of a second here; what grows faster than its size takes minutes."""

contents = st.one_of(
    st.lists(st.sampled_from(WORDS), max_size=40).map(" ".join).map(str.encode), st.binary(max_size=200)
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.sampled_from(("", "a/", "a/b/")), st.sampled_from(NAMES), contents), max_size=6))
def test_any_tree_has_an_answer(files: list[tuple[str, str, bytes]]) -> None:
    tree = LicenceTree()
    for folder, name, content in files:
        assert tree.notable(folder + name)
        tree.add(folder + name, content)
    for path in ("x.c", "a/x.c", "a/b/c/x.c", "a.c"):
        found = tree.nearest(path)
        assert isinstance(found, Finding)
        permitted(found.expression or "", ["MIT"])


@settings(deadline=None)
@given(contents, st.sampled_from([None, "MIT", "GPL-2.0-only OR MIT", "not one"]))
def test_any_header_has_an_answer(content: bytes, around: str | None) -> None:
    own_licence(content.decode("utf-8", "replace"), Finding(around, ""))


@pytest.mark.parametrize("piece", REPEATED)
def test_time_grows_with_size(piece: str) -> None:
    content = (piece * (SIZE // len(piece))).encode()
    start = time.process_time()
    for name in (
        "LICENSE",
        "README.md",
        "PKG-INFO",
        "setup.py",
        "setup.cfg",
        "pom.xml",
        "debian/copyright",
        "x.gemspec",
    ):
        tree = LicenceTree()
        tree.add(name, content)
        tree.nearest("a.c")
    own_licence(content.decode(), Finding(None, ""))
    assert time.process_time() - start < SECONDS


def test_globs_that_would_backtrack() -> None:
    statements = read_dep5(f"Format: dep5\n\nFiles: {'*a' * 200}b\nLicense: MIT\n")
    start = time.process_time()
    assert not statements[0].matches("a" * 4000)
    assert time.process_time() - start < SECONDS


@pytest.mark.parametrize("piece", [b"/* ", b"// Copyright 2020\n", b"{- ", b"# \n", b"<!-- --> ", b"copyright ", b"\n"])
@pytest.mark.parametrize("path", ["a.c", "a.hs", "a.py", "a.html", "a.rst"])
def test_long_comments(piece: bytes, path: str) -> None:
    comments = LeadingComments(SYNTAXES, PHRASES)
    syntax = np.array([syntax_number(path)], np.int32)
    start = time.process_time()
    for opening in (b"", b"/* ", b"# "):
        source = opening + piece * ((4 << 20) // len(piece))
        text, syntax = (
            pa.array([source], pa.large_binary()).view(pa.large_string()),
            np.array([syntax_number(path)], np.int32),
        )
        comments.without_licence(text, syntax)
        comments.words(text, syntax)
    assert time.process_time() - start < SECONDS
