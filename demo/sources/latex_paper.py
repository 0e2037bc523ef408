"""A generated paper as LaTeX source."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

SPECIAL = re.compile(r"[&%#_$]")


def escaped(text: str) -> str:
    """Plain text with the characters that TeX gives a meaning escaped."""
    return SPECIAL.sub(r"\\\g<0>", text)


@dataclass(frozen=True)
class Paper:
    """sections: headings with paragraphs. preamble: lines before the document begins."""

    title: str
    author: str
    sections: Sequence[tuple[str, Sequence[str]]]
    preamble: Sequence[str] = ()
    end: Sequence[str] = ()

    def with_lines(self, lines: Sequence[str], preamble: Sequence[str] = ()) -> "Paper":
        """With further lines at the end of the body and of the preamble."""
        return replace(self, end=lines, preamble=preamble)

    @property
    def paragraphs(self) -> list[str]:
        """Every section's heading and first paragraph, and the last paragraph of all, as they stand in the source."""
        found = [f"\\section{{{heading}}}\n{paragraphs[0]}" for heading, paragraphs in self.sections]
        return [*found, self.sections[-1][1][-1]]

    @property
    def source(self) -> str:
        body = "\n\n".join(
            f"\\section{{{heading}}}\n" + "\n\n".join(paragraphs) for heading, paragraphs in self.sections
        )
        lines = [
            "\\documentclass[11pt]{article}",
            "\\usepackage{amsmath,amssymb}",
            *self.preamble,
            f"\\title{{{self.title}}}",
            f"\\author{{{self.author}\\\\Veiled Institute}}",
            "\\begin{document}",
            "\\maketitle",
            "\\begin{abstract}\nVeiled abstract.\n\\end{abstract}",
            "",
            body,
            "",
            *self.end,
            "",
            "\\begin{thebibliography}{9}",
            "\\bibitem{a} Veiled, \\emph{A book}, 1900.",
            "\\end{thebibliography}",
            "\\end{document}",
            "",
        ]
        return "\n".join(lines)
