"""The sentences that grant a licence, and those that only speak of one."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.licences.notices import NAMED, notice, plain, spdx_expression

GPL = """This program is free software; you can redistribute it and/or modify it under the terms of the GNU General
Public License as published by the Free Software Foundation; either version 2 of the License, or (at your option) any
later version."""


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        (GPL, "GPL-2.0-or-later"),
        (GPL.replace("; either version 2 of the License, or (at your option) any\nlater version", ", version 2"),
         "GPL-2.0-only"),
        (GPL.replace("General", "Lesser General").replace("version 2 ", "version 2.1 "), "LGPL-2.1-or-later"),
        ("Licensed under the GNU Affero General Public License v3.", "AGPL-3.0-only"),
        ("Licensed under the Apache License, Version 2.0 (the \"License\")", "Apache-2.0"),
        ("Use of this source code is governed by a BSD-style license that can be found in LICENSE.", "LicenseRef-BSD"),
        ("Released under the 3-clause BSD license.", "BSD-3-Clause"),
        ("Released under the MIT licence", "MIT"),
        ("Licensed under MIT or Apache-2.0", "MIT OR Apache-2.0"),
        ("This file is dual licensed under the terms of the Apache License, Version 2.0, and the BSD License.",
         "Apache-2.0 OR LicenseRef-BSD"),
        ("Licensed under the MIT license. Alternatively, under the GPL version 2.", "MIT OR GPL-2.0-only"),
        ("The library is distributed under the MIT license. The tools are distributed under the GPLv3.",
         "MIT AND GPL-3.0-only"),
        ("This Source Code Form is subject to the terms of the Mozilla Public License, v. 2.0.", "MPL-2.0"),
        ("This software is placed in the public domain", "LicenseRef-public-domain"),
        ("You may distribute it under the same terms as Perl itself.", "Artistic-1.0-Perl OR GPL-1.0-or-later"),
        ("Proprietary and confidential. Unauthorized copying of this file is strictly prohibited.",
         "LicenseRef-proprietary"),
        ("Parses the output of GPL programs.", None),
        ("Reads the license field: MIT, BSD and others are known.", None),
        ("Copyright 2020 Foo. All rights reserved.", None),
        ("", None),
    ],
)  # fmt: skip
def test_granted(text: str, expression: str | None) -> None:
    found = notice(text, bare=False)
    assert (None if found is None else found.expression) == expression


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("SPDX-License-Identifier: MIT", "MIT"),
        ("SPDX-License-Identifier: (GPL-2.0 OR MIT) */", "GPL-2.0-only OR MIT"),
        ("SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception -->", "Apache-2.0 WITH LLVM-exception"),
        ("spdx-license-identifier: mit/apache-2.0", "MIT OR Apache-2.0"),
        ("SPDX-License-Identifier: MIT\nSPDX-License-Identifier: ISC", "MIT AND ISC"),
        ("SPDX-License-Identifier:", None),
        ("SPDX-License-Identifier: ()", None),
    ],
)
def test_tags(text: str, expression: str | None) -> None:
    assert spdx_expression(text) == expression


@given(st.sampled_from(NAMED).flatmap(lambda one: st.tuples(st.just(one), st.from_regex(one[2], fullmatch=True))))
def test_no_name_is_without_its_literals(
    drawn: tuple[tuple[str, tuple[str, ...], re.Pattern[str]], str],
) -> None:
    (_, literals, _), text = drawn
    assert any(literal in text for literal in literals)


PLAIN_CHARACTERS = st.sampled_from([*"aZ09.+/'():,-_ \t\n\x1c\"", "K", "É", "\ud800", "licence", "Licence", "ſ", "…"])


@given(st.lists(PLAIN_CHARACTERS, max_size=12).map("".join))
def test_plain_equals_its_definition(text: str) -> None:
    expected = re.sub(r"[^a-z0-9.+/'():,-]+", " ", text.lower().replace("licence", "license")).strip()
    assert plain(text) == expected


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("Licensed under the MIT license. Portions are under the BSD license.", "MIT AND LicenseRef-BSD"),
        ("Licensed under the GPL v. 2 or the MIT license, at your option.", "GPL-2.0-only OR MIT"),
        ("Licensed under either the MIT license; or the BSD license.", "MIT OR LicenseRef-BSD"),
        ("Under the terms of the MIT license; under the terms of the BSD license.", "MIT AND LicenseRef-BSD"),
        (
            "Licensed under the GPL, either version 2 or any later version, and the MIT license.",
            "GPL-2.0-or-later AND MIT",
        ),
    ],
)
def test_sentences(text: str, expression: str) -> None:
    found = notice(text, bare=False)
    assert found is not None
    assert found.expression == expression
