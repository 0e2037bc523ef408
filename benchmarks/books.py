"""A generated library to documents, and twice as much of it: MB/s of text on one core, and memory. Then a part of it
by datasketch's index of MinHashes, made for containment, beside the command.

    python -m benchmarks.books [--megabytes N] [--compared N] [--runs N]

Books are of 60 to 1,000 KB, words of generated articles in an order drawn anew for each, in Project Gutenberg's header
and licence; one in ten is another edition or a part of the one before.
"""

import argparse
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.measure import Timing, measure, python, report
from corpus.dedup.containment import Containment
from demo.encyclopedia import articles
from demo.world import World

RESULTS = Path(__file__).parent / "results"
PACKAGES = ("llama-corpus", "datasketch", "pyarrow", "numpy")
HEADER = (
    "The Project Gutenberg EBook of Book {0}\n\nTitle: {0}\n\n*** START OF THIS PROJECT GUTENBERG EBOOK {0} ***\n\n"
)
FOOTER = "\n\n*** END OF THIS PROJECT GUTENBERG EBOOK {0} ***\n\n" + "Redistribution is subject to the license. " * 400
SMALLEST, LARGEST = 10_000, 170_000
"""Words of a book."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=100, help="of text; then twice as much")
    parser.add_argument("--compared", type=int, default=20, help="megabytes for the comparison with datasketch")
    parser.add_argument("--runs", type=int, default=1, help="of each, the fastest counts")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        work = Path(scratch)
        timings = []
        for megabytes in (arguments.megabytes, 2 * arguments.megabytes):
            size = _write(work / f"books-{megabytes}", megabytes * 1_000_000)
            timings.append(
                _filter(work / f"books-{megabytes}", work, f"filter books, {megabytes:,} MB", arguments.runs)
            )
            print(f"{timings[-1].name}: {size / 1e6 / timings[-1].cpu:.1f} MB/s, {timings[-1].memory / 1e6:.0f} MB")
        print(f"twice the input takes {timings[1].cpu / timings[0].cpu:.2f} times as long")
        small = work / "compared"
        size = _write(small, arguments.compared * 1_000_000)
        stage = Containment()
        job = json.dumps({"directory": str(small), "words": stage.words, "threshold": stage.threshold})
        theirs = measure("datasketch", python("-m", "benchmarks.lsh_ensemble_way", job), arguments.runs)
        ours = _filter(small, work, "llama-corpus filter books", arguments.runs)
        print(f"pairs: {json.loads(theirs.output)['pairs']} by datasketch; dropped: {_dropped(ours)} by llama-corpus")
        report("Books to documents", size / 1e6, [theirs, ours], PACKAGES, RESULTS / "books.json")


def _filter(directory: Path, work: Path, name: str, runs: int) -> Timing:
    command = ["filter", "books", str(directory), "--out", str(work / "out"), "--workers", "1", "--overwrite", "--json"]
    return measure(name, python("-c", "import cli; cli.main()", *command), runs)


def _dropped(timing: Timing) -> int:
    stages = json.loads(timing.output)["stages"]
    return sum(amount["documents"] for stage in stages for amount in stage["dropped"].values())


def _write(directory: Path, size: int) -> int:
    """Writes books until they take `size` bytes; returns the bytes written."""
    directory.mkdir()
    written = 0
    for number, text in enumerate(_books()):
        written += (directory / f"{number:06d}.txt").write_text(
            HEADER.format(number) + text + FOOTER.format(number), "ascii", "replace", "\r\n" if number % 2 else "\n"
        )
        if written >= size:
            return written
    raise AssertionError("there is no end of books")


def _books() -> Iterator[str]:
    generator = np.random.default_rng(0)
    running = " ".join(article.text for article in articles(World(0))).split()
    # About every twelfth word ends a line, and some of these a paragraph.
    words = np.array(
        [
            f"{word}\n\n" if n % 108 == 0 else f"{word}\n" if n % 12 == 0 else f"{word} "
            for n, word in enumerate(running)
        ],
        object,
    )
    number = 0
    book: list[str] = []
    while True:
        number += 1
        if number % 10 == 0:
            keep = int(generator.integers(len(book) // 2, len(book) + 1))
            book = [*book[:keep], *_drawn(generator, words, keep // 40)]
        else:
            book = _drawn(generator, words, int(np.exp(generator.uniform(np.log(SMALLEST), np.log(LARGEST)))))
        yield "".join(book)


def _drawn(generator: np.random.Generator, words: np.ndarray, count: int) -> list[str]:
    drawn: list[str] = words[generator.integers(0, len(words), count)].tolist()
    return drawn


if __name__ == "__main__":
    main()
