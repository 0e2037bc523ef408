"""Licence files that hold more than one licence."""

from importlib.metadata import distribution
from pathlib import Path

import pytest

from corpus.licences.file_headers import own_licence
from corpus.licences.licence_files import read_licence_file
from corpus.licences.tree import Finding, LicenceTree

OWN = """\
Tool License Agreement

1. The Tool Team hereby grants Licensee a world-wide license to reproduce, analyze and distribute Tool, provided that
this agreement is retained.
2. The Tool Team makes Tool available on an "AS IS" basis.

The following parts of Tool come from others:

"""
"""A licence that is on no list."""
GNU = Path("/usr/share/common-licenses")


def mit() -> str:
    files = distribution("pytest").files or []
    return next(str(file.locate().read_text("utf-8")) for file in files if file.name == "LICENSE")  # type: ignore[attr-defined]


def test_a_licence_on_no_list_before_a_known_one_is_the_project_s() -> None:
    assert read_licence_file("LICENSE", mit()).expression == "MIT"
    found = read_licence_file("LICENSE", OWN + mit())
    assert found.expression is None
    assert found.texts == ("MIT",)
    assert found.evidence.startswith("a licence that is not known, before MIT text")


def test_words_that_grant_nothing_may_stand_before_a_text() -> None:
    assert read_licence_file("LICENSE", "Tool comes as is, and is free.\n\n" + mit()).expression == "MIT"
    assert read_licence_file("LICENSE", "Permission to use is granted as follows.\n\n" + mit()).expression == "MIT"


@pytest.mark.skipif(not (GNU / "GPL-2").exists(), reason=f"{GNU} has no texts of the GNU licences")
@pytest.mark.parametrize(
    ("between", "expression"),
    [
        ("Some files come from others:\n\n", "GPL-2.0-only"),
        ("Alternatively, this licence may be taken:\n\n", "GPL-2.0-only OR LGPL-2.1-only"),
    ],
)
def test_licences_that_share_passages_are_both_found(between: str, expression: str) -> None:
    general, lesser = ((GNU / name).read_text("utf-8") for name in ("GPL-2", "LGPL-2.1"))
    found = read_licence_file("COPYING", general + between + lesser)
    assert (found.texts, found.expression) == (("GPL-2.0-only", "LGPL-2.1-only"), expression)


@pytest.mark.parametrize(
    ("words", "expression"),
    [
        ("Take either of these.", "MIT OR BSD-3-Clause"),
        ("The examples come under a choice of these.", "MIT"),
        ("There is no choice of law.", "MIT"),
        ("No warranty, either express or implied.", "MIT"),
    ],
)
def test_which_words_offer_a_choice(words: str, expression: str) -> None:
    files = distribution("click").files or []
    bsd = next(file for file in files if file.name == "LICENSE.txt").locate().read_text("utf-8")  # type: ignore[attr-defined]
    assert read_licence_file("LICENSE", f"{words}\n\n{mit()}\n\n{bsd}").expression == expression


def test_a_folder_of_others_licences_says_nothing_of_what_holds_it() -> None:
    others = {
        f"tool/licenses/LICENSE-{name}": b"GNU General Public License, version 2" for name in ("aom", "brotli", "zlib")
    }
    found = LicenceTree()
    for path, content in {"LICENSE": mit().encode(), **others}.items():
        found.add(path, content)
    assert found.nearest("tool/a.py").expression == "MIT"
    found.add("tool/licenses/LICENSE", b"BSD 3-Clause License")
    assert found.nearest("tool/a.py").expression == "BSD-3-Clause"


DEP5 = """\
Format: https://dep.example/copyright-format/1.0/

Files: *
Copyright: 2020 Foo
License: GPL-3+ or Tool

Files: exempt/*
Copyright: 2020 Foo
License: Apache-2.0-with-GPL2-Exception

Files: odd/*
Copyright: 2020 Foo
License: Odd
 Do as you like.

License: Tool
"""


def debian(text: str) -> str:
    """The text of a licence in a field of debian/copyright."""
    return DEP5 + "".join(f" {line or '.'}\n" for line in text.splitlines())


@pytest.mark.parametrize(
    ("path", "expression"),
    [("a.c", "GPL-3.0-or-later OR MIT"), ("exempt/a.c", "Apache-2.0"), ("odd/a.c", None)],
)
def test_names_that_a_copyright_file_explains(path: str, expression: str | None) -> None:
    found = LicenceTree()
    found.add("debian/copyright", debian(mit()).encode())
    assert found.nearest(path).expression == expression


@pytest.mark.parametrize(
    ("around", "governs"),
    [("GPL-3.0-only OR BSD-2-Clause", True), ("GPL-3.0-only", False), ("MIT OR BSD-2-Clause", False), (None, False)],
)
def test_a_choice_that_names_one_licence_is_the_choice_around_it(around: str | None, governs: bool) -> None:
    header = "You may distribute this under the terms of either the GNU General Public License or the Tool License."
    own = own_licence(header, Finding(around, ""))
    assert (own is None) is governs
    plainly = own_licence("Distributed under the GNU General Public License version 3.", Finding(around, ""))
    assert plainly is not None
    assert plainly.expression == "GPL-3.0-only"
