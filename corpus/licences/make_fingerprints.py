"""Makes fingerprints.txt from a directory of licence texts, each named IDENTIFIER.txt, or IDENTIFIER+VARIANT.txt.

The texts may be the templates of the SPDX licence list, whose variable parts stand in `<<var;…>>`: no shingle spans
one. Run as `python -m corpus.licences.make_fingerprints DIRECTORY`.
"""

import base64
import re
import sys
from pathlib import Path

import numpy as np

from corpus.licences.spdx import identifier
from corpus.licences.words import shingles, words

WHOLE = 300
"""Texts of up to this many different shingles are kept whole, so that close variants can be told apart."""
SAMPLE = 128
"""Shingles kept of longer ones: those with the smallest hashes."""
_VARIABLE = re.compile(r"<<var;.*?>>|<[a-z ]+>|\[(?:year|fullname)\]", re.DOTALL)
_OPTIONAL = re.compile(r"<<beginOptional.*?>>.*?<<endOptional>>", re.DOTALL)


def fingerprint(text: str) -> tuple[int, np.ndarray]:
    """How many different shingles the text has, and the uint32 hashes of those kept, ascending."""
    segments = _VARIABLE.split(_OPTIONAL.sub("\n", text))
    hashes = np.unique(np.array([one for part in segments for one in shingles(words(part))], dtype=np.uint32))
    return len(hashes), hashes if len(hashes) <= WHOLE else hashes[:SAMPLE]


def main(directory: Path) -> None:
    lines = []
    for path in sorted(directory.glob("*.txt")):
        count, hashes = fingerprint(path.read_text("utf-8"))
        encoded = base64.b64encode(hashes.astype("<u4").tobytes()).decode()
        name, _, _ = path.stem.partition("+")
        lines.append(f"{identifier(name)} {count} {encoded}\n")
    Path(__file__).with_name("fingerprints.txt").write_text("".join(lines), "ascii")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
