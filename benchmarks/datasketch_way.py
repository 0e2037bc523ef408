"""MinHash signatures and LSH candidates with datasketch; the shingles are made in plain Python."""

import json
import re
import sys
import unicodedata

import pyarrow.parquet as pq
from datasketch import MinHash, MinHashLSH

SPACELESS = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf"
    "\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)


def shingles(text: str, size: int) -> set[str]:
    """Runs of words, as `kernels.minhash` defines them."""
    kept = []
    for character in unicodedata.normalize("NFD", text.lower()):
        category = unicodedata.category(character)
        if category[0] in "PSZ" or category == "Cc":
            kept.append(" ")
        elif category == "Nd":
            kept.append("0")
        elif category not in ("Mn", "Cf"):
            kept.append(character)
    words = SPACELESS.sub(r" \g<0> ", "".join(kept)).split()
    return {" ".join(words[at : at + size]) for at in range(max(len(words) - size, 0) + 1)} if words else set()


def main() -> None:
    job = json.loads(sys.argv[1])
    index = MinHashLSH(num_perm=job["permutations"], params=(job["bands"], job["rows"]))
    documents = pairs = 0
    for text in pq.read_table(job["documents"], columns=["text"])["text"].to_pylist():
        sketch = MinHash(num_perm=job["permutations"])
        sketch.update_batch([shingle.encode() for shingle in shingles(text, job["words"])])
        pairs += len(index.query(sketch))
        index.insert(str(documents), sketch, check_duplication=False)
        documents += 1
    print(json.dumps({"documents": documents, "candidates": pairs}))


if __name__ == "__main__":
    main()
