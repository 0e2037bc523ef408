"""Books that lie in others with datasketch's MinHashLSHEnsemble; shingles are made in plain Python, and candidates
compared as sets."""

import json
import sys
from pathlib import Path

from datasketch import MinHash, MinHashLSHEnsemble

from benchmarks.datasketch_way import shingles
from corpus.cleaning.gutenberg import strip_gutenberg

PERMUTATIONS = 128


def contained_pairs(texts: list[str], words: int, threshold: float) -> set[tuple[int, int]]:
    """Pairs (a, b) that datasketch takes for candidates and of which a has at least `threshold` of b's shingles."""
    sets = [shingles(text, words) for text in texts]
    sketches = []
    for one in sets:
        sketch = MinHash(num_perm=PERMUTATIONS)
        sketch.update_batch([shingle.encode() for shingle in one])
        sketches.append(sketch)
    filled = [number for number, one in enumerate(sets) if one]
    index = MinHashLSHEnsemble(threshold=threshold, num_perm=PERMUTATIONS)
    index.index([(number, sketches[number], len(sets[number])) for number in filled])
    return {
        (larger, number)
        for number in filled
        for larger in index.query(sketches[number], len(sets[number]))
        if larger != number and len(sets[larger] & sets[number]) >= threshold * len(sets[number])
    }


def main() -> None:
    job = json.loads(sys.argv[1])
    files = sorted(Path(job["directory"]).iterdir())
    texts = [strip_gutenberg(file.read_text("utf-8")) for file in files]
    print(json.dumps({"books": len(texts), "pairs": len(contained_pairs(texts, job["words"], job["threshold"]))}))


if __name__ == "__main__":
    main()
