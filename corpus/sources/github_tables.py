"""Tables of BigQuery's copy of GitHub, exported as Parquet, Avro or lines of JSON: which they are, and their rows.

The public data set `bigquery-public-data.github_repos` has `contents` (one row for each blob), `files` (one for each
path of a repository, naming its blob), `licenses` (one for each repository) and `languages`; it is exported as these,
or joined to one table as RedPajama's was.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from enum import Enum
from typing import Any

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq

from corpus.errors import UnreadableInputError, UserError
from corpus.faults import Fault, FaultKind
from corpus.pipeline.reading import ReadLog
from corpus.sources import avro_blocks
from corpus.sources.avro_blocks import AvroError, AvroFile
from corpus.sources.code_streams import StreamDamageError, unpacked
from corpus.sources.input_stream import InputStream
from corpus.sources.json_lines import read_json_lines

TABLE_SUFFIXES = (".parquet", ".avro", ".json", ".json.gz", ".jsonl", ".jsonl.gz")
BATCH_BYTES = 8 << 20
"""About as much is read at a time, or one row."""

_PARQUET = b"PAR1"
_SAMPLE_BYTES, _SAMPLE_LINES = 1 << 20, 100
_LONGEST_FIRST_LINE = 64 << 20

_NAMES = {
    "id": ("id",),
    "content": ("content", "code"),
    "repo": ("repo_name", "repo", "sample_repo_name"),
    "path": ("path", "sample_path"),
    "ref": ("ref", "sample_ref"),
    "license": ("license",),
    "binary": ("binary",),
    "symlink_target": ("symlink_target", "sample_symlink_target"),
}
"""What columns are called here, and in tables: BigQuery's, its samples', and codeparrot's."""


class TableKind(Enum):
    """JOINED: contents with paths. CONTENTS, FILES, LICENCES: BigQuery's tables. OTHER: a table that is not needed."""

    JOINED = "joined"
    CONTENTS = "contents"
    FILES = "files"
    LICENCES = "licenses"
    OTHER = "other"


COLUMNS = {
    TableKind.JOINED: ("path", "content", "id", "repo", "ref", "license", "binary"),
    TableKind.CONTENTS: ("id", "content", "binary"),
    TableKind.FILES: ("id", "repo", "path", "ref", "symlink_target"),
    TableKind.LICENCES: ("repo", "license"),
}
"""Columns read of each kind of table; a row without the first is none."""


@dataclass(frozen=True)
class Table:
    """names: of those of COLUMNS that the table has, by what they are called here."""

    format: str
    kind: TableKind
    names: Mapping[str, str]


@dataclass(frozen=True)
class Rows:
    """values: the columns asked for, as large strings (`binary` as bool), null where the table has none. first: number
    of the first row in the table; offset: as in JsonRows."""

    values: pa.RecordBatch
    records: Sequence[int]
    offset: int


def find_table(path: str) -> Table | None:
    """What table a file is, None for a file that is none, whatever it is called.

    Raises UserError when the file cannot be read, UnreadableInputError for a table that is damaged.
    """
    with InputStream(path) as stream:
        start = stream.read(4)
    try:
        if start.startswith(_PARQUET):
            with _parquet(path) as parquet:
                return _table("parquet", parquet.schema_arrow.names)
        if start.startswith(avro_blocks.MAGIC):
            with InputStream(path) as stream:
                return _table("avro", AvroFile(unpacked(stream, _LONGEST_FIRST_LINE).read).fields)
    except (pa.ArrowException, AvroError, OSError) as error:
        raise UnreadableInputError(f"{path}: a damaged table ({error}); export it again") from None
    return _json_table(path)


def _json_table(path: str) -> Table | None:
    """Rows leave out fields that are null, so the first ones are looked at together."""
    with InputStream(path) as stream:
        read = unpacked(stream, _LONGEST_FIRST_LINE).read
        try:
            start = read(_SAMPLE_BYTES)
            if not start.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
                return None
            while b"\n" not in start and (more := read(_SAMPLE_BYTES)):
                start += more
        except StreamDamageError:
            return None
    lines = start.splitlines(keepends=True)
    whole = [line for line in lines[:_SAMPLE_LINES] if line.endswith(b"\n")] or lines[:1]
    names: dict[str, None] = {}
    for line in whole:
        names.update(dict.fromkeys(_fields(line)))
    return _table("json", list(names))


def _fields(line: bytes) -> list[str]:
    """None of a line that is no object: what is wrong with it is told when it is read."""
    try:
        found = json.loads(line)
    except ValueError:
        return []
    return list(found) if isinstance(found, dict) else []


def _table(file_format: str, columns: Sequence[str]) -> Table:
    names = {ours: next((name for name in theirs if name in columns), None) for ours, theirs in _NAMES.items()}
    found = {ours: name for ours, name in names.items() if name is not None}
    kind = TableKind.OTHER
    if "content" in found and "path" in found:
        kind = TableKind.JOINED
    elif "content" in found and "id" in found:
        kind = TableKind.CONTENTS
    elif found.keys() >= {"id", "repo", "path"}:
        kind = TableKind.FILES
    elif found.keys() >= {"repo", "license"}:
        kind = TableKind.LICENCES
    return Table(file_format, kind, found)


def table_rows(path: str, table: Table, log: ReadLog) -> Iterator[Rows]:
    """The rows of a table in its order, with COLUMNS of its kind. `log` counts each as record, and as document or
    `unreadable`; damage, and rows without what they need, are faults."""
    read = {"parquet": _parquet_rows, "avro": _avro_rows, "json": _json_rows}[table.format]
    return read(path, table, log)


def _parquet_rows(path: str, table: Table, log: ReadLog) -> Iterator[Rows]:
    with _parquet(path) as parquet:
        size, total, done = _size(path), max(parquet.metadata.num_rows, 1), 0
        for group in range(parquet.num_row_groups):
            metadata = parquet.metadata.row_group(group)
            first = done
            try:
                columns = [table.names[name] for name in COLUMNS[table.kind] if name in table.names]
                for batch in parquet.iter_batches(_rows_per_batch(metadata), [group], columns, use_threads=False):
                    done += batch.num_rows
                    log.position = size * done // total
                    log.count("records", batch.num_rows)
                    yield from _complete(path, table, batch, done - batch.num_rows, 0, log)
            except (pa.ArrowException, OSError) as error:
                detail = f"rows {done:,} to {first + metadata.num_rows:,} cannot be read ({error})"
                log.fault(Fault(path, None, None, FaultKind.CORRUPT, detail))
            done = first + metadata.num_rows


def _rows_per_batch(group: pq.RowGroupMetaData) -> int:
    return max(1, BATCH_BYTES * group.num_rows // max(group.total_byte_size, BATCH_BYTES))


def _avro_rows(path: str, table: Table, log: ReadLog) -> Iterator[Rows]:
    with InputStream(path) as stream:
        try:
            done = offset = 0
            for records, size in AvroFile(unpacked(stream, 1 << 62).read).blocks():
                columns = {}
                for name in COLUMNS[table.kind]:
                    if name in table.names:
                        columns[table.names[name]] = _from_python([row.get(table.names[name]) for row in records])
                log.position = offset
                log.count("records", len(records))
                yield from _complete(path, table, pa.record_batch(columns), done, offset, log)
                done, offset = done + len(records), size
        except (AvroError, StreamDamageError) as error:
            log.fault(Fault(path, offset, None, FaultKind.CORRUPT, f"{error}; {done:,} rows were read before it"))


def _from_python(values: list[Any]) -> pa.Array:
    """Strings, or booleans; values of other types become null."""
    if any(isinstance(value, bool) for value in values):
        return pa.array([value if isinstance(value, bool) else None for value in values], pa.bool_())
    return pa.array([value if isinstance(value, str) else None for value in values], pa.large_string())


def _json_rows(path: str, table: Table, log: ReadLog) -> Iterator[Rows]:
    names = [table.names[name] for name in COLUMNS[table.kind] if name in table.names]
    types = {table.names.get("binary"): pa.bool_()}
    schema = pa.schema([pa.field(name, types.get(name, pa.large_string())) for name in names])
    for rows in read_json_lines(path, log, schema):
        for batch in rows.table.combine_chunks().to_batches():
            log.position = rows.offset
            yield Rows(_canonical(path, table, batch, log), rows.lines.tolist(), rows.offset)


def _complete(path: str, table: Table, batch: pa.RecordBatch, first: int, offset: int, log: ReadLog) -> Iterator[Rows]:
    """The rows that have what they need; the others are faults."""
    values = _canonical(path, table, batch, log)
    records = range(first, first + batch.num_rows)
    needed = values.column(0)
    if needed.null_count:
        present = needed.is_valid()
        for row, here in enumerate(present.to_pylist()):
            if not here:
                log.count("unreadable")
                detail = f"row {first + row} has no {table.names[COLUMNS[table.kind][0]]}"
                log.fault(Fault(path, offset, first + row, FaultKind.BAD_LINE, detail))
        records = [first + row for row, here in enumerate(present.to_pylist()) if here]  # type: ignore[assignment]
        values = values.filter(present)
    log.count("documents", values.num_rows)
    yield Rows(values, records, offset)


def _canonical(path: str, table: Table, batch: pa.RecordBatch, log: ReadLog) -> pa.RecordBatch:
    columns = {}
    for name in COLUMNS[table.kind]:
        wanted = pa.bool_() if name == "binary" else pa.large_string()
        if name not in table.names:
            columns[name] = pa.nulls(batch.num_rows, wanted)
            continue
        column = batch.column(table.names[name])
        try:
            columns[name] = column.cast(wanted)
            columns[name].validate(full=True)
        except pa.ArrowNotImplementedError:
            raise UserError(f"{path}: column {table.names[name]} is {column.type}; export the table again") from None
        except pa.ArrowInvalid:
            columns[name] = _replaced(path, table.names[name], column, log)
    return pa.record_batch(columns)


def _replaced(path: str, name: str, column: pa.Array, log: ReadLog) -> pa.Array:
    try:
        values = column.cast(pa.large_binary()).to_pylist()
    except pa.ArrowException:
        raise UserError(f"{path}: column {name} is {column.type}; export the table again") from None
    texts = [None if value is None else value.decode("utf-8", "replace") for value in values]
    log.fault(Fault(path, None, None, FaultKind.INVALID_UTF8, f"values of column {name} that are not UTF-8"))
    return pa.array(texts, pa.large_string())


def _parquet(path: str) -> AbstractContextManager[pq.ParquetFile]:
    if "://" not in path:
        return pq.ParquetFile(path)
    return nullcontext(pq.ParquetFile(fsspec.open(path, "rb").open()))


def _size(path: str) -> int:
    with fsspec.open(path, "rb") as stream:
        return int(stream.seek(0, 2))
