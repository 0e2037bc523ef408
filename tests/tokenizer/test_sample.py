"""The tokenizer's sample: within its budget, by weight, the same however the documents are laid out in files."""

import random
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from real_documents import real_texts
from tokenizer_texts import code, english, strange, write_documents

from corpus.errors import UsageError
from corpus.identity import identify
from corpus.table1 import PAPER_WEIGHTS
from tokenizer.document_order import SAMPLE, keyed_hashes
from tokenizer.sample import (
    BUCKETS,
    MAX_LINE_BYTES,
    Sample,
    cut_line,
    first_bytes,
    largest_sample,
    predicted_memory,
    shares_of,
    survey,
    weights_of,
)

Document = tuple[str, str, str]


@pytest.fixture(scope="module")
def documents() -> list[Document]:
    """Prose as books, code as github and strange lines as wikipedia: 900 documents, 250 kB a source at least."""
    prose = "\n".join(english())[:600_000]
    modules = "\n".join(code())
    found = [(f"books:{n}", prose[1500 * n : 1500 * (n + 1)], "books") for n in range(400)]
    found += [(f"github:{n}", modules[1000 * n : 1000 * (n + 1)], "github") for n in range(250)]
    return found + [(f"wikipedia:{n}", "\n".join(strange(n, 20)), "wikipedia") for n in range(250)]


def sample_of(directory: Path, layout: Sequence[Sequence[Document]], **settings: object) -> tuple[Sample, list[bytes]]:
    files = [
        identify(str(write_documents(directory / f"{number}.parquet", list(documents), row_group=50)))
        for number, documents in enumerate(layout)
    ]
    sample = Sample(files, **settings)  # type: ignore[arg-type]
    return sample, list(sample.lines())


def test_does_not_depend_on_the_layout(documents: list[Document], tmp_path: Path) -> None:
    shuffled = random.Random(0).sample(documents, len(documents))
    layouts = [[documents], [shuffled[:100], shuffled[100:101], [], shuffled[101:]]]
    (first, lines), (second, others) = (
        sample_of(tmp_path / str(number), layout, budget=200_000) for number, layout in enumerate(layouts)
    )
    assert Counter(lines) == Counter(others)
    assert first.sources == second.sources
    assert {source: sum(map(len, texts)) for source, texts in first.held_out.items()} == {
        source: sum(map(len, texts)) for source, texts in second.held_out.items()
    }


def test_fills_every_share(documents: list[Document], tmp_path: Path) -> None:
    weights = {"books": 3.0, "github": 1.0, "wikipedia": 1.0}
    sample, lines = sample_of(tmp_path, [documents], budget=100_000, weights=weights)
    wanted = {source: drawn.wanted for source, drawn in sample.sources.items()}
    assert wanted == {"books": 60_000, "github": 20_000, "wikipedia": 20_000}
    for drawn in sample.sources.values():
        assert drawn.wanted - 200 < drawn.bytes <= drawn.wanted
    assert sum(drawn.lines for drawn in sample.sources.values()) == len(lines)
    assert all(lines)


def test_whole_documents_are_the_first_by_hash(documents: list[Document], tmp_path: Path) -> None:
    books = [document for document in documents if document[2] == "books"]
    _, lines = sample_of(tmp_path, [books], budget=50_000, seed=3)
    order = np.argsort(keyed_hashes(pa.array([id_ for id_, _, _ in books]), 3, SAMPLE))
    expected, left = [], 50_000
    for row in order:
        text = first_bytes(books[row][1].encode(), left)
        expected += [line for line in text.split(b"\n") if line]
        left -= len(text)
        if len(text) < len(books[row][1].encode()):
            break
    assert Counter(lines) == Counter(expected)


def test_a_seed_draws_other_documents(documents: list[Document], tmp_path: Path) -> None:
    first, second = (set(sample_of(tmp_path / str(seed), [documents], budget=50_000, seed=seed)[1]) for seed in (0, 1))
    assert len(first & second) < 0.5 * len(first)


def test_a_large_budget_takes_all_but_what_is_held_out(documents: list[Document], tmp_path: Path) -> None:
    sample, lines = sample_of(tmp_path, [documents], budget=1 << 30)
    held_out = {source: [text.as_py() for part in parts for text in part] for source, parts in sample.held_out.items()}
    assert all(held_out.values())
    for source, drawn in sample.sources.items():
        assert drawn.documents + len(held_out[source]) == sum(document[2] == source for document in documents)
        assert drawn.bytes == drawn.wanted
    drawn_lines = Counter(lines)
    for _, text, source in documents:
        if source == "books" and text not in held_out["books"]:
            drawn_lines -= Counter(line for line in text.encode().split(b"\n") if line)
    drawn_text = {line.decode() for line in drawn_lines}
    unique = {line for line in held_out["books"][0].split("\n") if len(line) > 60}
    assert unique
    assert not unique & drawn_text


def test_counts_lines_it_cuts_or_leaves_out(tmp_path: Path) -> None:
    text = "\n".join(["short", "", "x" * 5000, "word " * 2000, "bar \u2585", "end"])
    # A source of one document has none to hold out.
    sample, lines = sample_of(tmp_path, [[("a", text, "c4")]], budget=1 << 20)
    drawn = sample.sources["c4"]
    assert (drawn.documents, drawn.cut_lines, drawn.reserved_lines, drawn.lines) == (1, 2, 1, len(lines))
    assert drawn.bytes == len(text.encode())
    assert max(map(len, lines)) <= MAX_LINE_BYTES
    assert b"short" in lines
    assert b"end" in lines


def test_survey_counts(documents: list[Document], tmp_path: Path) -> None:
    found = survey([identify(str(write_documents(tmp_path / "a.parquet", documents)))], 0, "x")
    assert list(found) == ["books", "github", "wikipedia"]
    for source, counted in found.items():
        texts = [text for _, text, name in documents if name == source]
        assert counted.documents == len(texts)
        assert counted.bytes == sum(len(text.encode()) for text in texts)
        assert counted.newlines == sum(text.count("\n") for text in texts)
        assert counted.histogram.shape == (BUCKETS,)
        assert counted.bytes / 50 <= counted.bytes - counted.available < counted.bytes / 10


def test_nothing_to_draw(tmp_path: Path) -> None:
    sample, lines = sample_of(tmp_path, [[]], budget=1000)
    assert (sample.sources, lines) == ({}, [])


class TestWeights:
    def test_the_papers_by_default(self) -> None:
        assert sum(PAPER_WEIGHTS.values()) == 100
        assert weights_of(["books", "c4"], None) == {"books": 4.5, "c4": 15.0}

    def test_one_source_needs_none(self) -> None:
        assert weights_of(["notes"], None) == {"notes": 1.0}

    @pytest.mark.parametrize(
        ("sources", "weights", "fault"),
        [
            (["books", "notes"], None, "no weight for source notes"),
            (["books", "c4"], {"books": 1.0}, "no weight for source c4"),
            (["books"], {"books": 1.0, "c4": 1.0}, "weight for source c4, but the documents are of books"),
            (["books"], {"books": 0.0}, "not a positive number"),
            (["books"], {"books": float("nan")}, "not a positive number"),
            (["books"], {"books": float("inf")}, "not a positive number"),
        ],
    )
    def test_faults(self, sources: list[str], weights: dict[str, float] | None, fault: str) -> None:
        with pytest.raises(UsageError, match=fault):
            weights_of(sources, weights)


@settings(deadline=None)
@given(
    st.integers(1, 10**12),
    st.dictionaries(
        st.text(max_size=2), st.tuples(st.floats(0.01, 100), st.integers(0, 10**12)), min_size=1, max_size=7
    ),
)
def test_shares_fill_the_budget(budget: int, sources: dict[str, tuple[float, int]]) -> None:
    weights = {source: weight for source, (weight, _) in sources.items()}
    available = {source: size for source, (_, size) in sources.items()}
    shares = shares_of(budget, weights, available)
    assert all(0 <= shares[source] <= available[source] for source in sources)
    assert sum(shares.values()) <= budget
    assert sum(shares.values()) >= min(budget, sum(available.values())) - 2 * len(sources)
    # No source with text to spare has less for its weight than another.
    spare = [shares[source] / weights[source] for source in sources if shares[source] < available[source] - 1]
    assert not spare or all(shares[s] / weights[s] <= min(spare) * (1 + 1e-6) + 200 for s in sources)


def test_largest_sample() -> None:
    memory = predicted_memory(10**9, 10**7)
    assert largest_sample(2 * 10**9, 2 * 10**7, memory) == pytest.approx(10**9, rel=1e-6)
    assert largest_sample(10**6, 10**4, memory) == 10**6
    assert largest_sample(10**6, 10**4, 0) == 1


@settings(deadline=None)
@given(st.lists(st.sampled_from(["x" * 700, "é" * 500, "中" * 900, " ", "word", "👩" * 300]), max_size=40).map("".join))
def test_cut_lines(text: str) -> None:
    line = text.encode()
    parts = cut_line(line)
    assert all(0 < len(part) <= MAX_LINE_BYTES for part in parts)
    for part in parts:
        part.decode()
    assert b"".join(parts).replace(b" ", b"") == line.replace(b" ", b"")
    assert len(line) - sum(map(len, parts)) <= max(len(parts), line.count(b" ") if not line.strip() else len(parts))


def test_lines_are_cut_between_words() -> None:
    words = " ".join(["word"] * 3000).encode()
    assert b" ".join(cut_line(words)) == words
    assert [len(part) for part in cut_line(b"x" * MAX_LINE_BYTES)] == [MAX_LINE_BYTES]
    assert [len(part) for part in cut_line(b"x" * (MAX_LINE_BYTES + 1))] == [MAX_LINE_BYTES, 1]


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [(b"ab cd", 5, b"ab cd"), (b"ab cd", 4, b"ab"), (b"ab\ncd ef", 6, b"ab\ncd"), (b"abcd", 3, b""), (b"", 3, b"")],
)
def test_first_bytes(text: bytes, limit: int, expected: bytes) -> None:
    assert first_bytes(text, limit) == expected


MEASURE = """
import io, re, sys
import sentencepiece
peak = lambda: int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) << 10
before = peak()
lines = (line.rstrip(b"\\n") for line in open(sys.argv[1], "rb"))
sentencepiece.SentencePieceTrainer.train(
    sentence_iterator=lines, model_writer=io.BytesIO(), model_type="bpe", vocab_size=16000, num_threads=2,
    byte_fallback=True, character_coverage=0.99995, normalization_rule_name="identity", minloglevel=2,
)
print(peak() - before)
"""


@pytest.mark.slow
def test_predicted_memory(shared_data: Path, tmp_path: Path) -> None:
    """The prediction is for text in many languages; it may be too high, but not much too low."""
    texts = [line for text in real_texts(shared_data / "data") for line in text.encode().split(b"\n")]
    lines = [part for line in texts for part in cut_line(line)]
    for step in (1, 5):
        some = lines[::step]
        (tmp_path / "lines").write_bytes(b"\n".join(some))
        command = [sys.executable, "-c", MEASURE, str(tmp_path / "lines")]
        measured = int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        assert 0.6 < predicted_memory(sum(map(len, some)), len(some)) / measured < 2
