"""Which evidence governs a file."""

import pytest

from corpus.licences.tree import LicenceTree


def tree(files: dict[str, str]) -> LicenceTree:
    collected = LicenceTree()
    for path, content in files.items():
        assert collected.notable(path)
        collected.add(path, content.encode())
    return collected


def test_the_nearest_folder_decides() -> None:
    found = tree({"p/LICENSE": "MIT License", "p/vendor/x/COPYING": "GNU General Public License, version 2"})
    assert found.nearest("p/a.py").expression == "MIT"
    assert found.nearest("p/vendor/a.py").expression == "MIT"
    assert found.nearest("p/vendor/x/y/a.c").expression == "GPL-2.0-only"
    assert "p/vendor/x/COPYING" in found.nearest("p/vendor/x/y/a.c").evidence
    assert found.nearest("q/a.py").expression is None


@pytest.mark.parametrize(
    ("files", "expression"),
    [
        ({"LICENSE-MIT": "MIT License", "LICENSE-APACHE": "Apache License, Version 2.0"}, "Apache-2.0 OR MIT"),
        ({"LICENSE": "MIT License", "package.json": '{"license": "GPL-3.0"}'}, "MIT AND GPL-3.0-only"),
        ({"package.json": '{"license": "(MIT OR GPL-3.0)"}'}, "MIT OR GPL-3.0-only"),
        ({"a.egg-info/PKG-INFO": "Metadata-Version: 1.0\nLicense: BSD\n\n"}, "LicenseRef-BSD"),
        ({"LICENSE": "BSD 3-clause license", "PKG-INFO": "License: BSD\n"}, "BSD-3-Clause"),
        ({"LICENSE": "Do as I say."}, None),
        ({"setup.py": "setup(license='GPLv3+')"}, "GPL-3.0-or-later"),
        ({"Cargo.toml": '[package]\nlicense = "MIT/Apache-2.0"\n'}, "MIT OR Apache-2.0"),
    ],
)
def test_one_folder(files: dict[str, str], expression: str | None) -> None:
    assert tree(files).nearest("a.py").expression == expression


@pytest.mark.parametrize(
    "path", ["license.py", "NOTICE", "a/LICENSE.third-party", "a.py", "licenses.json", "README.md.py"]
)
def test_not_notable(path: str) -> None:
    assert not LicenceTree().notable(path)
