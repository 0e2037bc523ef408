"""Licence files that hold more than one licence."""

from importlib.metadata import distribution
from pathlib import Path

import pytest

from corpus.licences.licence_files import read_licence_file
from corpus.licences.tree import LicenceTree

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
