"""From what a user names to the inputs of GitHub: archives, tables of BigQuery, and checkouts."""

from collections.abc import Iterable
from pathlib import Path

from corpus.download.remote import keeps_track
from corpus.errors import UserError
from corpus.identity import InputFile, identify
from corpus.inputs import read_list, resolve
from corpus.sources.code_archives import ARCHIVE_SUFFIXES
from corpus.sources.code_checkout import identify_checkout, is_checkout
from corpus.sources.github_tables import TABLE_SUFFIXES

_JSON = ".json"
SUFFIXES = (*ARCHIVE_SUFFIXES, *(suffix for suffix in TABLE_SUFFIXES if suffix != _JSON))
"""Of inputs among other files. Projects have files of JSON too; they are tables where a folder has only tables."""


def github_inputs(given: Iterable[str]) -> list[InputFile]:
    """Files, folders, patterns, URLs and `@list.txt` files, sorted by path.

    A folder with `.git` is a checkout, one input. Any other folder is searched when there are archives, tables or
    checkouts in it, or nothing but folders, each of which is looked at in the same way; else it is a project of its
    own, one input. What `download` keeps for itself, unfinished files among it, is passed over. Raises UserError when
    something named does not exist, or a folder holds nothing.
    """
    inputs: dict[str, InputFile] = {}
    for item in given:
        inputs.update((file.path, file) for file in _expand(item))
    return [inputs[path] for path in sorted(inputs)]


def _expand(item: str) -> list[InputFile]:
    if item.startswith("@"):
        return [file for line in read_list(item[1:]) for file in _expand(line)]
    if "://" in item or not Path(item).is_dir():
        return resolve([item], SUFFIXES)
    found = _in_folder(Path(item))
    if not found:
        raise UserError(f"{item}: folder holds no files; name archives, tables or checkouts")
    return [identify_checkout(path) if Path(path).is_dir() else identify(path) for path in found]


def _in_folder(folder: Path) -> list[str]:
    if is_checkout(folder):
        return [str(folder)]
    children = sorted(folder.iterdir())
    folders = [child for child in children if child.is_dir() and not child.is_symlink()]
    files = [child for child in children if child.is_file() and not keeps_track(child.name)]
    suffixes = TABLE_SUFFIXES if all(file.name.endswith(TABLE_SUFFIXES) for file in files) else SUFFIXES
    inputs = [str(file) for file in files if file.name.endswith(suffixes)]
    if files and not inputs and not any(map(is_checkout, folders)):
        return [str(folder)]
    return inputs + [path for child in folders for path in _in_folder(child)]
