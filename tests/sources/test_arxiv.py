"""arXiv's archives become papers: what is kept, what is dropped and why, and where hostile archives end."""

import gzip
import io
import json
import tarfile
from pathlib import Path

import pytest
from arxiv_files import PAPER, filtered, filtered_paper, tar, targz

from corpus.errors import UserError
from corpus.sources.arxiv_identifier import Identifier, identify_paper
from corpus.sources.tex_encoding import declared_encoding, decode_tex
from corpus.sources.tex_main_file import find_main_file


def test_a_paper(tmp_path: Path) -> None:
    paper = filtered_paper(tmp_path, gzip.compress(PAPER.encode()))
    assert paper["text"].startswith("\\section{Introduction}\nIn $\\mathbb{R}$ there is much.")
    assert paper["text"].endswith("enough to be kept.")
    assert (paper["id"], paper["arxiv_id"], paper["url"]) == (
        "arxiv:2301.00001",
        "2301.00001",
        "https://arxiv.org/abs/2301.00001",
    )
    assert (paper["year"], paper["month"], paper["title"]) == (2023, 1, "On $\\mathbb{R}$")
    assert (paper["main_file"], paper["files"], paper["encoding"]) == ("2301.00001.tex", ["2301.00001.tex"], "utf-8")
    assert (paper["macros_defined"], paper["macros_expanded"], paper["macros_unexpanded"]) == (1, 2, 0)


def test_title_and_abstract_can_be_put_in_front(tmp_path: Path) -> None:
    paper = filtered_paper(tmp_path, gzip.compress(PAPER.encode()), settings=["body.title_and_abstract=true"])
    assert paper["text"].startswith("On $\\mathbb{R}$\n\nWe look.\n\n\\section{Introduction}\n")


def test_files_are_put_together(tmp_path: Path) -> None:
    files = {
        "fig.eps": b"%!PS",
        "parts/one.tex": "\\section{One}\n" + "Text of the first part. " * 12 + "\\me\n",
        "mine.sty": "\\newcommand{\\me}{Myself}",
        "main.tex": "\\documentclass{article}\\usepackage{mine}\\begin{document}"
        "\\input{parts/one}\\input{two}\\end{document}",
    }
    paper = filtered_paper(tmp_path, targz(files))
    assert paper["text"].endswith("first part. Myself")
    assert paper["files"] == ["parts/one.tex", "main.tex"]
    assert paper["missing_files"] == ["two"]


def test_bulk_and_single_files_give_the_same(tmp_path: Path) -> None:
    papers = {"2301.00001.gz": gzip.compress(PAPER.encode()), "2301.00002.gz": targz({"a.tex": PAPER, "b.png": b"\0"})}
    (tmp_path / "bulk.tar").write_bytes(tar({f"2301/{name}": data for name, data in papers.items()}))
    for name, data in papers.items():
        (tmp_path / name).write_bytes(data)
    one, _ = filtered([tmp_path / "bulk.tar"], tmp_path / "out1")
    other, _ = filtered([tmp_path / name for name in papers], tmp_path / "out2")
    assert [{**row, "origin": None} for row in one] == [{**row, "origin": None} for row in other]
    assert [row["origin"]["record"] for row in one] == [0, 1]


def bomb() -> bytes:
    return gzip.compress(b"\\section{A}" + b" " * (8 << 20))


def links() -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for kind, target in (
            (tarfile.SYMTYPE, "/etc/passwd"),
            (tarfile.LNKTYPE, "../../other"),
            (tarfile.FIFOTYPE, ""),
        ):
            info = tarfile.TarInfo(f"link{kind!r}.tex")
            info.type, info.linkname = kind, target
            archive.addfile(info)
    return gzip.compress(stream.getvalue())


ABSENT = {
    "a PDF": (b"%PDF-1.5\n", "pdf_only", None),
    "a PDF in an archive": (targz({"paper.pdf": b"%PDF-1.5"}), "pdf_only", None),
    "PostScript": (gzip.compress(b"%!PS-Adobe-2.0\n"), "postscript_only", None),
    "nothing": (gzip.compress(b""), "empty", None),
    "no TeX": (targz({"data.txt": "one two three\n"}), "no_tex", None),
    "bytes": (gzip.compress(bytes(range(256)) * 9), "no_tex", None),
    "a withdrawn paper": (gzip.compress(b"%auto-ignore\nThis paper has been withdrawn.\n"), "withdrawn", None),
    "gzip cut short": (gzip.compress(PAPER.encode())[:200], "corrupt", None),
    "a tar cut short": (gzip.compress(tar({"a.tex": PAPER})[:700]), "corrupt", None),
    "a damaged tar header": (gzip.compress(tar({"a.tex": PAPER, "b.tex": PAPER})[:1536] + b"x" * 512), "corrupt", None),
    "a bomb": (bomb(), "too_large", 8 << 20),
    "a member that is too large": (targz({"a.tex": b"\\section{A}" + b" " * (3 << 20)}), "too_large", 3 << 20),
    "too many files": (targz({f"{n}.tex": "" for n in range(60)}), "too_many_files", 51),
    "names outside the archive": (targz({"/a.tex": PAPER, "../b.tex": PAPER, "x/../../c": PAPER}), "no_tex", None),
    "links": (links(), "no_tex", None),
}  # fmt: skip


@pytest.mark.parametrize("name", ABSENT)
def test_submissions_without_text(name: str, tmp_path: Path) -> None:
    data, reason, value = ABSENT[name]
    limits = ["read.max_unpacked=4194304", "read.max_text=2097152", "read.max_files=50"]
    row = filtered_paper(tmp_path, tar({"2301/2301.00001.gz": data}), "bulk.tar", settings=limits)
    assert (row["stage"], row["reason"]) == ("read", reason)
    assert row["value"] is None if value is None else row["value"] >= min(value, 2 << 20) or reason == "too_many_files"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bulk.tar", "out"]


def test_members_passed_over_are_counted(tmp_path: Path) -> None:
    filtered_paper(tmp_path, targz({"a.tex": PAPER, "../b.tex": PAPER, "c.png": b"x"}))
    read = json.loads((tmp_path / "out" / "stats.json").read_text())["read"]
    assert (read["passed_over.unsafe_names"], read["passed_over.other_files"]) == (1, 1)


def test_a_bulk_archive_cut_short_gives_what_came_before(tmp_path: Path) -> None:
    data = tar({f"2301/2301.0000{n}.gz": gzip.compress(PAPER.encode()) for n in range(1, 5)})
    (tmp_path / "bulk.tar").write_bytes(data[: 2 * 1024 + 100])
    documents, _ = filtered([tmp_path / "bulk.tar"], tmp_path / "out")
    assert [row["arxiv_id"] for row in documents] == ["2301.00001", "2301.00002"]
    assert json.loads((tmp_path / "out" / "stats.json").read_text())["faults"][0]["kind"] == "truncated"
    with pytest.raises(UserError, match="truncated"):
        filtered([tmp_path / "bulk.tar"], tmp_path / "strict", strict=True)


def test_a_file_of_another_format_is_refused(tmp_path: Path) -> None:
    (tmp_path / "page.tar").write_text("<html>")
    with pytest.raises(UserError, match="an HTML page, not a tar, gzip or PDF file"):
        filtered([tmp_path / "page.tar"], tmp_path / "out")


@pytest.mark.parametrize(
    ("path", "identifier"),
    [
        ("2301/2301.00001.gz", Identifier("2301.00001", 2023, 1)),
        ("dir/0704.0001v3.tar.gz", Identifier("0704.0001", 2007, 4)),
        ("9301/cs9301001.gz", Identifier("cs/9301001", 1993, 1)),
        ("hep-th9912345.pdf", Identifier("hep-th/9912345", 1999, 12)),
        ("math.GT0309136v1.gz", Identifier("math/0309136", 2003, 9)),
        ("my paper.tar.gz", Identifier("my paper")),
    ],
)
def test_identifiers(path: str, identifier: Identifier) -> None:
    assert identify_paper(path) == identifier


DOCUMENT = "\\documentclass{article}\\begin{document}\\section{A}\\end{document}"

MAIN_FILES = {
    "LaTeX": ({"a.tex": "text", "b.tex": DOCUMENT}, "b.tex"),
    "LaTeX 2.09": ({"a.sty": "", "b": "\\documentstyle{article}\n\\begin{document}"}, "b"),
    "plain TeX": ({"macros.tex": "\\def\\a{}", "p.tex": "\\magnification=1200 Text\n\\bye"}, "p.tex"),
    "a part of another": ({"a.tex": DOCUMENT, "main.tex": DOCUMENT + "\\input{a}"}, "main.tex"),
    "subfiles": ({"z.tex": "\\documentclass[m]{subfiles}\\begin{document}" + "x" * 999, "m.tex": DOCUMENT}, "m.tex"),
    "with a bibliography": ({"a.tex": DOCUMENT + "longer", "b.tex": DOCUMENT, "b.bbl": ""}, "b.tex"),
    "a usual name": ({"a.tex": DOCUMENT, "ms.tex": DOCUMENT}, "ms.tex"),
    "the longer": ({"a.tex": DOCUMENT, "b.tex": DOCUMENT + "and more"}, "b.tex"),
    "not the supplement": ({"supplement.tex": DOCUMENT + "and more", "x.tex": DOCUMENT}, "x.tex"),
    "in the top folder": ({"old/x.tex": DOCUMENT + "and more", "x.tex": DOCUMENT}, "x.tex"),
    "a file that includes it all": ({"a4.tex": "\\def\\paper{a4}\\input{main}", "main.tex": DOCUMENT}, "a4.tex"),
    "named by arXiv": ({"00README.XXX": "b.tex toplevelfile", "main.tex": DOCUMENT, "b.tex": DOCUMENT}, "b.tex"),
    "ignored by arXiv": ({"00README.XXX": "main.tex ignore", "main.tex": DOCUMENT, "b.tex": DOCUMENT}, "b.tex"),
    "commented": ({"a.tex": "% \\documentclass{article}", "b.tex": DOCUMENT}, "b.tex"),
    "none": ({"a.txt": "words"}, None),
}  # fmt: skip


@pytest.mark.parametrize("name", MAIN_FILES)
def test_main_files(name: str) -> None:
    files, main = MAIN_FILES[name]
    assert find_main_file(files) == main


@pytest.mark.parametrize(
    ("source", "text", "encoding"),
    [
        ("é".encode(), "é", "utf-8"),
        (b"\xef\xbb\xbfx\r\ny\rz", "x\ny\nz", "utf-8"),
        (b"\\usepackage[latin1]{inputenc}\xe9", "é", "cp1252"),
        (b"\\usepackage[latin2]{inputenc}\xb9", "š", "iso8859-2"),
        (b"\\usepackage[T1]{fontenc}\n\\usepackage[koi8-r]{inputenc}\xc1", "а", "koi8-r"),
        (b"% -*- coding: iso-8859-15 -*-\n\xa4", "€", "iso8859-15"),
        (b"\\usepackage[applemac]{inputenc}\x8e", "é", "mac-roman"),
        (b"% \\usepackage[latin2]{inputenc}\n\xe9", "é", "cp1252"),
        (b"\xe9\x81\x93\x9d", "é\x81“\x9d", "cp1252"),
    ],
)
def test_encodings(source: bytes, text: str, encoding: str) -> None:
    assert decode_tex(source, None)[0].endswith(text)
    assert decode_tex(source, None)[1] == encoding


def test_a_part_is_in_the_encoding_of_its_paper() -> None:
    assert declared_encoding(b"\\usepackage[latin2]{inputenc}") == "iso8859-2"
    assert decode_tex(b"\xb9", "iso8859-2") == ("š", "iso8859-2")
    assert decode_tex("š".encode(), "iso8859-2") == ("š", "utf-8")
