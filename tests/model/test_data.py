"""Training sequences read from shards: the right tokens, the same stream for any ranks and any start."""

import dataclasses
import os
import subprocess
import sys
import threading
import tracemalloc
from itertools import chain, islice
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shard_fixtures import write_shards

import model.data
from corpus.errors import UsageError, UserError
from model.data import Batch, TokenData, batches
from tokenizer.shards import Shard, SourceShards

SOURCES = ["arxiv", "books", "c4"]
LENGTH = 16

PAPER_TOKENS = {  # unique tokens: share x 1.4T / epochs of the paper's Table 1
    "commoncrawl": 852_727_272_727,
    "c4": 198_113_207_547,
    "github": 98_437_500_000,
    "wikipedia": 25_714_285_714,
    "books": 28_251_121_076,
    "arxiv": 33_018_867_925,
    "stackexchange": 27_184_466_019,
}


def make_documents(seed: int, count: int) -> list[list[int]]:
    rng = np.random.default_rng(seed)
    return [rng.integers(3, 500, rng.integers(0, 60)).tolist() for _ in range(count)]


DOCUMENTS = {name: make_documents(index, 90) for index, name in enumerate(SOURCES)}
STREAMS = {name: list(chain(*([1, *tokens, 2] for tokens in lists))) for name, lists in DOCUMENTS.items()}


@pytest.fixture(scope="module")
def shards(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three sources of a few shards, each of several record batches far shorter than a sequence, now and then."""
    directory = tmp_path_factory.mktemp("shards")
    write_shards(directory, DOCUMENTS, 500, documents_per_shard=25, batch_tokens=40)
    return directory


@pytest.fixture(scope="module")
def data(shards: Path) -> TokenData:
    return TokenData(shards, sequence_length=LENGTH, seed=11)


def as_read(batch: Batch) -> Batch:
    return batch


def joined(parts: list[Batch]) -> Batch:
    return Batch(*(np.concatenate([getattr(part, name) for part in parts]) for name in vars(parts[0])))


def assert_same(one: Batch, other: Batch) -> None:
    for name in vars(one):
        assert np.array_equal(getattr(one, name), getattr(other, name))


def test_an_epoch_is_the_whole_stream_once(data: TokenData) -> None:
    sizes = {name: (len(STREAMS[name]) - 1) // LENGTH for name in SOURCES}
    numbers = np.arange(40 * max(sizes.values()))
    draws = data.order.draws(numbers)
    batch = data.sequences(0, len(numbers))
    assert data.sources == SOURCES
    assert np.array_equal(batch.source_ids, draws.sources)
    for index, name in enumerate(SOURCES):
        first_epoch = (draws.sources == index) & (draws.epochs == 0)
        by_position = np.argsort(draws.positions[first_epoch])
        assert len(by_position) == sizes[name]
        tokens, targets = batch.tokens[first_epoch][by_position], batch.targets[first_epoch][by_position]
        assert tokens.ravel().tolist() == STREAMS[name][: sizes[name] * LENGTH]
        assert targets.ravel().tolist() == STREAMS[name][1 : sizes[name] * LENGTH + 1]


def test_arrays(data: TokenData) -> None:
    batch = data.sequences(3, 5)
    assert batch.tokens.shape == batch.targets.shape == (5, LENGTH)
    assert batch.source_ids.shape == (5,)
    for array in vars(batch).values():
        assert array.dtype == np.int64
        assert array.flags.c_contiguous
    assert data.sequences(3, 0).tokens.shape == (0, LENGTH)


@settings(deadline=None, max_examples=30)
@given(first=st.integers(0, 10**9), cut=st.integers(0, 20))
def test_sequences_do_not_depend_on_where_one_starts(data: TokenData, first: int, cut: int) -> None:
    assert_same(data.sequences(first, 20), joined([data.sequences(first, cut), data.sequences(first + cut, 20 - cut)]))


@pytest.mark.parametrize("world", range(1, 9))
def test_same_global_stream_for_any_number_of_ranks(data: TokenData, world: int) -> None:
    batch_sequences = 840
    ranks = [
        list(batches(data, as_read, first_step=2, steps=3, batch_sequences=batch_sequences, rank=rank, world=world))
        for rank in range(world)
    ]
    for step in range(3):
        whole = data.sequences((2 + step) * batch_sequences, batch_sequences)
        assert_same(whole, joined([parts[step] for parts in ranks]))


@settings(deadline=None, max_examples=20)
@given(stop=st.integers(0, 12))
def test_resumed_stream_is_the_uninterrupted_one(shards: Path, data: TokenData, stop: int) -> None:
    whole = list(batches(data, as_read, first_step=0, steps=12, batch_sequences=8))
    before = list(islice(batches(data, as_read, first_step=0, steps=12, batch_sequences=8), stop))
    resumed = TokenData(shards, sequence_length=LENGTH, seed=11)
    after = list(batches(resumed, as_read, first_step=stop, steps=12 - stop, batch_sequences=8, rank=0, world=1))
    assert len(before + after) == 12
    for one, other in zip(whole, before + after, strict=True):
        assert_same(one, other)


def test_other_seed_other_stream(shards: Path, data: TokenData) -> None:
    other = TokenData(shards, sequence_length=LENGTH, seed=12)
    assert not np.array_equal(data.sequences(0, 50).tokens, other.sequences(0, 50).tokens)


@pytest.mark.parametrize("number", [0, 1, 2, 77, 500, 10**6])
def test_documents_of_a_sequence(data: TokenData, number: int) -> None:
    batch = data.sequences(number, 1)
    expected = [*batch.tokens[0].tolist(), int(batch.targets[0, -1])]
    parts = data.documents(number)
    found = []
    for source, document, tokens in parts:
        assert source == data.sources[batch.source_ids[0]]
        name, row = document.rsplit("-", 1)
        assert name == source
        assert len(tokens) > 0
        whole = [1, *DOCUMENTS[source][int(row)], 2]
        found += [whole[place] for place in tokens]
    assert found == expected
    assert len({document for _, document, _ in parts}) == len(parts)


@settings(deadline=None, max_examples=40)
@given(number=st.integers(0, 3000))
def test_documents_cover_every_sequence(data: TokenData, number: int) -> None:
    assert sum(len(part.tokens) for part in data.documents(number)) == LENGTH + 1


@pytest.mark.parametrize("documents_per_shard", [1, 2, 5, 7])
@pytest.mark.parametrize("batch_tokens", [1, 12, 1000])
def test_documents_without_tokens_are_in_no_sequence(
    tmp_path: Path, documents_per_shard: int, batch_tokens: int
) -> None:
    lists = [[], [3, 4, 5], [], [], [6, 7, 8, 9, 10], [], []]
    layout = {"documents_per_shard": documents_per_shard, "batch_tokens": batch_tokens}
    write_shards(tmp_path, {"c4": lists}, 32, add_bos=False, add_eos=False, **layout)
    data = TokenData(tmp_path, sequence_length=7)
    assert data.sequences(0, 1).tokens.tolist() == [[3, 4, 5, 6, 7, 8, 9]]
    assert data.sequences(0, 1).targets.tolist() == [[4, 5, 6, 7, 8, 9, 10]]
    assert data.documents(0) == [("c4", "c4-1", range(3)), ("c4", "c4-4", range(5))]


@pytest.mark.parametrize(("tokens", "sequences"), [(5, 1), (8, 1), (9, 2), (12, 2), (13, 3)])
def test_last_target_needs_a_token(tmp_path: Path, tokens: int, sequences: int) -> None:
    write_shards(tmp_path, {"c4": [list(range(3, tokens + 1))]}, 32)
    data = TokenData(tmp_path, sequence_length=4)
    stream = [1, *range(3, tokens + 1), 2]
    found = sorted(data.sequences(0, sequences).targets.tolist())
    assert found == sorted(stream[4 * index + 1 : 4 * index + 5] for index in range(sequences))
    assert data.order.epochs(sequences) == {"c4": 1.0}


def test_wide_vocabulary(tmp_path: Path) -> None:
    write_shards(tmp_path, {"c4": [[70_000, 99_999]]}, 100_000)
    assert TokenData(tmp_path, sequence_length=3).sequences(0, 1).targets.tolist() == [[70_000, 99_999, 2]]


def test_weights(shards: Path) -> None:
    data = TokenData(shards, sequence_length=LENGTH, weights={"c4": 3, "arxiv": 1}, seed=0)
    assert data.sources == ["arxiv", "c4"]
    assert np.bincount(data.sequences(0, 400).source_ids).tolist() == [100, 300]


def test_few_shards_stay_mapped(shards: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model.data, "MAPPED_SHARDS", 2)
    data = TokenData(shards, sequence_length=LENGTH, seed=11)
    expected = TokenData(shards, sequence_length=LENGTH, seed=11)
    assert_same(data.sequences(0, 100), joined([expected.sequences(first, 10) for first in range(0, 100, 10)]))
    readers = [reader for stream in data._streams for reader in stream._readers if reader]
    assert len(readers) > 4
    assert sum(reader._mapping is not None for reader in readers) == 2


def test_token_outside_the_vocabulary_is_named(tmp_path: Path) -> None:
    write_shards(tmp_path, {"c4": [[5, 6, 7]] * 8}, 600, documents_per_shard=4)
    path = tmp_path / "c4/shard-00001.arrow"
    damaged = bytearray(path.read_bytes())
    damaged[damaged.index(bytes([5, 0, 6, 0, 7, 0])) + 3] = 0xFF
    path.write_bytes(damaged)
    data = TokenData(tmp_path, sequence_length=LENGTH)
    with pytest.raises(UserError, match=r"shard-00001.arrow: token id 65,286 lies outside the vocabulary of 600"):
        data.sequences(0, 3)


def test_shard_replaced_after_the_start_is_refused(tmp_path: Path) -> None:
    write_shards(tmp_path, {"c4": [[5, 6, 7]] * 8}, 600)
    data = TokenData(tmp_path, sequence_length=LENGTH)
    path = tmp_path / "c4/shard-00000.arrow"
    path.write_bytes(path.read_bytes()[:-8])
    with pytest.raises(UserError, match="truncated"):
        next(batches(data, as_read, first_step=0, steps=1, batch_sequences=1))


@pytest.mark.parametrize(
    ("batch_sequences", "rank", "world", "fault"),
    [
        (10, 0, 3, "a batch of 10 sequences does not divide among 3 ranks"),
        (0, 0, 1, "a batch of 0 sequences"),
        (4, 0, 0, "among 0 ranks"),
        (4, 2, 2, "rank 2 is not one of 2"),
        (4, -1, 2, "rank -1"),
    ],
)
def test_batches_refused_at_once(data: TokenData, batch_sequences: int, rank: int, world: int, fault: str) -> None:
    with pytest.raises(UsageError, match=fault):
        batches(data, as_read, first_step=0, steps=1, batch_sequences=batch_sequences, rank=rank, world=world)


@pytest.mark.parametrize("length", [0, -1])
def test_length_refused(shards: Path, length: int) -> None:
    with pytest.raises(UsageError, match="sequence length"):
        TokenData(shards, sequence_length=length)


def test_source_shorter_than_a_sequence_is_refused(shards: Path) -> None:
    with pytest.raises(UsageError, match="arxiv, books, c4: not enough tokens for one sequence"):
        TokenData(shards, sequence_length=10**6)


def test_closing_ends_the_thread(data: TokenData) -> None:
    before = threading.active_count()
    stream = batches(data, as_read, first_step=0, steps=1000, batch_sequences=4)
    next(stream)
    assert threading.active_count() == before + 1
    stream.close()
    assert threading.active_count() == before


def test_no_steps(data: TokenData) -> None:
    assert list(batches(data, as_read, first_step=5, steps=0, batch_sequences=4)) == []


@pytest.fixture
def paper_sized(tmp_path: Path) -> Path:
    """A directory that claims the paper's 1.3T unique tokens: the first shard of a source is real, the others are
    sparse files of the size that 2^27 tokens have."""
    manifest = write_shards(tmp_path, {name: [[5, 6, 7]] * 1000 for name in PAPER_TOKENS}, 32000)
    sources = {}
    for name, tokens in PAPER_TOKENS.items():
        shards = list(manifest.sources[name].shards)
        for number in range(1, tokens >> 27):
            path = f"{name}/shard-{number:05d}.arrow"
            (tmp_path / path).touch()
            os.truncate(tmp_path / path, (1 << 28) + 1000)
            shards.append(Shard(path, 1 << 27, 1 << 17, 1 << 29, (1 << 28) + 1000, "0" * 64))
        sources[name] = SourceShards(tuple(shards))
    dataclasses.replace(manifest, sources=sources).save(tmp_path)
    return tmp_path


def test_start_at_the_size_of_the_paper(paper_sized: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No shard is opened but those compared at the start, and memory is the manifest's: 684 million sequences of one
    index entry of four bytes each would take 2.7 GB."""
    opened: list[str] = []
    monkeypatch.setattr(model.data, "read_shard", lambda path, *_: opened.append(path.name))
    tracemalloc.start()
    try:
        data = TokenData(paper_sized, sequence_length=2048)
        after_start, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        for number in (0, 341_000_000, 683_591_700):
            draws = data.order.draws(np.arange(number, number + 2048))
            assert draws.positions.max() < 10**9
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert sum(len(source.shards) for source in data.manifest.sources.values()) > 9000
    assert opened == []
    assert after_start < 16 << 20
    assert peak - after_start < 2 << 20


def test_data_needs_nothing_of_the_corpus_half() -> None:
    """A machine that only trains has neither the compiled kernels nor the tokenizers' and filters' libraries."""
    code = "import sys, model.data; print(*sorted(m for m in sys.modules if m.split('.')[0] in ('corpus', 'kernels')))"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.split() == ["corpus", "corpus.errors", "corpus.table1"]
