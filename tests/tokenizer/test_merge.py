"""The pieces of the merge shuffle: sorted runs, ranges of hashes, one shard out of many runs."""

from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tokenizer import merge
from tokenizer.merge import merge_runs
from tokenizer.ranges import BUCKETS, SHIFT, HashRange, TokenHistogram
from tokenizer.runs import RunWriter, Tokenized, open_run, token_counts
from tokenizer.shards import ShardSchema, ShardWriter, TokenizerInfo, read_shard

INFO = TokenizerInfo(sha256="0" * 64, vocab_size=1000, bos_id=1, eos_id=2, add_bos=False, add_eos=False)
SCHEMA = ShardSchema("c4", 0, INFO)
Document = tuple[int, str, list[int]]  # hash, id, tokens

documents_of = st.lists(
    st.tuples(
        st.one_of(st.integers(0, 5), st.integers(0, 2**64 - 1)),
        st.sampled_from(["a", "b", "é"]),
        st.lists(st.integers(0, 999), max_size=6),
    ),
    max_size=25,
)


def tokenized(documents: list[Document]) -> Tokenized:
    return Tokenized(
        np.array([value for value, _, _ in documents], np.uint64),
        pa.array([id_ for _, id_, _ in documents], pa.string()),
        np.array([3 * len(tokens) for _, _, tokens in documents], np.int64),
        np.array([token for _, _, tokens in documents for token in tokens], np.uint16),
        np.cumsum([0] + [len(tokens) for _, _, tokens in documents]),
    )


def rows(run: pa.RecordBatch) -> list[Document]:
    columns = (run.column(name).to_pylist() for name in ("hash", "id", "tokens"))
    return list(zip(*columns, strict=True))


@settings(deadline=None, max_examples=60)
@given(st.lists(documents_of, max_size=5), st.sampled_from([1, 300, 1 << 20]))
def test_runs_are_sorted_and_lose_nothing(batches: list[list[Document]], run_bytes: int) -> None:
    with TemporaryDirectory() as folder:
        writer = RunWriter(Path(folder), run_bytes)
        for number, batch in enumerate(batches):
            if batch:
                writer.add("even" if number % 2 == 0 else "odd", tokenized(batch))
        writer.flush()
        assert [run.file for run in writer.runs] == sorted(path.name for path in Path(folder).iterdir())
        for source, given_batches in (("even", batches[::2]), ("odd", batches[1::2])):
            given_rows = [document for batch in given_batches for document in batch]
            found = [rows(open_run(Path(folder) / run.file)) for run in writer.runs if run.source == source]
            assert sorted(row for run in found for row in run) == sorted(given_rows)
            assert all([row[:2] for row in run] == sorted(row[:2] for row in run) for run in found)
        for run in writer.runs:
            batch = open_run(Path(folder) / run.file)
            assert (run.documents, run.tokens) == (batch.num_rows, int(token_counts(batch).sum()))
            assert run.bytes == 3 * run.tokens


@settings(deadline=None, max_examples=40)
@given(documents_of.filter(bool), st.integers(1, 40))
def test_ranges_part_all_hashes(documents: list[Document], tokens: int) -> None:
    histogram = histogram_of(documents)
    ranges = histogram.ranges(tokens)
    for first, second in pairwise(ranges):
        assert first.last < second.first
    for value, _, _ in documents:
        assert sum(found.first <= value <= found.last for found in ranges) == 1
    for found in ranges:
        inside = [document for document in documents if found.first <= document[0] <= found.last]
        assert (found.documents, found.tokens) == (len(inside), sum(len(tokens) for _, _, tokens in inside))
        assert found.documents > 0


def histogram_of(documents: list[Document]) -> TokenHistogram:
    with TemporaryDirectory() as folder:
        writer = RunWriter(Path(folder), 1 << 20)
        writer.add("c4", tokenized(documents))
        writer.flush()
        histogram = TokenHistogram()
        histogram.add(open_run(Path(folder) / writer.runs[0].file))
        return histogram


def test_ranges_hold_about_equally_much() -> None:
    chance = np.random.default_rng(0)
    hashes, lengths = chance.integers(0, 2**64, 5000, np.uint64).tolist(), chance.integers(0, 60, 5000).tolist()
    documents = [(value, "a", [0] * length) for value, length in zip(hashes, lengths, strict=True)]
    total = sum(len(tokens) for _, _, tokens in documents)
    ranges = histogram_of(documents).ranges(20_000)
    assert len(ranges) == -(-total // 20_000)
    assert max(found.tokens for found in ranges) - min(found.tokens for found in ranges) <= 2 * 60
    assert (ranges[0].first, ranges[-1].last) == (0, 2**64 - 1)


def test_a_full_bucket_is_one_range() -> None:
    documents = [(5 << SHIFT, "a", [0] * 100), (6 << SHIFT, "b", [0]), (BUCKETS - 1 << SHIFT, "c", [])]
    found = histogram_of(documents).ranges(10)
    assert (found[0].documents, found[0].tokens) == (1, 100)
    assert sum(part.documents for part in found) == 3


@pytest.mark.parametrize("block", [1, 7, 1 << 22])
@settings(deadline=None, max_examples=40)
@given(batches=st.lists(documents_of, min_size=1, max_size=4), low=st.integers(0, 6), high=st.integers(0, 2**64 - 1))
def test_merging_gives_the_range_in_order(block: int, batches: list[list[Document]], low: int, high: int) -> None:
    wanted = HashRange(low, max(low, high), 0, 0)
    given_rows = [document for batch in batches for document in batch]
    inside = [row for row in given_rows if wanted.first <= row[0] <= wanted.last]
    # Stable: equal hashes and ids stay in the order they were given in.
    expected = [(id_, tokens) for _, id_, tokens in sorted(inside, key=lambda row: row[:2])]
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(merge, "BLOCK_TOKENS", block)
        paths = []
        for number, batch in enumerate(batches):
            (Path(folder) / str(number)).mkdir()
            runs = RunWriter(Path(folder) / str(number), 1 << 20)
            if batch:
                runs.add("c4", tokenized(batch))
            runs.flush()
            paths += [Path(folder) / str(number) / run.file for run in runs.runs]
        (Path(folder) / "c4").mkdir()
        writer = ShardWriter(Path(folder) / "c4/shard.arrow", SCHEMA)
        merge_runs(paths, wanted, writer)
        shard = writer.close()
        reader = read_shard(Path(folder) / "c4/shard.arrow", SCHEMA, shard)
        found = [
            (row["id"], row["tokens"])
            for number in range(len(reader.batch_starts) - 1)
            for row in reader.record_batch(number).to_pylist()
        ]
    assert found == expected
    assert shard.bytes == sum(3 * len(tokens) for _, tokens in expected)
