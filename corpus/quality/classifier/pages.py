"""Pages to train a classifier on, with their addresses: documents, JSON lines or a crawl's WET files."""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq

from corpus.errors import UnreadableInputError, UserError
from corpus.identity import InputFile
from corpus.inputs import resolve
from corpus.inspection.summary import load_run
from corpus.pipeline.reading import ReadLog
from corpus.pipeline.store import COMPLETE
from corpus.quality.lm.texts import read_lines
from corpus.sources.wet import read_wet

WET_SUFFIXES = (".wet.gz", ".wet")
JSON_SUFFIXES = (".json", ".json.gz", ".jsonl", ".jsonl.gz")
SUFFIXES = (".parquet", *JSON_SUFFIXES, *WET_SUFFIXES)
BATCH_ROWS = 256

TEXT_FIELDS = ("text", "raw_content")
"""Where a JSON object has its text: ours; cc_net's."""

Page = tuple[str | None, str]
"""Its address, if it has one, and its text."""


def page_files(given: Iterable[str]) -> list[InputFile]:
    """Files of pages named as `corpus.inputs.resolve` takes them; an output of `filter` stands for its documents.

    Raises UserError when something named does not exist or holds no pages.
    """
    items = []
    for item in given:
        complete = (Path(item) / COMPLETE).is_file()
        if complete:
            load_run(Path(item))
        items.append(str(Path(item) / "documents") if complete else item)
    return resolve(items, SUFFIXES)


def read_pages(path: str) -> Iterator[Page]:
    """The pages of one file, in its order; pages without text are left out.

    Raises UserError for a file that is damaged (WET files are read as far as they go), of another format, or without
    texts and addresses.
    """
    if path.endswith(".parquet"):
        return _read_parquet(path)
    if path.endswith(JSON_SUFFIXES):
        return _read_json(path)
    if path.endswith(WET_SUFFIXES):
        return _read_wet(path)
    raise UserError(f"{path}: no reader for this kind of file; give files ending in {', '.join(SUFFIXES)}")


def _read_parquet(path: str) -> Iterator[Page]:
    try:
        with fsspec.open(path, "rb") as stream, pq.ParquetFile(stream) as parquet:
            missing = [name for name in ("text", "url") if name not in parquet.schema_arrow.names]
            if missing:
                raise UserError(f"{path}: no column `{missing[0]}`; give files of documents, with `text` and `url`")
            for batch in parquet.iter_batches(BATCH_ROWS, columns=["url", "text"]):
                urls, texts = (batch.column(name).cast(pa.large_string()).to_pylist() for name in ("url", "text"))
                yield from ((url, text) for url, text in zip(urls, texts, strict=True) if text)
    except (pa.ArrowException, OSError) as error:
        raise UserError(f"{path}: not readable as Parquet ({error}); make or copy the file again") from None


def _read_json(path: str) -> Iterator[Page]:
    for number, line in enumerate(read_lines(path), 1):
        if not line:
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise UserError(f"{path}, line {number}: not JSON ({error}); repair the file or leave it out") from None
        text = next((row[key] for key in TEXT_FIELDS if key in row), None) if isinstance(row, dict) else None
        if text is not None and not isinstance(text, str):
            raise UserError(f"{path}, line {number}: the text is not a string; give JSON lines of documents")
        if text:
            # Half a surrogate pair, which JSON can escape, is no character.
            yield _url_of(row), text.encode("utf-8", "replace").decode("utf-8")


def _url_of(row: Mapping[str, Any]) -> str | None:
    """Beside the text, or among what RedPajama (`meta`) and dolma (`metadata`) say of it."""
    for place in (row, row.get("meta"), row.get("metadata")):
        url = place.get("url") if isinstance(place, dict) else None
        if isinstance(url, str):
            return url
    return None


def _read_wet(path: str) -> Iterator[Page]:
    try:
        for batch in read_wet(path, ReadLog(), batch_documents=BATCH_ROWS):
            urls, texts = batch.column("url").to_pylist(), batch.column("text").to_pylist()
            yield from ((url, text) for url, text in zip(urls, texts, strict=True) if text)
    except UnreadableInputError as error:
        raise UserError(str(error)) from None
