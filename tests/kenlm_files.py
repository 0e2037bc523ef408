"""Back-off models: made up, and written as ARPA and in KenLM's binary format, whose definition this is."""

import random
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

Ngram = tuple[str, ...]
NO_EXTENSION = -0.0
MASK = (1 << 64) - 1


@dataclass
class BackoffModel:
    """By order: n-gram -> (log10 probability, log10 back-off; 0 in the highest order)."""

    orders: list[dict[Ngram, tuple[float, float]]]


def random_model(rng: random.Random, order: int, words: int, ngrams: int, *, pruned: bool = False) -> BackoffModel:
    """About `ngrams` n-grams of each order from 2 on. The contexts of all of them are in the model, as KenLM demands;
    their endings too unless `pruned`."""
    vocabulary = ["<unk>", "<s>", "</s>", *(f"w{number}" for number in range(words))]
    orders: list[dict[Ngram, tuple[float, float]]] = [{} for _ in range(order)]
    for word in vocabulary:
        _add(orders, (word,), rng)
    for length in range(2, order + 1):
        for _ in range(ngrams):
            ngram = _choose(rng, vocabulary, length)
            if rng.random() < 0.2:
                ngram = ("<s>", *ngram[1:])
            for shorter in range(2, length + 1):
                for start in range(1 if pruned else length - shorter + 1):
                    _add(orders, ngram[start : start + shorter], rng)
    return BackoffModel(orders)


def _choose(rng: random.Random, vocabulary: list[str], count: int) -> Ngram:
    """Few words are frequent."""
    return tuple(vocabulary[min(int(rng.expovariate(0.3)) + 2, len(vocabulary) - 1)] for _ in range(count))


def _add(orders: list[dict[Ngram, tuple[float, float]]], ngram: Ngram, rng: random.Random) -> None:
    highest = len(ngram) == len(orders)
    backoff = 0.0 if highest or rng.random() < 0.3 else rng.choice([rng.uniform(-2, 0), rng.uniform(0, 0.5)])
    probability = 0.0 if rng.random() < 0.02 else rng.uniform(-7, 0)
    orders[len(ngram) - 1].setdefault(ngram, (probability, backoff))


def arpa_text(model: BackoffModel) -> str:
    lines = ["\\data\\", *(f"ngram {n}={len(order)}" for n, order in enumerate(model.orders, 1)), ""]
    for n, order in enumerate(model.orders, 1):
        lines.append(f"\\{n}-grams:")
        for ngram, (probability, backoff) in order.items():
            weight = f"\t{backoff!r}" if n < len(model.orders) and backoff else ""
            lines.append(f"{probability!r}\t{' '.join(ngram)}{weight}")
        lines.append("")
    return "\n".join([*lines, "\\end\\", ""])


def murmur_hash(data: bytes) -> int:
    """MurmurHash64A with seed 0."""
    multiplier = 0xC6A4A7935BD1E995
    value = len(data) * multiplier & MASK
    whole = len(data) // 8 * 8
    for place in range(0, whole, 8):
        chunk = int.from_bytes(data[place : place + 8], "little") * multiplier & MASK
        value = (value ^ (chunk ^ chunk >> 47) * multiplier & MASK) * multiplier & MASK
    if whole < len(data):
        value = (value ^ int.from_bytes(data[whole:], "little")) * multiplier & MASK
    value = (value ^ value >> 47) * multiplier & MASK
    return value ^ value >> 47


def ngram_key(ids: list[int]) -> int:
    """From the last word to the first."""
    key = ids[-1]
    for word in reversed(ids[:-1]):
        key = key * 8978948897894561157 & MASK ^ (1 + word) * 17894857484156487943 & MASK
    return key


def binary_file(model: BackoffModel, *, multiplier: float = 1.5, with_words: bool = True, structure: int = 0) -> bytes:
    """The file build_binary makes of a model with all endings (probing hash tables, format version 5)."""
    vocabulary = [ngram[0] for ngram in model.orders[0] if ngram[0] != "<unk>"]
    ids = {"<unk>": 0} | {word: number for number, word in enumerate(vocabulary, 1)}
    order = len(model.orders)
    magic = b"mmap lm http://kheafield.com/code format version 5\n\0".ljust(56, b"\0")
    header = magic + struct.pack("<fffIIIQ", 0, 1, -0.5, 1, 0xFFFFFFFF, 0, 1)
    header += struct.pack("<BxxxfiBxxxI", order, multiplier, structure, with_words, 0)
    header += struct.pack(f"<{order}Q", *map(len, model.orders))
    header = header.ljust((len(header) + 7) // 8 * 8, b"\0")
    words = {murmur_hash(word.encode()): struct.pack("<I", number) for word, number in ids.items() if number}
    parts = [header, struct.pack("<II", 0, len(ids)), table(words, len(model.orders[0]), multiplier, 4)]
    endings = {ngram[1:] for grams in model.orders for ngram in grams}
    contexts = {ngram[:-1] for grams in model.orders for ngram in grams}
    weights = []
    for grams in model.orders[:-1]:
        level = {}
        for ngram, (probability, backoff) in grams.items():
            value = abs(probability) if ngram in endings else -abs(probability)
            kept = backoff or (0.0 if ngram in contexts else NO_EXTENSION)
            level[ngram_key([ids[word] for word in ngram])] = struct.pack("<ff", value, kept)
        weights.append(level)
    parts.append(b"".join(weights[0].get(number, bytes(8)) for number in range(len(model.orders[0]) + 1)))
    parts += [table(level, len(level), multiplier, 8) for level in weights[1:]]
    longest = {
        ngram_key([ids[word] for word in ngram]): struct.pack("<f", -abs(probability))
        for ngram, (probability, _) in model.orders[-1].items()
    }
    parts.append(table(longest, len(longest), multiplier, 4))
    if with_words:
        parts.append(b"".join(word.encode() + b"\0" for word in ids))
    return b"".join(parts)


def table(entries: dict[int, bytes], count: int, multiplier: float, value_bytes: int) -> bytes:
    """Linear probing; an empty entry is all zeros."""
    buckets = max(count + 1, int(np.float32(multiplier) * np.float32(count)))
    slots = [bytes(8 + value_bytes)] * buckets
    for key, value in entries.items():
        place = key % buckets
        while slots[place][:8] != bytes(8):
            place = (place + 1) % buckets
        slots[place] = struct.pack("<Q", key) + value
    return b"".join(slots)


def library_model(path: Path) -> Any:
    """The file in KenLM itself, which writes to stderr unless told not to."""
    import kenlm

    config = kenlm.Config()
    config.show_progress = False
    config.arpa_complain = kenlm.ARPALoadComplain.NONE
    return kenlm.Model(str(path), config)
