"""`filter stackexchange` from the command line: threads in order, sites ranked, dumps of one site made one."""

import json
import re
import xml.etree.ElementTree as ElementTree
from html import unescape
from itertools import groupby
from pathlib import Path

import pyarrow as pa
import pyarrow.dataset as ds
import pytest
from console import fail, succeed
from stackexchange.site_dumps import answer, archive, posts_xml, question, row

import kernels
from corpus.filter import filter_source

SITES = {"a.stackexchange.com": 3, "b.stackexchange.com": 5, "c.stackexchange.com": 1}


@pytest.fixture
def dumps(tmp_path: Path) -> Path:
    directory = tmp_path / "dumps"
    directory.mkdir()
    for site, count in SITES.items():
        rows = [question(i, AcceptedAnswerId=100 + i) for i in range(1, count + 1)]
        rows += [answer(100 + i, i, score) for i, score in zip(range(2, count + 1), (9, 100, 10, -1), strict=False)]
        rows += [answer(200, 1, 9), answer(201, 1, 100), answer(202, 77, 1), row(Id=300, PostTypeId=4, Body="x")]
        (directory / f"{site}.Posts.xml").write_bytes(posts_xml(rows))
    return directory


def filtered(inputs: Path | list[Path], out: Path, *options: object) -> tuple[list[dict], dict]:
    given = inputs if isinstance(inputs, list) else [inputs]
    summary = json.loads(succeed("filter", "stackexchange", *given, "--out", out, "--json", *options))
    if not list((out / "documents").glob("*.parquet")):
        return [], summary
    return ds.dataset(out / "documents").to_table().sort_by("id").to_pylist(), summary


def test_threads(dumps: Path, tmp_path: Path) -> None:
    documents, summary = filtered(dumps, tmp_path / "out")
    assert len(documents) == sum(SITES.values())
    first = documents[0]
    assert first["id"] == "stackexchange/a.stackexchange.com/1"
    assert first["text"] == "Q: Title 1\n\nQuestion 1\n\nA: Answer 201\n\nA: Answer 200"
    assert (first["site"], first["tags"], first["accepted"]) == ("a.stackexchange.com", ["a", "b-c"], False)
    assert documents[1]["accepted"] is True
    read = summary["read"]
    assert read["records"] == sum(2 * count + 3 + 0 for count in SITES.values())
    assert read["skipped.orphan_answer"] == read["skipped.tag_wiki_excerpt"] == 3
    assert [site["site"][0] for site in summary["sites"]] == ["b", "a", "c"]


def test_sites_are_ranked_by_their_posts(dumps: Path, tmp_path: Path) -> None:
    documents, summary = filtered(dumps, tmp_path / "out", "--sites", "1")
    assert {document["site"] for document in documents} == {"b.stackexchange.com"}
    assert [site["taken"] for site in summary["sites"]] == [True, False, False]
    assert summary["read"]["skipped.site_not_taken"] > 0
    shown = succeed("stats", tmp_path / "out")
    assert "b.stackexchange.com" in shown
    assert f"site_not_taken {summary['read']['skipped.site_not_taken']:,}" in shown
    assert succeed("verify", tmp_path / "out")


def test_sites_by_name(dumps: Path, tmp_path: Path) -> None:
    documents, _ = filtered(dumps, tmp_path / "out", "--set", 'sites.names=["c.stackexchange.com"]')
    assert {document["site"] for document in documents} == {"c.stackexchange.com"}
    named, _ = filtered(dumps, tmp_path / "both", "--sites", "c.stackexchange.com,a.stackexchange.com")
    assert {document["site"] for document in named} == {"a.stackexchange.com", "c.stackexchange.com"}
    assert "--sites" in fail("filter", "wikipedia", dumps, "--out", tmp_path / "x", "--sites", "2", code=2)
    line = fail("filter", "stackexchange", dumps, "--out", tmp_path / "x", "--set", "sites.names=x.com", code=1)
    assert "no input is a dump of x.com" in line


def test_unanswered_questions(dumps: Path, tmp_path: Path) -> None:
    bare = tmp_path / "d.stackexchange.com.Posts.xml"
    bare.write_bytes(posts_xml([question(1), question(2), answer(3, 2), question(4, Title="", Body="<img>")]))
    documents, summary = filtered([bare], tmp_path / "out", "--set", "threads.unanswered=false")
    assert [document["question_id"] for document in documents] == [2]
    assert summary["stages"][0]["dropped"]["unanswered"]["documents"] == 2
    documents, summary = filtered([bare], tmp_path / "out")
    assert [document["question_id"] for document in documents] == [1, 2]
    assert summary["stages"][1]["dropped"]["empty"]["documents"] == 1


def test_redpajama(dumps: Path, tmp_path: Path) -> None:
    documents, _ = filtered(dumps, tmp_path / "out", "--recipe", "redpajama-v1")
    assert documents[0]["text"] == "Q: Title 1 Question 1\nA: Answer 200\nA: Answer 201"


def test_of_two_dumps_the_newest_has_the_last_word(tmp_path: Path) -> None:
    old, new = (tmp_path / f"x.stackexchange.com_{year}.Posts.xml" for year in (2020, 2014))
    old.write_bytes(posts_xml([question(1, Title="Old"), answer(2, 1, 5), answer(3, 1, 1, Body="only old")]))
    changed = question(1, Title="New", LastActivityDate="2020-01-01T00:00:00.000")
    new.write_bytes(posts_xml([changed, answer(2, 1, -5)]))
    (document,), summary = filtered([old, new], tmp_path / "out")
    assert document["text"] == "Q: New\n\nQuestion 1\n\nA: only old\n\nA: Answer 2"
    assert document["origin"]["path"] == str(new)
    assert summary["read"]["skipped.duplicate_post"] == 2


def test_the_limit_is_of_questions_with_all_their_answers(dumps: Path, tmp_path: Path) -> None:
    documents, summary = filtered(dumps / "b.stackexchange.com.Posts.xml", tmp_path / "out", "--limit", 2)
    assert [(document["question_id"], document["answer_count"]) for document in documents] == [(1, 2), (2, 1)]
    assert summary["read"]["skipped.over_limit"] == 7


def test_any_number_of_workers_and_memory(dumps: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("corpus.sources.stackexchange.PARTITION_BYTES", 300)
    found = []
    for workers, memory in ((1, None), (2, None), (2, 512 << 20)):
        out = tmp_path / f"out-{len(found)}"
        filter_source("stackexchange", [str(dumps)], out, recipe="llama1", workers=workers, memory=memory)
        files = sorted(path for path in out.rglob("*") if path.suffix in (".parquet", ".json"))
        shown = [path for path in files if "tasks" not in path.parts and path.name != "timings.json"]
        found.append({str(path.relative_to(out)): path.read_bytes() for path in shown})
    assert found[0] == found[1] == found[2]
    assert len(found[0]) > 2 * len(SITES)


def test_a_changed_stage_does_not_read_again(dumps: Path, tmp_path: Path) -> None:
    filtered(dumps, tmp_path / "out")
    _, summary = filtered(dumps, tmp_path / "out", "--set", "text.code_fences=true")
    assert (summary["tasks_run"], summary["tasks_reused"]) == (3, 3)


def test_bad_inputs(dumps: Path, tmp_path: Path) -> None:
    picture = tmp_path / "p.stackexchange.com.7z"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(50))
    assert "PNG" in fail("filter", "stackexchange", picture, "--out", tmp_path / "1", code=1)
    documents, summary = filtered([dumps, picture], tmp_path / "2")
    assert len(documents) == sum(SITES.values())
    assert summary["read"]["faults.unreadable"] == 1
    assert "PNG" in fail("filter", "stackexchange", dumps, picture, "--out", tmp_path / "3", "--strict", code=1)
    assert "no such file" in fail("filter", "stackexchange", "absent.7z", "--out", tmp_path / "4", code=1)
    for setting in ("sites.count=0", "threads.order=best", "text.layout=html", "threads.unanswered=1", "sites.size=3"):
        fail("filter", "stackexchange", dumps, "--out", tmp_path / "5", "--set", setting, code=2)
    empty = tmp_path / "e.stackexchange.com.Posts.xml"
    empty.write_bytes(posts_xml([]))
    assert filtered([empty], tmp_path / "6")[0] == []


def test_hostile_xml_costs_its_rows_alone(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE posts [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    bad = question(2).replace("Question 2", "&b;")
    path = tmp_path / "h.stackexchange.com.Posts.xml"
    path.write_bytes(f"{bomb}<posts>{question(1)}{bad}{question(3)}".encode())
    documents, summary = filtered([path], tmp_path / "out")
    assert [document["question_id"] for document in documents] == [1, 3]
    assert summary["read"]["unreadable"] == 1
    assert summary["read"]["faults.corrupt"] == 1


@pytest.fixture(scope="module")
def real(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> list[dict]:
    inputs = sorted((shared_data / "data/stackexchange").glob("*.gz"))
    return filtered(inputs, tmp_path_factory.mktemp("real") / "out")[0]


def real_posts(shared_data: Path) -> dict[tuple[str, str, str], dict[str, str]]:
    """Posts of the real dumps by site, type and id, later dumps before earlier ones; read with expat."""
    import gzip

    read = []
    for path in (shared_data / "data/stackexchange").glob("*.gz"):
        rows = [element.attrib for element in ElementTree.fromstring(gzip.decompress(path.read_bytes()))]
        site = re.match(r"[a-z0-9.]+\.com", path.name)
        assert site
        read.append((max(attributes.get("LastActivityDate", "") for attributes in rows), site[0], rows))
    found: dict[tuple[str, str, str], dict[str, str]] = {}
    for _, site, rows in sorted(read, key=lambda each: each[0], reverse=True):
        for attributes in rows:
            found.setdefault((site, attributes["PostTypeId"], attributes["Id"]), attributes)
    return found


def test_real_answers_are_under_their_questions_in_order_of_score(real: list[dict], shared_data: Path) -> None:
    posts = real_posts(shared_data)
    documents = {(document["site"], str(document["question_id"])): document for document in real}
    assert documents.keys() == {(site, number) for site, kind, number in posts if kind == "1"}
    answers = sorted(
        ((site, each["ParentId"]), -int(each["Score"]), each["CreationDate"], int(number), each["Body"])
        for (site, kind, number), each in posts.items()
        if kind == "2"
    )
    bodies = {place: [each[-1] for each in group] for place, group in groupby(answers, key=lambda each: each[0])}
    for (site, number), document in documents.items():
        own = [posts[site, "1", number]["Body"], *bodies.pop((site, number), [])]
        assert document["answer_count"] == len(own) - 1
        question, *texts = texts_of(own)
        parts = [f"Q: {document['title']}\n\n{question}".rstrip("\n"), *(f"A: {text}" for text in texts if text)]
        assert document["text"] == "\n\n".join(parts)
    assert not bodies


def texts_of(bodies: list[str]) -> list[str]:
    posts = pa.array([body.encode() for body in bodies], pa.large_binary())
    return kernels.post_text(posts, flat=False, fences=False).to_pylist()


def test_real_code_is_intact(real: list[dict], shared_data: Path) -> None:
    documents = {(document["site"], str(document["question_id"])): document["text"] for document in real}
    blocks = 0
    for (site, kind, number), post in real_posts(shared_data).items():
        if kind not in "12":
            continue
        text = documents[site, number if kind == "1" else post["ParentId"]]
        for block in re.findall(r"<pre[^>]*><code>(.*?)</code>", post["Body"], re.DOTALL):
            code = unescape(re.sub(r"<[^>]*>", "", block)).replace("\r", "")
            assert re.sub(r"^(\s*\n)+", "", code).rstrip() in text
            blocks += 1
    assert blocks > 600


def test_real_archives_hold_what_the_xml_files_hold(shared_data: Path, tmp_path: Path) -> None:
    data = shared_data / "data/stackexchange"
    names = ["ai.stackexchange.com_2016-12-11", "history.meta.stackexchange.com_2018-08-30"]
    found = [
        filtered([data / f"{name}{suffix}" for name in names], tmp_path / suffix)[0]
        for suffix in (".7z", ".Posts.xml.gz")
    ]
    for documents in found:
        for document in documents:
            del document["origin"]
    assert found[0] == found[1]
    assert len(found[0]) == 421 + 556


def test_archives_of_sites_in_a_directory(tmp_path: Path) -> None:
    archive(tmp_path / "x.stackexchange.com.7z", {"Badges.xml": b"<badges/>", "Posts.xml": posts_xml([question(1)])})
    archive(tmp_path / "stackoverflow.com-Posts.7z", {"Posts.xml": posts_xml([question(1), answer(2, 1)])})
    documents, _ = filtered(tmp_path, tmp_path / "out")
    assert [document["site"] for document in documents] == ["stackoverflow.com", "x.stackexchange.com"]
