"""Which file of a paper TeX is to be run on."""

import re
from collections.abc import Mapping, Sequence
from posixpath import basename, splitext

MAIN_SUFFIXES = ("", ".tex", ".ltx", ".latex", ".txt")

_COMMENT = re.compile("%.*")
_CLASS = re.compile(r"\\document(class|style)\b\s*(?:\[[^\]]{0,2000}\])?\s*(?:\{\s*([\w.-]+)\s*\})?")
_BEGIN = re.compile(r"\\begin\s*\{document\}")
_PLAIN = re.compile(
    r"\\(bye\b|magnification\b|beginsection\b|proclaim\b|end\s*$|input\s+(amstex|harvmac|mssymb))", re.MULTILINE
)
_TITLE = ("\\title", "\\maketitle", "\\abstract", "\\begin{abstract}")
_HEADING = ("\\chapter", "\\section", "\\part")
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
    readme = "\n".join(text for name, text in files.items() if basename(name).startswith("00README"))
    ignored = set(_README_IGNORE.findall(readme))
    for name in _README_MAIN.findall(readme):
        if name in files:
            return str(name)
    candidates = {
        name: _COMMENT.sub("", text)
        for name, text in files.items()
        if _suffix(name) in MAIN_SUFFIXES and name not in ignored and not basename(name).startswith("00README")
    }
    whole = {_stem(name) for name, text in candidates.items() if _class(text)}
    includes = {name: _included(text) for name, text in candidates.items()} if len(candidates) > 1 else {}
    parts = set[str]().union(*includes.values())
    drivers = {name for name in includes if includes[name] & whole - {_stem(name)}}
    scores = {
        name: _score(name, text, files, drives=name in drivers, is_part=_stem(name) in parts)
        for name, text in candidates.items()
        if not whole or name in drivers or _class(text) or "document" in text
    }
    possible = [name for name in scores if scores[name] > 0]
    return max(possible, key=lambda name: (scores[name], len(candidates[name]), name), default=None)


def _suffix(name: str) -> str:
    return splitext(name)[1].lower()


def _stem(name: str) -> str:
    stem, suffix = splitext(basename(name))
    return stem if suffix.lower() in MAIN_SUFFIXES else stem + suffix


def _included(text: str) -> set[str]:
    if not _any(("\\in", "\\subfile", "\\import"), text):
        return set()
    return {_stem(part) for part in _INPUT.findall(text)}


def _any(words: Sequence[str], text: str) -> bool:
    return any(word in text for word in words)


def _class(text: str) -> re.Match[str] | None:
    return _CLASS.search(text) if _any(("\\documentclass", "\\documentstyle"), text) else None


def _score(name: str, text: str, files: Mapping[str, str], *, drives: bool, is_part: bool) -> int:
    """drives: it includes a file that names a class. is_part: another file includes it."""
    stem = splitext(basename(name))[0].lower()
    found = _class(text)
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
        score += 20 if _any(_HEADING, text) else 0
        score += 1 if len(_COMMAND.findall(text, 0, 20_000)) >= 5 else 0
    if score <= 0:
        return 0
    score += 10 if _any(_TITLE, text) else 0
    score += 5 if _any(_HEADING, text) else 0
    score += 15 if splitext(name)[0] + ".bbl" in files else 0
    score += 8 if _LIKELY.match(stem) else 0
    score -= 20 if _UNLIKELY.search(stem) else 0
    score -= 3 * name.count("/")
    if is_part:
        score -= 90
    return max(score, 1)
