"""Reading JSON lines: what is good comes in order, everything else is counted and named."""

import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import UnreadableInputError, UserError
from corpus.faults import FaultKind
from corpus.pipeline.reading import ReadLog
from corpus.sources.json_lines import read_json_lines

SCHEMA = pa.schema([("text", pa.large_string()), ("url", pa.string())])


def line(text: Any, **fields: Any) -> bytes:
    return json.dumps({"text": text, **fields}).encode() + b"\n"


def read(path: Path, strict: bool = False, **limits: int) -> tuple[list[tuple[int, Any, Any]], ReadLog]:
    log = ReadLog(strict)
    rows = [
        (number, row["text"], row["url"])
        for part in read_json_lines(str(path), log, SCHEMA, **limits)
        for number, row in zip(part.lines.tolist(), part.table.to_pylist(), strict=True)
    ]
    return rows, log


def write(path: Path, lines: Sequence[bytes], compressed: bool = True) -> Path:
    data = b"".join(lines)
    path.write_bytes(gzip.compress(data) if compressed else data)
    return path


@pytest.mark.parametrize("compressed", [True, False])
@pytest.mark.parametrize("block_bytes", [1, 40, 1 << 20])
def test_good_lines_come_in_order(tmp_path: Path, compressed: bool, block_bytes: int) -> None:
    lines = [line(f"t{n}", url=f"u{n}", other=[n]) for n in range(50)]
    rows, log = read(write(tmp_path / "a.json", lines, compressed), block_bytes=block_bytes)
    assert rows == [(n, f"t{n}", f"u{n}") for n in range(50)]
    assert log.counts == {"records": 50, "documents": 50}
    assert log.faults == []


def test_bad_lines_are_named_and_the_rest_is_kept(tmp_path: Path) -> None:
    lines = [
        line("a"), b"{broken\n", b"\n", b"[]\n", line(3), line(None), b'{"url": "u"}\n',
        b'{"text": "x"} {"text": "y"}\n',
        b'"text"\n', line("z", url=None), b"  \n", b'{"text": "\xff"}\n', line("last")[:-1],
    ]  # fmt: skip
    rows, log = read(write(tmp_path / "a.json.gz", lines))
    assert rows == [(0, "a", None), (9, "z", None), (11, "\ufffd", None), (12, "last", None)]
    bad = [fault.record for fault in log.faults if fault.kind is FaultKind.BAD_LINE]
    assert bad == [1, 3, 4, 5, 6, 7, 8]
    assert [fault.record for fault in log.faults if fault.kind is FaultKind.INVALID_UTF8] == [11]
    assert (log.counts["records"], log.counts["documents"], log.counts["unreadable"]) == (13, 4, 7)
    assert log.counts["skipped.blank"] == 2
    assert "line 2 is no JSON object with a string 'text': '{broken'" in log.faults[0].describe()
    with pytest.raises(UserError, match=r"line 2 is no JSON object.*run without --strict"):
        read(tmp_path / "a.json.gz", strict=True)


@pytest.mark.parametrize("size", [3_000, 3_000_000])
def test_lines_over_the_limit_are_left_out(tmp_path: Path, size: int) -> None:
    lines = [line("a"), line("x" * size), line("b"), line("y" * size), line("c")]
    rows, log = read(write(tmp_path / "a.json.gz", lines), max_line_bytes=1000)
    assert rows == [(0, "a", None), (2, "b", None), (4, "c", None)]
    assert [(fault.kind, fault.record) for fault in log.faults] == [(FaultKind.TOO_LARGE, 1), (FaultKind.TOO_LARGE, 3)]
    assert log.counts["records"] == 5


def test_a_line_of_just_the_limit_is_kept(tmp_path: Path) -> None:
    whole = line("x" * 100)
    path = write(tmp_path / "a.json.gz", [whole])
    assert len(read(path, max_line_bytes=len(whole) - 1)[0]) == 1
    with pytest.raises(UnreadableInputError):
        read(path, max_line_bytes=len(whole) - 2)


def test_what_is_lost_to_a_cut_file_is_named(tmp_path: Path) -> None:
    random_texts = [line(str(hash((n, "x")) ** 7)) for n in range(3000)]
    path = write(tmp_path / "a.json.gz", random_texts)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    rows, log = read(path)
    assert rows == [(n, json.loads(random_texts[n])["text"], None) for n in range(len(rows))]
    assert 0 < len(rows) < 3000
    assert [fault.kind for fault in log.faults] == [FaultKind.TRUNCATED]
    assert log.counts["records"] == log.counts["documents"] + log.counts.get("unreadable", 0)


def test_damage_in_one_member_spares_the_others(tmp_path: Path) -> None:
    members = [gzip.compress(b"".join(line(f"{m}-{n}" * 50) for n in range(400))) for m in range(3)]
    damaged = bytearray(members[1])
    damaged[len(damaged) // 2 :] = b"\xff" * (len(damaged) - len(damaged) // 2)
    path = tmp_path / "a.json.gz"
    path.write_bytes(members[0] + bytes(damaged) + members[2])
    rows, log = read(path)
    texts = [text for _, text, _ in rows]
    assert texts[:400] == [f"0-{n}" * 50 for n in range(400)]
    assert texts[-400:] == [f"2-{n}" * 50 for n in range(400)]
    assert FaultKind.CORRUPT in {fault.kind for fault in log.faults}
    assert log.counts["records"] == log.counts["documents"] + log.counts.get("unreadable", 0)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"<!doctype html><p>no</p>", "holds no JSON object with a field 'text' on a line; it looks like an HTML page"),
        (b"PAR1....", "looks like Parquet data"),
        (b'{"url": "u"}\n', "holds no JSON object with a field 'text'"),
    ],
)
def test_a_file_of_something_else_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(UnreadableInputError, match=message):
        read(tmp_path / "a.json")


@given(st.lists(st.one_of(st.text().map(line), st.binary(max_size=12).map(lambda b: b.replace(b"\n", b"") + b"\n"))))
def test_any_bytes_are_read_the_same_in_blocks_of_any_size(tmp_path_factory: Any, lines: list[bytes]) -> None:
    path = tmp_path_factory.mktemp("any") / "a.json"
    path.write_bytes(b"".join([line("first"), *lines]))
    one, log = read(path)
    many, other = read(path, block_bytes=1)
    assert one == many
    assert log.counts == other.counts
    assert log.counts["records"] == len(lines) + 1
    good = [json.loads(data)["text"] for data in lines if data.startswith(b'{"text"')]
    assert [text for _, text, _ in one][1:] == good
