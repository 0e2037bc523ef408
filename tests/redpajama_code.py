"""RedPajama-v1's cleaning of code, written anew from its rules: the yardstick for what is kept beside it.

Files of projects under MIT, BSD or Apache licences; not those called LICENSE or ending in .crt; of equal contents the
first; header removal; then suffix, line lengths and share of alphanumeric characters. Its last rule, letters in a token
of Pythia's tokenizer, needs that tokenizer and is left out.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator

_NAMES = """
asm bat cmd c h cs cpp hpp c++ h++ cc hh C H cmake css dockerfile f90 f f03 f08 f77 f95 for fpp go hs html java js jl
lua md markdown php php3 php4 php5 phps phpt pl pm pod perl ps1 psd1 psm1 py rb rs sql scala sh bash command zsh ts
tsx tex vb xml rst m smali
"""
SUFFIXES = (*(f".{name}" for name in _NAMES.split()), "Dockerfile", "Makefile")
_BLOCK = re.compile(r"/\*[^*]*\*+(?:[^/*][^*]*\*+)*/")
_LEADING = ("//", "#", "--")


def redpajama_code(files: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Paths and texts of the files that are kept, of (path, content)."""
    seen = set()
    for path, content in files:
        digest = hashlib.md5(content.encode(), usedforsecurity=False).digest()
        if path.endswith(".crt") or path.rpartition("/")[2] == "LICENSE" or digest in seen:
            continue
        seen.add(digest)
        text = without_header(content)
        if path.endswith(SUFFIXES) and _is_good(text):
            yield path, text


def without_header(text: str) -> str:
    """The first C-style comment anywhere goes if it says "copyright"; without one, leading lines of comment go."""
    block = _BLOCK.search(text)
    if block:
        return text[: block.start()] + text[block.end() :] if "copyright" in block[0].lower() else text
    lines = text.split("\n")
    skipped = 0
    while skipped < len(lines) and (not lines[skipped] or lines[skipped].startswith(_LEADING)):
        skipped += 1
    return "\n".join(lines[skipped:]) if skipped else text


def _is_good(text: str) -> bool:
    lines = text.splitlines()
    if not lines:
        return False
    alphanumeric = sum(map(str.isalnum, text))
    return max(map(len, lines)) <= 1000 and len(text) / len(lines) <= 100 and alphanumeric >= 0.25 * len(text)
