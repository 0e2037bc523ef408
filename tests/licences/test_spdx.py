import pytest

from corpus.errors import UsageError
from corpus.licences.spdx import from_bigquery, identifiers, join, parse, permitted

FAMILIES = ("Apache", "BSD", "MIT")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("MIT", True),
        ("mit", True),
        ("MIT OR GPL-3.0-only", True),
        ("MIT AND GPL-3.0-only", False),
        ("GPL-2.0-only OR MIT AND BSD-3-Clause", True),
        ("(GPL-2.0-only OR MIT) AND LGPL-2.1-only", False),
        ("Apache-2.0 WITH LLVM-exception", True),
        ("GPL-2.0-or-later WITH Classpath-exception-2.0", False),
        ("Apache-1.1+", True),
        ("ISC", False),
        ("0BSD", True),
        ("BSD-Protection", False),
        ("BSD-3-Clause-No-Nuclear-License", False),
        ("LicenseRef-BSD", True),
        ("Unheard-Of", False),
        ("MIT AND", False),
        ("", False),
        ("MIT GPL", False),
    ],
)
def test_permitted(expression: str, expected: bool) -> None:
    assert permitted(expression, FAMILIES) is expected


def test_only_the_families_asked_for() -> None:
    assert not permitted("MIT", ["BSD"])
    assert permitted("MIT OR BSD-2-Clause", ["BSD"])
    with pytest.raises(UsageError):
        permitted("MIT", ["GNU"])


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("mit or gpl-2.0+", "MIT OR GPL-2.0-or-later"),
        ("(mit)", "MIT"),
        ("MIT and (bsd-3-clause or gpl-3.0)", "MIT AND (BSD-3-Clause OR GPL-3.0-only)"),
        ("a OR b AND c", "a OR (b AND c)"),
        ("MIT OR MIT", "MIT"),
    ],
)
def test_written(text: str, written: str) -> None:
    assert str(parse(text)) == written
    assert str(parse(written)) == written


@pytest.mark.parametrize("text", ["", "OR", "MIT OR", "(MIT", "MIT)", "MIT WITH", "MIT WITH OR", "$", "(" * 99])
def test_refused(text: str) -> None:
    with pytest.raises(ValueError, match="SPDX"):
        parse(text)


def test_join_keeps_the_meaning() -> None:
    assert join("AND", ["MIT OR GPL-2.0-only", "ISC"]) == "(MIT OR GPL-2.0-only) AND ISC"
    assert identifiers("(MIT OR gpl-2.0) AND ISC") == {"MIT", "GPL-2.0-only", "ISC"}


@pytest.mark.parametrize(
    ("name", "expected"),
    [("mit", "MIT"), ("bsd-3-clause", "BSD-3-Clause"), ("gpl-2.0", "GPL-2.0-only"), ("", "NOASSERTION"),
     ("other", "NOASSERTION"), ("isc", "ISC"), ("cc0-1.0", "CC0-1.0"), ("unlicense", "Unlicense")],
)  # fmt: skip
def test_github_names(name: str, expected: str) -> None:
    assert from_bigquery(name) == expected
