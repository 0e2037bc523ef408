"""MinHash signatures and LSH candidates with the kernels of `filter documents`, in memory."""

import json
import sys

import numpy as np
import pyarrow.parquet as pq

import kernels
from corpus.dedup.candidates import distinct_pairs, pairs_of_keys
from corpus.dedup.signatures import band_keys


def main() -> None:
    job = json.loads(sys.argv[1])
    a, b = kernels.permutations(job["permutations"])
    keys = []
    for batch in pq.ParquetFile(job["documents"]).iter_batches(4096, columns=["text"]):
        signatures, _ = kernels.minhash(batch.column("text").cast("large_string"), job["words"], a, b)
        keys.append(band_keys(signatures, job["bands"], job["rows"]))
    banded = np.concatenate(keys)
    numbers = np.repeat(np.arange(len(banded), dtype=np.uint64), job["bands"])
    order = np.lexsort((numbers, banded.ravel()))
    rounds = list(pairs_of_keys(banded.ravel()[order], numbers[order]))
    first, _ = distinct_pairs(*(np.concatenate([pair[side] for pair in rounds]) for side in (0, 1)))
    print(json.dumps({"documents": len(banded), "candidates": len(first)}))


if __name__ == "__main__":
    main()
