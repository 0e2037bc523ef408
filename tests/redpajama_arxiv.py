r"""RedPajama-v1's cleaning of a paper, written anew from its rules: the yardstick for what is kept beside it.

Each file is cleaned by itself and all are joined: strict UTF-8 or the paper is lost; a heading is needed and all before
the first goes; lines that begin with % go, then from the character before an unescaped % to the line's end; everything
from the first \appendix or list of references on goes; macros without arguments, defined on one line that their brace
ends, are replaced one after the other.
"""

import re
from collections.abc import Mapping

_HEADING = re.compile(
    r"\\(chapter|part|(?:sub){0,2}section)\b\*?\s*(?:\[[^\]]*\])?\{|\\paragraph\b\*?(?:\[[^\]]*\])?\{[^}]*\}\\subparagraph"
)
_END = re.compile(r"\\appendix|\\begin\{(?:references|REFERENCES|thebibliography)\}|\\bibliography\{")
_NEWCOMMAND = re.compile(r"\\newcommand\*?\{(\\[a-zA-Z0-9]+)\}\{(.*?)\}$", re.MULTILINE)
_DEF = re.compile(r"\\def\s*(\\[a-zA-Z0-9]+)\s*\{(.*?)\}$", re.MULTILINE)


def redpajama_text(files: Mapping[str, bytes]) -> str | None:
    """The text of a paper; None where it is lost."""
    try:
        texts = [content.decode("utf-8") for name, content in files.items() if name.endswith(".tex")]
    except UnicodeDecodeError:
        return None
    macros = {name: body for text in texts for found in (_NEWCOMMAND, _DEF) for name, body in found.findall(text)}
    return "\n".join(filter(None, (_clean(text, macros) for text in texts))) or None


def _clean(text: str, macros: Mapping[str, str]) -> str:
    heading = _HEADING.search(text)
    if not heading:
        return ""
    text = text[heading.start() :]
    text = re.sub(r"(?m)^%.*\n?", "", text)
    text = re.sub(r"[^\\]%.+$", "", text, flags=re.MULTILINE)
    end = _END.search(text)
    text = text[: end.start()] if end else text
    for name, body in macros.items():
        text = re.sub(re.escape(name) + r"(?![a-zA-Z0-9])", lambda _, body=body: body, text)  # type: ignore[misc]
    return text
