"""The n-gram estimator against lmplz's output, a plain definition, and the laws its models obey."""

import gzip
import lzma
import shutil
import signal
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import arpa
import kneser_ney
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kernels import _native
from kernels.ngram import NgramEstimator, NgramModel

MIB = 1 << 20

words = st.integers(0, 12).map(lambda i: f"w{i * i // 12}")
sentences = st.lists(st.lists(words, max_size=9), min_size=1, max_size=40)
orders = st.integers(1, 6)


def text_of(lines: list[list[str]]) -> bytes:
    return "".join(" ".join(line) + "\n" for line in lines).encode()


def estimate(text: bytes, order: int, path: Path, memory: int = MIB) -> NgramModel:
    estimator = NgramEstimator(order, memory, path.parent)
    estimator.add_lines(text)
    return estimator.write_arpa(path)


@pytest.fixture(scope="session")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """For tests that hypothesis repeats: every example writes the same files again."""
    return tmp_path_factory.mktemp("scratch")


@pytest.fixture(scope="session")
def golden_pieces(shared_data: Path) -> bytes:
    """The text of the golden model, encoded."""
    import sentencepiece

    folder = shared_data / "golden" / "lm"
    processor = sentencepiece.SentencePieceProcessor(model_file=str(folder / "en.sp.model"))
    with gzip.open(folder / "train.txt.gz", "rt", encoding="utf-8") as stream:
        lines = stream.read().split("\n")[:-1]
    return text_of(processor.encode(lines, out_type=str))


@pytest.fixture(scope="session")
def golden_model(golden_pieces: bytes, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / "en.arpa"
    model = estimate(golden_pieces, 5, path, 256 * MIB)
    assert (model.sentences, model.tokens, model.skipped_symbols) == (1841, 317_526, 0)
    assert not any(order.fallback for order in model.orders)
    return path


def test_golden_model(shared_data: Path, golden_model: Path) -> None:
    with lzma.open(shared_data / "golden" / "lm" / "en.arpa.xz", "rt", encoding="utf-8") as stream:
        expected_counts, expected = arpa.parse(stream)
    counts, model = arpa.read(golden_model)
    assert counts == expected_counts == [5027, 72_487, 162_823, 222_448, 252_951]
    assert list(model) == list(expected)
    assert np.abs(np.array(list(model.values())) - np.array(list(expected.values()))).max() <= 1e-6


@pytest.mark.parametrize("memory", [MIB, 3 * MIB])
def test_spilling_changes_nothing(golden_pieces: bytes, golden_model: Path, tmp_path: Path, memory: int) -> None:
    estimator = NgramEstimator(5, memory, tmp_path)
    cut = golden_pieces.index(b"\n", len(golden_pieces) // 3) + 1
    estimator.add_lines(golden_pieces[:cut])
    estimator.add_lines(golden_pieces[cut:])
    model = estimator.write_arpa(tmp_path / "spilled.arpa")
    assert (tmp_path / "spilled.arpa").read_bytes() == golden_model.read_bytes()
    # More than the lines of the model, which always wait in temporary files.
    assert model.spilled_bytes > 2 * golden_model.stat().st_size
    assert [path.name for path in tmp_path.iterdir()] == ["spilled.arpa"]


@given(sentences, orders)
@settings(max_examples=150, deadline=None)
def test_definition(scratch: Path, lines: list[list[str]], order: int) -> None:
    path = scratch / "definition.arpa"
    model = estimate(text_of(lines), order, path)
    oracle = kneser_ney.KneserNey(lines, order)
    counts, table = arpa.read(path)
    expected = oracle.lines()
    assert counts == [sum(len(gram) == n for gram in expected) for n in range(1, order + 1)]
    assert table.keys() == expected.keys()
    for gram, (probability, backoff) in expected.items():
        assert table[gram][0] == pytest.approx(probability, abs=2e-6), gram
        assert table[gram][1] == pytest.approx(backoff, abs=2e-6), gram
    for found, discounts in zip(model.orders, oracle.discounts, strict=True):
        assert found.discounts == pytest.approx(discounts, abs=1e-5)
        assert min(found.discounts) > 0
        assert found.fallback == (discounts is kneser_ney.FALLBACK)


@given(sentences, orders, st.integers(0, 6000))
@settings(max_examples=60, deadline=None)
def test_memory_never_shows(scratch: Path, lines: list[list[str]], order: int, memory: int) -> None:
    """With a few records in memory, even small texts are sorted in many runs, merged in several rounds."""
    repeated = text_of([line[::-1] for line in lines] * 3 + lines * 4)
    estimate(repeated, order, scratch / "roomy.arpa", 64 * MIB)
    cramped = _native.NgramEstimator(order, memory, str(scratch))
    cramped.add_lines(repeated)
    cramped.write_arpa(str(scratch / "cramped.arpa"))
    assert (scratch / "cramped.arpa").read_bytes() == (scratch / "roomy.arpa").read_bytes()


def log10(table: dict[arpa.Ngram, tuple[float, float]], context: arpa.Ngram, word: str) -> float:
    """Probability by back-off from the longest n-gram there is, as every reader of ARPA files does it."""
    factor = 0.0
    while (*context, word) not in table:
        factor += table.get(context, (0.0, 0.0))[1]
        context = context[1:]
    return factor + table[(*context, word)][0]


@given(sentences, st.integers(1, 5), st.lists(words, max_size=5))
@settings(max_examples=100, deadline=None)
def test_probabilities_sum_to_one(scratch: Path, lines: list[list[str]], order: int, unseen: list[str]) -> None:
    estimate(text_of(lines), order, scratch / "sum.arpa")
    _, table = arpa.read(scratch / "sum.arpa")
    vocabulary = [gram[0] for gram in table if len(gram) == 1 and gram != ("<s>",)]
    contexts = [gram for gram in table if len(gram) < order and gram[-1] != "</s>"][:200]
    for context in [(), *contexts, tuple(unseen)[: order - 1]]:
        total = sum(10 ** log10(table, context, word) for word in vocabulary)
        assert total == pytest.approx(1, abs=2e-5), context


@given(sentences, st.integers(2, 5))
@settings(max_examples=60, deadline=None)
def test_backoffs_are_the_mass_left(scratch: Path, lines: list[list[str]], order: int) -> None:
    """What a context leaves to unseen words, it shares among them as the shorter context does."""
    estimate(text_of(lines), order, scratch / "mass.arpa")
    _, table = arpa.read(scratch / "mass.arpa")
    seen: dict[arpa.Ngram, list[str]] = defaultdict(list)
    for gram in table:
        if len(gram) > 1:
            seen[gram[:-1]].append(gram[-1])
    for context, following in seen.items():
        left = 1 - sum(10 ** table[(*context, word)][0] for word in following)
        left_below = 1 - sum(10 ** table[(*context[1:], word)][0] for word in following)
        assert left == pytest.approx(10 ** table[context][1] * left_below, abs=1e-5), context


@pytest.mark.parametrize("order", range(1, 7))
@pytest.mark.parametrize("text", [b"\n", b"one\n", b"one one one one one one one\n", b"a b\n\n\nb a", b" \t a\r\n"])
def test_tiny_texts(tmp_path: Path, text: bytes, order: int) -> None:
    model = estimate(text, order, tmp_path / "tiny.arpa")
    lines = [line.split() for line in text.decode().splitlines()]
    assert (model.sentences, model.tokens) == (len(lines), sum(map(len, lines)))
    _, table = arpa.read(tmp_path / "tiny.arpa")
    assert table.keys() == kneser_ney.KneserNey(lines, order).probability.keys()


def test_reserved_words_are_skipped(tmp_path: Path) -> None:
    model = estimate(b"<s> a <unk> b </s>\na b\n", 3, tmp_path / "with.arpa")
    assert (model.skipped_symbols, model.tokens) == (3, 4)
    estimate(b"a b\na b\n", 3, tmp_path / "without.arpa")
    assert (tmp_path / "with.arpa").read_bytes() == (tmp_path / "without.arpa").read_bytes()


def test_any_bytes_but_delimiters_are_words(tmp_path: Path) -> None:
    text = "▁a\xa0b \u3000 \U0001f600 \x0b".encode() + b" \xff\xfe x\0y\n"
    estimate(text, 2, tmp_path / "bytes.arpa")
    content = (tmp_path / "bytes.arpa").read_bytes()
    found = [line.split(b"\t")[1] for line in content.split(b"\\2-grams")[0].split(b"\n") if b"\t" in line]
    names = ["▁a\xa0b", "\u3000", "\U0001f600", "\x0b"]
    assert found == [b"<unk>", b"<s>", b"</s>", *(w.encode() for w in names), b"\xff\xfe", b"x", b"y"]


@pytest.mark.parametrize("order", [0, 7, -1])
def test_bad_order(tmp_path: Path, order: int) -> None:
    with pytest.raises(ValueError, match="order must lie between 1 and 6"):
        NgramEstimator(order, MIB, tmp_path)


def test_too_little_memory(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="memory must be 1048576 bytes at least"):
        NgramEstimator(5, MIB - 1, tmp_path)


MEASURE = """
import resource, sys
from pathlib import Path
import numpy as np
from kernels.ngram import NgramEstimator

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10

memory = int(sys.argv[1])
estimator = NgramEstimator(5, memory, Path(sys.argv[2]))
blocks = np.random.default_rng(0).zipf(1.3, (100, 20_000)) % 20_000
before = peak()
for block in blocks:
    estimator.add_lines(" ".join(map(str, block)).encode())
estimator.write_arpa(Path(sys.argv[2]) / "model.arpa")
print(peak() - before)
"""


def test_memory_stays_within_the_limit(tmp_path: Path) -> None:
    """Two million n-grams of each high order, at 24 bytes, in a small part of the memory they would take."""
    memory = 24 * MIB
    command = [sys.executable, "-c", MEASURE, str(memory), str(tmp_path)]
    taken = int(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
    # Beside the n-grams: the vocabulary, blocks of the files written, and the text at hand.
    assert taken < memory + 8 * MIB


def test_no_sentence(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no sentence"):
        estimate(b"", 5, tmp_path / "none.arpa")


class AlarmError(Exception):
    pass


def test_signals_end_the_work(tmp_path: Path) -> None:
    def ring(number: int, frame: object) -> None:
        raise AlarmError

    estimator = NgramEstimator(6, 256 * MIB, tmp_path)
    for block in np.random.default_rng(0).integers(0, 50_000, (300, 10_000)):
        estimator.add_lines(" ".join(map(str, block)).encode())
    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, 0.3)
    try:
        with pytest.raises(AlarmError):
            estimator.write_arpa(tmp_path / "never.arpa")
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_writes_once(tmp_path: Path) -> None:
    estimator = NgramEstimator(2, MIB, tmp_path)
    estimator.add_lines(b"a b\n")
    estimator.write_arpa(tmp_path / "one.arpa")
    with pytest.raises(ValueError, match="make another"):
        estimator.write_arpa(tmp_path / "two.arpa")
    with pytest.raises(ValueError, match="make another"):
        estimator.add_lines(b"c\n")


@pytest.mark.parametrize("target", ["missing/model.arpa", "/dev/full"])
def test_cannot_write(tmp_path: Path, target: str) -> None:
    estimator = NgramEstimator(2, MIB, tmp_path)
    estimator.add_lines(b"a b\n")
    with pytest.raises(OSError, match=r"No such file|No space left") as error:
        estimator.write_arpa(tmp_path / target)
    assert error.value.filename == str(tmp_path / target)


def test_no_temporary_directory(tmp_path: Path) -> None:
    estimator = NgramEstimator(2, MIB, tmp_path / "missing")
    estimator.add_lines(b"a b\n")
    with pytest.raises(FileNotFoundError) as error:
        estimator.write_arpa(tmp_path / "model.arpa")
    assert error.value.filename == str(tmp_path / "missing")


@pytest.mark.slow
def test_vocabulary_beyond_the_keys(tmp_path: Path) -> None:
    lines = b"\n".join(b" ".join(b"%x" % i for i in range(s, s + 1000)) for s in range(0, 1 << 21, 1000))
    with pytest.raises(ValueError, match=r"at most 2\^21 distinct words"):
        estimate(lines, 6, tmp_path / "six.arpa", 256 * MIB)
    assert estimate(lines, 2, tmp_path / "two.arpa", 256 * MIB).orders[0].ngrams == 2_098_000 + 3


@pytest.mark.skipif(shutil.which("lmplz") is None, reason="KenLM's lmplz is not on the path")
@given(sentences, orders)
@settings(max_examples=50, deadline=None)
def test_same_bytes_as_lmplz(scratch: Path, lines: list[list[str]], order: int) -> None:
    command = ["lmplz", "-o", str(order), "-S", "64M", "-T", str(scratch), "--vocab_estimate", "1000"]
    result = subprocess.run([*command, "--discount_fallback"], input=text_of(lines), capture_output=True, check=True)
    model = estimate(text_of(lines), order, scratch / "own.arpa")
    fallbacks = [f"discounts for order {i}:".encode() in result.stderr for i in range(order)]
    # The two part only where lmplz takes a discount of zero.
    assume(fallbacks == [found.fallback for found in model.orders])
    assert (scratch / "own.arpa").read_bytes() == result.stdout


def test_readable_by_kenlm(golden_pieces: bytes, golden_model: Path) -> None:
    import kenlm

    model = kenlm.Model(str(golden_model))
    assert model.order == 5
    _, table = arpa.read(golden_model)
    for line in golden_pieces.decode().splitlines()[:20]:
        sentence = ("<s>", *line.split(), "</s>")
        total = sum(log10(table, sentence[max(0, i - 4) : i], sentence[i]) for i in range(1, len(sentence)))
        assert model.score(line) == pytest.approx(total, rel=1e-5)
