"""From what a user names on the command line to the list of input files, in a stated order."""

import glob
from collections.abc import Iterable, Sequence
from pathlib import Path

import fsspec

from corpus.errors import UserError
from corpus.identity import InputFile, identify


def resolve(given: Iterable[str], suffixes: Sequence[str]) -> list[InputFile]:
    """Files, directories (searched for names ending in one of `suffixes`), glob patterns, URLs and `@list.txt` files.

    A list file names one input per line; blank lines and lines starting with # are ignored. The result is sorted by
    path and names each file once, so it does not depend on the order or manner of naming. Raises UserError when
    something named does not exist, or holds no input.
    """
    paths: set[str] = set()
    for item in given:
        paths.update(_expand(item, suffixes))
    return [identify(path) for path in sorted(paths)]


def _expand(item: str, suffixes: Sequence[str]) -> list[str]:
    if item.startswith("@"):
        return [path for line in read_list(item[1:]) for path in _expand(line, suffixes)]
    if "://" in item:
        return _expand_url(item)
    path = Path(item)
    if path.is_dir():
        found = [str(file) for file in path.rglob("*") if file.is_file() and file.name.endswith(tuple(suffixes))]
        if not found:
            raise UserError(
                f"{item}: directory holds no {' or '.join(f'*{s}' for s in suffixes)} files; name files to read"
            )
        return found
    if path.exists():
        return [item]
    matches = [match for match in glob.glob(item, recursive=True) if Path(match).is_file()]
    if not matches:
        raise UserError(f"{item}: no such file or directory, and no file matches it as a pattern")
    return matches


def _expand_url(url: str) -> list[str]:
    if not glob.has_magic(url):
        return [url]
    matches = [str(file.full_name) for file in fsspec.open_files(url)]
    if not matches:
        raise UserError(f"{url}: no object matches")
    return matches


def read_list(path: str) -> list[str]:
    """The inputs a list file names. Raises UserError when it cannot be read."""
    try:
        lines = Path(path).read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: list of inputs cannot be read ({error})") from None
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]
