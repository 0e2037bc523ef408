"""Cut-offs computed from documents, and used to sort the same documents."""

from pathlib import Path

import kneser_ney
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpus.errors import UserError
from corpus.models.files import ModelFiles
from corpus.quality.lm.build import Settings, train_lm
from corpus.quality.lm.calibrate import calibrate_cutoffs
from corpus.quality.lm.cutoffs import bucket, load_cutoffs, read_percentiles, write_percentiles
from corpus.quality.lm.texts import batches_of
from corpus.quality.perplexity import load_scorer


def sentences(seed: int, count: int) -> list[str]:
    rng = np.random.default_rng(seed)
    words = [f"{a}{b}" for a in ("ka", "lo", "mi", "nu", "pe") for b in ("r", "s", "t", "", "nd")]
    weights = 1.0 / np.arange(1, len(words) + 1)
    return [" ".join(rng.choice(words, rng.integers(2, 30), p=weights / weights.sum())) for _ in range(count)]


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("models")
    settings = Settings(vocab_size=60, order=3, memory=64 << 20)
    train_lm(batches_of(sentences(0, 2000)), out, language="xx", settings=settings)
    return out


@pytest.fixture
def models(directory: Path, tmp_path: Path) -> ModelFiles:
    """Own copies, so that tables do not meet."""
    for path in directory.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    return ModelFiles((tmp_path,))


def documents(path: Path, texts: list[str], language: str = "xx") -> Path:
    pq.write_table(pa.table({"text": texts, "language": [language] * len(texts)}), path)
    return path


def test_three_tenths_three_tenths_and_the_rest(models: ModelFiles, tmp_path: Path) -> None:
    texts = sentences(1, 1000)
    documents(tmp_path / "docs.parquet", texts)
    documents(tmp_path / "other.parquet", texts[:50], "yy")
    found = calibrate_cutoffs(
        [str(tmp_path / "docs.parquet"), str(tmp_path / "other.parquet")], language="xx", models=models
    )
    assert found.table == tmp_path / "cutoff.csv"
    assert found.documents == 1000
    scorer = load_scorer(tmp_path / "xx.sp.model", tmp_path / "xx.arpa")
    perplexities = [p for p in scorer.perplexity(pa.array(texts, pa.large_string())).tolist() if p == p]
    assert found.cutoff.head == pytest.approx(np.percentile(perplexities, 30), abs=5)
    assert found.cutoff.middle == pytest.approx(np.percentile(perplexities, 60), abs=5)
    cutoffs = load_cutoffs(models)
    assert cutoffs["xx"] == found.cutoff
    buckets = [bucket(p, "xx", cutoffs) for p in perplexities]
    assert buckets.count("head") == sum(p < found.cutoff.head for p in perplexities)
    assert found.as_json()["percentiles"] == [found.percentiles[p] for p in range(100)]


def test_columns_of_other_languages_stay(models: ModelFiles, tmp_path: Path) -> None:
    table = tmp_path / "elsewhere.csv"
    write_percentiles(table, {"aa": {30: 10.0, 60: 20.0}, "xx": {30: 1.0, 60: 2.0}})
    path = documents(tmp_path / "docs.parquet", sentences(2, 200))
    found = calibrate_cutoffs([str(path)], language="xx", models=models, out=table, limit=150)
    assert found.documents == 150
    read = read_percentiles(table)
    assert read["aa"] == {30: 10.0, 60: 20.0}
    assert read["xx"] == found.percentiles
    assert not (tmp_path / "cutoff.csv").exists()


def test_too_few_documents(models: ModelFiles, tmp_path: Path) -> None:
    path = documents(tmp_path / "docs.parquet", sentences(3, 99))
    with pytest.raises(UserError, match="got 99"):
        calibrate_cutoffs([str(path)], language="xx", models=models)
    assert not (tmp_path / "cutoff.csv").exists()


def test_no_model(tmp_path: Path) -> None:
    path = documents(tmp_path / "docs.parquet", sentences(4, 200), "de")
    with pytest.raises(UserError, match=r"de\.sp\.model: model not found .* lm train --language de"):
        calibrate_cutoffs([str(path)], language="de", models=ModelFiles((tmp_path,)))


def test_perplexity_follows_from_the_definition(models: ModelFiles, tmp_path: Path) -> None:
    """The chain from text to perplexity, by hand: pieces, n-grams, back-off, length with the sentence end."""
    import sentencepiece

    processor = sentencepiece.SentencePieceProcessor(model_file=str(tmp_path / "xx.sp.model"))
    oracle = kneser_ney.KneserNey([tuple(p) for p in processor.encode(sentences(0, 2000), out_type=str)], 3).lines()
    text = sentences(5, 1)[0]
    words = ("<s>", *processor.encode(text, out_type=str), "</s>")
    total = 0.0
    for end in range(1, len(words)):
        context, word = words[max(0, end - 2) : end], words[end]
        while (*context, word) not in oracle:
            total += oracle.get(context, (0.0, 0.0))[1]
            context = context[1:]
        total += oracle[(*context, word)][0]
    scorer = load_scorer(tmp_path / "xx.sp.model", tmp_path / "xx.arpa")
    expected = 10 ** (-total / (len(words) - 1))
    assert scorer.perplexity(pa.array([text], pa.large_string())) == [pytest.approx(expected, abs=0.06)]
