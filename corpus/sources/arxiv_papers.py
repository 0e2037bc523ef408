"""arXiv's source archives as batches of papers: bulk tars, or one file per paper as arXiv serves them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

import kernels
from corpus.document import document_schema
from corpus.errors import UnreadableInputError
from corpus.faults import Fault, FaultKind
from corpus.pipeline.reading import ReadLog
from corpus.sources.arxiv_identifier import identify_paper
from corpus.sources.arxiv_submission import Absence, Limits, Submission, unpack
from corpus.sources.input_stream import InputStream, describe_content
from corpus.sources.tar_stream import BLOCK, Member, TarError, is_tar_header, tar_members
from corpus.sources.tex_encoding import declared_encoding, decode_tex
from corpus.sources.tex_main_file import find_main_file
from corpus.sources.tex_styles import private_styles

VERSION = 1
"""Of what this reader makes of an input; to be raised when that changes."""

SOURCE = "arxiv"

COLUMNS = (
    pa.field("arxiv_id", pa.string()),
    pa.field("year", pa.int16()),
    pa.field("month", pa.int8()),
    pa.field("main_file", pa.string()),
    pa.field("files", pa.list_(pa.string())),
    pa.field("missing_files", pa.list_(pa.string())),
    pa.field("encoding", pa.string()),
)
"""arxiv_id: without version; the file's name where it is no identifier. files: those the text is made of, in the
archive's order. missing_files: names that input commands ask for and the archive does not have. encoding: of the main
file."""

SCHEMA = document_schema(
    [
        *COLUMNS,
        pa.field("styles", pa.large_string()),
        pa.field("absence", pa.string()),
        pa.field("absent_size", pa.int64()),
    ]
)
"""text: the main file with all it includes. styles: source of the paper's own packages and classes. absence: why there
is no text."""

_PDF = b"%PDF"
_GZIP = b"\x1f\x8b"
_WITHDRAWN_CHARACTERS = 4000


@dataclass(frozen=True)
class ReadPapers:
    """The reader of arXiv files: see `read`. Picklable."""

    limits: Limits
    batch_documents: int = 64
    batch_bytes: int = 8 << 20

    def __call__(self, path: str, log: ReadLog) -> Iterator[pa.RecordBatch]:
        """The papers of a file (local, or any fsspec URL) as batches of SCHEMA, in file order.

        `log` counts every submission as record and document, and members of archives that are no TeX as
        `passed_over.KIND`. A bulk archive that is damaged ends there, reported. Raises UserError when the file cannot
        be read, UnreadableInputError when it is no archive, gzip file or PDF.
        """
        rows: list[dict[str, Any]] = []
        size = 0
        with InputStream(path) as stream:
            for row in self._papers(path, stream, log):
                log.count("records")
                log.count("documents")
                rows.append(row)
                size += len(row["text"]) + len(row["styles"])
                if len(rows) >= self.batch_documents or size >= self.batch_bytes:
                    yield pa.RecordBatch.from_pylist(rows, schema=SCHEMA)
                    rows, size = [], 0
        if rows:
            yield pa.RecordBatch.from_pylist(rows, schema=SCHEMA)

    def _papers(self, path: str, stream: InputStream, log: ReadLog) -> Iterator[dict[str, Any]]:
        read = _exactly(stream)
        start = read(BLOCK)
        if is_tar_header(start):
            yield from self._members(path, _behind(start, read), log)
        elif start.startswith((_GZIP, _PDF)):
            yield self._paper(path, path, 0, 0, _behind(start, read), log)
        else:
            raise UnreadableInputError(
                f"{path}: {describe_content(start)}, not a tar, gzip or PDF file of arXiv; give its source files"
            )

    def _members(self, path: str, read: Callable[[int], bytes], log: ReadLog) -> Iterator[dict[str, Any]]:
        record = 0
        try:
            for member in tar_members(read):
                if member.kind != "file":
                    log.count("passed_over.directories" if member.kind == "directory" else "passed_over.links")
                    continue
                yield self._paper(path, member.name, member.offset, record, _until_end(member), log)
                record += 1
        except TarError as error:
            log.fault(Fault(path, None, None, FaultKind.TRUNCATED, f"{error}; {record} papers were read before it"))

    def _paper(
        self, path: str, name: str, offset: int, record: int, read: Callable[[int], bytes], log: ReadLog
    ) -> dict[str, Any]:
        identifier = identify_paper(name)
        submission = unpack(read, f"{identifier.id.replace('/', '')}.tex", self.limits)
        for kind, count in submission.skipped.items():
            log.count(f"passed_over.{kind}", count)
        log.count("payload_bytes", sum(map(len, submission.files.values())))
        return {
            "id": f"{SOURCE}:{identifier.id}",
            "source": SOURCE,
            "url": identifier.url,
            "origin": {"path": path, "offset": offset, "record": record},
            "arxiv_id": identifier.id,
            "year": identifier.year,
            "month": identifier.month,
            **_text(submission, self.limits),
        }


def _text(submission: Submission, limits: Limits) -> dict[str, Any]:
    """The columns that are made of a submission's files."""
    absent = {"text": b"", "styles": "", "files": [], "missing_files": []}
    if submission.absence:
        return {**absent, "absence": submission.absence.value, "absent_size": submission.size}
    declared = None
    if not all(map(_is_utf8, submission.files.values())):
        declared = next(filter(None, map(declared_encoding, submission.files.values())), None)
    decoded = {name: decode_tex(content, declared) for name, content in submission.files.items()}
    texts = {name: text for name, (text, _) in decoded.items()}
    main = find_main_file(texts)
    if main is None or _says_withdrawn(texts[main]):
        withdrawn = any(map(_says_withdrawn, texts.values()))
        absence = Absence.WITHDRAWN if withdrawn else Absence.NO_TEX
        return {**absent, "absence": absence.value}
    names = list(texts)
    assembled = kernels.assemble_tex(names, pa.array(texts.values(), pa.large_string()), names.index(main), limits.text)
    if assembled.over_limit:
        return {**absent, "absence": Absence.TOO_LARGE.value, "absent_size": limits.text}
    preamble = assembled.text.partition(b"\\begin{document}")[0].decode("utf-8")
    return {
        "text": assembled.text,
        "styles": private_styles(preamble, texts),
        "main_file": main,
        "files": [name for name, used in zip(names, assembled.used, strict=True) if used],
        "missing_files": assembled.missing,
        "encoding": decoded[main][1],
    }


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _says_withdrawn(text: str) -> bool:
    """arXiv keeps a withdrawn paper as a note of a few lines, often marked %auto-ignore."""
    if len(text) > _WITHDRAWN_CHARACTERS:
        return False
    lowered = text.lower()
    return "withdrawn" in lowered and ("auto-ignore" in lowered or "\\section" not in lowered)


def _exactly(stream: InputStream) -> Callable[[int], bytes]:
    """Reads as many bytes as asked for, fewer only at the end of the file."""

    def read(size: int) -> bytes:
        data = stream.read(size)
        while len(data) < size and (more := stream.read(size - len(data))):
            data += more
        return data

    return read


def _behind(start: bytes, read: Callable[[int], bytes]) -> Callable[[int], bytes]:
    left = start

    def joined(size: int) -> bytes:
        nonlocal left
        data, left = left[:size], left[size:]
        return data if len(data) == size else data + read(size - len(data))

    return joined


def _until_end(member: Member) -> Callable[[int], bytes]:
    return lambda size: member.read(min(size, member.left))
