"""A generated dump of a site to documents, and twice as much of it: MB/s of XML on one core, and memory.

    python -m benchmarks.stackexchange [--megabytes N] [--runs N] [--posts FILE ...]

The rows are those of the Posts.xml files given, or of a site made up, again and again with numbers of their own.
"""

import argparse
import json
import re
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from xml.sax.saxutils import quoteattr

from benchmarks.measure import Timing, measure, python, report
from corpus.sources.wiki_pieces import read_pieces
from demo.encyclopedia import articles
from demo.world import World

RESULTS = Path(__file__).parent / "results"
PACKAGES = ("llama-corpus", "pyarrow", "numpy")
_IDS = re.compile(r' (?:Id|ParentId|AcceptedAnswerId)="(\d+)"')


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--posts", nargs="*", type=Path, default=[], help="Posts.xml files to take rows from")
    parser.add_argument("--megabytes", type=int, default=100, help="of XML; then twice as much")
    parser.add_argument("--runs", type=int, default=1, help="of each, the fastest counts")
    arguments = parser.parse_args()
    rows = [row for path in arguments.posts for row in _rows_of(path)] or list(_made_up(4000))
    with tempfile.TemporaryDirectory() as scratch:
        timings = []
        for factor in (1, 2):
            path = Path(scratch) / "bench.stackexchange.com.Posts.xml"
            size = _write(path, rows, arguments.megabytes * factor * 1_000_000)
            timings.append(
                _filter(path, Path(scratch) / "out", f"filter stackexchange, {size / 1e6:,.0f} MB", arguments.runs)
            )
            print(
                f"{timings[-1].name}: {size / 1e6 / timings[-1].cpu:.1f} MB/s of XML, {timings[-1].memory / 1e6:.0f} MB"
            )
    print(f"twice the input takes {timings[1].cpu / timings[0].cpu:.2f} times as long")
    report("Posts.xml to documents", arguments.megabytes, timings[:1], PACKAGES, RESULTS / "stackexchange.json")


def _filter(path: Path, out: Path, name: str, runs: int) -> Timing:
    command = ["filter", "stackexchange", str(path), "--out", str(out), "--workers", "1", "--overwrite", "--json"]
    timing = measure(name, python("-c", "import cli; cli.main()", *command), runs)
    if not json.loads(timing.output)["documents"]:
        raise SystemExit("no documents came out")
    return timing


def _write(path: Path, rows: Sequence[str], size: int) -> int:
    """Rows again and again, their ids moved so that none occurs twice; returns the bytes written."""
    step = 1 + max(int(number) for row in rows for number in _IDS.findall(row))
    with open(path, "w", encoding="utf-8") as file:
        file.write('<?xml version="1.0" encoding="utf-8"?>\n<posts>\n')
        turn = 0
        while file.tell() < size:
            shift = turn * step
            file.writelines(
                _IDS.sub(lambda found, by=shift: found[0].replace(found[1], str(int(found[1]) + by)), row)
                for row in rows
            )
            turn += 1
        file.write("</posts>\n")
        return file.tell()


def _rows_of(path: Path) -> Iterator[str]:
    data = b"".join(piece.data for piece in read_pieces(str(path), 0, lambda fault: None)).decode("utf-8-sig")
    yield from (f"{row}\n" for row in re.findall(r"<row .*?/>", data))


def _made_up(count: int) -> Iterator[str]:
    """Questions and answers of paragraphs, lists and code, about as long as real ones."""
    noise = Random(0)
    texts = [article.text for article in articles(World(0))]
    code = "<pre><code>def work(items):\n    for item in items:\n        print(item &lt; 3)\n</code></pre>\n\n"
    for number in range(1, count + 1):
        paragraphs = [
            f"<p>{noise.choice(texts)[: noise.randrange(80, 600)]}</p>\n\n" for _ in range(noise.randrange(1, 4))
        ]
        listed = "<ul>\n<li>first <em>thing</em></li>\n<li>second</li>\n</ul>\n" if number % 5 == 0 else ""
        body = quoteattr("".join(paragraphs) + (code if number % 3 == 0 else "") + listed, {"\n": "&#xA;"})
        date = f"2014-05-03T22:{number % 60:02}:44.830"
        dates = f'CreationDate="{date}" LastActivityDate="{date}"'
        if number % 3 == 1:
            more = f'PostTypeId="1" Title="Question {number}" Tags="&lt;a&gt;&lt;b&gt;" AnswerCount="2"'
        else:
            more = f'PostTypeId="2" ParentId="{number - (number - 1) % 3}"'
        yield f'  <row Id="{number}" {more} {dates} Score="{noise.randrange(-3, 90)}" Body={body} CommentCount="0" />\n'


if __name__ == "__main__":
    main()
