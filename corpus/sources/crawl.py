"""Files of a crawl, WET or WARC, told apart by name and content."""

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa

from corpus.cleaning.html import Html
from corpus.errors import UnreadableInputError
from corpus.pipeline.reading import ReadLog
from corpus.sources import warc_html, wet
from corpus.sources.warc import read_records
from corpus.sources.warc_html import read_warc
from corpus.sources.wet import read_wet

WET_SUFFIXES = (".warc.wet.gz", ".wet.gz", ".warc.wet", ".wet")
WARC_SUFFIXES = (".warc.gz", ".warc")

VERSION = {"wet": wet.VERSION, "warc": warc_html.VERSION}
"""Of the readers."""


@dataclass(frozen=True)
class CrawlReader:
    """Reads the text records of a WET file, or the pages of a WARC file with `html`."""

    html: Html

    def __call__(self, path: str, log: ReadLog) -> Iterator[pa.RecordBatch]:
        return read_warc(path, log, self.html) if has_pages(path) else read_wet(path, log)


def has_pages(path: str) -> bool:
    """Whether a file is one of pages rather than of text: by its name, or else by the first record that is either.

    What cannot be read at all has none; reading it says what is wrong.
    """
    if path.lower().endswith(WET_SUFFIXES):
        return False
    try:
        for record in read_records(path, lambda fault: None):
            if record.type in ("conversion", "response"):
                return record.type == "response"
    except UnreadableInputError:
        pass
    return False
