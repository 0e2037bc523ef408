"""Naming inputs: files, directories, globs, lists; order, repeats and absences."""

from pathlib import Path

import pytest

from corpus.errors import UserError
from corpus.identity import SAMPLE_BYTES, WHOLE_FILE_BYTES, identify, key_of
from corpus.inputs import resolve


@pytest.fixture
def crawl(tmp_path: Path) -> Path:
    for name in ("b.wet.gz", "a.wet.gz", "notes.txt", "sub/c.wet.gz"):
        path = tmp_path / "crawl" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return tmp_path / "crawl"


def names(crawl: Path, *given: str) -> list[str]:
    return [str(Path(file.path).relative_to(crawl)) for file in resolve(given, [".wet.gz"])]


def test_directories_globs_and_lists_name_the_same_files_in_the_same_order(crawl: Path) -> None:
    want = ["a.wet.gz", "b.wet.gz", "sub/c.wet.gz"]
    listing = crawl / "list.txt"
    listing.write_text(f"# inputs\n\n{crawl}/sub\n{crawl}/b.wet.gz\n{crawl}/a.*.gz\n")
    assert names(crawl, str(crawl)) == want
    assert names(crawl, f"{crawl}/**/*.wet.gz") == want
    assert names(crawl, f"@{listing}") == want
    assert names(crawl, f"{crawl}/sub/c.wet.gz", str(crawl), f"{crawl}/a.wet.gz") == want


def test_a_named_file_is_taken_whatever_its_suffix(crawl: Path) -> None:
    assert names(crawl, f"{crawl}/notes.txt") == ["notes.txt"]


def test_what_is_not_there_is_named(crawl: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"missing\.gz: no such file or directory"):
        names(crawl, f"{crawl}/missing.gz")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match=r"empty: directory holds no \*\.wet\.gz files"):
        names(crawl, str(tmp_path / "empty"))
    with pytest.raises(UserError, match="list of inputs cannot be read"):
        names(crawl, "@nowhere.txt")


def test_fingerprints_follow_content_not_name(tmp_path: Path) -> None:
    for name, content in (("a", b"same"), ("b", b"same"), ("c", b"other")):
        (tmp_path / name).write_bytes(content)
    a, b, c = (identify(str(tmp_path / name)) for name in "abc")
    assert a.fingerprint == b.fingerprint != c.fingerprint
    assert a.size == 4


def test_large_files_are_sampled_from_end_to_end(tmp_path: Path) -> None:
    content = bytearray(WHOLE_FILE_BYTES + 1)
    path = tmp_path / "large"
    seen = set()
    for position in (None, 0, len(content) - 1, SAMPLE_BYTES - 1):
        changed = bytearray(content)
        if position is not None:
            changed[position] = 1
        path.write_bytes(changed)
        seen.add(identify(str(path)).fingerprint)
    assert len(seen) == 4


def test_keys_do_not_depend_on_the_order_of_parts() -> None:
    assert key_of({"a": 1, "b": [2]}) == key_of({"b": [2], "a": 1}) != key_of({"a": 1, "b": [3]})
