"""C4: the release imported as it is, and made anew by its code's rules, against a plain definition of them."""

import gzip
import hashlib
import html
import json
import random
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import langdetect
import pyarrow.parquet as pq
import pytest
import quality_oracles as oracles
from crawl_files import members, warc_record, written
from word_plan import public_files

from corpus.cleaning.html import Html
from corpus.dedup.urls import normalize_url
from corpus.errors import UserError
from corpus.filter import filter_source
from corpus.pipeline.reading import ReadLog
from corpus.pipeline.store import Draft
from corpus.sources.c4_pages import PageReader, read_crawl, read_released

langdetect.DetectorFactory.seed = 0

SENTENCES = (
    "The quick brown fox jumps over the lazy dog.", "She sells sea shells by the sea shore!",
    "How much wood would a woodchuck chuck today?", "It was the best of times for many people.",
    "We hold these truths to be self evident.", "Nobody expected the weather to change so fast.",
    "Our mutual friend said that the bank was open.", "There were seven of them and one was missing.",
    "Le renard brun saute par dessus le chien paresseux.", "Der schnelle Fuchs springt über den faulen Hund.",
    "They told us that the word damnable is not listed.", "He said damn it and went home again.",
)  # fmt: skip
JUNK = (
    "Home",
    "Click here",
    "Please enable JavaScript to go on.",
    "Read our privacy policy before you go.",
    "short one.",
)
UNTRAINED = ["c4_rules.punkt=", "lines.punkt="]
PageList = list[dict[str, Any]]


def make_pages(seed: int, count: int) -> PageList:
    draw = random.Random(seed)
    made = []
    for _ in range(count):
        lines = [draw.choice(JUNK if draw.random() < 0.3 else SENTENCES) for _ in range(draw.randint(1, 12))]
        lines += [f"This line number {draw.randint(0, 10**9)} is on one page only." for _ in range(draw.randint(0, 4))]
        if draw.random() < 0.05:
            lines.append("This sentence has a { in the middle.")
        draw.shuffle(lines)
        host = draw.choice(["https://www.a.org", "http://b.com", "https://c.net"])
        url = f"{host}/{draw.randint(0, count)}{draw.choice(['', '/', '?utm_source=x', '?id=3'])}"
        day = draw.randint(1, 28)
        made.append({"text": "\n".join(lines), "timestamp": f"2019-04-{day:02d}T00:00:00Z", "url": url})
    return made


def made_anew(pages: PageList) -> dict[str, str]:
    """URL and text of what tensorflow_datasets would keep, with an untrained sentence counter that knows no curly
    quotes."""
    newest: dict[str, dict[str, Any]] = {}
    for page in pages:
        key = normalize_url(page["url"])
        if key not in newest or page["timestamp"] > newest[key]["timestamp"]:
            newest[key] = page
    cleaned = [(page["url"], oracles.clean_page(page["text"])[0]) for page in newest.values()]
    owners: dict[str, str] = {}
    for url, text in cleaned:
        for line in (text or "").split("\n") if text is not None else ():
            key = line.strip().lower()
            owners[key] = min(owners.get(key, url), url, key=lambda u: hashlib.md5(u.encode()).hexdigest())
    kept = {}
    for url, text in cleaned:
        if text is None:
            continue
        own = [line for line in text.split("\n") if owners[line.strip().lower()] == url]
        left = "\n".join({line.strip().lower(): line for line in reversed(own)}[key] for key in first_keys(own))
        if not left or oracles.count_sentences(left, quotes=False) < 3:
            continue
        found = langdetect.detect_langs(left)[0]
        if found.lang != "en" or found.prob < 0.99 or re.search(r"(?:\W|^)(damn)(?:\W|$)", left.lower()):
            continue
        kept[url] = left
    return kept


def first_keys(lines: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(line.strip().lower() for line in lines))


def write_released(path: Path, pages: PageList) -> Path:
    path.write_bytes(gzip.compress("".join(json.dumps(page) + "\n" for page in pages).encode()))
    return path


def pages_of(paths: Sequence[Path]) -> PageList:
    return [json.loads(line) for path in paths for line in gzip.decompress(path.read_bytes()).splitlines()]


@pytest.fixture
def inputs(tmp_path: Path) -> list[Path]:
    (tmp_path / "in").mkdir()
    pages = make_pages(1, 300)
    parts = (pages[:120], pages[120:130], pages[130:])
    return [write_released(tmp_path / f"in/part-{n}.json.gz", part) for n, part in enumerate(parts)]


@pytest.fixture
def models(tmp_path: Path) -> Path:
    (tmp_path / "models").mkdir()
    (tmp_path / "models/badwords.en.txt").write_text("damn\n\nvery bad word\n")
    return tmp_path / "models"


def rows_of(out: Path, folder: str = "documents") -> list[dict[str, Any]]:
    return pq.read_table(out / folder).to_pylist()


def test_the_rules_keep_what_their_definition_keeps(inputs: list[Path], models: Path, tmp_path: Path) -> None:
    pages = pages_of(inputs)
    for workers in (1, 2):
        out = tmp_path / f"out-{workers}"
        filter_source(
            "c4",
            [str(path) for path in inputs],
            out,
            recipe="c4-released",
            settings=UNTRAINED,
            models=[models],
            workers=workers,
        )
        rows = rows_of(out)
        expected = made_anew(pages)
        assert {row["url"]: row["text"] for row in rows} == expected
        assert len(rows) == len(expected) > 20
        for row in rows:
            divides = int(hashlib.md5(normalize_url(row["url"]).encode()).hexdigest(), 16) % 1000 == 0
            assert row["split"] == ("validation" if divides else "train")
        assert len(rows) + len(rows_of(out, "dropped")) == len(pages)
    one, two = (tmp_path / f"out-{workers}" for workers in (1, 2))
    for file in sorted(one.glob("*/part-*.parquet")):
        assert file.read_bytes() == (two / file.relative_to(one)).read_bytes()
    assert (one / "stats.json").read_text() == (two / "stats.json").read_text()


def test_the_outcome_does_not_depend_on_how_pages_are_divided(inputs: list[Path], models: Path, tmp_path: Path) -> None:
    pages = pages_of(inputs)
    (tmp_path / "one").mkdir()
    whole = write_released(tmp_path / "one/all.json.gz", pages)
    found = []
    for number, paths in enumerate((inputs, [whole])):
        out = tmp_path / f"out-{number}"
        filter_source(
            "c4", [str(path) for path in paths], out, recipe="c4-released", settings=UNTRAINED, models=[models]
        )
        found.append({row["url"]: row["text"] for row in rows_of(out)})
    assert found[0] == found[1]


def test_little_memory_gives_the_same(
    inputs: list[Path], models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outs = []
    for room in (None, 10_000):  # bytes: claims rest in runs, and are compared in many ranges
        if room is not None:
            monkeypatch.setattr(Draft, "room", lambda draft, room=room: room)
        outs.append(tmp_path / f"out-{room}")
        paths = [str(path) for path in inputs]
        filter_source("c4", paths, outs[-1], recipe="c4-released", settings=UNTRAINED, models=[models])
    assert rows_of(outs[0]) == rows_of(outs[1])


def test_pages_kept_from_step_to_step_change_nothing(
    inputs: list[Path], models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[str] = []
    read = PageReader.__call__
    monkeypatch.setattr(PageReader, "__call__", lambda self, path, log: reads.append(path) or read(self, path, log))
    paths, shown = [str(path) for path in inputs], []
    for scratch, times in ((None, 1), (0, 3)):  # for URLs, for lines, and to be filtered
        out = tmp_path / f"out-{scratch}"
        options = {"recipe": "c4-released", "settings": UNTRAINED, "models": [models], "scratch": scratch}
        filter_source("c4", paths, out, **options)  # type: ignore[arg-type]
        assert sorted(reads) == sorted(paths * times)
        reads.clear()
        shown.append(public_files(out))
    assert shown[0] == shown[1]
    assert not (tmp_path / "out-None/tasks/kept").exists()


def test_the_release_is_imported_as_it_is(inputs: list[Path], tmp_path: Path) -> None:
    summary = filter_source("c4", [str(tmp_path / "in")], tmp_path / "out", recipe="llama1").as_json()
    pages = pages_of(inputs)
    rows = rows_of(tmp_path / "out")
    assert [(row["url"], row["text"]) for row in rows] == [(page["url"], page["text"]) for page in pages]
    assert [row["timestamp"].strftime("%Y-%m-%dT%H:%M:%SZ") for row in rows] == [page["timestamp"] for page in pages]
    assert {row["source"] for row in rows} == {"c4"}
    assert rows[0]["origin"] == {"path": str(inputs[0]), "offset": 0, "record": 0}
    assert summary["documents"] == len(pages)
    assert rows_of(tmp_path / "out", "dropped") == []


def test_damage_is_counted_and_named(tmp_path: Path) -> None:
    pages = make_pages(2, 50)
    lines = [json.dumps(page).encode() for page in pages]
    lines[7] = b'{"text": "cut'
    lines[9] = b""
    whole = gzip.compress(b"\n".join(lines))
    (tmp_path / "bad.json.gz").write_bytes(whole[: len(whole) * 3 // 4])
    summary = filter_source("c4", [str(tmp_path / "bad.json.gz")], tmp_path / "out", recipe="llama1").as_json()
    stats = json.loads((tmp_path / "out/stats.json").read_text())
    assert stats["read"]["faults.bad_line"] == 1
    assert stats["read"]["faults.truncated"] == 1
    assert 0 < summary["documents"] < 49
    texts = [page["text"] for number, page in enumerate(pages) if number not in (7, 9)]
    assert [row["text"] for row in rows_of(tmp_path / "out")] == texts[: summary["documents"]]
    with pytest.raises(UserError, match=r"bad\.json\.gz.*line 8 is no JSON object"):
        filter_source("c4", [str(tmp_path / "bad.json.gz")], tmp_path / "strict", recipe="llama1", strict=True)


def test_missing_models_are_named_before_any_work(inputs: list[Path], tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("LLAMA_CORPUS_MODELS", str(tmp_path / "none"))
    with pytest.raises(UserError, match=r"punkt\.english.*models pull punkt-english.*c4_rules\.punkt="):
        filter_source("c4", [str(inputs[0])], tmp_path / "out", recipe="c4-released")
    with pytest.raises(UserError, match=r"badwords\.en\.txt.*models pull badwords-en"):
        filter_source("c4", [str(inputs[0])], tmp_path / "out", recipe="c4-released", settings=UNTRAINED)


def test_identities_are_stable_and_differ(tmp_path: Path) -> None:
    pages = [
        {"text": "a", "url": "http://x", "timestamp": "2019-04-01T00:00:00Z"},
        {"text": "a", "url": "http://x", "timestamp": "2019-04-02T00:00:00Z"},
        {"text": "a", "url": None, "timestamp": "yesterday"},
        {"text": "b"},
    ]
    [batch] = read_released(str(write_released(tmp_path / "a.json.gz", pages)), ReadLog())
    assert len(set(batch["id"].to_pylist())) == 4
    assert batch["id"][0].as_py() == "c4/" + hashlib.sha1(b"http://x\n2019-04-01T00:00:00Z").hexdigest()
    assert batch["timestamp"].is_null().to_pylist() == [False, False, True, True]


def test_urls_are_compared_as_in_the_code() -> None:
    assert normalize_url("https://www.a.org/b/?utm_source=c") == "a.org/b"
    assert normalize_url("http://a.org/b?ref=1&x=2") == "a.org/b"
    assert normalize_url("http://a.org/b?x=2&ref=1") == "a.org/b?x=2&ref=1"
    assert normalize_url("a.org///") == "a.org"


def test_wet_pages_hold_all_lines_but_blank_ones_and_those_like_headers(tmp_path: Path) -> None:
    payload = b"Title \n\n first line\nWARC-Type: x\nContent-Length: 3\nContent is king\n\nCONTENT-TYPE: y\n last\n\n"
    fields = ["WARC-Target-URI: http://a.b/c", "WARC-Date: 2019-04-20T01:02:03Z", "WARC-Record-ID: <urn:uuid:17>"]
    path = written(tmp_path, members([warc_record(payload, fields=fields), warc_record(b"\n\n", fields=fields[:1])]))
    [batch] = read_crawl(path, ReadLog(), Html())
    assert batch["text"].to_pylist() == ["Title\nfirst line\nContent is king\nlast", ""]
    assert batch["url"].to_pylist() == ["http://a.b/c"] * 2
    assert batch["id"][0].as_py() == "c4/17"
    assert batch["timestamp"][0].as_py().isoformat() == "2019-04-20T01:02:03+00:00"


def as_wet(page: dict[str, Any]) -> bytes:
    fields = [f"WARC-Target-URI: {page['url']}", f"WARC-Date: {page['timestamp']}"]
    return warc_record(page["text"].encode() + b"\n", fields=fields)


def as_warc(page: dict[str, Any]) -> bytes:
    title, *lines = page["text"].splitlines()
    shown = "".join(f"<p>{html.escape(line)}</p>\n" for line in lines)
    body = f"<title>{html.escape(title)}</title><body><nav></nav>{shown}</body>"
    header = "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
    fields = [f"WARC-Target-URI: {page['url']}", f"WARC-Date: {page['timestamp']}"]
    return warc_record((header + body).encode(), "response", fields=fields)


@pytest.mark.parametrize(("record", "name"), [(as_wet, "a.warc.wet.gz"), (as_warc, "a.warc.gz")], ids=["WET", "WARC"])
def test_crawls_are_made_into_c4(models: Path, tmp_path: Path, record: Callable[..., bytes], name: str) -> None:
    pages = make_pages(3, 80)
    path = written(tmp_path, members(map(record, pages)), name)
    filter_source("c4", [path], tmp_path / "out", recipe="c4-released", settings=UNTRAINED, models=[models])
    made = {row["url"]: row["text"] for row in rows_of(tmp_path / "out")}
    assert made == made_anew(pages)
    assert len(made) > 10


def spans_left(pages: PageList) -> dict[str, list[str]]:
    """The sentences, in their order, that the paper's deduplication leaves of pages with different URLs."""
    texts = {page["url"]: oracles.clean_page(page["text"], 3, 5)[0] for page in pages}
    split = {
        url: [sentence for line in text.split("\n") for sentence in oracles.split_sentences(line)]
        for url, text in texts.items()
        if text is not None
    }
    owners: dict[tuple[str, ...], str] = {}
    for url in sorted(split, key=lambda url: hashlib.md5(url.encode()).hexdigest()):
        for at in range(len(split[url]) - 2):
            owners.setdefault(tuple(s.strip().lower() for s in split[url][at : at + 3]), url)
    left = {}
    for url, sentences in split.items():
        gone: set[int] = set()
        seen = set()
        for at in range(len(sentences) - 2):
            span = tuple(s.strip().lower() for s in sentences[at : at + 3])
            if owners[span] != url or span in seen:
                gone |= {at, at + 1, at + 2}
            seen.add(span)
        kept = [sentence for at, sentence in enumerate(sentences) if at not in gone]
        if len(kept) >= 5:
            left[url] = kept
    return left


def test_the_papers_spans_stay_once(tmp_path: Path) -> None:
    pages = list({page["url"]: page for page in make_pages(5, 150)}.values())
    paths = [str(write_released(tmp_path / f"{n}.json.gz", pages[n::2])) for n in range(2)]
    settings = ["c4_rules.punkt=", "spans.punkt=", "bad_words=false", "langdetect=false"]
    filter_source("c4", paths, tmp_path / "out", recipe="c4-paper", settings=settings)
    rows = rows_of(tmp_path / "out")
    expected = spans_left(pages)
    assert {row["url"]: row["text"].replace("\n", " ").split() for row in rows} == {
        url: " ".join(sentences).split() for url, sentences in expected.items()
    }
    assert any(len(expected[page["url"]]) < page["text"].count(".") for page in pages if page["url"] in expected)
    cleaned = {page["url"]: oracles.clean_page(page["text"], 3, 5)[0] for page in pages}
    untouched = [row for row in rows if row["text"] == cleaned[row["url"]]]
    assert 0 < len(untouched) < len(rows)
