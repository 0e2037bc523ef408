r"""LaTeX made up for tests: papers together with their expansion, and text that means no good."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from hypothesis import strategies as st

WORDS = st.sampled_from(
    ["one", "two ", "x+y", "é", r"\alpha|", r"\section|{A}", "\n", "[z]", "1", "$a_b$", r"\%", r"\{", r"\\"]
)
"""The end of a command's name is a vertical bar."""
NAMES = ["foo", "bar", "baz", "qux", "R", "eg"]


@dataclass(frozen=True)
class Command:
    """A macro: how it is written, and what a use of it stands for."""

    name: str
    definition: str
    arguments: int
    expansion: Callable[[list[str]], str]


def spelt(marked: str) -> str:
    """What is written: a blank behind a name that a letter follows."""
    return re.sub(r"\|(?=[A-Za-z])", " ", marked).replace("|", "")


def marked(text: str) -> str:
    """Text with the ends of names marked; blanks behind a name are none."""
    return re.sub(r"(?<!\\)((?:\\\\)*\\[A-Za-z]+)\|?[ \n]*", r"\1|", text)


@st.composite
def papers(draw: st.DrawFn) -> tuple[str, str]:
    """A source and its expansion, marked. Macros use those defined before them; uses end in a group, so no space
    counts."""
    commands: list[Command] = []
    source = text = ""
    for name in NAMES[: draw(st.integers(0, len(NAMES)))]:
        arguments = draw(st.integers(0, 3))
        body, expansion = draw(bodies(commands, arguments))
        style = draw(st.sampled_from(["newcommand", "def", "renewcommand", "gdef"]))
        if style in ("def", "gdef"):
            definition = rf"\{style}\{name}" + "".join(f"#{n + 1}" for n in range(arguments)) + "{" + body + "}"
        else:
            definition = rf"\{style}{{\{name}}}" + (f"[{arguments}]" if arguments else "") + "{" + body + "}"
        commands.append(Command(name, definition, arguments, expansion))
        source += spelt(definition) + "."
        text += "."
    for _ in range(draw(st.integers(0, 5))):
        piece, expansion = draw(pieces(commands, 0))
        source += spelt(piece) + ","
        text += expansion([]) + ","
    return source, marked(text)


@st.composite
def bodies(draw: st.DrawFn, commands: list[Command], arguments: int) -> tuple[str, Callable[[list[str]], str]]:
    made = [draw(pieces(commands, arguments)) for _ in range(draw(st.integers(0, 3)))]
    end = draw(st.sampled_from(["", "."]))
    return "".join(body + end for body, _ in made), lambda values: "".join(made(values) + end for _, made in made)


@st.composite
def pieces(draw: st.DrawFn, commands: list[Command], arguments: int) -> tuple[str, Callable[[list[str]], str]]:
    """A word, an argument, or a use of a command with pieces for arguments."""
    kind = draw(st.integers(0, 2))
    if kind == 1 and arguments:
        number = draw(st.integers(0, arguments - 1))
        return f"#{number + 1}", lambda values: values[number]
    if kind == 2 and commands:
        command = draw(st.sampled_from(commands))
        own = [draw(pieces(commands[: commands.index(command)], arguments)) for _ in range(command.arguments)]
        use = rf"\{command.name}" + "".join("{" + body + "}" for body, _ in own) + "{}"
        return use, lambda values: command.expansion([made(values) for _, made in own]) + "{}"
    word = draw(WORDS)
    return word, lambda values: word


_FRAGMENTS = r"""
\def \def\a#1{ \def\a{\a\b} \newcommand{\b}[2][x]{#1#2} \newcommand \let\a= \let\b\a \a \b \a{x} {} { } [ ] #1 # $ $$ %
\\ \begin{verbatim} \end{verbatim} \begin{a} \end{a} \newenvironment{a}{\a}{\b} \verb| | \verb \url{ \iffalse \fi \else
\ifx \ifnum1<2 \ifcase \or \newif\ifa \atrue \ifa \makeatletter \makeatother \csname \endcsname \expandafter
\edef\c{\c\a} \global \@ifnextchar \@ifstar \ensuremath{ \xspace \mathchoice \frac \hat \begin{comment} \end{comment}
\input{b} \input \include{a} \endinput \end{document} \begin{document} \section{ \bibliography{ \begin{thebibliography}
\end{thebibliography} \appendix \NewDocumentCommand{\a}{sOmd()}{#1#2#3#4} \begintt \endtt \c( ) \def\c(#1){#1}
\DeclarePairedDelimiter{\a}{(}{)} \newcommand{\c}[ \MakeShortVerb{\|} \lstinline[ \path| é
"""
_WHITE = ["\n", "\n\n", " ", "\t", "x", "\\", "%\n"]

hostile_tex = st.lists(
    st.sampled_from([*_FRAGMENTS.split(), *_WHITE]).map(str.encode) | st.binary(max_size=3), max_size=40
).map(b"".join)
"""Bytes that are LaTeX in pieces, and some that are no UTF-8."""
