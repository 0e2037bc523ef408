"""Rows of Posts.xml beside expat, in pieces of any size, and damaged in every way."""

import re
import xml.etree.ElementTree as ElementTree
from datetime import datetime, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stackexchange.site_dumps import answer, posts_xml, question, row

import kernels
from corpus.sources.gzip_stream import Window, gzip_pieces
from corpus.sources.input_stream import InputStream
from kernels.posts import FAULTS, MISSING

NUMBERS = {"id": "Id", "type": "PostTypeId", "parent": "ParentId", "score": "Score", "accepted": "AcceptedAnswerId"}
TEXTS = {"title": "Title", "tags": "Tags", "body": "Body"}


def read(data: bytes, sizes: list[int] | None = None) -> tuple[list[dict], list[str]]:
    """Rows and faults, the data given in pieces of the sizes, then all that is left."""
    rows: list[dict] = []
    faults: list[str] = []
    held, position = b"", 0
    for size in [*(sizes or []), len(data)]:
        held += data[position : position + size]
        position += size
        last = position >= len(data)
        found = kernels.post_rows(held, last=last)
        columns = [found.created, found.changed, *(getattr(found, name) for name in NUMBERS)]
        texts = [getattr(found, name).to_pylist() for name in TEXTS]
        rows += [
            dict(zip(["created", "changed", *NUMBERS, *TEXTS], values, strict=True))
            for values in zip(*(column.tolist() for column in columns), *texts, strict=True)
        ]
        faults += [FAULTS[fault] for fault in found.fault]
        held = held[found.consumed :]
        if last:
            break
    return rows, faults


def defined(data: bytes) -> list[dict]:
    """What expat makes of well-formed data."""
    return [of_attributes(element.attrib) for element in ElementTree.fromstring(data).iter("row")]


def of_attributes(given: dict[str, str]) -> dict:
    dates = [given[name] for name in ("CreationDate", "LastEditDate", "LastActivityDate") if name in given]
    return {
        **{name: int(given.get(key, MISSING)) for name, key in NUMBERS.items()},
        **{name: given.get(key, "") for name, key in TEXTS.items()},
        "created": milliseconds(given["CreationDate"]) if "CreationDate" in given else MISSING,
        "changed": max(map(milliseconds, dates), default=MISSING),
    }


def milliseconds(date: str) -> int:
    moment = datetime.fromisoformat(date).replace(tzinfo=timezone.utc)
    return round(moment.timestamp() * 1000)


def test_real_dumps_as_expat_reads_them(shared_data: Path) -> None:
    for path in sorted((shared_data / "data/stackexchange").glob("*.gz")):
        with InputStream(str(path)) as stream:
            data = b"".join(piece.data for piece in gzip_pieces(Window(stream), str(path), lambda fault: None))
        rows, faults = read(data)
        assert rows == defined(re.sub(rb"<!DOCTYPE[^>]*>", b"", data)), path
        assert not faults


text = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\n\t\r<>&\"'"), max_size=40)


@given(st.lists(st.tuples(st.integers(-9, 10**12), text, text), max_size=8), st.lists(st.integers(1, 300), max_size=30))
def test_any_text_in_pieces_of_any_size(posts: list[tuple[int, str, str]], sizes: list[int]) -> None:
    rows = [question(i, Score=score, Title=title, Body=body) for i, (score, title, body) in enumerate(posts)]
    data = posts_xml(rows)
    try:
        wanted = defined(data)
    except ElementTree.ParseError:  # characters XML does not allow
        return
    assert read(data, sizes) == (wanted, [])


@given(
    st.binary(max_size=300)
    | st.lists(st.sampled_from(list("<row />=\"&;'!-[]?DOCTYPEId1")), max_size=80).map(lambda x: "".join(x).encode())
)
def test_any_bytes(data: bytes) -> None:
    found = kernels.post_rows(data, last=True)
    assert found.consumed == len(data)
    assert kernels.post_rows(data, last=False).consumed <= len(data)


@given(st.integers(0, 2000))
def test_truncated_data_keeps_what_is_whole(cut: int) -> None:
    data = posts_xml([question(1), answer(2, 1), question(3, Body="x" * 300), answer(4, 3)])
    whole, _ = read(data)
    rows, faults = read(data[: len(data) - cut])
    assert rows == whole[: len(rows)]
    assert set(faults) <= {"truncated"}


@pytest.mark.parametrize(
    ("bad", "fault"),
    [
        (row(Id=9, PostTypeId=1, Body="x").replace(">x", ">x").replace('"x"', '"&bomb;"'), "entity"),
        ('<row Id="9" PostTypeId="1" Body="a < b" />', "malformed"),
        ('<row Id="9" PostTypeId="1" Body="a & b" />', "malformed"),
        ('<row Id="9" PostTypeId="1" Body="unclosed />', "malformed"),
        ('<row Id="9" Id="8" PostTypeId="1" />', "malformed"),
        ('<row Id="9"PostTypeId="1" />', "malformed"),
        ('<row Id=9 PostTypeId="1" />', "malformed"),
        ('<row PostTypeId="1" Body="x" />', "no_number"),
        ('<row Id="9" PostTypeId="question" />', "no_number"),
        ('<row Id="9999999999999999999999" PostTypeId="1" />', "no_number"),
    ],
)
def test_a_bad_row_costs_itself_alone(bad: str, fault: str) -> None:
    rows, faults = read(posts_xml([question(1), bad, answer(2, 1)]))
    assert [each["id"] for each in rows] == [1, 2]
    assert faults == [fault]


def test_entities_of_a_document_type_are_not_expanded() -> None:
    bomb = "<!DOCTYPE posts [<!ENTITY a \"<row Id='7' PostTypeId='1'/>\"><!ENTITY b \"&a;&a;&a;\">]>"
    data = f'<?xml version="1.0"?>\n{bomb}\n<posts>{question(1)}<row Id="2" PostTypeId="1" Body="&b;"/></posts>'
    rows, faults = read(data.encode())
    assert [each["id"] for each in rows] == [1]
    assert faults == ["entity"]


def test_what_is_in_comments_is_no_row() -> None:
    data = f"<posts><!-- {question(1)} --><?x {question(2)} ?><![CDATA[{question(3)}]]>{question(4)}</posts>"
    rows, faults = read(data.encode())
    assert [each["id"] for each in rows] == [4]
    assert not faults


def test_bytes_that_are_not_utf8() -> None:
    data = posts_xml([question(1, Title="XX"), question(2)]).replace(b"XX", b"a\xff\xc3(b")
    found = kernels.post_rows(data, last=True)
    assert found.title.to_pylist() == ["a\ufffd\ufffd(b", "Title 2"]
    assert found.repaired.tolist() == [True, False]


@given(st.datetimes(datetime(1600, 1, 1), datetime(2400, 1, 1)))
def test_dates(date: datetime) -> None:
    written = date.isoformat(timespec="milliseconds")
    found = kernels.post_rows(posts_xml([question(1, CreationDate=written)]), last=True)
    assert found.created.tolist() == [milliseconds(written)]


@pytest.mark.parametrize("date", ["", "yesterday", "2014-13-03T22:19:44.830", "2014-05-03", "2014-05-03T25:00:00"])
def test_what_is_no_date(date: str) -> None:
    found = kernels.post_rows(posts_xml([row(Id=1, PostTypeId=1, CreationDate=date)]), last=True)
    assert found.created.tolist() == [MISSING]


@pytest.mark.timeout(60)
@pytest.mark.parametrize("unit", ['<row Id="', "<row Id='", "<row ", "<!--", "<![CDATA[", "<?", "<!DOCTYPE [", "<"])
def test_many_of_anything_left_open(unit: str) -> None:
    for last in (False, True):
        assert len(kernels.post_rows(unit.encode() * 200_000, last=last).id) == 0
