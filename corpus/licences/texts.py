"""Which licences a text holds in full, told by the shingles it shares with the known ones."""

import base64
from collections import defaultdict
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import numpy as np

from corpus.licences.words import shingles, words

LEAST_COVERAGE = 0.8
"""Share of a licence's shingles a text must hold: holders' names and small edits break up to a fifth of a short one."""
LEAST_OWN = 0.25
"""Share of a licence's shingles in a text that those found before it must not have claimed."""
MOST_WORDS = 60_000
"""Words of a file that are looked at; the longest licence has 6,000, collections of many run to ten times that."""


@dataclass(frozen=True)
class Fingerprint:
    """A known licence: shingles of its text (all, or a sample of `count`)."""

    identifier: str
    count: int
    hashes: frozenset[int]


@dataclass(frozen=True)
class FoundText:
    """A licence found in a text. coverage: share of its shingles that are there. at: where it begins, in words."""

    identifier: str
    coverage: float
    at: int


@dataclass(frozen=True)
class Texts:
    """The licences in a text, in the order they begin; explained: share of the text's shingles they account for."""

    found: tuple[FoundText, ...]
    explained: float


@cache
def fingerprints() -> tuple[Fingerprint, ...]:
    """The known licences; fingerprints.txt holds, on a line each, identifier, shingles, and hashes as base64."""
    known = []
    for line in Path(__file__).with_name("fingerprints.txt").read_text("ascii").splitlines():
        identifier, count, encoded = line.split(" ")
        hashes = np.frombuffer(base64.b64decode(encoded), dtype="<u4").tolist()
        known.append(Fingerprint(identifier, int(count), frozenset(hashes)))
    return tuple(known)


@cache
def _owners() -> dict[int, list[int]]:
    """Numbers of the fingerprints that hold a shingle."""
    owners: dict[int, list[int]] = defaultdict(list)
    for number, fingerprint in enumerate(fingerprints()):
        for shingle in fingerprint.hashes:
            owners[shingle].append(number)
    return dict(owners)


@cache
def _fewest() -> float:
    """Shingles that cover the shortest licence; a text of fewer holds none."""
    return LEAST_COVERAGE * min(len(fingerprint.hashes) for fingerprint in fingerprints())


@lru_cache(1 << 10)
def licence_texts(text: str) -> Texts:
    """Finds the licences whose texts `text` holds.

    The best one is taken first, by its shingles that are there less twice those missing, then the best in what it
    leaves over. So a licence that is part of a longer one (BSD-2-Clause in BSD-3-Clause, MIT in JSON) is found where
    it stands alone; beside the longer one it is not told from it. A shingle that stands in the text more than once
    counts for two licences, as some share long passages (the GPL and the LGPL).
    """
    found_words = words(text)[:MOST_WORDS]
    if len(found_words) < _fewest():
        return Texts((), 0.0)
    listed = shingles(found_words)
    places: dict[int, list[int]] = defaultdict(list)
    for place, shingle in enumerate(listed):
        if shingle in _owners():
            places[shingle].append(place)
    left, again = set(places), {shingle for shingle, stands in places.items() if len(stands) > 1}
    unclaimed = set(left)
    found: list[tuple[Fingerprint, set[int]]] = []
    while (best := _best(left)) is not None:
        fingerprint, matched = best
        if len(matched & unclaimed) >= LEAST_OWN * len(matched):
            found.append(best)
            left -= fingerprint.hashes - again
        else:
            left -= fingerprint.hashes
        unclaimed -= fingerprint.hashes
        again -= fingerprint.hashes
    texts = []
    for fingerprint, matched in found:
        shared = {one for other, _ in found if other is not fingerprint for one in other.hashes}
        stands = sorted((place, one) for one in matched - shared or matched for place in places[one])
        begin = _begin(stands, fingerprint.count + fingerprint.count // 4)
        texts.append(FoundText(fingerprint.identifier, len(matched) / len(fingerprint.hashes), begin))
    claimed = sum(fingerprint.count for fingerprint, _ in found)
    return Texts(tuple(sorted(texts, key=lambda one: one.at)), min(1.0, claimed / max(1, len(set(listed)))))


def _begin(stands: list[tuple[int, int]], within: int) -> int:
    """Where the text of a licence begins whose shingles are at `stands` (place, shingle), ascending.

    Licences share phrases, so some of them may stand in another one before it: the first place from which the most
    different ones follow `within` so many words.
    """
    if stands[-1][0] <= stands[0][0] + within:
        return stands[0][0]
    ahead: dict[int, int] = defaultdict(int)
    most, begin, end = 0, 0, 0
    for place, shingle in stands:
        while end < len(stands) and stands[end][0] <= place + within:
            ahead[stands[end][1]] += 1
            end += 1
        if len(ahead) > most:
            most, begin = len(ahead), place
        ahead[shingle] -= 1
        if not ahead[shingle]:
            del ahead[shingle]
    return begin


def _best(left: set[int]) -> tuple[Fingerprint, set[int]] | None:
    """The licence best covered by the shingles `left`, and which of them are its own."""
    if len(left) < _fewest():
        return None
    counts: dict[int, int] = defaultdict(int)
    for shingle in left:
        for number in _owners()[shingle]:
            counts[number] += 1
    best, best_score = None, 0.0
    for number, matched in sorted(counts.items()):
        fingerprint = fingerprints()[number]
        coverage = matched / len(fingerprint.hashes)
        score = (coverage - 2 * (1 - coverage)) * fingerprint.count
        if coverage >= LEAST_COVERAGE and score > best_score:
            best, best_score = fingerprint, score
    return None if best is None else (best, left & best.hashes)
