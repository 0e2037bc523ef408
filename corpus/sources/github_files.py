"""The columns of a file of source code, and files gathered to batches of documents."""

import hashlib
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from corpus.cleaning.edit import large_strings
from corpus.document import ORIGIN, document_schema
from corpus.quality.code_languages import language_of
from corpus.sources.code_survey import SourceFile

SOURCE = "github"
COLUMNS = (
    pa.field("repo", pa.string()),
    pa.field("revision", pa.string()),
    pa.field("path", pa.string()),
    pa.field("blob", pa.string()),
    pa.field("size", pa.int64()),
    pa.field("encoding", pa.string()),
    pa.field("language", pa.string()),
    pa.field("license", pa.string()),
    pa.field("license_evidence", pa.string()),
)
"""repo: `owner/name` where that is known, else what the archive's folder is called. revision: the commit, or a branch
where a table names that only. path: in the repository. blob: git's name of the content, SHA-1. size: bytes of the file.
encoding: what it was decoded from. language: by the path. license: an SPDX expression, null where none was found."""

SCHEMA = document_schema(COLUMNS)
READ_SCHEMA = document_schema([*COLUMNS, pa.field("absence", pa.string())])
"""absence: why there is no text."""

_BATCH_BYTES, _BATCH_FILES = 8 << 20, 2048


def blob_id(content: bytes | memoryview) -> str:
    """What git calls a file of this content."""
    digest = hashlib.sha1(b"blob %d\0" % len(content), usedforsecurity=False)
    digest.update(content)
    return digest.hexdigest()


def with_identity(columns: dict[str, pa.Array]) -> dict[str, pa.Array]:
    """The columns, and the `id`, `url` and `language` that follow from `repo`, `revision`, `path` and `blob`.

    id: "github:REPO/PATH@BLOB", without what is null. url: of the file at GitHub, where repo is `owner/name` and the
    revision is known.
    """
    repo, revision, path, blob = (columns[name].cast(pa.string()) for name in ("repo", "revision", "path", "blob"))
    place = pc.coalesce(pc.binary_join_element_wise(repo, path, "/"), path, pa.scalar("", pa.string()))
    identity = pc.coalesce(pc.binary_join_element_wise(place, blob, "@"), place)
    at_github = pc.and_(pc.match_substring_regex(repo, r"^[^/.]+/[^/]+$"), pc.is_valid(revision))
    url = pc.binary_join_element_wise("https://github.com", repo, "blob", revision, _quoted(path), "/")
    return {
        **columns,
        "id": pc.binary_join_element_wise(SOURCE, identity, ":"),
        "url": pc.if_else(pc.fill_null(at_github, False), url, pa.scalar(None, pa.string())),
        "language": pa.array(map(_language, path.to_pylist()), pa.string()),
    }


def _language(path: str | None) -> str | None:
    return None if path is None else language_of(path)


def _quoted(path: pa.Array) -> pa.Array:
    for character in ("%", " ", "#", "?"):
        path = pc.replace_substring(path, character, f"%{ord(character):02X}")
    return path


class FileBatch:
    """Files gathered until there are enough for a batch."""

    def __init__(self, path: str, repo: str, revision: str | None) -> None:
        self._input, self._repo, self._revision = path, repo, revision
        self._rows: list[tuple[Any, ...]] = []
        self._bytes = 0

    def add(self, path: str, record: int, file: SourceFile, licence: tuple[str | None, str | None]) -> None:
        """path: below the project's root. licence: expression and evidence."""
        content, absence = file.content, file.absence
        if content is None:
            text, encoding, blob = b"", None, None
        else:
            text, encoding, blob = content.text, content.encoding, blob_id(content.data)
        absent = absence.value if absence else None
        self._rows.append((path, record, file.offset, file.size, text, encoding, blob, *licence, absent))
        self._bytes += len(text)

    @property
    def full(self) -> bool:
        return self._bytes >= _BATCH_BYTES or len(self._rows) >= _BATCH_FILES

    def take(self) -> pa.RecordBatch:
        """What was gathered, with READ_SCHEMA."""
        count = len(self._rows)
        rows = dict(zip(_GATHERED, zip(*self._rows, strict=True) if count else [()] * len(_GATHERED), strict=True))
        self._rows, self._bytes = [], 0
        columns = {name: pa.array(rows[name], READ_SCHEMA.field(name).type) for name in _COLUMNS}
        columns["repo"] = pa.repeat(self._repo, count)
        columns["revision"] = pa.array([self._revision] * count, pa.string())
        columns["text"] = large_strings(rows["text"])
        columns["origin"] = origins(self._input, rows["offset"], rows["record"])
        return batch_of(columns, count)


_COLUMNS = ("path", "size", "encoding", "blob", "license", "license_evidence", "absence")
_GATHERED = ("path", "record", "offset", "size", "text", "encoding", "blob", "license", "license_evidence", "absence")


def origins(path: str, offsets: Sequence[int], records: Sequence[int]) -> pa.Array:
    parts = [pa.repeat(path, len(records)), pa.array(offsets, pa.int64()), pa.array(records, pa.int64())]
    return pa.StructArray.from_arrays(parts, fields=list(ORIGIN))


def batch_of(columns: dict[str, pa.Array], count: int) -> pa.RecordBatch:
    """A batch of READ_SCHEMA from its columns without `source`, `timestamp`, and those that `with_identity` adds."""
    whole = with_identity(columns)
    whole["source"] = pa.repeat(SOURCE, count)
    whole["timestamp"] = pa.nulls(count, pa.timestamp("s", tz="UTC"))
    return pa.RecordBatch.from_arrays([whole[field.name].cast(field.type) for field in READ_SCHEMA], schema=READ_SCHEMA)
