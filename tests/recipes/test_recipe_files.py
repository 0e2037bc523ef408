"""Recipe files that extend others and name their inputs."""

from pathlib import Path

import pytest

from corpus.errors import UsageError
from corpus.filter import READABLE
from corpus.recipes.build import build
from corpus.recipes.inputs import inputs_of
from corpus.recipes.load import load_recipe, preset_names, source_table


def write(path: Path, text: str) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return str(path)


def test_a_file_changes_what_it_names_of_the_recipe_it_extends(tmp_path: Path) -> None:
    mine = write(
        tmp_path / "mine.toml", 'name = "mine"\nextends = "llama1"\n[commoncrawl.perplexity]\nkeep = ["head"]\n'
    )
    recipe, base = load_recipe(mine), load_recipe("llama1")
    assert recipe["commoncrawl"]["perplexity"] == {**base["commoncrawl"]["perplexity"], "keep": ["head"]}
    assert recipe["name"] == "mine"
    for source in base.keys() - {"name", "description", "commoncrawl"}:
        assert recipe[source] == base[source]
    assert base == load_recipe("llama1")


def test_a_file_may_extend_a_file_beside_it(tmp_path: Path) -> None:
    write(tmp_path / "shared/base.toml", 'extends = "llama1"\n[arxiv.layout]\nmin_length = 7\n')
    mine = write(tmp_path / "mine.toml", 'extends = "shared/base.toml"\n[books.prose]\nmin_letters = 0.5\n')
    recipe = load_recipe(mine)
    assert (recipe["arxiv"]["layout"]["min_length"], recipe["books"]["prose"]["min_letters"]) == (7, 0.5)


def test_stages_are_put_in_and_left_out(tmp_path: Path) -> None:
    mine = write(
        tmp_path / "mine.toml",
        'extends = "c4-released"\n[c4]\nlangdetect = false\nlines = true\ngopher_quality = true\n',
    )
    table = source_table(load_recipe(mine), "c4", mine)
    assert table["lines"] == load_recipe("c4-released")["c4"]["lines"]
    names = [stage.name for stage in build(READABLE["c4"], table, mine).stages]  # type: ignore[attr-defined]
    assert "langdetect" not in names
    assert {"lines", "gopher_quality"} <= set(names)


def test_presets_that_extend_write_their_own_sources_out() -> None:
    """What a preset says of a source does not depend on the preset it extends, so that either may change alone."""
    import corpus.recipes
    from corpus.recipes.load import tomllib

    folder = Path(corpus.recipes.__path__[0])
    for name in preset_names():
        alone = tomllib.loads((folder / f"{name}.toml").read_text("utf-8"))
        whole = load_recipe(name)
        for source in alone.keys() & READABLE.keys():
            assert whole[source] == alone[source]


def test_redpajama_has_every_source_of_the_paper() -> None:
    assert load_recipe("redpajama-v1").keys() >= load_recipe("llama1").keys()


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("extends = 3", "extends must name a preset or a file, not 3"),
        ('extends = "none.toml"', r"none\.toml: no such recipe"),
        ('extends = "mine.toml"', r"extends itself \(.*mine\.toml -> .*mine\.toml\)"),
        ("[inputs]\nwiki = 'x'", r"\[inputs\] has no such source 'wiki'; did you mean 'wikipedia'\?"),
        ("[inputs]\ndocuments = 'x'", r"\[inputs\] has no such source 'documents'"),
        ("[inputs]\nbooks = []", r"\[inputs\] books: must be a path or a list of paths, not \[\]"),
        ("[inputs]\nbooks = ''", r"\[inputs\] books: must be a path or a list of paths, not ''"),
        ("[inputs]\nbooks = [3]", r"\[inputs\] books: must be a path or a list of paths, not \[3\]"),
        ("inputs = 'x'", "inputs must be a table of sources, not 'x'"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, text: str, fault: str) -> None:
    with pytest.raises(UsageError, match=fault):
        load_recipe(write(tmp_path / "mine.toml", text))


def test_inputs_are_relative_to_the_file_that_names_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "base/base.toml", 'extends = "llama1"\n[inputs]\nbooks = "b/*.txt"\narxiv = "a"\n')
    other = '["s3://bucket/*.7z", "@lists/se.txt", "/data/x.7z"]'
    mine = write(
        tmp_path / "mine.toml", f'extends = "base/base.toml"\n[inputs]\narxiv = "mine"\nstackexchange = {other}\n'
    )
    assert inputs_of(load_recipe(mine)) == {
        "books": [f"{tmp_path}/base/b/*.txt"],
        "arxiv": [f"{tmp_path}/mine"],
        "stackexchange": ["s3://bucket/*.7z", f"@{tmp_path}/lists/se.txt", "/data/x.7z"],
    }
    monkeypatch.chdir(tmp_path)
    assert inputs_of(load_recipe("mine.toml"))["arxiv"] == ["mine"]
    assert inputs_of(load_recipe("llama1")) == {}


def test_a_source_without_a_table_says_how_to_get_one(tmp_path: Path) -> None:
    mine = write(tmp_path / "mine.toml", '[inputs]\nbooks = "b"\n')
    with pytest.raises(
        UsageError, match=r'has no \[books\] table; write one, or begin the file with extends = "llama1"'
    ):
        source_table(load_recipe(mine), "books", mine)
