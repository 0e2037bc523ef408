"""Wikitext to text: mwparserfromhell's strip_code, and the kernel behind `filter wikipedia`.

    python -m benchmarks.wikitext [DUMP ...] [--megabytes N] [--runs N]

Without dumps, one is generated.
"""

import argparse
import json
import random
import tempfile
from dataclasses import replace
from pathlib import Path
from xml.sax.saxutils import escape

from benchmarks.measure import Timing, measure, python, report
from corpus.pipeline.reading import ReadLog
from corpus.sources.wiki_dump import DumpReader
from demo.encyclopedia import articles
from demo.world import World

RESULTS = Path(__file__).parent / "results"
PACKAGES = ("llama-corpus", "mwparserfromhell", "pyarrow")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dumps", nargs="*", type=Path, help="pages-articles XML")
    parser.add_argument("--megabytes", type=float, default=8.0, help="of generated wikitext, without dumps")
    parser.add_argument("--runs", type=int, default=2, help="of each, the fastest counts")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        dumps = arguments.dumps or [write_dump(Path(scratch) / "enwiki-generated.xml", arguments.megabytes)]
        size = sum(len(text.encode()) for dump in dumps for text in _articles(dump))
        timings = [
            _timed("mwparserfromhell strip_code", "theirs", dumps, arguments.runs),
            _timed("llama-corpus wikitext kernel", "ours", dumps, arguments.runs),
        ]
    report("Wikitext to text", size / 1e6, timings, PACKAGES, RESULTS / "wikitext.json")


def _timed(name: str, way: str, dumps: list[Path], runs: int) -> Timing:
    """CPU seconds are those of the rendering, without start-up and reading."""
    timing = measure(name, python("-m", "benchmarks.strip_code_way", way, *map(str, dumps)), runs)
    return replace(timing, cpu=json.loads(timing.output)["seconds"])


def _articles(dump: Path) -> list[str]:
    batches = DumpReader()(str(dump), ReadLog())
    rows = [row for batch in batches for row in batch.to_pylist()]
    return [row["text"] for row in rows if row["namespace"] == 0 and not row["redirect"]]


def write_dump(path: Path, megabytes: float, seed: int = 0) -> Path:
    """A dump of about so many megabytes, with the markup of real articles around generated prose."""
    chance = random.Random(seed)
    prose = [article.text for article in articles(World(seed))]
    with path.open("w", encoding="utf-8") as out:
        out.write("<mediawiki><siteinfo><dbname>enwiki</dbname></siteinfo>\n")
        number = 0
        while out.tell() < megabytes * 1e6:
            number += 1
            page = escape(_page([chance.choice(prose) for _ in range(12)], chance))
            out.write(
                f"<page><title>Article {number}</title><ns>0</ns><id>{number}</id><revision><id>{number}</id>"
                f"<text>{page}</text></revision></page>\n"
            )
        out.write("</mediawiki>\n")
    return path


def _page(paragraphs: list[str], chance: random.Random) -> str:
    box = "".join(f"| field{i} = [[{chance.randrange(999)}]] {{{{nowrap|{i} m}}}}\n" for i in range(12))
    parts = [f"{{{{Infobox thing\n{box}}}}}\n", "[[File:A.jpg|thumb|A [[caption]] with '''marks''']]\n"]
    for i, paragraph in enumerate(paragraphs):
        words = paragraph.split(" ")
        for at in range(3, len(words), 17):
            words[at] = chance.choice(
                (
                    f"[[{words[at]}]]",
                    f"[[Page {at}|{words[at]}]]",
                    f"''{words[at]}''",
                    f"{words[at]}<ref name=n{at}>{{{{cite book|title=T|year=1999|url=http://x.org/{at}}}}}</ref>",
                    f"{words[at]} {{{{convert|{at}|km|mi}}}}",
                )
            )
        parts.append(f"\n== Section {i} ==\n" if i % 3 == 2 else "\n")
        parts.append(" ".join(words) + "\n")
    rows = "".join(f"|-\n| {i} || [[x]] || {{{{val|{i}}}}}\n" for i in range(10))
    return (
        "".join(parts) + f'{{| class="wikitable"\n{rows}|}}\n\n== References ==\n{{{{reflist}}}}\n[[Category:Things]]\n'
    )


if __name__ == "__main__":
    main()
