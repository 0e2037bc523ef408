"""fastText's training, with all of its matrix initialised and the same bytes every time."""

import os
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from fasttext_files import Oracle

import kernels
from corpus.errors import UsageError, UserError
from corpus.pipeline import own_process
from corpus.quality.classifier import fasttext_training
from corpus.quality.classifier.fasttext_training import FastTextSettings, train_fasttext
from corpus.quality.reference import score_texts

SETTINGS = FastTextSettings(dimension=20, epochs=10, learning_rate=1.0)


def write_text(path: Path, examples: int = 400, words: int = 3000) -> Path:
    seed = random.Random(5)
    with open(path, "w", encoding="utf-8") as text:
        for number in range(examples):
            first = 0 if number % 2 else words // 4
            chosen = (f"w{seed.randrange(first, words)}é" for _ in range(60))
            text.write(f"__label__{'wiki' if number % 2 else 'cc'} {' '.join(chosen)}\n")
    return path


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_text(tmp_path_factory.mktemp("text") / "text.txt")


@pytest.fixture(scope="module")
def model(text: Path) -> Path:
    path = text.with_name("model.bin")
    words = train_fasttext(text, path, SETTINGS)
    known = {word for line in text.read_text("utf-8").splitlines() for word in line.split()[1:]}
    assert words == len(known) + 1  # and the token of line ends
    return path


def matrix(path: Path) -> np.ndarray:
    from fasttext import FastText

    model = FastText._FastText(model_path=str(path)).f
    return np.asarray(model.getInputMatrix()).copy()


def test_memory_that_was_used_before_changes_nothing(text: Path, model: Path, tmp_path: Path) -> None:
    """glibc fills what it allocates with the byte of MALLOC_PERTURB_."""
    script = (
        "import sys; from pathlib import Path; from corpus.quality.classifier.fasttext_training import *\n"
        "if __name__ == '__main__':\n"
        "    settings = FastTextSettings(dimension=20, epochs=10, learning_rate=1.0)\n"
        "    train_fasttext(Path(sys.argv[1]), Path(sys.argv[2]), settings)\n"
    )
    (tmp_path / "train.py").write_text(script)
    for byte in ("90", "200"):
        made = tmp_path / f"{byte}.bin"
        command = [sys.executable, str(tmp_path / "train.py"), str(text), str(made)]
        subprocess.run(command, check=True, env={**os.environ, "MALLOC_PERTURB_": byte})
        assert made.read_bytes() == model.read_bytes()


def test_every_word_starts_at_random(text: Path, tmp_path: Path) -> None:
    """Uniformly in 1/dimension around 0 (fastText's `createRandomMatrix`), where plain training with one thread fills
    the first tenth, with the same numbers."""
    count = len(vocabulary(text))
    rows = initial(text, buckets=9 * count)[:count]
    assert np.abs(rows).max() <= 1 / 20
    assert np.abs(np.abs(rows).mean(axis=1) - 1 / 40).max() < 0.02
    assert np.abs(rows.mean()) < 1e-3
    tenth = rows.size // 10
    assert initial(text, buckets=0).ravel()[:tenth].tolist() == rows.ravel()[:tenth].tolist()


def initial(text: Path, buckets: int) -> np.ndarray:
    model = fasttext_training._run(str(text), SETTINGS, 0, buckets)
    return np.asarray(model.getInputMatrix()).copy()


def vocabulary(text: Path) -> set[str]:
    words = {word for line in text.read_text("utf-8").splitlines() for word in line.split()}
    return {word for word in words if not word.startswith("__label__")} | {"</s>"}


def test_the_file_is_one_of_fasttext_without_buckets(model: Path, text: Path) -> None:
    from fasttext import FastText

    loaded = FastText._FastText(model_path=str(model)).f
    arguments = loaded.getArgs()
    assert (arguments.bucket, arguments.dim, arguments.maxn, arguments.wordNgrams) == (0, 20, 0, 1)
    assert sorted(loaded.getLabels("strict")[0]) == ["__label__cc", "__label__wiki"]
    assert matrix(model).shape == (len(vocabulary(text)), 20)


def test_the_classes_are_told_apart_as_fasttext_tells_them(model: Path, text: Path) -> None:
    lines = text.read_text("utf-8").splitlines()
    texts = [line.split(" ", 1)[1] for line in lines] + ["", "unknown words", "w1é", "w1é " * 999]
    kernel = kernels.FastText(model)
    assert (kernel.loss, kernel.dimension) == ("softmax", 20)
    labels, probabilities = kernel.predict(pa.array(texts, pa.large_string()))
    expected = Oracle(model).predict([value.encode() for value in texts])
    assert labels.tolist() == expected[0].tolist()
    assert probabilities.tolist() == expected[1].tolist()
    scores = score_texts(kernel, pa.array(texts[:400], pa.large_string()))
    right = [(score > 0.5) == line.startswith("__label__wiki") for score, line in zip(scores, lines, strict=True)]
    assert np.mean(right) > 0.99


def test_settings_that_make_no_sense() -> None:
    for wrong in ({"dimension": 0}, {"epochs": 0}, {"learning_rate": 0.0}, {"learning_rate": float("nan")}):
        with pytest.raises(UsageError):
            FastTextSettings(**wrong)  # type: ignore[arg-type]


def test_training_that_diverges_or_is_killed(text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UserError, match="failed to train"):
        train_fasttext(text, tmp_path / "model.bin", FastTextSettings(dimension=5, learning_rate=100, epochs=50))

    def killed(*arguments: object) -> None:
        raise own_process.ProcessKilledError("exit code -9")

    monkeypatch.setattr(fasttext_training, "in_own_process", killed)
    with pytest.raises(UserError, match=r"exit code -9\), most likely for want of memory"):
        train_fasttext(text, tmp_path / "model.bin", SETTINGS)
    assert not (tmp_path / "model.bin").exists()
