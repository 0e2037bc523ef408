"""A generated Common Crawl: WET files of invented pages with planted cases, and the truth about them."""

import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TextIO

from demo.draft import Desk, Draft
from demo.english import Author
from demo.planted import Planted, PlantedPage
from demo.planted_damage import DAMAGE_CASES, DAMAGE_CASES_ONCE
from demo.planted_lines import LINE_CASES
from demo.planted_pages import PAGE_CASES, PAGE_CASES_ONCE
from demo.stream import Stream
from demo.wet import FILE_NAME, WetFile, WetRecord
from demo.world import World

# Pages are made, planted and shuffled over the files a block at a time, so that memory does not grow with the crawl.
BLOCK_BYTES = 2_000_000
# Of every site so many bytes, about a dozen pages: its navigation is seen often enough to be known as a repeat.
SITE_BYTES = 30_000
# Share of records that say which languages the crawl found.
LANGUAGE_HEADERS = 2 / 3


def write_crawl(out: Path, *, seed: int, shards: int = 4, megabytes: float = 8.0) -> Planted:
    """Writes `shards` WET files of about `megabytes` (10^6 bytes of text) together, and `planted.jsonl`, under `out`.

    Every block of 2 MB has all planted cases anew; a smaller crawl is one block, and about 0.4 MB with nothing but
    them. The text is a function of the arguments alone; memory is that of one block.
    """
    out.mkdir(parents=True, exist_ok=True)
    world = World(seed)
    blocks = max(1, round(megabytes * 1e6 / BLOCK_BYTES))
    truth = out / "planted.jsonl"
    with ExitStack() as stack:
        paths = [out / FILE_NAME.format(number) for number in range(shards)]
        files = [stack.enter_context(WetFile(path, number)) for number, path in enumerate(paths)]
        rows = stack.enter_context(truth.open("w", encoding="utf-8", newline="\n"))
        press = _Press(files, paths, rows, Stream(seed, "crawl"))
        last: Draft | None = None
        for block in range(blocks):
            author = Author(world, Stream(seed, "web", block))
            for draft in _block(author, block, megabytes * 1e6 / blocks):
                if draft.cut:
                    last = draft
                else:
                    press.print(draft)
        if last:
            press.print_cut(last)
    return Planted(truth, tuple(paths), press.pages, press.text_bytes, press.counts)


def _block(author: Author, block: int, size: float) -> Iterator[Draft]:
    """About `size` bytes of pages in random order; what a crawl has once is in the first block."""
    desk = Desk(author, block, sites=max(2, round(size / SITE_BYTES)))
    cases = [*LINE_CASES, *PAGE_CASES, *DAMAGE_CASES]
    if block == 0:
        cases += [*PAGE_CASES_ONCE, *DAMAGE_CASES_ONCE]
    drafts = [draft for case in cases for draft in case(desk)]
    written = sum(len(draft.text) for draft in drafts)
    while written < size:
        site = desk.stream.pick(desk.sites)
        drafts.append(desk.draft(desk.ordinary(site), site=site))
        written += len(drafts[-1].text)
    desk.stream.shuffle(drafts)
    return iter(drafts)


class _Press:
    """Puts drafts into the files, each into one drawn at random, and notes what was planted."""

    def __init__(self, files: list[WetFile], paths: list[Path], rows: TextIO, stream: Stream) -> None:
        self._files = files
        self._names = [path.name for path in paths]
        self._rows = rows
        self._stream = stream
        self.pages = 0
        self.text_bytes = 0
        self.counts: Counter[str] = Counter()

    def print(self, draft: Draft) -> None:
        number = self._stream.below(len(self._files))
        for page in (draft, *draft.followers):
            self._files[number].write(self._record(page, number))

    def print_cut(self, draft: Draft) -> None:
        number = len(self._files) - 1
        self._files[number].write_cut(self._record(draft, number))

    def _record(self, draft: Draft, number: int) -> WetRecord:
        stream = self._stream
        day, hour, minute, second = (stream.between(21, 30), stream.below(24), stream.below(60), stream.below(60))
        record = WetRecord(
            url=draft.url,
            date=f"2023-09-{day:02}T{hour:02}:{minute:02}:{second:02}Z",
            record_id=self._urn(),
            refers_to=self._urn(),
            text=draft.text,
            languages=draft.languages if stream.chance(LANGUAGE_HEADERS) else None,
            length_error=draft.length_error,
        )
        self.pages += 1
        self.text_bytes += len(draft.text)
        if draft.expected:
            self.counts[draft.expected.case] += 1
            page = PlantedPage(draft.url, record.record_id, self._names[number], draft.expected)
            self._rows.write(page.to_json() + "\n")
        return record

    def _urn(self) -> str:
        return f"urn:uuid:{uuid.UUID(int=self._stream.bits(128), version=4)}"
