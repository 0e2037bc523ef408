"""How comments are written, by the extension or the name of a file."""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from kernels import CommentSyntax

_SHEBANG = ("#!", "\n")
_XML = (("<?xml", "?>"), ("<!doctype", ">"), ("<?", "?>"))
_C_BLOCK = (("/*", "*/"),)
_MARKUP = (("<!--", "-->"),)


def _syntax(
    line: str = "",
    block: tuple[tuple[str, str], ...] = (),
    prolog: tuple[tuple[str, str], ...] = (),
    **options: object,
) -> CommentSyntax:
    """line: markers separated by commas."""
    markers = tuple(marker for marker in line.split(",") if marker)
    return CommentSyntax(markers, block, (_SHEBANG, *prolog), **options)  # type: ignore[arg-type]


_PACKAGE = (("package ", "\n"),)
_HASH = _syntax("#")
_C = _syntax("//", _C_BLOCK)
_JAVA = _syntax("//", _C_BLOCK, _PACKAGE)
_SCRIPT = _syntax("//", _C_BLOCK, (("'use strict'", "\n"), ('"use strict"', "\n")))
_DASHES = _syntax("--")
_LISP = _syntax(";")
_FREE_FORTRAN = _syntax("!")
_FIXED_FORTRAN = _syntax("c ,c\t,*,!", at_line_start=True)
_MARKED_UP = _syntax("", _MARKUP, _XML)

_SYNTAXES: Mapping[str, CommentSyntax] = {
    ".c .h .cpp .hpp .c++ .h++ .cc .hh .cxx .hxx .cs .rs .proto .swift .dart .y .cu .cuh .zig .glsl .vert .frag": _C,
    ".java .scala .go .kt .kts .groovy .gradle": _JAVA,
    ".js .jsx .ts .tsx .mjs .cjs": _SCRIPT,
    ".css": _syntax("", _C_BLOCK, (("@charset", ";"),)),
    ".scss .less .sass": _C,
    ".m .mm": _syntax("//,%", _C_BLOCK),
    ".py .pyx .pxd .pyi": _syntax("#", docstrings=('"""', "'''")),
    ".rb": _syntax("#", (("=begin", "=end"),)),
    ".pl .pm .perl .t": _syntax("#", (), _PACKAGE),
    ".sh .bash .command .zsh .ksh .cmake .smali .r .yaml .yml .toml .cfg .tcl .awk .mk .am .nim dockerfile makefile"
    " .dockerfile .makefile .coffee .ex .exs .cr .conf gnumakefile cmakelists.txt gemfile rakefile .gemspec .tf": _HASH,
    ".jl": _syntax("#", (("#=", "=#"),), nested=True),
    ".ps1 .psd1 .psm1": _syntax("#", (("<#", "#>"),)),
    ".ac .m4": _syntax("dnl ,#"),
    ".sql": _syntax("--", _C_BLOCK),
    ".adb .ads .vhd .vhdl .e": _DASHES,
    ".lua": _syntax("--", tuple((f"--[{'=' * level}[", f"]{'=' * level}]") for level in range(8))),
    ".hs .lhs .elm .purs .idr .agda": _syntax("--", (("{-", "-}"),), nested=True),
    ".ml .mli .mll .mly .sml": _syntax("", (("(*", "*)"),), nested=True),
    ".fs .fsi .fsx": _syntax("//", (("(*", "*)"),), nested=True),
    ".pas .pp .dpr": _syntax("//", (("(*", "*)"), ("{", "}"))),
    ".asm .s": _syntax(";,# ,##,//,@", _C_BLOCK),
    ".lisp .lsp .cl .el .scm .ss .rkt .clj .cljs .cljc .ini": _LISP,
    ".tex .sty .cls .bib .erl .hrl .ltx .dtx": _syntax("%"),
    ".f90 .f95 .f03 .f08": _FREE_FORTRAN,
    ".f .for .f77 .fpp": _FIXED_FORTRAN,
    ".vb .bas .vbs": _syntax("',rem "),
    ".bat .cmd": _syntax("rem ,@rem ,::", (), (("@echo off", "\n"),)),
    ".html .htm .xhtml .xml .xsl .xslt .xsd .svg .md .markdown .vue": _MARKED_UP,
    ".php .php3 .php4 .php5 .phps .phpt": _syntax(
        "//,#", (*_C_BLOCK, *_MARKUP), (("<?php", ""), ("<?", "")), line_end="?>"
    ),
    ".rst .rest": _syntax(indented=".."),
}
_NUMBERS: dict[str, int] = {}
SYNTAXES: tuple[CommentSyntax, ...] = tuple(_SYNTAXES.values())
for _number, _keys in enumerate(_SYNTAXES):
    _NUMBERS.update(dict.fromkeys(_keys.split(), _number))


def syntax_number(path: str) -> int:
    """Which of SYNTAXES a file is written in; -1 where that is not known."""
    name = path.rpartition("/")[2].lower()
    stem, dot, suffix = name.rpartition(".")
    number = _NUMBERS.get(dot + suffix, -1) if stem else -1
    return number if number >= 0 else _NUMBERS.get(name, -1)


def syntax_numbers(paths: pa.Array) -> np.ndarray:
    """int32[n]: the `syntax_number` of each of n paths; -1 for null."""
    return np.array([-1 if path is None else syntax_number(path) for path in paths.to_pylist()], dtype=np.int32)
