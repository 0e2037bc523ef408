from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import kernel_definitions as oracles
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kernels
from kernels.keys import FIRST, REPEATED, UNIQUE

TOP = (1 << 64) - 1
KEYS = st.one_of(
    st.integers(0, 20), st.integers(TOP - 5, TOP), st.sampled_from([1 << 56, 255 << 56, 1 << 8]), st.integers(0, TOP)
)
DOCUMENTS = st.lists(st.lists(KEYS, max_size=12), max_size=8)


def batch(documents: list[list[int]]) -> tuple[np.ndarray, np.ndarray]:
    hashes = np.array([key for hashes in documents for key in hashes], dtype=np.uint64)
    return hashes, np.cumsum([0, *map(len, documents)], dtype=np.int64)


def as_lists(result: tuple[np.ndarray, np.ndarray]) -> tuple[list[int], list[int]]:
    keys, flags = result
    assert (keys.dtype, flags.dtype) == (np.uint64, np.uint8)
    return keys.tolist(), flags.tolist()


@given(DOCUMENTS, DOCUMENTS)
def test_document_keys_equal_their_definition(first: list[list[int]], second: list[list[int]]) -> None:
    assert as_lists(kernels.document_keys(*batch(first))) == oracles.document_keys(first)
    counter = kernels.KeyCounter()
    counter.add(*batch(first))
    counter.add(*batch(second))
    assert as_lists(counter.finish()) == oracles.document_keys(first + second)
    assert as_lists(counter.finish()) == ([], [])


def test_threads_may_share_a_counter() -> None:
    generator = np.random.default_rng(3)
    batches = [generator.integers(0, 1 << 64, 20_000, dtype=np.uint64) for _ in range(8)]
    counter = kernels.KeyCounter()
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda hashes: counter.add(hashes, np.array([0, len(hashes)])), [*batches, batches[0]]))
    keys, flags = counter.finish()
    assert np.array_equal(keys, np.unique(np.concatenate(batches)))
    assert np.array_equal(keys[flags == 1], np.unique(batches[0]))


def test_many_keys() -> None:
    """Enough for every part of the counter to grow several times."""
    generator = np.random.default_rng(1)
    hashes = generator.integers(0, 1 << 64, 300_000, dtype=np.uint64)
    hashes[::7] = hashes[0]
    hashes[1::11] = generator.choice(hashes, len(hashes[1::11]))
    offsets = np.arange(0, len(hashes) + 1, 100)
    keys, flags = kernels.document_keys(hashes, offsets)
    documents = [part.tolist() for part in np.split(hashes, offsets[1:-1])]
    assert (keys.tolist(), flags.tolist()) == oracles.document_keys(documents)


def test_consecutive_keys() -> None:
    """All in one part, and consecutive."""
    hashes = np.arange(1_000_000, dtype=np.uint64)
    keys, flags = kernels.document_keys(hashes, np.array([0, len(hashes)]))
    assert np.array_equal(keys, hashes)
    assert not flags.any()
    assert kernels.DuplicateSet(keys).contains(hashes).all()


@pytest.mark.parametrize("offsets", [[], [0, 2], [1, 3], [0, 3, 2, 3]])
def test_offsets_that_do_not_fit_are_refused(offsets: list[int]) -> None:
    with pytest.raises(ValueError, match="offsets"):
        kernels.document_keys(np.arange(3, dtype=np.uint64), np.array(offsets, dtype=np.int64))


@given(st.lists(DOCUMENTS, max_size=6))
def test_marks_equal_their_definition(shards: list[list[list[int]]]) -> None:
    counted = [kernels.document_keys(*batch(documents)) for documents in shards]
    expected = oracles.mark_duplicates([oracles.document_keys(documents) for documents in shards])
    kernels.mark_duplicates(counted)
    assert [marks.tolist() for _, marks in counted] == expected


def test_marks_of_memory_mapped_shards(tmp_path: Path) -> None:
    shards = []
    for number, keys in enumerate(([1, 5, 9], [5, TOP], [])):
        path = tmp_path / f"{number}.npy"
        np.save(path, np.array(keys, dtype=np.uint64))
        shards.append((np.load(path, mmap_mode="r"), np.array([key == 9 for key in keys], dtype=np.uint8)))
    kernels.mark_duplicates(shards)
    assert [marks.tolist() for _, marks in shards] == [[UNIQUE, FIRST, FIRST], [REPEATED, UNIQUE], []]
    assert kernels.DuplicateSet(shards[0][0]).contains(shards[1][0]).tolist() == [True, False]
    kernels.mark_duplicates([])


def test_unsorted_keys_are_refused() -> None:
    for keys in ([2, 1], [1, 1]):
        unsorted = np.array(keys, dtype=np.uint64)
        with pytest.raises(ValueError, match="keys of shard 0 are not sorted and unique"):
            kernels.mark_duplicates([(unsorted, np.zeros(2, dtype=np.uint8))])
        with pytest.raises(ValueError, match="not sorted and unique"):
            kernels.DuplicateSet(unsorted)
    with pytest.raises(ValueError, match="differ in length"):
        kernels.mark_duplicates([(np.arange(2, dtype=np.uint64), np.zeros(1, dtype=np.uint8))])
    with pytest.raises(ValueError, match="differ in length"):
        kernels.DuplicateSet(np.arange(2, dtype=np.uint64), np.zeros(1, dtype=np.uint8))


@given(st.sets(KEYS, max_size=60), st.lists(KEYS, max_size=60))
def test_membership(members: set[int], probes: list[int]) -> None:
    duplicates = kernels.DuplicateSet(np.array(sorted(members), dtype=np.uint64))
    probed = np.array([*probes, *members], dtype=np.uint64)
    assert len(duplicates) == len(members)
    assert duplicates.contains(probed).tolist() == [key in members for key in probed.tolist()]


def test_membership_in_a_large_set() -> None:
    keys = np.unique(np.random.default_rng(2).integers(0, 1 << 64, 100_000, dtype=np.uint64))
    probes = np.concatenate([keys, keys + np.uint64(1), keys - np.uint64(1)])
    duplicates = kernels.DuplicateSet(keys)
    assert np.array_equal(duplicates.contains(probes), np.isin(probes, keys))
    assert duplicates.nbytes <= 16 * len(keys)
