"""The texts a language model is made from: plain lines, JSON Lines or Parquet documents, as batches of strings."""

import gzip
import json
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, cast

import fsspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from corpus.errors import UserError
from corpus.identity import InputFile
from corpus.inputs import resolve
from corpus.inspection.summary import load_run
from corpus.pipeline.store import COMPLETE

SUFFIXES = (".txt", ".txt.gz", ".json", ".json.gz", ".jsonl", ".jsonl.gz", ".parquet")
"""Names of files that can be read: one text a line, one JSON object a line, documents."""

TEXT_FIELDS = ("opening_text", "text", "raw_content")
"""Where a JSON object has its text, the first that it has: a page's introduction in Wikipedia's CirrusSearch dumps, as
cc_net `get_wiki_cirrus.py` takes it; ours; cc_net's."""

BATCH_BYTES = 4 << 20


def text_files(given: Iterable[str]) -> list[InputFile]:
    """Files of texts named as `corpus.inputs.resolve` takes them; an output of `filter` stands for its documents.

    Raises UserError when something named does not exist or holds no texts.
    """
    return resolve([_documents_of(item) for item in given], SUFFIXES)


def _documents_of(item: str) -> str:
    directory = Path(item)
    if not (directory / COMPLETE).is_file():
        return item
    load_run(directory)
    return str(directory / "documents")


@dataclass
class TextReader:
    """Reads texts in the order of the files, each file in its own order.

    language: documents that name another language are passed over; those that name none are read. limit: texts read at
    most. progress: called with texts read and bytes of the files done with. texts, other_languages, without_text:
    counted while reading.
    """

    language: str
    limit: int | None = None
    progress: Callable[[int, int], None] = lambda texts, size: None
    texts: int = field(default=0, init=False)
    other_languages: int = field(default=0, init=False)
    without_text: int = field(default=0, init=False)

    def read(self, inputs: Iterable[InputFile]) -> Iterator[pa.LargeStringArray]:
        """Batches of texts, none null or empty. Raises UserError for a file that is damaged or of another format."""
        for file in inputs:
            for batch in self._read_file(file.path):
                if self.limit is not None:
                    batch = batch.slice(0, self.limit - self.texts)
                self.texts += len(batch)
                self.progress(len(batch), 0)
                if len(batch):
                    yield batch
                if self.texts == self.limit:
                    return
            self.progress(0, file.size)

    def _read_file(self, path: str) -> Iterator[pa.LargeStringArray]:
        if path.endswith(".parquet"):
            return self._read_parquet(path)
        name = path.removesuffix(".gz")
        if name.endswith(".txt"):
            return _batches(line for line in read_lines(path) if line)
        if name.endswith((".json", ".jsonl")):
            return _batches(self._json_texts(path))
        raise UserError(f"{path}: no reader for this kind of file; give files ending in {', '.join(SUFFIXES)}")

    def _json_texts(self, path: str) -> Iterator[str]:
        for number, line in enumerate(read_lines(path), 1):
            if not line:
                continue
            try:
                row = json.loads(line)
            except ValueError as error:
                raise UserError(f"{path}, line {number}: not JSON ({error}); repair the file or leave it out") from None
            row = row if isinstance(row, dict) else {}
            text = next((row[key] for key in TEXT_FIELDS if key in row), None)
            if not isinstance(text, str) or not text:
                self.without_text += 1
            elif row.get("language") not in (None, self.language):
                self.other_languages += 1
            else:
                # Half a surrogate pair, which JSON can escape, is no character.
                yield text.encode("utf-8", "replace").decode("utf-8")

    def _read_parquet(self, path: str) -> Iterator[pa.LargeStringArray]:
        try:
            with fsspec.open(path, "rb") as stream, pq.ParquetFile(stream) as parquet:
                names = [name for name in ("text", "language") if name in parquet.schema_arrow.names]
                if "text" not in names:
                    raise UserError(f"{path}: no column `text`; give files of documents")
                for group in range(parquet.num_row_groups):
                    rows = _rows_per_batch(parquet.metadata.row_group(group))
                    for batch in parquet.iter_batches(rows, row_groups=[group], columns=names):
                        yield self._wanted(batch)
        except (pa.ArrowException, OSError) as error:
            raise UserError(f"{path}: not readable as Parquet ({error}); make or copy the file again") from None

    def _wanted(self, batch: pa.RecordBatch) -> pa.LargeStringArray:
        text = batch.column("text").cast(pa.large_string())
        if "language" in batch.schema.names:
            same = pc.fill_null(pc.equal(batch.column("language"), self.language), True)
            self.other_languages += len(text) - pc.sum(same).as_py() if len(text) else 0
            text = text.filter(same)
        present = pc.fill_null(pc.greater(pc.binary_length(text), 0), False)
        wanted = text.filter(present)
        self.without_text += len(text) - len(wanted)
        return wanted


def batches_of(texts: Iterable[str]) -> Iterator[pa.LargeStringArray]:
    """Strings as the batches `train_lm` takes."""
    return _batches(text for text in texts if text)


def _batches(texts: Iterable[str]) -> Iterator[pa.LargeStringArray]:
    held: list[str] = []
    size = 0
    for text in texts:
        held.append(text)
        size += len(text)
        if size >= BATCH_BYTES:
            yield pa.array(held, pa.large_string())
            held, size = [], 0
    if held:
        yield pa.array(held, pa.large_string())


def read_lines(path: str) -> Iterator[str]:
    """Lines without their ends; bytes that are not UTF-8 as U+FFFD."""
    number = 0
    try:
        with fsspec.open(path, "rb") as raw:
            stream = cast(BinaryIO, gzip.GzipFile(fileobj=raw)) if path.endswith(".gz") else raw
            for number, line in enumerate(stream, 1):  # noqa: B007 (named in the error)
                yield line.decode("utf-8", "replace").rstrip("\r\n")
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise UserError(f"{path}: not readable after line {number} ({error}); make or copy the file again") from None


def _rows_per_batch(group: pq.RowGroupMetaData) -> int:
    columns = (group.column(index) for index in range(group.num_columns))
    size = next(column.total_uncompressed_size for column in columns if column.path_in_schema == "text")
    return max(1, BATCH_BYTES * group.num_rows // max(size, BATCH_BYTES))
