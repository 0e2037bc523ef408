r"""Real papers: what is kept, what may not be left in them, what a person would have written, what RedPajama makes."""

import re
import tarfile
from pathlib import Path
from typing import Any

import pytest
from arxiv_files import filtered
from redpajama_arxiv import redpajama_text

from corpus.sources.arxiv_submission import Limits, unpack

_VERBATIM = re.compile(
    r"\\begin\{(verbatim\*?|lstlisting|minted|alltt|Verbatim|sverb)\}.*?\\end\{\1\}|\\verb\*?([^A-Za-z\s*]).*?\2"
    r"|\\lstinline(?:\[[^\]]*\])?([^A-Za-z\s\[{]).*?\3|\\(?:url|path|href|lstinline)\s*\{[^}]*\}",
    re.DOTALL,
)
_DEFINED = re.compile(
    r"\\(?:newcommand|renewcommand|providecommand|DeclareRobustCommand|DeclareMathOperator)\*?\s*\{?\s*\\([A-Za-z@]+)"
    r"|\\(?:def|gdef|edef|xdef|let)\s*\\([A-Za-z@]+)"
)
_DEFINING = re.compile(r"\\(?:(?:re)?new(?:command|environment|if)|providecommand|[gex]?def|let|DeclareMathOperator)\b")
_STANDARD = {"section", "footnote", "left", "right", "star", "markboth", "protect", "begin", "end"}
"""Commands of LaTeX that papers of the data redefine, and that stay."""
_OF_NOWEB = {"code", "edoc", "LA", "RA"}
"""Commands of the noweb package, which two papers bring along in a file that they do not load."""


@pytest.fixture(scope="module")
def papers(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    out = tmp_path_factory.mktemp("arxiv")
    documents, dropped = filtered([shared_data / "data/arxiv/eprints"], out / "eprints")
    assert [(row["id"], row["stage"], row["reason"]) for row in dropped] == [("arxiv:2301.00038", "read", "pdf_only")]
    bulk, _ = filtered(sorted((shared_data / "data/arxiv").glob("*.tar")), out / "bulk")
    assert [{**row, "origin": None} for row in bulk] == [{**row, "origin": None} for row in documents]
    return {row["arxiv_id"]: row for row in documents}


@pytest.fixture(scope="module")
def sources(shared_data: Path) -> dict[str, dict[str, bytes]]:
    limits = Limits(unpacked=1 << 30, text=1 << 26, files=10_000)
    found = {}
    for path in sorted((shared_data / "data/arxiv").glob("*.tar")):
        with tarfile.open(path) as archive:
            for member in archive:
                if member.isfile() and (stream := archive.extractfile(member)):
                    identifier = re.sub(r"^cs", "cs/", Path(member.name).name.removesuffix(".gz"))
                    found[identifier] = unpack(stream.read, "paper.tex", limits).files
    return found


def outside_verbatim(text: str) -> str:
    return _VERBATIM.sub(" ", text)


def test_papers_kept(papers: dict[str, dict[str, Any]]) -> None:
    assert len(papers) == 51


def test_main_files_are_those_of_the_data(papers: dict[str, dict[str, Any]], shared_data: Path) -> None:
    table = re.findall(
        r"^\| ((?:cs)?[\d.]+) \| \S+ \| (\S+\.tex) \|", (shared_data / "data/README.md").read_text(), re.M
    )
    assert len(table) == 51
    for identifier, main in table:
        paper = papers[re.sub("^cs", "cs/", identifier)]
        alone = paper["main_file"] == f"{identifier}.tex"
        assert alone or main.endswith(paper["main_file"]), identifier


def test_no_definition_and_no_comment_is_left(papers: dict[str, dict[str, Any]]) -> None:
    for identifier, paper in papers.items():
        text = outside_verbatim(paper["text"])
        assert not _DEFINING.findall(text), identifier
        assert not re.findall(r"(?m)(?<!\\)(?:\\\\)*%.*$", text), identifier


def test_no_macro_of_a_paper_is_left(papers: dict[str, dict[str, Any]], sources: dict[str, dict[str, bytes]]) -> None:
    for identifier, paper in papers.items():
        files = [content.decode("latin-1") for name, content in sources[identifier].items() if name.endswith(".tex")]
        defined = {one or other for text in files for one, other in _DEFINED.findall(re.sub(r"(?<!\\)%.*", "", text))}
        used = set(re.findall(r"\\([A-Za-z@]+)", outside_verbatim(paper["text"])))
        assert not defined & used - _STANDARD - _OF_NOWEB, identifier


def test_every_command_is_one_that_the_source_has(
    papers: dict[str, dict[str, Any]], sources: dict[str, dict[str, bytes]]
) -> None:
    """None is made of a command and the letters of an argument."""
    for identifier, paper in papers.items():
        written = b"\n".join(sources[identifier].values()).decode("latin-1")
        known = {name for letters in ("A-Za-z", "A-Za-z@") for name in re.findall(rf"\\([{letters}]+)", written)}
        assert set(re.findall(r"\\([A-Za-z]+)", paper["text"])) <= known | {"operatorname", "begin", "end"}, identifier


def test_nearly_every_use_is_replaced(papers: dict[str, dict[str, Any]]) -> None:
    expanded = sum(paper["macros_expanded"] for paper in papers.values())
    assert sum(paper["macros_unexpanded"] for paper in papers.values()) < expanded / 500


def test_expanded_as_a_person_would(papers: dict[str, dict[str, Any]]) -> None:
    assert (
        papers["2301.00036"]["text"]
        == r"""\section{fwoop}
Like adam, but different. Fwoop:
$$y^*(x) = \operatorname*{argmax}_{n\in {\mathbb N}} φ_n(x)$$

$${\bm{x}}_{\scriptscriptstyle \mathrm{MAP}} = \operatorname*{argmax}_{mesoGIF}$$

\begin{equation}
  {Δ_{\mathrm{u},αβ}} < \left\lvertΔ_{\mathrm{rel}}\right\rvert < {γ_B} \quad \text{When rock beats scissors.}
\end{equation}

Not the mesoGIF model for $\mathcal{H}$:
\begin{align}
  \mathcal{H} &= \{\mathcal{H}^{(k)}\}_{k>{L_{\mathrm{burnin}}}} \\
  \bar{A} &= {μ_{\mathrm{\scriptscriptstyle OU}}} + {μ_{\mathrm{\scriptscriptstyle OU},α}} + """
        + (
            r"""{μ_{\mathrm{\scriptscriptstyle OU},β}} + I_{\mathrm{ext}, α}
\end{align}"""
        )
    )


PASSAGES = {
    # Macros within macros, an own package whose commands define commands, and \ensuremath with \xspace.
    "2301.00025": [
        "pronounced ``the object {$\\pi_{}(x_{})$} is \\emph{not} of type $\\tau_{}$''.",
        "when expression\n$e_{1}$ is in test position like\n$({{\\mathsf{if}}}{}\\ e_{1}\\ e_{2}\\ e_{3})$,",
    ],
    # Dependent products look at what follows them, and differ in displays.
    "2301.00012": [
        "the obvious analogue in type theory is the $\\Sigma$-type $\\sum_{(x:A)}P(x)$.",
        "$\\prod_{(a,b:A)}((a=b) + \\neg(a=b)).$",
        "\\[ ({\\lambda}(x\\,{:}\\,A).\\,\\Phi) : A \\to B. \\]",
        "In type theory, this can be rendered as:\n\\begin{equation*}\n  \\mathsf{Iso}(A,B) \\vcentcolon\\equiv",
    ],
    # ISO 8859-1, French.
    "2301.00034": [
        "une approche formelle, fondée sur des\nméthodes en usage en théorie de la programmation, permet de clarifier",
        "Notre thèse est",
    ],
    # LaTeX 2.09; one-word macros with a space spelled out.
    "cs/9301004": [
        "The {\\small HOL}\\ system documentation consists of three volumes:",
        "{\\footnotesize\\sl TUTORIAL}, which contains a brief tutorial introduction to the {\\small HOL}\\\nsystem.",
    ],
    "cs/9301011": ["the design of a very simple microprocessor called\n\\mbox{\\footnotesize TAMARACK-3}."],
    # A tutorial of LaTeX keeps the comments of its listings.
    "2301.00037": ["\\begin{lstlisting}[style=codeTex]\n% Create Tikz style, something like typedef in C,\n"],
    "2301.00029": ["{\\tt query}(\\alpha) = v\n"],
}  # fmt: skip


@pytest.mark.parametrize("identifier", PASSAGES)
def test_passages(identifier: str, papers: dict[str, dict[str, Any]]) -> None:
    for passage in PASSAGES[identifier]:
        assert passage in papers[identifier]["text"]


def test_beside_redpajama(
    papers: dict[str, dict[str, Any]], sources: dict[str, dict[str, bytes]], shared_data: Path, tmp_path: Path
) -> None:
    """Its rules lose papers and leave macros and comments; the preset redpajama-v1 differs from ours where it cuts."""
    theirs = {identifier: redpajama_text(files) for identifier, files in sources.items()}
    lost = [identifier for identifier in papers if theirs[identifier] is None]
    assert lost == ["2301.00034", "cs/9301006", "cs/9301007"]  # one is not UTF-8, two have no headings
    comments = sum(bool(re.search(r"(?m)(?<!\\)(?:\\\\)*%", outside_verbatim(theirs[each] or ""))) for each in papers)
    definitions = sum(bool(_DEFINING.search(outside_verbatim(theirs[each] or ""))) for each in papers)
    assert comments > 10
    assert definitions > 10
    cut, _ = filtered([shared_data / "data/arxiv/eprints"], tmp_path / "out", recipe="redpajama-v1")
    assert all(len(row["text"]) <= len(papers[row["arxiv_id"]]["text"]) for row in cut)
    shorter = [row["arxiv_id"] for row in cut if len(row["text"]) < 0.9 * len(papers[row["arxiv_id"]]["text"])]
    assert "2301.00025" in shorter  # its appendix
    print(f"RedPajama: {comments} papers with comments left, {definitions} with definitions left, {shorter} cut short")
