r"""Expansion of macros: by hand for every command that defines, and against papers whose expansion is known because
they are made together with it."""

import time
from itertools import pairwise

import pytest
from arrow_columns import raw_bytes, raw_strings, strings
from hypothesis import given, settings
from hypothesis import strategies as st
from tex_papers import hostile_tex, marked, papers

import kernels


def expand(source: str, style: str = "", depth: int = 100, growth: int = 20) -> str:
    return expanded(source, style, depth, growth).text[0].as_py()


def expanded(source: str, style: str = "", depth: int = 100, growth: int = 20) -> kernels.ExpandedTex:
    return kernels.expand_tex(strings([source]), strings([style]), depth, growth)


DEFINITIONS = {
    "no arguments": (r"\newcommand{\R}{\mathbb{R}}$x \in \R$", r"$x \in \mathbb{R}$"),
    "name without braces": (r"\newcommand\R{\mathbb R}$\R$", r"$\mathbb R$"),
    "body of one token": (r"\newcommand\eps\varepsilon$\eps$", r"$\varepsilon$"),
    "starred": (r"\newcommand*{\R}{\mathbb{R}}$\R$", r"$\mathbb{R}$"),
    "arguments": (r"\newcommand{\inner}[2]{\langle #1, #2\rangle}$\inner{x}{y_1}$", r"$\langle x, y_1\rangle$"),
    "arguments of one token": (r"\newcommand{\f}[2]{#1/#2}$\f1\alpha$", r"$1/\alpha$"),
    "optional argument given": (r"\newcommand{\n}[2][2]{|#2|_{#1}}$\n[p]{x}$", "$|x|_{p}$"),
    "optional argument left out": (r"\newcommand{\n}[2][2]{|#2|_{#1}}$\n{x}$", "$|x|_{2}$"),
    "nested": (r"\newcommand{\a}{A\b}\newcommand{\b}[1]{(#1)}\a{x}", "A(x)"),
    "argument holding a macro": (r"\newcommand{\b}[1]{(#1)}\b{\b{\b{x}}}", "(((x)))"),
    "several lines": ("\\newcommand{\\two}[1]{first #1\n  second}\\two{x}!", "first x\n  second!"),
    "renewed": (r"\newcommand{\a}{1}\a\renewcommand{\a}{2}\a", "12"),
    "provided once": (r"\newcommand{\a}{1}\providecommand{\a}{2}\a", "1"),
    "robust": (r"\DeclareRobustCommand{\a}[1]{<#1>}\a x", "<x>"),
    "def": (r"\def\a#1#2{#2#1}\a{x}y", "yx"),
    "delimited": (r"\def\pair(#1,#2){\langle #1;#2 \rangle}\pair(a,{b,c})", r"\langle a;b,c \rangle"),
    "delimited by a command": (r"\def\lam#1.#2\end@lam{#2 for #1}\def\go{\lam x.y\end@lam}\go", "y for x"),
    "prefix": (r"\def\adam/{Adam}Like \adam/, but", "Like Adam, but"),
    "gdef in a group": (r"{\gdef\a{1}\def\b{2}\a\b}\a\b", r"{12}1\b"),
    "edef takes the meaning of its time": (r"\def\a{1}\edef\b{\a}\def\a{2}\b", "1"),
    "long and global": (r"\long\global\def\a#1{(#1)}\a{x}", "(x)"),
    "csname": (r"\expandafter\def\csname my name\endcsname{1}done", "done"),
    "let": (r"\let\eps=\varepsilon$\eps$", r"$\varepsilon$"),
    "let to a macro": (r"\def\a{1}\let\b\a\def\a{2}\b", "1"),
    "let keeps the standard meaning": (r"\let\old\vec\renewcommand{\vec}[1]{\old{#1}!}$\vec{x}$", r"$\vec{x}!$"),
    "operator": (r"\DeclareMathOperator{\tr}{tr}$\tr A$", r"$\operatorname{tr} A$"),
    "starred operator": (r"\DeclareMathOperator*{\am}{arg\,max}$\am_x$", r"$\operatorname*{arg\,max}_x$"),
    "paired delimiter": (
        r"\DeclarePairedDelimiter{\abs}{\lvert}{\rvert}$\abs{x}\abs*{y}\abs[\big]{z}$",
        r"$\lvert x \rvert\left\lvert y \right\rvert\big\lvert z \big\rvert$",
    ),
    "paired delimiter with a body": (
        r"\DeclarePairedDelimiterX{\set}[2]{\{}{\}}{#1 \;\delimsize\vert\; #2}$\set{x}{y}\set*{x}{y}\set[\big]{x}{y}$",
        r"$\{ x \;\vert\; y \}\left\{ x \;\middle\vert\; y \right\}\big\{ x \;\big\vert\; y \big\}$",
    ),
    "paired delimiter with more around it": (
        r"\DeclarePairedDelimiterXPP\Pr[1]{\mathbb{P}}{(}{)}{^+}{#1}$\Pr{x}\Pr[\big]{x}$",
        r"$\mathbb{P}( x )^+\mathbb{P}\big( x \big)^+$",
    ),
    "letters one by one": (
        r"\def\all#1{\ifx\all#1\else\one{#1}\expandafter\all\fi}"
        r"\def\one#1{\expandafter\def\csname b#1\endcsname{\mathbb{#1}}}\all ABC\all$\bA\bB x\bC$",
        r"$\mathbb{A}\mathbb{B} x\mathbb{C}$",
    ),
    "foreach": (
        r"\foreach \x in {A,...,C,z}{\expandafter\xdef\csname c\x\endcsname{\noexpand\mathcal{\x}}}$\cA\cB\cz$",
        r"$\mathcal{A}\mathcal{B}\mathcal{z}$",
    ),
    "for": (
        r"\makeatletter\@for\x:=a,bc\do{\expandafter\newcommand\csname v\x\endcsname{\mathbf{\x}}}"
        r"\makeatother$\va\vbc$",
        r"$\mathbf{a}\mathbf{bc}$",
    ),
    "foreach of a picture": (r"\foreach \x in {1,2} \draw (\x);", r"\foreach \x in {1,2} \draw (\x);"),
    "document command": (
        r"\NewDocumentCommand{\f}{s m O{1} o}{\IfBooleanTF{#1}{S}{N}#2#3\IfNoValueTF{#4}{-}{#4}}\f{a}\f*{b}[2][3]",
        "Na1-Sb23",
    ),
    "environment": (r"\newenvironment{claim}[1]{\textbf{#1.}}{\hfill$\square$}"
                    r"\begin{claim}{One}Text\end{claim}", r"\textbf{One.}Text\hfill$\square$"),
    "environment for an environment": (
        "\\newenvironment{eq}{\\begin{equation}}{\\end{equation}}\\begin{eq}\nx\n\\end{eq}",
        "\\begin{equation}\nx\n\\end{equation}",
    ),
    "commands for an environment": (
        "\\def\\be{\\begin{equation}}\\def\\ee{\\end{equation}}\\be\nx\n\\ee\nText",
        "\\begin{equation}\nx\n\\end{equation}\nText",
    ),
    "environment made of another": (
        r"\newenvironment{notes}{\small\list{}{}}{\endlist}\begin{notes}\item x\end{notes}",
        r"\small\begin{list}{}{}\item x\end{list}",
    ),
    "environment made of a starred one": (
        r"\newenvironment{eq}{\csname equation*\endcsname}{\csname endequation*\endcsname}\begin{eq}x\end{eq}",
        r"\begin{equation*}x\end{equation*}",
    ),
    "theorems stay": (r"\newtheorem{thm}{Theorem}[section]\begin{thm}Yes.\end{thm}", r"\begin{thm}Yes.\end{thm}"),
    "flags": (r"\newif\ifdraft\draftfalse\ifdraft yes\else no\fi\drafttrue\ifdraft yes\else no\fi", "noyes"),
}  # fmt: skip


@pytest.mark.parametrize("name", DEFINITIONS)
def test_definitions(name: str) -> None:
    source, text = DEFINITIONS[name]
    assert expand(source) == text


USES = {
    "a space behind a name is none": (r"\def\a{A}\a b", "Ab"),
    "a group keeps the space": (r"\def\a{A}\a{} b", "A{} b"),
    "in mathematics it stays": (r"\def\a{A}$\a b$", "$A b$"),
    "a name is kept apart from letters": (r"\def\a{\alpha}$2\a x$ $\a{}x$", r"$2\alpha x$ $\alpha{}x$"),
    "a name in a body is kept apart from an argument": (
        r"\newcommand{\norm}[1]{\Vert#1\Vert}$\norm{x}\norm{2}\norm{\pi}$",
        r"$\Vert x\Vert\Vert2\Vert\Vert\pi\Vert$",
    ),
    "a name in an argument is kept apart from the body": (
        r"\newcommand{\two}[2]{#1#2a}$\two{\alpha}{x}\two{}{\pi}\two{\\}{\pi2}$",
        r"$\alpha xa\pi a\\\pi2a$",
    ),
    "an internal name and its delimited argument": (
        r"\makeatletter\def\lam#1{\@lam#1:\@end}\def\@lam#1:\@end{(#1)}\makeatother\lam{x}",
        "(x)",
    ),
    "a number sign in a body": (r"\newcommand{\cs}[1]{#1\#1}\cs{C}", r"C\#1"),
    "a name at the end of a body passes no space": (
        r"\newcommand{\a}[1]{#1\relax}\newcommand{\b}[1]{#1\a{}}\a{x} \b{y} z", "x y z"
    ),
    "command spelt by its letters": (r"\def\a#1{\csname my#1\endcsname}\def\mya{A}\a{a}\a{b}", r"A\myb"),
    "xspace": (r"\newcommand{\eg}{e.g.\xspace}\eg one, \eg, \eg{}two", "e.g. one, e.g., e.g.{}two"),
    "ensuremath": (r"\newcommand{\R}{\ensuremath{\mathbf R}}\R and $\R$", r"$\mathbf R$and $\mathbf R$"),
    "one argument stays one": (r"\def\half{1/2}$\hat\half$ $\frac\half\half$", r"$\hat{1/2}$ $\frac{1/2}{1/2}$"),
    "in a line of its own": ("a\n\\def\\x{1}\nb", "a\nb"),
    "between paragraphs": ("a\n\n\\def\\x{1}\n\nb\\x", "a\n\n\nb1"),
    "verb": (r"\def\a{1}\verb|\a|\a", r"\verb|\a|1"),
    "verbatim": (
        "\\def\\a{1}\\begin{verbatim}\n\\a\\def\n\\end{verbatim}\\a",
        "\\begin{verbatim}\n\\a\\def\n\\end{verbatim}1",
    ),
    "own verbatim environment": (
        "\\newenvironment{code}{\\small\\verbatim}{\\endverbatim}\n\\begin{code}\n\\a{%\n\\end{code}",
        "\\begin{verbatim}\n\\a{%\n\\end{verbatim}",
    ),
    "alltt expands": (r"\def\a{1}\begin{alltt}\a $ %\end{alltt}", r"\begin{alltt}1 $ %\end{alltt}"),
    "url": (r"\def\a{1}\url{http://x/\a}\a", r"\url{http://x/\a}1"),
    "sections stay": (r"\renewcommand{\section}[1]{\textbf{#1}}\section{One}", r"\section{One}"),
    "iffalse": ("a\n\\iffalse\nno \\ifx\\a\\b one\\fi\n\\fi\nb", "a\nb"),
    "an else at the end": (r"\def\a{\iftrue x\else}\a", "x"),
    "verbatim commands of the last macro": (r"\def\a{\verb|\begin{verbatim}}\a", r"\verb|\begin{verbatim}"),
    "a test without its end stays": (r"\iffalse and the rest", r"\iffalse and the rest"),
    "ifmmode": (r"\def\R{\ifmmode r\else $r$\fi}\R{} $\R$", "$r${} $r$"),
    "ifx": (r"\def\a#1{\ifx#1+plus\else other\fi}\a+\a-", "plusother"),
    "ifnum": (r"\def\a#1{\ifnum#1=1 one\else many\fi}\a1\a2", "onemany"),
    "ifcase": (r"\def\a#1{\ifcase#1 zero\or one\or two\else more\fi}\a0\a1\a2\a7", "zeroonetwomore"),
    "ifthenelse": (r"\newcommand{\a}[1]{\ifthenelse{\equal{#1}{}}{none}{(#1)}}\a{}\a{x}", "none(x)"),
    "ifstrempty": (r"\newcommand{\a}[1]{\ifstrempty{#1}{none}{(#1)}}\a{}\a{x}", "none(x)"),
    "ifnextchar": (r"\makeatletter\def\f{\@ifnextchar[{\@f}{\@f[0]}}\def\@f[#1]#2{#2^{#1}}\makeatother$\f{x}\f[1]{y}$",
                   "$x^{0}y^{1}$"),
    "ifstar": (r"\makeatletter\def\f{\@ifstar{S}{N}}\makeatother\f*\f", "SN"),
    "futurelet": (
        "\\makeatletter\\def\\onedot{\\futurelet\\@next\\@onedot}\\def\\@onedot{\\ifx\\@next.\\else.\\null\\fi\\xspace}"
        "\\def\\etal{\\emph{et al}\\onedot}\\makeatother\nSmith \\etal [1], \\etal. And \\etal, \\etal{} \\etal\n\nend",
        "Smith \\emph{et al}. [1], \\emph{et al}. And \\emph{et al}., \\emph{et al}.{} \\emph{et al}.\n\nend",
    ),
    "values given or not": (
        r"\NewDocumentCommand\p{s o m}{P\IfValueT{#2}{_#2}\IfBooleanTF{#1}{[#3]}{(#3)}\IfNoValueT{#2}{!}}"
        r"$\p{x}\p*[a]{x}$",
        "$P(x)!P_a[x]$",
    ),
    "mathchoice": (r"\def\f{\mathchoice{D}{T}{S}{X}}$\f$ \[\f\]", r"$T$ \[D\]"),
    "accents in letters": (r"\newcommand{\name}{Gödel}\name's", "Gödel's"),
    "unknown commands stay": (r"\foo{\bar}\baz", r"\foo{\bar}\baz"),
}  # fmt: skip


@pytest.mark.parametrize("name", USES)
def test_uses(name: str) -> None:
    source, text = USES[name]
    assert expand(source) == text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (r"\def\a{\a}x\a{y}", "x{y}"),
        (r"\def\a{b\a}\a", "b" * 100),
        (r"\def\a(#1){#1}\a{x}", "{x}"),
        (r"\def\a{\catcode`\%=12 }\a{x}", "{x}"),
    ],
)
def test_a_use_that_cannot_be_replaced_loses_its_name(source: str, text: str) -> None:
    result = expanded(source)
    assert result.text[0].as_py() == text
    assert result.unexpanded.tolist() == [1]


def test_bombs_end_at_the_growth_allowed() -> None:
    levels = [chr(code) for code in range(ord("a"), ord("z"))]
    bomb = "".join(rf"\def\{a}{{{10 * (chr(92) + b)}}}" for a, b in pairwise(levels)) + r"\def\y{x}\a"
    result = expanded(bomb, growth=2)
    assert len(result.text[0].as_py()) <= 2 * len(bomb) + (1 << 16)
    assert result.unexpanded[0] > 0


def test_ten_thousand_braces() -> None:
    deep = "{" * 10_000 + r"\def\a{1}\a" + "}" * 10_000
    assert expand(deep) == "{" * 10_000 + "1" + "}" * 10_000
    text = expand(r"\def\b#1{<#1>}" + r"\b{" * 10_000 + "x" + "}" * 10_000)
    assert text.count("{") == text.count("}")
    assert text.count("<") == text.count(">") > 0
    assert "\\" not in text


@pytest.mark.parametrize(
    "piece", [r"\def\a{", r"\iffalse ", r"\newcommand{\a}[1][", r"\begin{verbatim}", r"\a{", r"\verb|x", r"\a x "]
)
def test_time_grows_with_the_text(piece: str) -> None:
    """What looks for an end that never comes does not look again and again: these took minutes where it did."""
    source = r"\def\a#1{(#1)}\def\b#1;{#1}" + piece * 100_000
    start = time.process_time()
    text = kernels.remove_tex_comments(strings([source]), strings([""]))
    kernels.tex_structure(kernels.expand_tex(text, strings([""]), 100, 20).text, strings([""]))
    assert time.process_time() - start < 10


@pytest.mark.parametrize(
    "source",
    [
        r"\newenvironment{a}{" + r"\b" * 300_000 + "}{" + r"\endb" * 200_000 + "}",
        r"\def\a#1{" + "#1" * 300_000 + r"}\a{" + "b" * 100_000 + "}",
        r"\foreach \x in {" + "1,...,900," * 50_000 + r"}{\expandafter\def\csname a\x\endcsname{\x}}" * 2,
        r"\foreach \x in {" + ("y" * 200_000 + ",") * 3 + r"}{\def\csname" + r"\x" * 100_000 + r"\endcsname{}}",
        r"\def\a#1{\csname b#1\endcsname\expandafter\a\fi}" + r"\a" * 200_000,
        r"\def\a{\futurelet\b\a}" + r"\a" * 200_000,
    ],
    ids=["tags", "arguments", "foreach", "long items", "csname", "futurelet"],
)
def test_programs_end(source: str) -> None:
    start = time.process_time()
    text = expand(source)
    assert time.process_time() - start < 10
    assert len(text) < 21 * len(source) + (1 << 17)


def test_counts() -> None:
    result = expanded(r"\newcommand{\a}{1}\def\b{\a}\let\c\b \a\b\c")
    assert (result.definitions.tolist(), result.expanded.tolist(), result.unexpanded.tolist()) == ([3], [5], [0])


def test_style_files_give_their_abbreviations() -> None:
    style = (
        "\\NeedsTeXFormat{LaTeX2e} % \\def\\no{1}\n\\newcommand{\\R}{\\mathbb R}\n\\def\\inner@x{1}\n"
        "\\def\\rule#1{\\hbox{\\inner@x}}\n\\DeclareMathOperator{\\tr}{tr}\n"
    )
    assert expand(r"$\R \tr \rule \no$", style) == r"$\mathbb R \operatorname{tr} \rule \no$"


def test_abbreviations_of_style_files_may_look_ahead() -> None:
    style = (
        "\\DeclareRobustCommand\\onedot{\\futurelet\\@let@token\\@onedot}\n"
        "\\def\\@onedot{\\ifx\\@let@token.\\else.\\null\\fi\\xspace}\n\\def\\eg{\\emph{e.g}\\onedot}\n"
    )
    assert expand(r"As \eg this, \eg.", style) == r"As \emph{e.g}. this, \emph{e.g}."


@given(papers())
def test_generated_papers(paper: tuple[str, str]) -> None:
    source, text = paper
    assert marked(expand(source)) == text


@given(papers())
def test_an_expanded_paper_has_nothing_to_expand(paper: tuple[str, str]) -> None:
    once = expand(paper[0])
    assert expand(once) == once


@settings(max_examples=300)
@given(st.lists(hostile_tex, max_size=3), hostile_tex)
def test_any_bytes(values: list[bytes], style: bytes) -> None:
    """Nothing crashes, everything ends, and what is made stays within its bounds."""
    result = kernels.expand_tex(raw_strings(values), raw_strings([style] * len(values)), 20, 4)
    for value, text in zip(values, raw_bytes(result.text), strict=True):
        assert len(text) <= 6 * len(value) + 6 * (1 << 16)
