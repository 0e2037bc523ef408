"""The reference classifier through the installed console script: dumps and a crawl to filtered documents."""

import gzip
import json
from pathlib import Path
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

import pyarrow.parquet as pq
import pytest
from console import fail, succeed

from demo.web import write_crawl

pytestmark = pytest.mark.slow

ENCYCLOPAEDIC = {"town-history", "person-life", "history-event", "species-page", "machine-page", "railway-page"}
ENGLISH = ["--recipe", "ccnet-exact", "--set", 'language.keep=["en"]', "--workers", 2]


def kind(url: str) -> str:
    return urlsplit(url).path.split("/")[1]


@pytest.fixture(scope="module")
def made(language_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A generated crawl, its English pages, a Wikipedia that cites those which an encyclopaedia would, and a model."""
    out = tmp_path_factory.mktemp("classifier")
    write_crawl(out / "wet", seed=4, megabytes=6)
    succeed("filter", "commoncrawl", out / "wet", "--out", out / "pages", *ENGLISH)
    urls = pq.read_table(out / "pages/documents", columns=["url"])["url"].to_pylist()
    cited = [url for url in urls if kind(url) in ENCYCLOPAEDIC]
    facts = (f'Fact {i}.<ref name="r{i}">{{{{cite web |title=T |url={url}}}}}</ref>' for i, url in enumerate(cited))
    page = f"<page><title>A</title><ns>0</ns><revision><text>{escape(' '.join(facts))}</text></revision></page>"
    (out / "enwiki.xml.gz").write_bytes(gzip.compress(f"<mediawiki>{page}</mediawiki>".encode()))
    listed = json.loads(
        succeed("classifier", "references", out / "enwiki.xml.gz", "--out", out / "list.txt.gz", "--json")
    )
    assert listed["cited"] == len(cited) >= listed["urls"] > 500
    train = ["--references", out / "list.txt.gz", "--out", out / "models", "--min-length", 500, "--epochs", 25]
    record = json.loads(succeed("classifier", "train", out / "pages", *train, "--json"))
    assert record["held_out"]["auc"] > 0.99
    return out


def test_filtering_keeps_what_resembles_references(made: Path) -> None:
    chosen = [*ENGLISH, "--models", made / "models", "--set", "reference.threshold=0.5"]
    summary = json.loads(succeed("filter", "commoncrawl", made / "wet", "--out", made / "half", *chosen, "--json"))
    stage = summary["stages"][-1]
    assert (stage["stage"], set(stage["dropped"])) == ("reference", {"below_threshold"})
    kept = pq.read_table(made / "half/documents").to_pylist()
    assert min(row["reference_score"] for row in kept) >= 0.5
    dropped = [row for row in pq.read_table(made / "half/dropped").to_pylist() if row["stage"] == "reference"]
    assert max(row["value"] for row in dropped) < 0.5
    encyclopaedic = [kind(row["url"]) in ENCYCLOPAEDIC for row in kept]
    lost = [kind(row["url"]) in ENCYCLOPAEDIC for row in dropped]
    assert sum(encyclopaedic) / len(kept) > 0.85
    assert sum(encyclopaedic) / (sum(encyclopaedic) + sum(lost)) > 0.9
    assert "all well" in succeed("verify", made / "half")


def test_a_keep_rate_keeps_about_that_share_of_random_pages(made: Path) -> None:
    chosen = [*ENGLISH, "--models", made / "models", "--set", "reference.keep_rate=0.5"]
    succeed("filter", "commoncrawl", made / "wet", "--out", made / "rate", *chosen)
    kept = pq.read_table(made / "rate/documents", columns=["url", "length"]).to_pylist()
    every = pq.read_table(made / "pages/documents", columns=["url", "length"]).to_pylist()
    counts = [sum(kind(r["url"]) not in ENCYCLOPAEDIC and r["length"] >= 500 for r in rows) for rows in (kept, every)]
    assert 0.35 < counts[0] / counts[1] < 0.65


def test_another_threshold_does_not_score_lines_anew(made: Path) -> None:
    chosen = [*ENGLISH, "--models", made / "models", "--out", made / "again", "--json"]
    first = json.loads(succeed("filter", "commoncrawl", made / "wet", *chosen, "--set", "reference.threshold=0.5"))
    second = json.loads(succeed("filter", "commoncrawl", made / "wet", *chosen, "--set", "reference.threshold=0.25"))
    assert second["documents"] >= first["documents"]
    assert second["tasks_reused"] == 5  # line hashes of four files, and their duplicates


def test_what_cannot_be_is_said_in_one_line(made: Path, tmp_path: Path) -> None:
    out = ["--out", tmp_path / "out"]
    line = fail("filter", "commoncrawl", made / "wet", *out, "--recipe", "redpajama-v1", code=1)
    assert "not found" in line
    line = fail("filter", "commoncrawl", made / "wet", *out, *ENGLISH, "--set", "reference.threshold=2", code=2)
    assert "reference.threshold must lie between 0 and 1" in line
    assert "--references, or --positives" in fail("classifier", "train", made / "pages", *out, code=2)
    assert "not a wiki dump" in fail("classifier", "references", made / "list.txt.gz", *out, code=1)
    assert "no such file" in fail("classifier", "references", tmp_path / "none.xml", *out, code=1)
    no_urls = tmp_path / "no.txt"
    no_urls.write_text("http://b.org/1\n")
    line = fail("classifier", "train", made / "pages", "--references", no_urls, *out, code=1)
    assert "none of its URLs is among" in line


def test_llama1_says_that_the_classifier_was_left_out(made: Path, shared_data: Path, tmp_path: Path) -> None:
    lm = ["--models", shared_data / "golden/lm", "--out", tmp_path / "out"]
    assert "--set reference.apply=true" in succeed("filter", "commoncrawl", made / "wet", *lm)
    run = json.loads((tmp_path / "out/run.json").read_text())
    assert (run["recipe"]["reference"]["apply"], run["recipe"]["reference"]["threshold"]) == (False, 0.5)


def articles(path: Path) -> list[str]:
    """WikiText-2's articles, with the spaces of its tokens taken out."""
    text = gzip.decompress(path.read_bytes()).decode()
    for token, plain in ((" @-@ ", "-"), (" @,@ ", ","), (" @.@ ", "."), (" <unk>", ""), (" , ", ", "), (" . ", ". ")):
        text = text.replace(token, plain)
    paragraphs = [line.strip() for line in text.split("\n") if len(line) > 250 and not line.startswith(" =")]
    return ["\n".join(paragraphs[start : start + 3]) for start in range(0, len(paragraphs), 3)]


def test_real_encyclopaedia_text_is_told_from_real_pages(
    shared_data: Path, language_model: Path, tmp_path: Path
) -> None:
    """WikiText-2 against the English pages of the WET files."""
    rows = articles(shared_data / "data/wikipedia/text/wikitext-2.valid.txt.gz")
    (tmp_path / "p.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in rows))
    wet = shared_data / "data/web/wet"
    succeed("filter", "commoncrawl", wet, "--out", tmp_path / "n", *ENGLISH)
    train = ["--positives", tmp_path / "p.jsonl", "--negatives", tmp_path / "n", "--out", tmp_path / "m"]
    record = json.loads(succeed("classifier", "train", *train, "--epochs", 25, "--held-out", 0.2, "--json"))
    print(record["classes"], record["held_out"]["auc"], record["held_out"]["thresholds"])
    assert record["held_out"]["pages"] > 60
    assert record["held_out"]["auc"] > 0.97
