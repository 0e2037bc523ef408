"""RedPajama v1's rule for books, as its code has it: SimHash of character 6-grams, five bits apart at most."""

import hashlib
import re
from collections import Counter
from collections.abc import Sequence

import numpy as np

WIDTH, BITS, NEAR = 6, 64, 5


def fingerprint(text: str) -> int:
    """64-bit SimHash over MD5 of the 6-grams of the lower-cased text without all that is no word character."""
    letters = re.sub(r"[^\w]+", "", text.lower())
    grams = Counter(letters[at : at + WIDTH] for at in range(max(len(letters) - WIDTH + 1, 1)))
    digests = b"".join(hashlib.md5(gram.encode()).digest()[-BITS // 8 :] for gram in grams)
    weights = np.fromiter(grams.values(), np.int64)
    set_in = np.zeros(BITS, np.int64)
    for begin in range(0, len(weights), 1 << 16):
        part = np.frombuffer(digests, np.uint8).reshape(-1, BITS // 8)[begin : begin + (1 << 16)]
        set_in += weights[begin : begin + (1 << 16)] @ np.unpackbits(part, axis=1).astype(np.int64)
    return int.from_bytes(np.packbits(2 * set_in > weights.sum()).tobytes(), "big")


def removed(texts: Sequence[str]) -> set[int]:
    """The books that an earlier one is near to."""
    prints = [fingerprint(text) for text in texts]
    return {
        later
        for later in range(len(prints))
        if any((prints[later] ^ prints[earlier]).bit_count() <= NEAR for earlier in range(later))
    }
