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


DEP5 = """\
Format: http://dep.example/copyright-format/1.0/

Files: *
Copyright: 2020 Foo
License: Expat

Files: src/gnu/* doc/manual.??
Copyright: 2020 Bar
License: GPL-2+ with OpenSSL exception
 This program is free software.

Files: src/gnu/free.c
Copyright: 2020 Baz
License: BSD-3-clause or Apache-2.0
"""
REUSE = """\
version = 1
[[annotations]]
path = ["src/*.c", "data/**"]
SPDX-License-Identifier = "GPL-3.0-or-later"
[[annotations]]
path = "src/a.c"
SPDX-License-Identifier = ["MIT", "BSD-2-Clause"]
"""


@pytest.mark.parametrize(
    ("path", "expression"),
    [
        ("a.c", "MIT"),
        ("src/gnu/a/b.c", "GPL-2.0-or-later"),
        ("src/gnu/free.c", "BSD-3-Clause OR Apache-2.0"),
        ("doc/manual.md", "GPL-2.0-or-later"),
        ("doc/manual.html", "MIT"),
    ],
)
def test_debian_copyright(path: str, expression: str) -> None:
    found = tree({"p/debian/copyright": DEP5, "p/LICENSE": "MIT License"}).nearest(f"p/{path}")
    assert found.expression == expression


@pytest.mark.parametrize(
    ("path", "expression"),
    [
        ("src/b.c", "GPL-3.0-or-later"),
        ("src/a.c", "MIT AND BSD-2-Clause"),
        ("src/x/b.c", "MIT"),
        ("data/x/y.txt", "GPL-3.0-or-later"),
        ("logo.c", "0BSD"),
    ],
)
def test_reuse(path: str, expression: str) -> None:
    sidecar = "SPDX-FileCopyrightText: 2020 Foo\nSPDX-License-Identifier: 0BSD\n"
    found = tree({"REUSE.toml": REUSE, "LICENSES/MIT.txt": "MIT License", "logo.c.license": sidecar})
    assert found.nearest(path).expression == expression


@pytest.mark.parametrize(
    ("name", "text", "expression"),
    [
        ("README.md", "# Foo\n\n## License\n\nMIT, see LICENSE.\n\n## Usage\n\nGPL is not used.\n", "MIT"),
        ("README.md", "# Foo\n\n## License\n\nReleased under the MIT license.\n\n## Usage\n\nNot the GPL.\n", "MIT"),
        ("README.rst", "Foo\n===\n\nLicense\n-------\n\nThe 3-clause BSD license\n\nUsage\n-----\nx\n", "BSD-3-Clause"),
        ("README", "We like the MIT license.\n", None),
    ],
)
def test_readme(name: str, text: str, expression: str | None) -> None:
    assert tree({name: text}).nearest("a.c").expression == expression
    assert tree({name: text, "LICENSE": "ISC License"}).nearest("a.c").expression == "ISC"


@pytest.mark.parametrize(
    ("name", "text", "expression"),
    [
        ("pyproject.toml", '[project]\nlicense = "MIT OR Apache-2.0"\n', "MIT OR Apache-2.0"),
        ("pyproject.toml", '[project]\nlicense = {text = "BSD"}\nclassifiers = ["License :: MIT License"]\n',
         "LicenseRef-BSD AND MIT"),
        ("pyproject.toml",
         '[project]\nlicense = {text = "GPL"}\nclassifiers = ["License :: GNU General Public License v3"]\n',
         "GPL-3.0-only"),
        ("pyproject.toml", '[tool.poetry]\nlicense = "GPL-3.0-or-later"\n', "GPL-3.0-or-later"),
        ("setup.cfg", "[metadata]\nname = x\nlicense = BSD 3-Clause\n[options]\nlicense = no\n", "BSD-3-Clause"),
        ("setup.py", "setup(\n  classifiers=['License :: Apache Software License'])\n", "LicenseRef-Apache"),
        ("composer.json", '{"license": ["MIT", "GPL-3.0-only"]}', "MIT OR GPL-3.0-only"),
        ("package.json", '{"licenses": [{"type": "MIT"}, {"type": "Apache-2.0"}]}', "MIT OR Apache-2.0"),
        ("x.gemspec", "Gem::Specification.new do |s|\n  s.license = 'Apache-2.0'\nend\n", "Apache-2.0"),
        ("x.cabal", "name: x\nlicense: BSD3\n", "BSD-3-Clause"),
        ("pom.xml", "<licenses><license><name>The Apache Software License, Version 2.0</name></license></licenses>",
         "Apache-2.0"),
        ("DESCRIPTION", "Package: x\nLicense: MIT + file LICENSE\n", "MIT"),
        ("DESCRIPTION", "Package: x\nLicense: GPL (>= 2)\n", "GPL-1.0-or-later"),
        ("META.json", '{"license": ["perl_5"]}', "Artistic-1.0-Perl OR GPL-1.0-or-later"),
        ("package.json", "{not json", None),
        ("pyproject.toml", "[project\n", None),
        ("package.json", "[" * 10000, None),
        ("setup.py", "setup(license=LICENSE)\n", None),
        ("PKG-INFO", "License: UNKNOWN\n", None),
    ],
)  # fmt: skip
def test_metadata(name: str, text: str, expression: str | None) -> None:
    assert tree({name: text}).nearest("a.c").expression == expression
