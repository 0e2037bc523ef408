"""Documents to make tokens of: the outputs of filter runs, or any Parquet and JSON Lines files with a text column."""

import bz2
import gzip
import io
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, cast

import fsspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from corpus.document_files import document_paths
from corpus.errors import UserError
from corpus.identity import InputFile, identify

SUFFIXES = (".parquet", ".jsonl", ".jsonl.gz", ".jsonl.bz2", ".jsonl.zst")
"""Names of files found in a directory. One named by itself may end in anything: if not `.parquet`, it is JSON Lines."""

BATCH_BYTES = 32 << 20
"""About as much text is read at a time, or one document."""

SCHEMA = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("text", pa.large_string(), nullable=False),
        pa.field("source", pa.string(), nullable=False),
    ]
)


def document_files(given: Iterable[str | Path]) -> list[InputFile]:
    """Files of documents, sorted by path, each once; see `document_paths` for what may be given.

    Raises UserError when something named does not exist or holds no documents, and for a filter run that has not
    finished.
    """
    return [identify(path) for path in sorted(document_paths(given, SUFFIXES))]


def read_documents(file: InputFile, default_source: str) -> Iterator[tuple[pa.RecordBatch, int]]:
    """Batches of SCHEMA, in the order of the file, each with the bytes of the file read by then.

    A document without a source gets `default_source`, one without an id that of its place, `FILE NAME:ROW`. Raises
    UserError for a file that is damaged or has a document without text. That texts are UTF-8 is not looked at.
    """
    read = _read_parquet if file.path.endswith(".parquet") else _read_json_lines
    row = 0
    for columns, consumed in read(file):
        count = len(columns["text"])
        if columns["text"].null_count:
            raise UserError(f"{file.path}: a document has no text (null); remove it")
        ids = columns["id"] if "id" in columns else _places(file.path, row, count)
        if ids.null_count:
            raise UserError(f"{file.path}: a document has no id while others have one; give all of them ids, or none")
        sources = columns.get("source", pa.nulls(count, pa.string())).fill_null(default_source)
        yield pa.RecordBatch.from_arrays([ids, columns["text"], sources], schema=SCHEMA), consumed
        row += count


def by_source(batch: pa.RecordBatch) -> list[pa.RecordBatch]:
    """The documents of a batch, parted by source in order of first appearance; rows keep their order."""
    sources: pa.Array = batch.column("source").dictionary_encode()
    if len(sources.dictionary) < 2:
        return [batch] if batch.num_rows else []
    codes = sources.indices.to_numpy()
    return [batch.take(pa.array(np.flatnonzero(codes == code))) for code in range(len(sources.dictionary))]


def _places(path: str, first: int, count: int) -> pa.Array:
    name = path.rsplit("/", 1)[-1]
    return pa.array([f"{name}:{row}" for row in range(first, first + count)], pa.string())


def _read_parquet(file: InputFile) -> Iterator[tuple[dict[str, pa.Array], int]]:
    try:
        with pq.ParquetFile(fsspec.open(file.path, "rb").open() if "://" in file.path else file.path) as parquet:
            names = [name for name in SCHEMA.names if name in parquet.schema_arrow.names]
            if "text" not in names or not _is_text(parquet.schema_arrow.field("text").type):
                present = ", ".join(f"{field.name}: {field.type}" for field in parquet.schema_arrow)
                raise UserError(f"{file.path}: no column `text` of text ({present}); name files of documents")
            done = 0
            for group in range(parquet.num_row_groups):
                rows = _rows_per_batch(parquet.metadata.row_group(group))
                for batch in parquet.iter_batches(rows, row_groups=[group], columns=names):
                    done += batch.num_rows
                    columns = {name: batch.column(name).cast(SCHEMA.field(name).type) for name in names}
                    yield columns, file.size * done // parquet.metadata.num_rows
    except (pa.ArrowException, OSError) as error:
        raise UserError(f"{file.path}: not readable as Parquet ({error}); make or copy the file again") from None


def _is_text(type_: pa.DataType) -> bool:
    values = type_.value_type if pa.types.is_dictionary(type_) else type_
    return pa.types.is_string(values) or pa.types.is_large_string(values)


def _rows_per_batch(group: Any) -> int:
    columns = (group.column(index) for index in range(group.num_columns))
    size = next(column.total_uncompressed_size for column in columns if column.path_in_schema == "text")
    return max(1, BATCH_BYTES * group.num_rows // max(size, BATCH_BYTES))


def _read_json_lines(file: InputFile) -> Iterator[tuple[dict[str, pa.Array], int]]:
    documents: list[dict[str, Any]] = []
    size = number = 0
    try:
        with fsspec.open(file.path, "rb") as raw:
            for number, line in enumerate(_decompressed(raw, file.path), 1):
                if line.isspace():
                    continue
                documents.append(_document(line, f"{file.path}, line {number}"))
                size += len(line)
                if size >= BATCH_BYTES:
                    yield _columns(documents), min(raw.tell(), file.size)
                    documents, size = [], 0
    except (OSError, EOFError, pa.ArrowException) as error:
        fault = f"not readable after line {number} ({error})"
        raise UserError(f"{file.path}: {fault}; make or copy the file again") from None
    if documents:
        yield _columns(documents), file.size


def _decompressed(raw: BinaryIO, path: str) -> BinaryIO:
    if path.endswith(".gz"):
        return cast(BinaryIO, gzip.GzipFile(fileobj=raw))
    if path.endswith(".bz2"):
        return cast(BinaryIO, bz2.BZ2File(raw))
    if path.endswith(".zst"):
        return io.BufferedReader(pa.CompressedInputStream(pa.PythonFile(raw), "zstd"))
    return raw


def _document(line: bytes, where: str) -> dict[str, Any]:
    try:
        document = json.loads(line)
    except ValueError as error:
        raise UserError(f"{where}: not JSON ({error}); name JSON Lines files of documents") from None
    if not isinstance(document, dict) or not isinstance(document.get("text"), str):
        raise UserError(f"{where}: no field `text` with a string; name JSON Lines files of documents")
    try:
        document["text"].encode()
    except UnicodeEncodeError:
        raise UserError(f"{where}: the text has half of a surrogate pair, which is no character; replace it") from None
    return document


def _columns(documents: list[dict[str, Any]]) -> dict[str, pa.Array]:
    columns = {"text": pa.array([document["text"] for document in documents], pa.large_string())}
    if any("id" in document for document in documents):
        ids = (document.get("id") for document in documents)
        columns["id"] = pa.array([None if id_ is None else str(id_) for id_ in ids], pa.string())
    sources = (document.get("source") for document in documents)
    columns["source"] = pa.array([source if isinstance(source, str) else None for source in sources], pa.string())
    return columns
