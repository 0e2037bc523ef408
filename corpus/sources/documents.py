"""Documents already filtered, of any source: deduplicated across sources, their columns passed through.

LLaMA's paper does not compare its sources with each other; C4 overlaps with CommonCrawl, and pages copy Wikipedia.
SlimPajama removed half of RedPajama's bytes by MinHash over all seven sources.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq

from corpus.dedup.exact import ExactDedup
from corpus.dedup.near_duplicates import NearDuplicates
from corpus.document import BASE_FIELDS, conform, document_schema
from corpus.errors import UserError
from corpus.identity import InputFile
from corpus.models.files import ModelFiles
from corpus.pipeline.plan import Plan
from corpus.pipeline.reading import Reading, ReadLog
from corpus.pipeline.source_plan import source_plan
from corpus.pipeline.stage import Stage
from corpus.pipeline.upstream import Upstream
from corpus.sources.provenance import provenance

VERSION = 1
"""Of what this reader makes of an input; to be raised when that changes."""

BATCH_BYTES = 16 << 20
"""About as much text is read at a time, or one document."""

_BASE = {field.name: field for field in BASE_FIELDS}


@dataclass(frozen=True, kw_only=True)
class Documents:
    """The stages in their order, with their parameters. Both keep the document that comes first, so inputs that are
    named first are preferred."""

    name: ClassVar[str] = "documents"
    suffixes: ClassVar[tuple[str, ...]] = (".parquet",)

    exact: ExactDedup = field(default_factory=ExactDedup)
    near_duplicates: NearDuplicates = field(default_factory=NearDuplicates)

    @property
    def stages(self) -> tuple[Stage, ...]:
        return tuple(stage for stage in (self.exact, self.near_duplicates) if stage.enabled)

    def plan(self, inputs: Sequence[InputFile], models: ModelFiles, limit: int | None, strict: bool) -> Plan:
        """Raises UserError for a file that is no Parquet file of documents, or whose columns differ in type from those
        of another."""
        identity = provenance(self, self.stages, inputs, models, limit)
        reading, reader = Reading(read_documents, limit, strict), {"reader": VERSION, "limit": limit}
        documents = [Upstream(file, reading, models, reader) for file in inputs]
        return source_plan(
            self.stages, documents, identity, common_schema(inputs), strict=strict, categories=("source",)
        )


def common_schema(inputs: Sequence[InputFile]) -> pa.Schema:
    """The base columns, then those of the inputs in the order in which they first come."""
    others: dict[str, pa.Field] = {}
    for file in inputs:
        with _opened(file.path) as parquet:
            for column in _own_schema(file.path, parquet):
                known = others.setdefault(column.name, column)
                if known.type != column.type and column.name not in _BASE:
                    fault = f"column {column.name} is {column.type}, and {known.type} in another input"
                    raise UserError(f"{file.path}: {fault}; filter these inputs apart")
    return document_schema([column.with_nullable(True) for name, column in others.items() if name not in _BASE])


def read_documents(path: str, log: ReadLog) -> Iterator[pa.RecordBatch]:
    """The documents of a Parquet file with columns `id` and `text`; all columns, and the base ones it lacks as null.

    Raises UserError for a file that is damaged, or has a document without id or text.
    """
    with _opened(path) as parquet:
        schema = pa.schema([*BASE_FIELDS, *(c for c in _own_schema(path, parquet) if c.name not in _BASE)])
        total = max(parquet.metadata.num_rows, 1)
        with fsspec.open(path, "rb") as stream:
            size = stream.seek(0, 2)
        done = 0
        try:
            for group in range(parquet.num_row_groups):
                for batch in parquet.iter_batches(_rows_per_batch(parquet.metadata.row_group(group)), [group]):
                    log.count("records", batch.num_rows)
                    log.count("documents", batch.num_rows)
                    done += batch.num_rows
                    log.position = size * done // total
                    yield _conformed(batch, schema, path)
        except (pa.ArrowException, OSError) as error:
            raise UserError(f"{path}: not readable as Parquet ({error}); make or copy the file again") from None


def _conformed(batch: pa.RecordBatch, schema: pa.Schema, path: str) -> pa.RecordBatch:
    if "source" not in batch.schema.names:
        batch = batch.append_column("source", pa.repeat(Documents.name, batch.num_rows))
    for name in ("id", "text", "source"):
        if batch.column(name).null_count:
            raise UserError(f"{path}: a document has no {name} (null); remove it")
    return conform(batch, schema)


def _opened(path: str) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(fsspec.open(path, "rb").open() if "://" in path else path)
    except (pa.ArrowException, OSError) as error:
        raise UserError(f"{path}: not readable as Parquet ({error}); name files of documents") from None


def _own_schema(path: str, parquet: pq.ParquetFile) -> pa.Schema:
    """Without what other libraries note in a schema about themselves."""
    schema = parquet.schema_arrow.remove_metadata()
    for name in ("id", "text"):
        if name not in schema.names or not pa.types.is_string(schema.field(name).type) | pa.types.is_large_string(
            schema.field(name).type
        ):
            present = ", ".join(f"{column.name}: {column.type}" for column in schema)
            raise UserError(f"{path}: no column `{name}` of text ({present}); name files of documents")
    return schema


def _rows_per_batch(group: pq.RowGroupMetaData) -> int:
    columns = (group.column(index) for index in range(group.num_columns))
    size = next(column.total_uncompressed_size for column in columns if column.path_in_schema == "text")
    return max(1, BATCH_BYTES * group.num_rows // max(size, BATCH_BYTES))
