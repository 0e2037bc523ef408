"""MinHash: signatures of texts, the sets of shingles behind them, and hashes of whole texts."""

import numpy as np
import pyarrow as pa

from kernels import _native
from kernels._native import choose_survivors as _choose_survivors
from kernels.arrays import require


def text_hashes(text: pa.LargeStringArray) -> tuple[np.ndarray, np.ndarray]:
    """The first 8 bytes and the next 8, little-endian, of the SHA-1 of each text: two uint64[n]."""
    require(text, pa.LargeStringArray)
    return _native.text_hashes(text)


def permutations(count: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """a and b, uint32[count], of datasketch 2.0's MinHash(num_perm=count, seed=seed): h -> a * h + b mod 2^32."""
    generator = np.random.RandomState(seed)
    a = generator.randint(0, 1 << 31, count, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    b = generator.randint(0, 1 << 32, count, dtype=np.uint32)
    return a, b


def minhash(text: pa.LargeStringArray, words: int, a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Signatures uint32[n, len(a)], and how many shingles each text has, int64[n], repeats included.

    A shingle is `words` consecutive words with a space between; a text of fewer words has one, of all of them. Words
    are what spaces, punctuation, symbols and control characters leave between them (ideographs, kana and the letters of
    Thai, Lao, Burmese and Khmer are words by themselves), in lower case, accents stripped (NFD without category Mn),
    decimal digits to 0, format characters deleted. A signature is bit-equal to that of datasketch's MinHash (2.0,
    affine32, SHA-1) of the shingles' UTF-8 bytes; without shingles it is all 2^32 - 1.
    """
    require(text, pa.LargeStringArray)
    signatures, shingles = _native.minhash(text, words, a, b)
    return signatures.reshape(len(text), len(a)), shingles


def shingle_sets(text: pa.LargeStringArray, words: int) -> tuple[np.ndarray, np.ndarray]:
    """The distinct shingles of text i as sorted 64-bit hashes: hashes[offsets[i]:offsets[i + 1]], uint64 and int64."""
    require(text, pa.LargeStringArray)
    offsets, hashes = _native.shingle_sets(text, words)
    return hashes, offsets


def shingle_samples(text: pa.LargeStringArray, words: int, highest: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The distinct shingles with hashes up to `highest`, in the form of `shingle_sets`; and how many each text has,
    int64[n], repeats included. The hashes are other ones, good for comparing samples and several times faster."""
    require(text, pa.LargeStringArray)
    offsets, hashes, shingles = _native.shingle_samples(text, words, highest)
    return hashes, offsets, shingles


def count_common(hashes: np.ndarray, offsets: np.ndarray, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """How many hashes the sets left[i] and right[i] share, int64; sets as `shingle_sets` gives them."""
    return _native.count_common(hashes, offsets, left, right)


def choose_survivors(later: np.ndarray, earlier: np.ndarray, dropped: np.ndarray) -> np.ndarray:
    """Goes through pairs of duplicates: a later document is dropped if its earlier one has not been.

    later, earlier: uint64 numbers of documents, in an order in which every pair with a document as the later one comes
    before the pairs with it as the earlier one. dropped: uint8, a bit for each document, the lowest first; set here.
    Returns bool, where the earlier one survived. ValueError if a number is beyond the bits.
    """
    return _choose_survivors(later, earlier, dropped)
