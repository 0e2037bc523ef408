"""Whatever the inputs hold, `filter` keeps what is sound beside it, says why it drops the rest, takes neither long nor
much memory, and writes nothing outside its output."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from arxiv_files import PAPER
from console import measured
from hostile_inputs import (
    ENTITIES,
    OUTSIDE,
    PROSE,
    gzipped,
    long_line,
    nested,
    packed,
    tar,
    tar_bomb,
    zipped,
)
from wiki_pages import dump, header, page_xml

from corpus.document import DROPPED_SCHEMA

MEMORY = 512 << 20
SECONDS = 60
Files = Callable[[], dict[str, bytes]]

MODULE = b"".join(b"def times_%d(value):\n    return value * %d\n\n\n" % (i, i) for i in range(12))
PROJECT = {"p/README.md": b"# A project\n\nOf one module.\n\n# License\n\nMIT License.\n", "p/good.py": MODULE}
ARTICLE = page_xml(1, "Good", PROSE.decode() * 5)
BOOK = {"good.txt": PROSE * 20}
PACKED_PAPER = gzipped(PAPER.encode())
QUESTION = '<row Id="1" PostTypeId="1" Score="1" Title="Why" Body="&lt;p&gt;A good question.&lt;/p&gt;" Tags="" />'
SITE = "h.stackexchange.com.Posts.xml"
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(100)


def project(more: dict[str, bytes]) -> dict[str, bytes]:
    return {"a.tar.gz": gzipped(tar({**PROJECT, **{f"p/{name}": content for name, content in more.items()}}))}


def wiki(*texts: bytes, before: str = "") -> dict[str, bytes]:
    pages = [page_xml(2 + i, f"Page {i}", text.decode()) for i, text in enumerate(texts)]
    return {"enwiki-pages-articles.xml": before.encode() + dump([ARTICLE, *pages])}


def papers(**sources: bytes) -> dict[str, bytes]:
    """A bulk archive of the good paper and others."""
    others = {f"2301/2301.0000{i}.gz": gzipped(source) for i, source in enumerate(sources.values(), 2)}
    return {"bulk.tar": tar({"2301/2301.00001.gz": PACKED_PAPER, **others})}


def site(*bodies: bytes, before: str = "") -> dict[str, bytes]:
    rows = [f'<row Id="{i}" PostTypeId="2" ParentId="1" Body="{body.decode()}" />' for i, body in enumerate(bodies, 2)]
    return {SITE: f"{before}<posts>\n{QUESTION}\n{chr(10).join(rows)}\n</posts>".encode()}


def paper(text: bytes) -> bytes:
    return PAPER.encode().replace(b"In $", text + b"In $")


RECURSION = b"\\def\\a{\\b\\b}\\def\\b{\\a\\a}\\a \\def\\z{\\z}\\z " + b"".join(
    b"\\newcommand{\\x%c}{\\x%c\\x%c\\x%c\\x%c}" % (i, i + 1, i + 1, i + 1, i + 1) for i in range(97, 117)
)
OPF = b'<package><manifest><item id="a" href="a.html"/></manifest><spine><itemref idref="a"/></spine></package>'

CASES: dict[tuple[str, str], tuple[Files, set[str]]] = {
    ("github", "paths and links"): (
        lambda: {"a.tar.gz": gzipped(tar({**PROJECT, **dict.fromkeys(OUTSIDE, MODULE)}, ["p/s.py", "p/h.py"]))},
        {"unsafe_path", "link"},
    ),
    ("github", "nested"): (
        lambda: project({"a.c": nested(b"{\n", b"}\n"), "a.py": nested(b"(", b")")}),
        {"long_line", "few_alphanumerics"},
    ),
    ("github", "empty"): (lambda: {**project({"empty.py": b""}), "empty.tar.gz": b""}, {"empty", "unreadable"}),
    ("github", "another format"): (
        lambda: {"a.tar.xz": gzipped(tar(PROJECT)), "b.zip": PNG, "c.tar.gz": PROSE},
        {"unreadable"},
    ),
    ("wikipedia", "entities"): (
        lambda: {name: data.replace(b"&amp;z;", b"&z;") for name, data in wiki(b"x &z;y", before=ENTITIES).items()},
        {"corrupt"},
    ),
    ("wikipedia", "nested"): (
        lambda: wiki(
            nested(b"{{a|", b"}}"), nested(b"[[File:a|", b"]]"), nested(b"{|\n|", b"\n|}"), nested(b"<b>", b"")
        ),
        {"too_short"},
    ),
    ("wikipedia", "empty"): (lambda: {**wiki(b""), "dewiki.xml": b""}, {"unreadable", "too_short"}),
    ("wikipedia", "another format"): (
        lambda: {"enwiki.xml.bz2": wiki()[next(iter(wiki()))], "b.xml": PNG},
        {"unreadable"},
    ),
    ("books", "paths"): (
        lambda: {"a.zip": zipped({**dict.fromkeys(("../a.txt", "/b.txt"), PROSE * 9), **BOOK})},
        set(),
    ),
    ("books", "entities"): (
        lambda: {**BOOK, "a.epub": zipped({"META-INF/container.xml": f"{ENTITIES}<c>&z;</c>".encode(), "a.opf": OPF})},
        {"corrupt"},
    ),
    ("books", "nested"): (lambda: {**BOOK, "a.html": b"<html><body>" + nested(b"<div><b>", b"</div>")}, set()),
    ("books", "empty"): (lambda: {**BOOK, "empty.txt": b""}, {"unreadable"}),
    ("books", "another format"): (lambda: {"a.epub": BOOK["good.txt"], "b.txt": PNG}, {"unreadable"}),
    ("arxiv", "paths and links"): (
        lambda: papers(a=tar(dict.fromkeys(OUTSIDE, PAPER.encode()), ["s.tex", "h.tex"])),
        {"no_tex"},
    ),
    ("arxiv", "nested"): (
        lambda: papers(a=paper(nested(b"{", b"}")), b=paper(nested(b"\\begin{a}", b"\\end{a}"))),
        set(),
    ),
    ("arxiv", "macros"): (lambda: papers(a=paper(RECURSION + b"\\xa ")), set()),
    ("arxiv", "empty"): (lambda: {**papers(a=b""), "0704.0002.gz": b""}, {"empty", "unreadable"}),
    ("arxiv", "another format"): (lambda: {**papers(a=PNG), "2301.00009.gz": PROSE}, {"no_tex", "unreadable"}),
    ("stackexchange", "entities"): (lambda: site(b"&z;", before=ENTITIES), {"corrupt"}),
    ("stackexchange", "nested"): (lambda: site(nested(b"&lt;blockquote&gt;&lt;b&gt;", b"")), set()),
    ("stackexchange", "empty"): (lambda: {**site(), "e.stackexchange.com.Posts.xml": b""}, {"unreadable"}),
    ("stackexchange", "another format"): (
        lambda: {"h.stackexchange.com.7z": gzipped(site()[SITE]), "e.stackexchange.com.7z": PNG},
        {"unreadable"},
    ),
}
"""By source and kind: the files, and what must be said of those that are not sound."""

LARGE: dict[tuple[str, str], tuple[Files, set[str]]] = {
    ("github", "lines"): (lambda: project({"long.py": long_line(), "long.md": long_line()}), {"too_large"}),
    ("github", "bomb"): (lambda: {"a.tar.gz": tar_bomb(PROJECT, "p/zeros.py")}, {"too_large"}),
    ("wikipedia", "lines"): (lambda: wiki(long_line(), b"[[a|" + long_line()), {"too_large"}),
    ("wikipedia", "bomb"): (
        lambda: {
            "enwiki.xml.gz": packed((header() + ARTICLE + "<page><text>").encode(), b"</text></page></mediawiki>")
        },
        {"too_large"},
    ),
    ("books", "lines"): (
        lambda: {**BOOK, "a.txt": long_line(), "b.html": b"<html><body>" + long_line(), "c.txt": b"x" * (100 << 20)},
        {"too_large"},
    ),
    ("books", "bomb"): (lambda: {**BOOK, "a.txt.gz": packed(PROSE)}, {"too_large"}),
    ("arxiv", "lines"): (lambda: papers(a=paper(long_line()), b=b"\\section{A}" + long_line()), {"too_large"}),
    ("arxiv", "bomb"): (
        lambda: {"bulk.tar": tar({"2301/2301.00001.gz": PACKED_PAPER, "2301/2301.00002.gz": packed(PAPER.encode())})},
        {"too_large"},
    ),
    ("stackexchange", "lines"): (lambda: site(long_line(), b"&lt;p&gt;" * 10 + long_line()), {"too_large"}),
    ("stackexchange", "bomb"): (
        lambda: {f"{SITE}.gz": packed(f"<posts>\n{QUESTION}\n<row Id='2' Body='".encode(), b"' />\n</posts>")},
        {"too_large"},
    ),
}
"""The same with lines of 100 MB, and of what unpacks to 1 GB."""


def check(tmp_path: Path, source: str, files: dict[str, bytes], said: set[str]) -> None:
    inputs, out = tmp_path / "in", tmp_path / "out"
    inputs.mkdir()
    for name, data in files.items():
        (inputs / name).write_bytes(data)
    used = measured("filter", source, inputs, "--out", out, "--workers", 1, "--memory", MEMORY)
    assert used.code == 0, used.stderr
    assert used.peak < MEMORY
    assert used.seconds < SECONDS
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "out"]
    assert sorted(path.name for path in inputs.iterdir()) == sorted(files)
    texts = pq.read_table(out / "documents")["text"].to_pylist()
    assert sum(
        any(words in text for words in ("times_3", "dark and", "there is much", "good question")) for text in texts
    )
    reasons = pq.read_table(out / "dropped", schema=DROPPED_SCHEMA)["reason"].to_pylist()
    faults = [fault["kind"] for fault in json.loads((out / "stats.json").read_text())["faults"]]
    assert {*reasons, *faults} == said
    shutil.rmtree(inputs)


@pytest.mark.parametrize(("source", "kind"), CASES)
def test_small_inputs_made_to_hurt(tmp_path: Path, source: str, kind: str) -> None:
    files, said = CASES[source, kind]
    check(tmp_path, source, files(), said)


@pytest.mark.parametrize(("source", "kind"), LARGE)
def test_long_lines_and_bombs(tmp_path: Path, source: str, kind: str) -> None:
    files, said = LARGE[source, kind]
    check(tmp_path, source, files(), said)
