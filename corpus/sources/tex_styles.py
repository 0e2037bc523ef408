"""The packages and classes that come with a paper: their abbreviations are the paper's."""

import re
from collections.abc import Mapping
from pathlib import PurePosixPath

_COMMENT = re.compile("%.*")
_LOADS = re.compile(
    r"\\(?:usepackage|RequirePackage|LoadClass|documentclass)\s*(?:\[[^\]]{0,2000}\])?\s*\{([^}]{0,2000})\}"
)
_OLD_CLASS = re.compile(r"\\documentstyle\s*(?:\[([^\]]{0,2000})\])?\s*\{([^}]{0,200})\}")


def private_styles(text: str, files: Mapping[str, str]) -> str:
    """The source of the packages and classes that `text` loads and that are among `files`, in the order of loading,
    each behind those it loads itself."""
    by_stem: dict[str, str] = {}
    for name in sorted(files, key=lambda name: (len(PurePosixPath(name).parts), name), reverse=True):
        path = PurePosixPath(name)
        if path.suffix in (".sty", ".cls"):
            by_stem[path.stem] = name
    if not by_stem:
        return ""
    loaded: dict[str, None] = {}
    waiting = [(iter(_loads(text)), "")]
    while waiting:
        names, owner = waiting[-1]
        if (wanted := next(names, None)) is None:
            waiting.pop()
            if owner:
                loaded[owner] = None
            continue
        file = by_stem.get(PurePosixPath(wanted).name)
        if file and file not in loaded and all(file != other for _, other in waiting):
            waiting.append((iter(_loads(files[file])), file))
    return "\n".join(files[name] for name in loaded)


def _loads(text: str) -> list[str]:
    text = _COMMENT.sub("", text.partition("\\begin{document}")[0])
    named = [name for match in _LOADS.finditer(text) for name in match[1].split(",")]
    for match in _OLD_CLASS.finditer(text):
        named += [match[2], *(match[1] or "").split(",")]
    return [name.strip() for name in named if name.strip()]
