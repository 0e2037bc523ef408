"""Documents with planted copies of known resemblance, and plain-Python deduplication of them."""

from collections.abc import Mapping, Sequence

import datasketch
import kernel_definitions as oracles
import numpy as np

from corpus.dedup.near_duplicates import NearDuplicates

Name = tuple[str, int]


def text_of(words: Sequence[int]) -> str:
    """Every number a word of letters."""
    return " ".join("".join(chr(97 + int(digit)) for digit in str(word)) for word in words)


def planted(seed: int, originals: int, resemblance: Sequence[float], words: int) -> list[list[str]]:
    """Groups of documents: an original, and for each wanted Jaccard index a copy that has about that with it.

    Replacing k words at the end of n leaves n - words + 1 - k shingles of each in common.
    """
    generator = np.random.default_rng(seed)
    groups = []
    for _ in range(originals):
        original = generator.integers(0, 1 << 40, generator.integers(150, 400)).tolist()
        shingles = len(original) - words + 1
        group = [text_of(original)]
        for wanted in resemblance:
            common = round(shingles * 2 * wanted / (1 + wanted))
            new = generator.integers(0, 1 << 40, shingles - common).tolist()
            group.append(text_of(original[: len(original) - len(new)] + new))
        groups.append(group)
    return groups


def jaccard(first: str, second: str, words: int) -> float:
    a, b = (oracles.shingle_keys(text, words) for text in (first, second))
    return len(a & b) / len(a | b) if a | b else 0.0


def candidates(texts: Mapping[Name, str], stage: NearDuplicates) -> set[frozenset[Name]]:
    """Pairs that share a band, of signatures by datasketch."""
    bands: dict[object, list[Name]] = {}
    for name, text in texts.items():
        shingles = oracles.shingles(text, stage.words)
        if not shingles:
            continue
        sketch = datasketch.MinHash(num_perm=stage.permutations)
        sketch.update_batch([shingle.encode() for shingle in shingles])
        for band in range(stage.bands):
            values = sketch.hashvalues[band * stage.rows : (band + 1) * stage.rows]
            bands.setdefault((band, *values.tolist()), []).append(name)
    return {frozenset((a, b)) for names in bands.values() for a in names for b in names if a != b}


def near_duplicates(
    texts: Mapping[Name, str], stage: NearDuplicates
) -> tuple[dict[Name, float], dict[tuple[Name, Name], float]]:
    """The definition: what is dropped, with its resemblance to what stays for it; and the pairs above the threshold."""
    order = {name: at for at, name in enumerate(sorted(texts))}
    if stage.keep == "longest":
        order = {name: at for at, name in enumerate(sorted(texts, key=lambda name: (-len(texts[name]), name)))}
    similar = {}
    for pair in candidates(texts, stage):
        a, b = sorted(pair, key=order.__getitem__)
        value = jaccard(texts[a], texts[b], stage.words)
        if value >= stage.threshold:
            similar[a, b] = value
    dropped: dict[Name, float] = {}
    for name in sorted(order, key=order.__getitem__):
        kept = sorted((order[a], value) for (a, b), value in similar.items() if b == name and a not in dropped)
        if kept:
            dropped[name] = kept[0][1]
    return dropped, similar
