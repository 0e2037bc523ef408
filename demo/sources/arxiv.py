r"""A generated bulk archive of arXiv: papers in LaTeX with macros, comments and several files, and some without TeX."""

import gzip
import io
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from demo.english import Author
from demo.planted import DROPPED, KEPT, PlantedDocument, planted
from demo.sources.latex_paper import Paper, escaped
from demo.stream import Stream
from demo.world import World

ARCHIVE = "arXiv_src_2301_001.tar"
MONTH = "2301"
KINDS = ("species_page", "machine_page", "mineral_page", "history_event", "law_explainer", "railway_page")
PDF, POSTSCRIPT = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n" + bytes(500), b"%!PS-Adobe-2.0\n" + b"showpage\n" * 40
WITHDRAWN = "%auto-ignore\nThis paper has been withdrawn by the author because of an error in Section 2.\n"


def write_arxiv(out: Path, world: World, *, megabytes: float) -> list[PlantedDocument]:
    """Writes one bulk archive with about `megabytes` (10^6 bytes) of papers."""
    bulk = _Bulk(Author(world, Stream(world.seed, "arxiv")))
    bulk.plant_cleaning()
    bulk.plant_files()
    bulk.plant_absent()
    while bulk.text_bytes < megabytes * 1e6:
        bulk.add("ordinary paper", bulk.paper())
    (out / ARCHIVE).write_bytes(tar({MONTH: None, **bulk.members}))
    return bulk.planted


class _Bulk:
    """The members of the archive, each the source of one paper as arXiv keeps it."""

    def __init__(self, author: Author) -> None:
        self.author, self.stream = author, author.stream
        self.members: dict[str, bytes] = {}
        self.planted: list[PlantedDocument] = []
        self.text_bytes = 0

    def paper(self) -> Paper:
        pages = [self.author.page(self.stream.pick(KINDS)) for _ in range(3)]
        sections = [(escaped(page.title), [escaped(line) for line in page.lines]) for page in pages]
        return Paper(escaped(pages[0].title), self.stream.pick(self.author.world.people).name, sections)

    def add(self, case: str, paper: Paper, contains: Sequence[str] = (), lacks: Sequence[str] = ()) -> None:
        """A paper of one file, alone in gzip. Its own paragraphs are expected, and nothing of what surrounds them."""
        self.text_bytes += len(paper.source)
        data = gzip.compress(paper.source.encode(), mtime=0)
        furniture = ("\\documentclass", "\\bibitem", "Veiled", "\\maketitle")
        self._submit(case, data, contains=[*paper.paragraphs, *contains], lacks=[*furniture, *lacks])

    def plant_cleaning(self) -> None:
        for _ in range(5):
            self.add("front matter and bibliography", self.paper())
        remarks = ["% Veiled remark", "It is 12\\% of all. % Veiled remark", "a%\nb", "%%% Veiled"]
        self.add("comments", self.paper().with_lines(remarks), ["It is 12\\% of all."], ["Veiled"])
        macros = ["\\newcommand{\\pair}[2]{\\langle #1, #2 \\rangle}", "\\def\\R{\\mathbb{R}}"]
        macros += ["\\newcommand{\\kind}[1][old]{{\\em #1 kind}}", "\\DeclareMathOperator{\\rank}{rank}"]
        used = ["Take $\\pair{a}{b} \\in \\R$ of the \\kind, not of the \\kind[new]."]
        meant = "$\\langle a, b \\rangle \\in \\mathbb{R}$ of the {\\em old kind}, not of the {\\em new kind}."
        self.add("macros", self.paper().with_lines(used, macros), [meant], ["\\pair", "\\kind", "\\R$"])
        verbatim = ["\\begin{verbatim}", "% not a comment", "  \\pair{x}", "\\end{verbatim}"]
        self.add("verbatim", self.paper().with_lines(verbatim, macros), ["\n".join(verbatim)])
        formula = ["\\begin{equation}", "E = m c^2 % Veiled", "\\end{equation}"]
        self.add("formula", self.paper().with_lines(formula), ["E = m c^2"])
        appended = self.paper().with_lines(["\\appendix", "\\section{Proofs}", "The proof is short."])
        self.add("appendix", appended, ["\\section{Proofs}\nThe proof is short."])

    def plant_files(self) -> None:
        main = self.paper().with_lines(["\\input{parts/second}"])
        others = {"parts/second.tex": "The second part is short. % Veiled\n", "main.bbl": "\\bibitem{a} Veiled"}
        files = {"main.tex": main.source, "figure.eps": "%!PS", **others}
        expected = [*main.paragraphs, "The second part is short."]
        self._submit("several files", targz(files), contains=expected, lacks=["\\input", "Veiled"])
        latin = self.paper().with_lines(["M\xfcller and Fr\xe9chet agree."], ["\\usepackage[latin1]{inputenc}"])
        data = gzip.compress(latin.source.encode("latin-1"), mtime=0)
        self._submit("ISO-8859-1", data, contains=[*latin.paragraphs, "M\xfcller and Fr\xe9chet agree."])
        style = "\\NeedsTeXFormat{LaTeX2e}\n\\newcommand{\\place}{Northmoor}\n"
        styled = self.paper().with_lines(["We met in \\place{} in May."], ["\\usepackage{ours}"])
        files = {"ms.tex": styled.source, "ours.sty": style, "readme.txt": "Veiled"}
        self._submit("macros of an own style", targz(files), contains=["We met in Northmoor{} in May."])

    def plant_absent(self) -> None:
        for case, data, reason in (
            ("PDF alone", PDF, "pdf_only"),
            ("PDF in an archive", targz({"paper.pdf": PDF}), "pdf_only"),
            ("PostScript in an archive", targz({"paper.ps": POSTSCRIPT}), "postscript_only"),
            ("withdrawn paper", gzip.compress(WITHDRAWN.encode(), mtime=0), "withdrawn"),
            ("cut archive", targz({"main.tex": self.paper().source})[:800], "corrupt"),
            ("no TeX", targz({"data.csv": "1,2\n"}), "no_tex"),
        ):
            suffix = ".pdf" if data.startswith(b"%PDF") else ".gz"
            self._submit(case, data, DROPPED, (f"read/{reason}",), suffix=suffix)
        short = gzip.compress(Paper("Note", "Nobody", [("Result", ["It holds."])]).source.encode(), mtime=0)
        self._submit("paper of a line", short, DROPPED, ("layout/too_short",))

    def _submit(
        self,
        case: str,
        data: bytes,
        outcome: str = KEPT,
        reasons: tuple[str, ...] = (),
        *,
        contains: Sequence[str] = (),
        lacks: Sequence[str] = (),
        suffix: str = ".gz",
    ) -> None:
        identifier = f"{MONTH}.{len(self.members) + 1:05d}"
        self.members[f"{MONTH}/{identifier}{suffix}"] = data
        found = planted(f"arxiv:{identifier}", ARCHIVE, case, outcome, reasons, contains=contains, lacks=lacks)
        self.planted.append(found)


def tar(files: Mapping[str, bytes | str | None]) -> bytes:
    """Members without owner or time; None is a directory."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            data = content.encode() if isinstance(content, str) else content or b""
            member.size = len(data)
            if content is None:
                member.type, member.mode = tarfile.DIRTYPE, 0o755
            archive.addfile(member, io.BytesIO(data))
    return stream.getvalue()


def targz(files: Mapping[str, bytes | str]) -> bytes:
    return gzip.compress(tar(files), mtime=0)
