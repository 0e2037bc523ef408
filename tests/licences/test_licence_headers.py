"""What the removal of licence headers takes and what it leaves."""

import io
import tokenize
from pathlib import Path

import pyarrow as pa
import pytest

from corpus.cleaning.licence_headers import LicenceHeaders
from corpus.models.files import ModelFiles
from corpus.pipeline.stage import Resources, StageResult

APPLY = LicenceHeaders().open(Resources(ModelFiles(()), {}))


def run(files: dict[str, str]) -> StageResult:
    text, path = pa.array(list(files.values()), pa.large_string()), pa.array(list(files))
    return APPLY(pa.record_batch({"text": text, "path": path}))


def cut(path: str, text: str) -> str:
    return run({path: text}).kept.column("text")[0].as_py()


@pytest.mark.parametrize(
    ("path", "text", "left"),
    [
        ("a.c", "/* Copyright 2020 Foo */\n\n#include <a.h>\n", "#include <a.h>\n"),
        ("a.c", "// Copyright 2020 Foo\n// Licensed under MIT.\n#define X\n", "#define X\n"),
        ("a.py", "#!/usr/bin/env python\n# -*- coding: utf-8 -*-\n# Copyright (c) 2020 Foo\nx = 1\n",
         "#!/usr/bin/env python\n# -*- coding: utf-8 -*-\nx = 1\n"),
        ("a.sh", "#!/bin/sh\n#\n# SPDX-License-Identifier: MIT\n#\n# Counts words.\n\nwc\n",
         "#!/bin/sh\n# Counts words.\n\nwc\n"),
        ("a.go", "// Copyright 2009 The Go Authors. All rights reserved.\n// Use of this source code is governed by a\n"
         "// license that can be found in the LICENSE file.\n\n//go:build linux\n\npackage a\n",
         "//go:build linux\n\npackage a\n"),
        ("a.java", "package a;\n\n/*\n * Copyright 2020\n */\n\n/** Counts. */\nclass A {}\n",
         "package a;\n\n/** Counts. */\nclass A {}\n"),
        ("a.js", "/*! jQuery v1 | (c) jQuery | MIT license */x()\n", "x()\n"),
        ("a.c", "/*\n * Counts words.\n *\n * Copyright 2020 Foo\n */\nint x;\n",
         "/*\n * Counts words.\n *\n */\nint x;\n"),
        ("a.php", "<?php\n// Copyright 2020\necho 1;\n", "<?php\necho 1;\n"),
        ("a.php", "<?php/* Copyright 2020 */echo 1;", "<?php echo 1;"),
        ("a.xml", '<?xml version="1.0"?>\n<!-- Copyright 2020 -->\n<a/>\n', '<?xml version="1.0"?>\n<a/>\n'),
        ("a.hs", "{-# LANGUAGE GADTs #-}\n{- Copyright: 2020\n-}\nmodule A where\n",
         "{-# LANGUAGE GADTs #-}\nmodule A where\n"),
        ("a.lua", "--[[ Copyright 2020 ]]\nx = 1\n", "x = 1\n"),
        ("a.sql", "-- Copyright 2020\nselect 1;\n", "select 1;\n"),
        ("a.tex", "% Copyright 2020\n\\section{A}\n", "\\section{A}\n"),
        ("a.bat", "@echo off\nREM Copyright 2020\ndir\n", "@echo off\ndir\n"),
        ("a.ac", "dnl Copyright 2020\nAC_INIT\n", "AC_INIT\n"),
        ("a.f", "C     Copyright 2020\n      CALL A\n", "      CALL A\n"),
        ("a.rst", ".. Copyright 2020\n   Licensed under MIT.\n\nTitle\n=====\n", "Title\n=====\n"),
        ("a.md", "<!-- Copyright 2020 -->\n# Title\n", "# Title\n"),
        ("Makefile", "# Copyright 2020\nall:\n\ttrue\n", "all:\n\ttrue\n"),
        ("a.py", "\ufeff# Copyright 2020\nx = 1\n", "\ufeffx = 1\n"),
    ],
)  # fmt: skip
def test_taken(path: str, text: str, left: str) -> None:
    assert cut(path, text) == left
    assert cut(path, left) == left


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.c", "#include <a.h>\n/* Copyright 2020 */\nint x;\n"),
        ("a.c", "/* Counts words. */\nint x;\n"),
        ("a.py", '"""Copyright 2020 Foo."""\nx = 1\n'),
        ("a.py", "# Checks the license keys of users\nx = 1\n"),
        ("a.py", "x = '# Copyright 2020'\n"),
        ("a.md", "# Copyright 2020\n\nAll rights reserved.\n"),
        ("a.c", "/* Copyright 2020 without an end\nint x;\n"),
        ("Makefile", "# Copyright 2020 \\\nall:\n"),
        ("a.php", "<?php // Copyright 2020 ?><b>\n"),
        ("a.unknown", "# Copyright 2020\n"),
        ("a.hs", "{- Counts.\n{- Copyright 2020\n-}\nwords -}\nmodule A where\n"),
        ("a.lua", "--[=====[ Copyright 2020\nx\n"),
        ("a.rst", ".. _Copyright 2020: x\n"),
        ("a.css", "a::before {content: '/* Copyright 2020 */'}\n"),
    ],
)
def test_left(path: str, text: str) -> None:
    assert cut(path, text) == text


def test_a_file_that_was_only_a_header_goes() -> None:
    result = run({"a.py": "# Copyright 2020 Foo\n", "b.py": "x\n"})
    assert result.kept.column("path").to_pylist() == ["b.py"]
    assert [reason.value for reason in result.dropped.reasons] == ["nothing_left"]
    assert result.removed_bytes == 0


def test_what_was_removed_is_counted() -> None:
    result = run({"a.py": "# Copyright 2020\nx\n"})
    assert (result.removed_bytes, result.removed_lines) == (17, 1)


def python_tokens(source: str) -> list[tuple[int, str]]:
    passed_over = (tokenize.COMMENT, tokenize.NL, tokenize.ENCODING)
    tokens = tokenize.tokenize(io.BytesIO(source.encode()).readline)
    return [(token.type, token.string) for token in tokens if token.type not in passed_over]


def other_tokens(path: str, source: str) -> list[tuple[object, str]]:
    from pygments.lexers import get_lexer_for_filename
    from pygments.token import Comment

    def is_comment(kind: object) -> bool:
        return kind in Comment and kind not in Comment.Preproc and kind not in Comment.PreprocFile

    tokens = get_lexer_for_filename(path).get_tokens(source)
    return [(kind, "".join(value.split())) for kind, value in tokens if value.strip() and not is_comment(kind)]


def installed_sources() -> dict[str, str]:
    """Source files of several languages in the installed packages and this project."""
    import numpy
    import pybind11
    import torch

    import corpus

    patterns = {numpy: "*.py *.h *.c", pybind11: "*.h *.cmake", torch: "*.h *.cpp", corpus: "*.py"}
    paths = [
        path
        for package, names in patterns.items()
        for name in names.split()
        for path in sorted(Path(package.__path__[0]).rglob(name))[:30]
    ]
    read = {str(path): path.read_bytes().decode("utf-8", "ignore") for path in paths}
    return {path: text for path, text in read.items() if text}


def test_no_token_of_code_is_lost_in_real_files() -> None:
    sources = installed_sources()
    kept = run(sources).kept
    changed = 0
    for path, text in zip(kept.column("path").to_pylist(), kept.column("text").to_pylist(), strict=True):
        if text == sources[path]:
            continue
        changed += 1
        if path.endswith(".py"):
            assert python_tokens(sources[path]) == python_tokens(text), path
        else:
            assert other_tokens(path, sources[path]) == other_tokens(path, text), path
    assert len(sources) > 100
    assert changed > 15
