"""Which file of a paper TeX is to be run on."""

import re
from collections.abc import Mapping
from pathlib import PurePosixPath

MAIN_SUFFIXES = ("", ".tex", ".ltx", ".latex", ".txt")

_COMMENT = re.compile("%.*")
_CLASS = re.compile(r"\\document(class|style)\b\s*(?:\[[^\]]{0,2000}\])?\s*(?:\{\s*([\w.-]+)\s*\})?")
_BEGIN = re.compile(r"\\begin\s*\{document\}")
_PLAIN = re.compile(
    r"\\(bye\b|magnification\b|beginsection\b|proclaim\b|end\s*$|input\s+(amstex|harvmac|mssymb))", re.MULTILINE
)
_TITLE = re.compile(r"\\(title|maketitle|abstract|begin\{abstract\})")
_HEADING = re.compile(r"\\(chapter|section|part)\b")
_INPUT = re.compile(r"\\(?:input|include|subfile|import\s*\{[^}]{0,200}\})\s*\{?\s*([^\s{}%\\]+)")
_COMMAND = re.compile(r"\\[a-zA-Z]+")
_LIKELY = re.compile(r"^(main|ms|paper|article|manuscript|draft|arxiv|submission|thesis|root)")
_UNLIKELY = re.compile(r"(supp|response|reply|cover|referee|template|sample|example|notes?$|slides|talk|poster)")
_README_MAIN = re.compile(r"^\s*(\S+)\s+toplevelfile\b", re.MULTILINE)
_README_IGNORE = re.compile(r"^\s*(\S+)\s+ignore\b", re.MULTILINE)


def find_main_file(files: Mapping[str, str]) -> str | None:
    """The name of the main file among a paper's text files (name -> text); None when no file looks like TeX.

    arXiv's 00README names it where there is one. Else the best candidate is a file that begins a document (LaTeX 2e,
    LaTeX 2.09, plain TeX), or includes one that does, and is not a part of another; between several, one with a .bbl
    of its name, a title, a usual name, in the top folder, and then the longest.
    """
    readme = "\n".join(text for name, text in files.items() if PurePosixPath(name).name.startswith("00README"))
    ignored = set(_README_IGNORE.findall(readme))
    for name in _README_MAIN.findall(readme):
        if name in files:
            return str(name)
    candidates = {
        name: _COMMENT.sub("", text)
        for name, text in files.items()
        if PurePosixPath(name).suffix.lower() in MAIN_SUFFIXES
        and name not in ignored
        and not PurePosixPath(name).name.startswith("00README")
    }
    includes = {name: {_stem(part) for part in _INPUT.findall(text)} for name, text in candidates.items()}
    parts = set().union(*includes.values())
    whole = {_stem(name) for name, text in candidates.items() if _CLASS.search(text)}
    scores = {
        name: _score(
            name, text, files, drives=bool(includes[name] & whole - {_stem(name)}), is_part=_stem(name) in parts
        )
        for name, text in candidates.items()
    }
    possible = [name for name in candidates if scores[name] > 0]
    return max(possible, key=lambda name: (scores[name], len(candidates[name]), name), default=None)


def _stem(name: str) -> str:
    path = PurePosixPath(name)
    return path.name.removesuffix(path.suffix) if path.suffix.lower() in MAIN_SUFFIXES else path.name


def _score(name: str, text: str, files: Mapping[str, str], *, drives: bool, is_part: bool) -> int:
    """drives: it includes a file that names a class. is_part: another file includes it."""
    path = PurePosixPath(name)
    stem = path.stem.lower()
    found = _CLASS.search(text)
    begins = _BEGIN.search(text) is not None
    score = 0
    if found or drives:
        score += 100
        if found and found[2] in ("subfiles", "standalone", "beamer", "letter", "slides"):
            score -= 70
    if begins:
        score += 60
    if not score:
        score += 50 if _PLAIN.search(text) else 0
        score += 20 if _HEADING.search(text) else 0
        score += 1 if len(_COMMAND.findall(text, 0, 20_000)) >= 5 else 0
    if score <= 0:
        return 0
    score += 10 if _TITLE.search(text) else 0
    score += 5 if _HEADING.search(text) else 0
    score += 15 if str(path.with_suffix(".bbl")) in files else 0
    score += 8 if _LIKELY.match(stem) else 0
    score -= 20 if _UNLIKELY.search(stem) else 0
    score -= 3 * (len(path.parts) - 1)
    if is_part:
        score -= 90
    return max(score, 1)
