"""From what a user names to files of documents: outputs of filter runs, and files that hold documents already."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from corpus.errors import UserError
from corpus.inputs import read_list, resolve
from corpus.inspection.summary import load_run
from corpus.pipeline.store import COMPLETE


def document_paths(given: Iterable[str | Path], suffixes: Sequence[str]) -> list[str]:
    """Paths in the order given, those of one item sorted, each once. Given: files, directories (searched for names
    ending in one of `suffixes`), globs, URLs, and `@list.txt` files.

    A directory written by `filter`, wherever below one that is named, stands for its `documents/`. Raises UserError
    when something named does not exist or holds no documents, and for a filter run that has not finished.
    """
    return list(dict.fromkeys(path for item in given for path in _expanded(str(item), suffixes)))


def _expanded(item: str, suffixes: Sequence[str]) -> list[str]:
    if item.startswith("@"):
        return [path for line in read_list(item[1:]) for path in _expanded(line, suffixes)]
    if not Path(item).is_dir():
        return [file.path for file in resolve([item], suffixes)]
    found = _in_directory(Path(item), suffixes)
    if not found:
        kinds = " or ".join(f"*{suffix}" for suffix in suffixes)
        raise UserError(f"{item}: holds no documents; give an output of `llama-corpus filter`, or {kinds} files")
    return sorted(found)


def _in_directory(directory: Path, suffixes: Sequence[str]) -> list[str]:
    if (directory / COMPLETE).is_file() or (directory / "tasks").is_dir():
        run, _ = load_run(directory)
        return [str(directory / part["path"]) for part in run["outputs"] if part["path"].startswith("documents/")]
    found = []
    for entry in sorted(directory.iterdir()):
        if entry.is_dir():
            found += _in_directory(entry, suffixes)
        elif entry.name.endswith(tuple(suffixes)):
            found.append(str(entry))
    return found
