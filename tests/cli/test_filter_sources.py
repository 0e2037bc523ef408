"""All sources from one recipe file: the same bytes as one by one, resumable as a whole, every mistake one line."""

import gzip
import json
import os
import random
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from console import fail, kill_after, run, succeed
from word_plan import public_files as files_of

from demo.raw import CURATED, write_recipe
from demo.world import World

WORDS = "the river town built a mill and its bridge before every winter when nobody could cross by boat"
SOURCES = ("c4", "wikipedia", "books")
ONE = ("--workers", "1")


def prose(seed: int, words: int) -> str:
    draw = random.Random(seed)
    return " ".join(draw.choice(WORDS.split()) + (". So" if number % 12 == 11 else "") for number in range(words)) + "."


def write_inputs(root: Path) -> None:
    (root / "c4").mkdir(parents=True)
    for number in range(2):
        rows = [
            {"text": prose(number * 100 + row, 60), "url": f"https://x.example/{number}/{row}"} for row in range(40)
        ]
        lines = "".join(json.dumps({**row, "timestamp": "2019-04-25T12:57:54Z"}) + "\n" for row in rows)
        (root / f"c4/c4-train.{number:05d}.json.gz").write_bytes(gzip.compress(lines.encode(), mtime=0))
    (root / "books").mkdir()
    for number in range(3):
        (root / f"books/book{number}.txt").write_text(prose(1000 + number, 3000), "utf-8")
    (root / "books/again.txt").write_text(prose(1000, 2900) + prose(7, 100), "utf-8")
    pages = "".join(
        f"<page><title>T{n}</title><ns>0</ns><id>{n}</id><revision><id>{n}</id><timestamp>2022-07-01T00:00:00Z</timestamp>"
        f"<text>'''T{n}''' is [[a|the]] {prose(n, 80)}</text></revision></page>"
        for n in range(1, 60)
    )
    site = "<siteinfo><sitename>Wikipedia</sitename><dbname>enwiki</dbname></siteinfo>"
    opening = '<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.10/" xml:lang="en">'
    (root / "enwiki-20220720-pages-articles.xml").write_text(f"{opening}{site}{pages}</mediawiki>", "utf-8")


@pytest.fixture
def recipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A recipe file beside its inputs, in the working directory."""
    write_inputs(tmp_path / "raw")
    file = tmp_path / "my.toml"
    file.write_text(
        'extends = "llama1"\n[inputs]\nwikipedia = "raw/enwiki*.xml"\nbooks = ["raw/books"]\nc4 = "raw/c4/*.json.gz"\n'
        "[books.containment]\nthreshold = 0.8\n"
    )
    monkeypatch.chdir(tmp_path)
    return file


def public_files(docs: Path) -> dict[str, dict[str, bytes]]:
    return {source.name: files_of(source) for source in sorted(docs.iterdir())}


ALONE = {"c4": "raw/c4", "wikipedia": "raw/enwiki-20220720-pages-articles.xml", "books": "raw/books"}


def test_every_source_comes_out_as_when_filtered_alone(recipe: Path) -> None:
    summary = json.loads(succeed("filter", "--recipe", "my.toml", *ONE, "--out", "docs", "--json"))
    assert tuple(summary["sources"]) == SOURCES
    assert sorted(os.listdir("docs")) == sorted(SOURCES)
    plain = Path("plain.toml")
    plain.write_text('extends = "llama1"\n[books.containment]\nthreshold = 0.8\n')
    for source, given in ALONE.items():
        succeed("filter", source, given, "--recipe", plain, "--out", f"alone/{source}", "--workers", 1)
        assert files_of(Path("docs") / source) == files_of(Path("alone") / source)
    assert summary["sources"]["books"]["documents"] == 3
    assert summary["sources"]["books"]["documents_read"] == 4
    kept = [summary["sources"][source] for source in SOURCES]
    assert summary["documents"] == sum(source["documents"] for source in kept)
    assert abs(sum(source["share"] for source in kept) - 1) < 1e-9
    for source in kept:
        parts = (Path(source["directory"]) / "documents").glob("*")
        assert source["disk_bytes"] == sum(part.stat().st_size for part in parts)


def test_one_source_of_the_file(recipe: Path) -> None:
    succeed("filter", "--recipe", "my.toml", *ONE, "--out", "docs")
    succeed("filter", "wikipedia", "--recipe", "my.toml", "--out", "wiki")
    assert files_of(Path("wiki")) == files_of(Path("docs/wikipedia"))


def test_a_second_call_does_nothing_and_a_change_runs_what_depends_on_it(recipe: Path) -> None:
    command = ["filter", "--recipe", "my.toml", *ONE, "--out", "docs"]
    succeed(*command)
    before = public_files(Path("docs"))
    assert "docs: already complete, nothing to do" in succeed(*command)
    changed = json.loads(succeed(*command, "--set", "books.containment.threshold=0.99", "--json"))["sources"]
    assert [changed[source]["tasks_run"] > 0 for source in SOURCES] == [False, False, True]
    assert changed["books"]["documents"] == 4
    succeed(*command)
    assert public_files(Path("docs")) == before


def test_stats_and_verify_speak_of_all_sources(recipe: Path) -> None:
    succeed("filter", "--recipe", "my.toml", *ONE, "--out", "docs")
    rows = {line.split()[0]: line.split() for line in succeed("stats", "docs").splitlines() if line.strip()}
    assert rows["books"][1:3] == ["4", "3"]
    assert rows["wikipedia"][6] == "1.7%"
    assert json.loads(succeed("stats", "docs", "--json"))["sources"].keys() == set(SOURCES)
    assert json.loads(succeed("verify", "docs", "--json"))["problems"] == []
    part = Path("docs/c4/documents/part-00000.parquet")
    part.write_bytes(part.read_bytes()[:-1])
    result = run("verify", "docs")
    assert result.returncode == 1
    assert "docs/c4/documents/part-00000.parquet: content differs" in result.stdout


def test_an_unfinished_whole_is_not_taken_for_finished(recipe: Path) -> None:
    """A run that stops in the first source leaves the later ones named."""
    Path("raw/c4/c4-train.00001.json.gz").write_bytes(b"\x1f\x8b broken")
    fail("filter", "--recipe", "my.toml", *ONE, "--out", "docs", "--strict", code=1)
    assert "docs/books: its filter run has not finished" in fail(
        "tokenizer", "train", "docs", "--out", "t", "--vocab-size", 300, code=1
    )
    assert "has not finished" in fail("stats", "docs", code=1)


def test_tokens_of_all_sources_beside_the_paper(recipe: Path) -> None:
    succeed("filter", "--recipe", "my.toml", *ONE, "--out", "docs")
    succeed("tokenizer", "train", "docs", "--out", "t", "--vocab-size", 320, "--sample-bytes", 100_000)
    shown = succeed("tokenize", "docs", "--tokenizer", "t/tokenizer.model", "--out", "shards")
    rows = {line.split()[0]: line.split() for line in shown.splitlines() if line.strip()}
    assert {source: rows[source][-1] for source in SOURCES} == {"c4": "3.95", "wikipedia": "3.23", "books": "3.01"}
    sources = json.loads(succeed("stats", "shards", "--json"))["sources"]
    assert sources.keys() == set(SOURCES)
    assert round(sources["books"]["table1_bytes_per_token"], 2) == 3.01


@pytest.mark.parametrize(
    ("arguments", "code", "fault"),
    [
        (["--recipe", "llama1"], 2, "llama1: names no inputs"),
        (["books", "raw/books", "--recipe", "my.toml"], 2, "books: my.toml names its inputs too"),
        (["arxiv", "--recipe", "my.toml"], 2, "arxiv: no inputs"),
        (["documents", "--recipe", "my.toml"], 2, "documents: no inputs"),
        (["book", "--recipe", "my.toml"], 2, "book: no such source"),
        (["--recipe", "my.toml", "--set", "containment.threshold=0.9"], 2, "begin it with the source it is for"),
        (["--recipe", "my.toml", "--set", "arxiv.body.appendix=cut"], 2, "begin it with the source it is for"),
        (["--recipe", "my.toml", "--set", "books.containment.treshold=0.9"], 2, "did you mean 'threshold'?"),
        (["--recipe", "missing.toml"], 2, "missing.toml: no such recipe"),
    ],
)
def test_mistakes_are_one_line_before_any_work(recipe: Path, arguments: list[str], code: int, fault: str) -> None:
    assert fault in fail("filter", *arguments, "--out", "docs", code=code)
    assert not Path("docs").exists()


def test_missing_inputs_are_named_before_any_work(recipe: Path) -> None:
    shutil.rmtree("raw/books")
    assert "raw/books: no such file or directory" in fail(
        "filter", "--recipe", "my.toml", *ONE, "--out", "docs", code=1
    )
    assert not Path("docs").exists()


def test_outputs_of_two_recipes_are_not_mixed(recipe: Path) -> None:
    succeed("filter", "books", "--recipe", "my.toml", "--out", "one")
    assert "one: holds the documents of one source" in fail("filter", "--recipe", "my.toml", "--out", "one", code=1)
    succeed("filter", "--recipe", "my.toml", *ONE, "--out", "docs")
    recipe.write_text(recipe.read_text().replace('c4 = "raw/c4/*.json.gz"\n', ""))
    line = fail("filter", "--recipe", "my.toml", *ONE, "--out", "docs", code=1)
    assert "docs/c4: the recipe names no inputs for it" in line
    line = fail("filter", "books", "--recipe", "my.toml", *ONE, "--out", "docs", code=1)
    assert "docs: holds the documents of several sources; choose another --out, such as docs/books" in line


def test_a_file_where_the_output_should_be(recipe: Path) -> None:
    assert "my.toml: cannot be written" in fail("filter", "--recipe", "my.toml", "--out", "my.toml", code=1)


def kept_whole(command: Sequence[str], seed: int) -> None:
    """What the command leaves is the same after three kills."""
    succeed(*command, "whole")
    draw = random.Random(seed)
    for _ in range(3):
        kill_after(draw.uniform(0.5, 4.0), [*command, "docs"])
    succeed(*command, "docs")
    assert public_files(Path("docs")) == public_files(Path("whole"))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_a_killed_whole_continues_to_the_same_bytes(recipe: Path, seed: int) -> None:
    kept_whole(["filter", "--recipe", "my.toml", "--workers", "2", "--out"], seed)


@pytest.mark.slow
def test_all_sources_in_their_raw_formats(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Generated dumps of every source but the crawl, which needs models: killed and continued, and one by one."""
    world = World(9)
    for source, (write, _) in CURATED.items():
        (tmp_path / "raw" / source).mkdir(parents=True)
        write(tmp_path / "raw" / source, world, megabytes=0.05)
    write_recipe(tmp_path / "all.toml", Path("raw"), CURATED)
    monkeypatch.chdir(tmp_path)
    kept_whole(["filter", "--recipe", "all.toml", "--workers", "2", "--out"], 5)
    for source in CURATED:
        succeed("filter", source, f"raw/{source}", *ONE, "--out", f"alone/{source}")
        assert files_of(Path("alone") / source) == files_of(Path("docs") / source)
    assert json.loads(succeed("verify", "docs", "--json"))["problems"] == []
