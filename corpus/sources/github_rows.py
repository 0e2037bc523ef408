"""Rows of a table with contents as documents."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpus.cleaning.edit import views
from corpus.licences.spdx import from_bigquery
from corpus.sources.github_files import batch_of, blob_id, origins
from corpus.sources.github_read import Absence
from corpus.sources.github_tables import Rows

_MARK = "\ufeff"
_BRANCH = "refs/heads/"


def documents_of(rows: Rows, path: str, max_bytes: int) -> pa.RecordBatch:
    """A batch of READ_SCHEMA. Of a table without paths, `repo` and `path` are null."""
    values, count = rows.values, rows.values.num_rows
    content = values.column("content")
    sizes = pc.fill_null(pc.binary_length(content), 0)
    absence = _absence(content, values.column("binary"), sizes, max_bytes)
    text = content
    if absence.null_count < count:
        text = pc.if_else(pc.is_valid(absence), pa.scalar("", pa.large_string()), content)
    if pc.any(pc.starts_with(text, _MARK)).as_py():
        text = pc.replace_substring_regex(text, f"^{_MARK}", "")
    columns = {
        "text": text,
        "origin": origins(path, [rows.offset] * count, list(rows.records)),
        "repo": _column(values, "repo"),
        "revision": revisions(_column(values, "ref")),
        "path": _column(values, "path"),
        "blob": _blobs(values.column("id"), content),
        "size": sizes,
        "encoding": pc.if_else(pc.is_valid(absence), pa.scalar(None, pa.string()), "utf-8"),
        "absence": absence,
    }
    columns |= licence_columns(_column(values, "license"))
    return batch_of(columns, count)


def revisions(refs: pa.Array) -> pa.Array:
    """Branches by their names."""
    return pc.replace_substring_regex(refs, f"^{_BRANCH}", "")


def licence_columns(names: pa.Array) -> dict[str, pa.Array]:
    """`license` and `license_evidence` from BigQuery's names of licences."""
    encoded = names.dictionary_encode()
    known = encoded.dictionary.to_pylist()
    expressions = pa.array([from_bigquery(name) for name in known], pa.string())
    evidence = pa.array([f"BigQuery: {name}" for name in known], pa.string())
    return {"license": expressions.take(encoded.indices), "license_evidence": evidence.take(encoded.indices)}


def _column(values: pa.RecordBatch, name: str) -> pa.Array:
    return values.column(name) if name in values.schema.names else pa.nulls(values.num_rows, pa.large_string())


def _absence(content: pa.Array, binary: pa.Array, sizes: pa.Array, max_bytes: int) -> pa.Array:
    missing = pc.if_else(pc.fill_null(binary, False), Absence.BINARY.value, Absence.NO_CONTENT.value)
    tests = {
        "none": pc.is_null(content),
        "empty": pc.equal(sizes, 0),
        "large": pc.greater(sizes, max_bytes),
        "binary": pc.fill_null(_with_nul(content), False),
    }
    nothing = pa.scalar(None, pa.string())
    outcomes = (missing, Absence.EMPTY.value, Absence.TOO_LARGE.value, Absence.BINARY.value, nothing)
    return pc.case_when(pc.make_struct(*tests.values(), field_names=list(tests)), *outcomes)


def _with_nul(content: pa.Array) -> pa.Array:
    """Which texts have a NUL; looks at the bytes of all together first, as hardly any has."""
    data = content.buffers()[2]
    if data is None or np.frombuffer(data, np.uint8).min(initial=1) > 0:
        return pa.repeat(False, len(content))
    return pc.match_substring(content, "\0")


def _blobs(ids: pa.Array, content: pa.Array) -> pa.Array:
    """What the table says, or what git would call the content."""
    if not ids.null_count:
        return ids
    own = np.asarray(pc.and_(pc.is_null(ids), pc.is_valid(content))).tolist()
    contents = views(content.cast(pa.large_string()))
    made = [blob_id(one) if wanted else None for one, wanted in zip(contents, own, strict=True)]
    return pc.coalesce(ids, pa.array(made, pa.large_string()))
