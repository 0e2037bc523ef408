r"""Comments, included files, and the structure of LaTeX source."""

import re

import pytest
from arrow_columns import raw_bytes, raw_strings, strings
from hypothesis import given, settings
from hypothesis import strategies as st
from tex_papers import hostile_tex

import kernels
from kernels import TexPart


def uncommented(source: str, style: str = "") -> str:
    return kernels.remove_tex_comments(strings([source]), strings([style]))[0].as_py()


COMMENTS = {
    "behind text": ("text % note\nmore", "text\nmore"),
    "behind text without a blank": ("text% note\n  more", "textmore"),
    "a line": ("a\n  % note\nb", "a\nb"),
    "several lines": ("a\n%\n% note\n  %\nb", "a\nb"),
    "last line": ("a\n% note", "a\n"),
    "behind a command": ("\\foo% note\nbar", "\\foo\nbar"),
    "behind a brace": ("{% note\n  x}", "{x}"),
    "before an empty line": ("a% note\n\nb", "a\n\nb"),
    "escaped": (r"100\% of it \\% yes" + "\nx", "100\\% of it \\\\x"),
    "only a sign": ("a%\nb", "ab"),
    "verb": ("\\verb|%|% note\n\\verb*+a%b+", "\\verb|%|\\verb*+a%b+"),
    "url": ("\\url{a%20b}% note\n \\href{x%y}{z % note\n}", "\\url{a%20b}\\href{x%y}{z\n}"),
    "verbatim": ("\\begin{verbatim}\n% kept\n\\end{verbatim}% note\nx", "\\begin{verbatim}\n% kept\n\\end{verbatim}x"),
    "listing": ("\\begin{lstlisting}[language=C]\n%d\n\\end{lstlisting}",) * 2,
    "lstinline": (r"\lstinline[a=b]!%! \lstinline{%}", r"\lstinline[a=b]!%! \lstinline{%}"),
    "minted": ("\\begin{minted}{c}\n%\n\\end{minted}", "\\begin{minted}{c}\n%\n\\end{minted}"),
    "own verbatim": ("\\newenvironment{code}{\\verbatim}{\\endverbatim}\n\\begin{code}\n%\n\\end{code}",) * 2,
    "declared verbatim": ("\\DefineVerbatimEnvironment{code}{Verbatim}{}\n\\begin{code}\n%\n\\end{code}",) * 2,
    "short verb": ("\\MakeShortVerb{\\|}\n|%| x % note", "\\MakeShortVerb{\\|}\n|%| x"),
    "a verb that does not end": ("\\verb|% note\nx", "\\verb|x"),
    "a verbatim that does not end": ("\\begin{verbatim}% note\nx", "\\begin{verbatim}x"),
    "comment environment": ("a\n\\begin{comment}\nno\n\\end{comment}\nb", "a\nb"),
    "own comment environment": ("\\excludecomment{note}a\\begin{note}no\\end{note}b", "\\excludecomment{note}ab"),
}  # fmt: skip


@pytest.mark.parametrize("name", COMMENTS)
def test_comments(name: str) -> None:
    source, text = COMMENTS[name]
    assert uncommented(source) == text


def test_a_style_file_declares_verbatim_text() -> None:
    source = "\\begin{code}\n%\n\\end{code}"
    assert uncommented(source) != source
    assert uncommented(source, "\\lstnewenvironment{code}{}{}") == source


@given(st.lists(st.sampled_from(["word", " ", "\n", "%", "\\%", "\\\\", "{", "}", "\\cmd", "é", "\t"]), max_size=40))
def test_no_comment_is_left(parts: list[str]) -> None:
    source = "".join(parts)
    text = uncommented(source)
    assert not re.search(r"(?<!\\)(\\\\)*%", text)
    assert uncommented(text) == text
    assert len(text) <= len(source)
    assert re.sub(r"[\s]|\\%", "", re.sub(r"(?<!\\)((?:\\\\)*)%.*", r"\1", source)) == re.sub(r"[\s]|\\%", "", text)


@settings(max_examples=300)
@given(st.lists(hostile_tex, max_size=3), hostile_tex)
def test_any_bytes(values: list[bytes], style: bytes) -> None:
    styles = raw_strings([style] * len(values))
    texts = raw_bytes(kernels.remove_tex_comments(raw_strings(values), styles))
    for value, text in zip(values, texts, strict=True):
        assert len(text) <= len(value)
    structure = kernels.tex_structure(raw_strings(values), styles)
    assert structure.offsets.tolist()[-1] == len(structure.parts)
    for row, value in enumerate(values):
        begins, ends = (
            each[structure.offsets[row] : structure.offsets[row + 1]].tolist()
            for each in (structure.begins, structure.ends)
        )
        assert all(0 <= begin < end <= len(value) for begin, end in zip(begins, ends, strict=True))
        assert begins == sorted(begins)
    if values:
        names = ["a.tex", "b.tex", "c.sty"][: len(values)]
        assembled = kernels.assemble_tex(names, raw_strings(values), 0, 1 << 16)
        assert len(assembled.text) <= 1 << 16
        assert assembled.used[0]


def assemble(files: dict[str, str], main: str = "main.tex", max_bytes: int = 1 << 20) -> kernels.AssembledTex:
    return kernels.assemble_tex(list(files), strings(list(files.values())), list(files).index(main), max_bytes)


INPUTS = {
    "braces": (r"a\input{b}c", {"b.tex": "B"}, "aB\nc"),
    "no braces": ("a\\input b c", {"b.tex": "B"}, "aB\n c"),
    "quotes": ('\\input "b b" c', {"b b.tex": "B"}, "B\n c"),
    "suffix named": (r"\input{b.tex}", {"b.tex": "B\n"}, "B\n"),
    "other suffix": (r"\input{b.bbl}", {"b.bbl": "B\n"}, "B\n"),
    "include": (r"\include{parts/b}", {"parts/b.tex": "B\n"}, "B\n"),
    "names are from the top": (r"\include{parts/b}", {"parts/b.tex": "\\input{parts/c}", "parts/c.tex": "C\n"}, "C\n"),
    "import": (r"\import{parts/}{b}", {"parts/b.tex": "\\input{c}", "parts/c.tex": "C\n"}, "C\n"),
    "subimport": (r"\subimport{parts}{b}", {"parts/b.tex": "\\subimport{x}{c}", "parts/x/c.tex": "C\n"}, "C\n"),
    "subfile": (
        r"\subfile{b}",
        {"b.tex": "\\documentclass[main]{subfiles}\n\\begin{document}B\\end{document}"},
        "B\n",
    ),
    "dots": (r"\input{./x/../b}\input{../b}", {"b.tex": "B\n"}, "B\nB\n"),
    "missing": (r"a\input{nowhere}b", {}, "ab"),
    "commented": ("%\\input{b}\nx", {"b.tex": "B"}, "%\\input{b}\nx"),
    "verbatim": (r"\verb|\input{b}|", {"b.tex": "B"}, r"\verb|\input{b}|"),
    "in a definition": (r"\def\i#1{\input{#1}}", {}, r"\def\i#1{\input{#1}}"),
    "itself": (r"a\input{main}b", {}, "ab"),
    "each other": (r"\input{b}", {"b.tex": "B\\input{main}\n"}, "B\n"),
    "endinput": (r"\input{b}c", {"b.tex": "B\\endinput B\nno"}, "B B\nc"),
    "end of document": ("a\\end{document}no", {}, "a\\end{document}\n"),
    "bye": ("a\\bye no", {}, "a\n"),
    "other commands": (r"\inputlist{b}\includegraphics{b}", {"b.tex": "B"}, r"\inputlist{b}\includegraphics{b}"),
}  # fmt: skip


@pytest.mark.parametrize("name", INPUTS)
def test_inputs(name: str) -> None:
    source, others, text = INPUTS[name]
    assert assemble({"main.tex": source, **others}).text.decode() == text


def test_verbatim_text_behind_endinput_is_not_read() -> None:
    source = r"\endinput a \begin{verbatim}" + "\nno\n" + r"\end{verbatim}no"
    assert assemble({"main.tex": source}).text == rb" a \begin{verbatim}"


def test_what_is_used_and_what_is_missing() -> None:
    result = assemble({"a.sty": "", "b.tex": "B", "main.tex": r"\input{b}\input{c}\input{d}", "e.tex": ""})
    assert result.used == [False, True, True, False]
    assert result.missing == ["c", "d"]


def test_names_are_relative_to_the_main_file_too() -> None:
    files = {"doc/main.tex": r"\input{../style/macros}\input{part}", "style/macros.tex": "M", "doc/part.tex": "P"}
    assert assemble(files, "doc/main.tex").text == b"M\nP\n"


def test_files_that_double_each_other_stop_at_the_limit() -> None:
    files = {
        f"{name}.tex": rf"xxxxxxxx\input{{{following}}}\input{{{following}}}"
        for name, following in zip("abcdefghijklmnopqrs", "bcdefghijklmnopqrst", strict=True)
    }
    result = assemble({"main.tex": r"\input{a}", **files, "t.tex": "x" * 1000}, max_bytes=100_000)
    assert result.over_limit
    assert len(result.text) <= 100_000


def test_structure() -> None:
    source = (
        "\\documentclass{article}\\title[short]{Long {T}}\n\\begin{document}\\begin{abstract}A\\end{abstract}"
        "\\verb|\\section{no}|\\section*{One}text about \\section\n"
        "\\paragraph{P}\\appendix\\bibliographystyle{plain}\\bibliography{refs}"
        "\\begin{thebibliography}{9}\\bibitem{x}\\end{thebibliography}\\end{document}"
    )
    structure = kernels.tex_structure(strings([source]), strings([""]))
    found = [
        (TexPart(part).name, source[begin:end])
        for part, begin, end in zip(structure.parts, structure.begins, structure.ends, strict=True)
    ]
    assert found == [
        ("TITLE", "\\title[short]{Long {T}}"),
        ("BEGIN_DOCUMENT", "\\begin{document}"),
        ("BEGIN_ABSTRACT", "\\begin{abstract}"),
        ("END_ABSTRACT", "\\end{abstract}"),
        ("HEADING", "\\section*{One}"),
        ("PARAGRAPH", "\\paragraph{P}"),
        ("APPENDIX", "\\appendix"),
        ("BIBLIOGRAPHY", "\\bibliographystyle{plain}"),
        ("BIBLIOGRAPHY", "\\bibliography{refs}"),
        ("BEGIN_REFERENCES", "\\begin{thebibliography}"),
        ("END_REFERENCES", "\\end{thebibliography}"),
        ("END_DOCUMENT", "\\end{document}"),
    ]
