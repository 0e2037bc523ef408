"""Language models from texts: cc_net's models and perplexities, and what a user can do wrong."""

import fcntl
import gzip
import hashlib
import json
import lzma
import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import arpa
import pyarrow.parquet as pq
import pytest
from sentencepiece_models import UNKNOWN, Piece, model_file

from corpus.errors import UsageError, UserError
from corpus.filter import filter_source
from corpus.quality.lm.build import Settings, train_lm
from corpus.quality.lm.record import LanguageModel
from corpus.quality.lm.texts import batches_of
from corpus.quality.lm.train import train_language_model

MEMORY = 64 << 20
SMALL = ["The cat sat on the mat.", "The dog sat on the cat.", "A cat and a dog\nsat.", "The mat sat."] * 5


def settings(**changes: object) -> Settings:
    return Settings(**{"memory": MEMORY, "vocab_size": 40, **changes})  # type: ignore[arg-type]


def train_small(out: Path, texts: list[str] = SMALL, **changes: object) -> LanguageModel:
    return train_lm(batches_of(texts), out, language="en", settings=settings(**changes))


@pytest.fixture(scope="module")
def wikitext_model(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Trained on the golden model's text, with its pieces."""
    out = tmp_path_factory.mktemp("wikitext")
    golden = shared_data / "golden" / "lm"
    train_language_model(
        [str(golden / "train.txt.gz")],
        out,
        language="en",
        settings=Settings(memory=256 << 20),
        sentencepiece_model=golden / "en.sp.model",
        workers=2,
    )
    return out


def test_same_model_as_cc_nets_tools(shared_data: Path, wikitext_model: Path) -> None:
    golden = shared_data / "golden" / "lm"
    assert (wikitext_model / "en.sp.model").read_bytes() == (golden / "en.sp.model").read_bytes()
    with lzma.open(golden / "en.arpa.xz", "rt", encoding="utf-8") as stream:
        expected_counts, expected = arpa.parse(stream)
    counts, model = arpa.read(wikitext_model / "en.arpa")
    assert (counts, list(model)) == (expected_counts, list(expected))
    assert all(abs(a - b) <= 1e-6 for g in model for a, b in zip(model[g], expected[g], strict=True))


def test_same_perplexities_as_cc_net(
    shared_data: Path, wikitext_model: Path, language_model: Path, tmp_path: Path
) -> None:
    wet = str(shared_data / "data" / "web" / "wet")
    models = [wikitext_model, shared_data / "golden" / "ccnet", language_model.parent]  # ccnet: its cutoff.csv
    filter_source("commoncrawl", [wet], tmp_path / "out", recipe="ccnet-exact", models=models)
    rows = pq.read_table(tmp_path / "out" / "documents", columns=["url", "perplexity", "bucket"]).to_pylist()
    found = {row["url"]: row for row in rows}
    with gzip.open(shared_data / "golden" / "ccnet" / "perplexity.jsonl.gz", "rt", encoding="utf-8") as stream:
        truth = [json.loads(line) for line in stream]
    assert len(truth) == 509
    for want in truth:
        got = found[want["url"]]
        assert got["perplexity"] == pytest.approx(want["perplexity"], rel=1e-3)
        assert got["bucket"] == want["bucket"]


def test_record_and_files(tmp_path: Path) -> None:
    model = train_small(tmp_path, [*SMALL, " \n "])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["en.arpa", "en.json", "en.sp.model"]
    record = json.loads((tmp_path / "en.json").read_text("utf-8"))
    assert record == model.record
    assert record["texts"] == {"texts": 20, "empty": 1, "bytes": sum(len(t) - t.count("\n") for t in SMALL)}
    for part in ("sentencepiece", "ngrams"):
        content = (tmp_path / record[part]["path"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == record[part]["sha256"]
    counts, table = arpa.read(tmp_path / "en.arpa")
    assert [order["ngrams"] for order in record["ngrams"]["orders"]] == counts
    # Lines are glued: "dog" and "sat" of the third text have become one word.
    assert not any("\n" in word for gram in table for word in gram)
    assert stat.S_IMODE((tmp_path / "en.arpa").stat().st_mode) & stat.S_IRUSR


def test_nothing_but_texts_and_settings_shows(tmp_path: Path) -> None:
    train_small(tmp_path / "a")
    train_lm(batches_of(SMALL), tmp_path / "b", language="en", settings=settings(), workers=2)
    train_lm((b for text in SMALL for b in batches_of([text])), tmp_path / "c", language="en", settings=settings())
    for name in ("en.arpa", "en.sp.model", "en.json"):
        assert len({(tmp_path / folder / name).read_bytes() for folder in "abc"}) == 1


@pytest.mark.parametrize("order", [1, 2, 6])
@pytest.mark.parametrize("texts", [["word"], ["a b"], ["a"] * 100])
def test_tiny_texts_make_models(tmp_path: Path, texts: list[str], order: int) -> None:
    train_small(tmp_path, texts, order=order)
    if order > 1:
        import kenlm

        model = kenlm.Model(str(tmp_path / "en.arpa"))
        assert model.order == order
        assert model.score("▁" + texts[0].split()[0]) < 0


@pytest.mark.parametrize("texts", [[], [""], ["\n\t\n", " "]])
def test_no_words(tmp_path: Path, texts: list[str]) -> None:
    with pytest.raises(UserError, match="no words in the texts"):
        train_small(tmp_path, texts)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"vocab_size": 0}, "0 pieces"),
        ({"character_coverage": 0.0}, "character coverage"),
        ({"character_coverage": 1.5}, "character coverage"),
        ({"order": 0}, "between 1 and 6"),
        ({"order": 7}, "between 1 and 6"),
        ({"memory": 1 << 20}, "must be 64M or more"),
        ({"seed": -1}, "seed"),
        ({"engine": "srilm"}, "builtin or lmplz"),
    ],
)
def test_settings_that_make_no_sense(changes: dict[str, object], fault: str) -> None:
    with pytest.raises(UsageError, match=fault):
        settings(**changes)


@pytest.mark.parametrize("language", ["", "../en", "e n", "en.x"])
def test_language_that_names_no_file(tmp_path: Path, language: str) -> None:
    with pytest.raises(UsageError, match="give a code"):
        train_lm(batches_of(SMALL), tmp_path, language=language, settings=settings())


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"not a model", r"bad\.model: not a sentencepiece model"),
        (
            model_file([Piece("<unk>", 0.0, UNKNOWN), Piece("a", 0.0)], model_type=2),
            r"bad\.model: a BPE model, not a unigram",
        ),
    ],
)
def test_bad_sentencepiece_model(tmp_path: Path, content: bytes, fault: str) -> None:
    (tmp_path / "bad.model").write_bytes(content)
    with pytest.raises(UserError, match=fault):
        train_lm(
            batches_of(SMALL),
            tmp_path / "out",
            language="en",
            settings=settings(),
            sentencepiece_model=tmp_path / "bad.model",
        )
    assert list((tmp_path / "out").iterdir()) == []


def from_file(tmp_path: Path, **options: object) -> LanguageModel:
    changes = {"settings": settings(), **options}
    return train_language_model([str(tmp_path / "texts")], tmp_path / "out", language="en", **changes)  # type: ignore[arg-type]


@pytest.fixture
def texts_file(tmp_path: Path) -> Path:
    (tmp_path / "texts").mkdir()
    path = tmp_path / "texts" / "a.txt"
    path.write_text("\n".join(text.replace("\n", " ") for text in SMALL))
    return path


def test_same_command_finds_its_model(tmp_path: Path, texts_file: Path) -> None:
    first = from_file(tmp_path)
    made = (tmp_path / "out" / "en.arpa").stat().st_mtime_ns
    second = from_file(tmp_path)
    assert (first.already_complete, second.already_complete) == (False, True)
    assert first.record == second.record
    assert (tmp_path / "out" / "en.arpa").stat().st_mtime_ns == made


def test_other_commands_do_not_replace_it(tmp_path: Path, texts_file: Path) -> None:
    from_file(tmp_path)
    before = (tmp_path / "out" / "en.arpa").read_bytes()
    changes: list[Callable[[], LanguageModel]] = [
        lambda: from_file(tmp_path, settings=settings(order=2)),
        lambda: from_file(tmp_path, limit=3),
    ]
    for change in changes:
        with pytest.raises(UserError, match="exists, made by another command"):
            change()
        assert (tmp_path / "out" / "en.arpa").read_bytes() == before
    with texts_file.open("a") as stream:
        stream.write("\nmore")
    with pytest.raises(UserError, match="exists, made by another command"):
        from_file(tmp_path)
    assert not from_file(tmp_path, overwrite=True).already_complete
    assert (tmp_path / "out" / "en.arpa").read_bytes() != before


def test_damaged_model_is_made_again(tmp_path: Path, texts_file: Path) -> None:
    from_file(tmp_path)
    whole = (tmp_path / "out" / "en.arpa").read_bytes()
    (tmp_path / "out" / "en.arpa").write_bytes(whole[:-10])
    assert not from_file(tmp_path, overwrite=True).already_complete
    assert (tmp_path / "out" / "en.arpa").read_bytes() == whole


def test_leftovers_of_a_killed_command_go(tmp_path: Path, texts_file: Path) -> None:
    partial = tmp_path / "out" / ".en.partial"
    partial.mkdir(parents=True)
    (partial / "en.arpa").write_text("half")
    from_file(tmp_path)
    assert not partial.exists()


def test_one_command_at_a_time(tmp_path: Path, texts_file: Path) -> None:
    partial = tmp_path / "out" / ".en.partial"
    partial.mkdir(parents=True)
    handle = os.open(partial, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        with pytest.raises(UserError, match="another command is making the model en"):
            from_file(tmp_path)
    finally:
        os.close(handle)


def test_out_is_a_file(tmp_path: Path, texts_file: Path) -> None:
    (tmp_path / "out").write_text("")
    with pytest.raises(UserError, match="cannot be written"):
        from_file(tmp_path)


def test_no_sentencepiece_model_there(tmp_path: Path, texts_file: Path) -> None:
    with pytest.raises(UserError, match="no such file"):
        from_file(tmp_path, sentencepiece_model=tmp_path / "none.model")


def test_lmplz_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError, match="lmplz: not on the path"):
        train_small(tmp_path / "out", engine="lmplz")


def test_lmplz_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "lmplz"
    program.write_text("#!/bin/sh\necho 'out of luck' >&2\nexit 3\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(UserError, match=r"exit code 3 \(out of luck\)"):
        train_small(tmp_path / "out", engine="lmplz")


@pytest.mark.skipif(shutil.which("lmplz") is None, reason="KenLM's lmplz is not on the path")
def test_lmplz_gives_the_same_model(tmp_path: Path) -> None:
    own, other = train_small(tmp_path / "own"), train_small(tmp_path / "lmplz", engine="lmplz")
    assert (tmp_path / "own" / "en.arpa").read_bytes() == (tmp_path / "lmplz" / "en.arpa").read_bytes()
    counts = [[order["ngrams"] for order in model.record["ngrams"]["orders"]] for model in (own, other)]
    assert counts[0] == counts[1]
