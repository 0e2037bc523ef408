"""Posts.xml of a Stack Exchange site, as the dumps of any year have it: plain, gzip, bzip2, or in the site's .7z."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np
import pyarrow as pa

import kernels
from corpus.errors import UnreadableInputError
from corpus.faults import Fault, FaultKind, OnFault
from corpus.pipeline.reading import ReadLog
from corpus.sources import seven_zip
from corpus.sources.input_stream import InputStream, describe_content
from corpus.sources.seven_zip import member_pieces
from corpus.sources.wiki_pieces import Piece, read_pieces
from kernels.posts import FAULTS, MISSING

VERSION = 1
"""Of what this reader makes of an input; to be raised when that changes."""

SUFFIXES = (".7z", "osts.xml", "osts.xml.gz", "osts.xml.bz2")
MEMBER = "Posts.xml"
MOST_ROW_BYTES = 16 << 20
"""Of a row; Stack Exchange allows bodies of 30,000 characters. Longer ones are left out."""

_HEAD_BYTES = 1 << 16
_BLOCK_BYTES = 4 << 20

QUESTION, ANSWER = 1, 2
_SKIPPED = {
    3: "orphaned_tag_wiki",
    4: "tag_wiki_excerpt",
    5: "tag_wiki",
    6: "moderator_nomination",
    7: "wiki_placeholder",
    8: "privilege_wiki",
}
"""PostTypeId of what is neither question nor answer."""

SCHEMA = pa.schema(
    [
        pa.field("question", pa.int64(), nullable=False),
        pa.field("answer", pa.bool_(), nullable=False),
        pa.field("id", pa.int64(), nullable=False),
        pa.field("score", pa.int64(), nullable=False),
        pa.field("created", pa.int64(), nullable=False),
        pa.field("accepted", pa.int64(), nullable=False),
        pa.field("offset", pa.int64(), nullable=False),
        pa.field("record", pa.int64(), nullable=False),
        pa.field("title", pa.large_string(), nullable=False),
        pa.field("tags", pa.large_string(), nullable=False),
        pa.field("body", pa.large_string(), nullable=False),
    ]
)
"""question: id of the question a post is, or answers. created: milliseconds since 1970, MISSING without. accepted: id
of the accepted answer, MISSING without. offset: in the file, of the row's container. record: number of the row."""

_SITE = re.compile(r"(?:[a-z0-9-]+\.)+(?:com|net|org)(?![a-z])")
_FAULTS = {
    "truncated": (FaultKind.TRUNCATED, "the file ends inside a row"),
    "malformed": (FaultKind.CORRUPT, "the row is not well-formed XML"),
    "entity": (FaultKind.CORRUPT, "the row refers to an entity that XML does not define; none is ever expanded"),
    "no_number": (FaultKind.CORRUPT, "the row has no Id or PostTypeId"),
}


def site_of(path: str) -> str | None:
    """The site a dump is of, as its file name or the nearest directory names it: "math.stackexchange.com"."""
    for part in reversed(PurePosixPath(path).parts):
        if found := _SITE.match(part.lower()):
            return found[0]
    return None


@dataclass
class DumpCounts:
    """questions, answers: read of a dump. newest: the latest date in any of its rows, milliseconds since 1970."""

    questions: int = 0
    answers: int = 0
    newest: int = MISSING


def read_posts(path: str, log: ReadLog, counts: DumpCounts) -> Iterator[pa.RecordBatch]:
    """The questions and answers of a dump in batches of SCHEMA, in file order; `log` counts every row.

    Raises UserError when the file cannot be read, UnreadableInputError when it is no dump of posts.
    """
    if site_of(path) is None:
        raise UnreadableInputError(
            f"{path}: does not say its site; name the file or its directory so, as in beer.stackexchange.com/Posts.xml"
        )

    def on_fault(fault: Fault) -> None:
        if fault.loses_record:
            log.count("unreadable")
            log.count("records")
        log.fault(fault)

    record = 0
    for rows, offsets in _rows(path, on_fault):
        log.count("payload_bytes", rows.consumed)
        order = np.searchsorted(rows.fault_position, rows.position)
        records = record + np.arange(len(rows.id)) + order
        for place, fault in zip(rows.fault_position.tolist(), rows.fault.tolist(), strict=True):
            kind, detail = _FAULTS[FAULTS[fault]]
            number = record + int(np.searchsorted(rows.position, place) + np.searchsorted(rows.fault_position, place))
            on_fault(Fault(path, None, number, kind, detail))
        record += len(rows.id) + len(rows.fault)
        log.count("records", len(rows.id))
        for number in records[rows.repaired].tolist():
            log.fault(Fault(path, None, number, FaultKind.INVALID_UTF8, "bytes that are not UTF-8 read as U+FFFD"))
        yield _posts(rows, records, offsets, log, counts)


def _posts(
    rows: kernels.PostRows, records: np.ndarray, offsets: np.ndarray, log: ReadLog, counts: DumpCounts
) -> pa.RecordBatch:
    is_question, is_answer = rows.type == QUESTION, rows.type == ANSWER
    for number, amount in zip(*np.unique(rows.type[~(is_question | is_answer)], return_counts=True), strict=True):
        log.count(f"skipped.{_SKIPPED.get(int(number), 'other_type')}", int(amount))
    orphans = is_answer & (rows.parent == MISSING)
    if orphans.any():
        log.count("skipped.orphan_answer", int(orphans.sum()))
    counts.questions += int(is_question.sum())
    counts.answers += int(is_answer.sum())
    if len(rows.id):
        counts.newest = max(counts.newest, int(rows.changed.max()))
    score = np.where(rows.score == MISSING, 0, rows.score)
    values = [np.where(is_answer, rows.parent, rows.id), is_answer, rows.id, score, rows.created, rows.accepted]
    numbers = [pa.array(column) for column in (*values, offsets, records)]
    batch = pa.RecordBatch.from_arrays([*numbers, rows.title, rows.tags, rows.body], schema=SCHEMA)
    return batch.filter(pa.array(is_question | (is_answer & ~orphans)))


def _rows(path: str, on_fault: OnFault) -> Iterator[tuple[kernels.PostRows, np.ndarray]]:
    """Rows as they come, and int64[n] the offset in the file of each, or of what it is compressed in."""
    pieces = _pieces(path, on_fault)
    data, passed, begun, ended = b"", 0, False, False
    container: int | None = None
    while not ended:
        parts, wanted = [data], len(data) + _BLOCK_BYTES
        while sum(map(len, parts)) < wanted and not ended:
            piece = next(pieces, None)
            if piece is None:
                ended = True
            else:
                parts.append(piece.data)
                container = None if piece.plain else piece.offset
        data = b"".join(parts)
        if not begun:
            _require_posts(path, data[:_HEAD_BYTES])
            begun = True
        rows = kernels.post_rows(data, last=ended)
        yield rows, passed + rows.position if container is None else np.full(len(rows.id), container)
        data = data[rows.consumed :]
        passed += rows.consumed
        if len(data) > MOST_ROW_BYTES:
            on_fault(Fault(path, passed, None, FaultKind.TOO_LARGE, f"a row of more than {MOST_ROW_BYTES:,} bytes"))
            passed += len(data)
            data = b""


def _pieces(path: str, on_fault: OnFault) -> Iterator[Piece]:
    with InputStream(path) as stream:
        archived = stream.read(len(seven_zip.MAGIC)) == seven_zip.MAGIC
    if archived:
        return (Piece(data, 0) for data in member_pieces(path, MEMBER, on_fault))
    return read_pieces(path, 0, on_fault)


def _require_posts(path: str, head: bytes) -> None:
    """Raises UnreadableInputError unless a file may go on like that."""
    advice = "give a site's Posts.xml or .7z"
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnreadableInputError(f"{path}: is UTF-16; convert it to UTF-8")
    if not re.search(rb"<(?:row|posts|xml)[\s/>]", head):
        raise UnreadableInputError(f"{path}: is {describe_content(head[:64])}, not posts of Stack Exchange; {advice}")
    first = re.search(rb"<row\s[^<>]*>", head)
    if first and b"PostTypeId" not in first[0]:
        raise UnreadableInputError(f"{path}: its rows have no PostTypeId; {advice}")
