"""`classifier train`: from pages to a model, its record, and one line where there is nothing to learn from."""

import gzip
import json
import random
from pathlib import Path
from typing import Any

import pytest

from corpus.errors import UsageError, UserError
from corpus.identity import file_sha256
from corpus.quality.classifier.fasttext_training import FastTextSettings
from corpus.quality.classifier.record import ReferenceClassifier, threshold_for
from corpus.quality.classifier.train import SampleSettings, TrainingInputs, train_classifier

FAST = FastTextSettings(dimension=10, epochs=20, learning_rate=1.0)
SMALL = SampleSettings(min_length=200, held_out=0.2)


def text(seed: random.Random, cited: bool, length: int = 300) -> str:
    words = (
        ("archive", "century", "census", "river", "treaty") if cited else ("buy", "click", "login", "shoes", "price")
    )
    lines, size = [], 0
    while size < length:
        lines.append(" ".join(seed.choice((*words, "the", "of", "and", f"n{seed.randrange(500)}")) for _ in range(8)))
        size += len(lines[-1]) + 1
    return "\n".join(lines)


def write(path: Path, rows: list[tuple[str, str]]) -> str:
    path.write_bytes(b"".join(json.dumps({"url": url, "text": text}).encode() + b"\n" for url, text in rows))
    return str(path)


@pytest.fixture
def crawl(tmp_path: Path) -> Path:
    """100 pages of which the first 30 are cited, in two files, and the list of their addresses; some are too short,
    some are copies, one cited page is also there uncited."""
    seed = random.Random(3)
    rows = [(f"http://a.org/{number}", text(seed, number < 30)) for number in range(100)]
    rows += [("http://a.org/30/copy", rows[30][1]), ("http://www.a.org/0/#again", rows[0][1])]
    rows += [("http://a.org/uncited-copy", rows[5][1]), ("http://a.org/short", "too short")]
    (tmp_path / "crawl").mkdir()
    write(tmp_path / "crawl/a.jsonl", rows[:50])
    write(tmp_path / "crawl/b.jsonl", rows[50:])
    (tmp_path / "list.txt").write_text("".join(f"https://www.a.org/{number}/\n" for number in range(30)))
    return tmp_path / "crawl"


def train(crawl: Path, out: Path, sample: SampleSettings = SMALL, **options: Any) -> ReferenceClassifier:
    inputs = TrainingInputs.of([str(crawl)], str(crawl.parent / "list.txt"), [], [])
    return train_classifier(inputs, out, sample=sample, settings=FAST, **options)


def test_a_crawl_and_a_list(crawl: Path, tmp_path: Path) -> None:
    made = train(crawl, tmp_path / "out")
    assert made.record["classes"]["wiki"] | {"training": 0, "held_out": 0} == {
        **{"pages": 31, "too_short": 0, "duplicates": 1, "chosen": 30, "training": 0, "held_out": 0}
    }
    assert made.record["classes"]["cc"] | {"training": 0, "held_out": 0} == {
        **{"pages": 73, "too_short": 1, "duplicates": 1, "chosen": 30, "training": 0, "held_out": 0}
    }
    assert made.record["in_both_classes"] == 1
    held_out = made.record["held_out"]
    assert held_out["auc"] == 1.0
    assert [row["threshold"] for row in held_out["thresholds"]] == [0.25, 0.5]
    assert held_out["thresholds"][1]["recall"] > 0.8
    assert held_out["pages"] == sum(made.record["classes"][label]["held_out"] for label in ("wiki", "cc"))
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "wikiref.bin",
        "wikiref.hashes.tsv.gz",
        "wikiref.json",
    ]
    assert json.loads((tmp_path / "out/wikiref.json").read_text()) == made.record


def test_the_record_names_what_was_learned_from(crawl: Path, tmp_path: Path) -> None:
    made = train(crawl, tmp_path / "out")
    rows = [
        line.split("\t")
        for line in gzip.decompress((tmp_path / "out/wikiref.hashes.tsv.gz").read_bytes()).decode().splitlines()
    ]
    assert len(rows) == len({digest for digest, _, _ in rows}) == 60
    for label in ("wiki", "cc"):
        for part in ("training", "held_out"):
            assert sum(row[1:] == [label, part] for row in rows) == made.record["classes"][label][part]
    for part in ("model", "hashes"):
        with open(tmp_path / "out" / made.record[part]["path"], "rb") as stream:
            assert file_sha256(stream) == made.record[part]["sha256"]
    assert made.record["settings"] == {**SMALL.as_json(), **FAST.as_json()}
    assert {Path(file["path"]).name for file in made.record["inputs"]["negatives"]} == {"a.jsonl", "b.jsonl"}
    rates = made.record["held_out"]["keep_rates"]
    assert list(rates) == [str(percent) for percent in range(1, 101)]
    assert sorted(rates.values(), reverse=True) == list(rates.values())
    assert threshold_for(tmp_path / "out/wikiref.json", 0.2) == rates["20"]


def test_order_and_division_into_files_change_nothing(crawl: Path, tmp_path: Path) -> None:
    first = train(crawl, tmp_path / "out").record
    rows = [json.loads(line) for name in ("a", "b") for line in (crawl / f"{name}.jsonl").open()]
    other = tmp_path / "other/crawl"
    other.mkdir(parents=True)
    (other.parent / "list.txt").write_bytes((tmp_path / "list.txt").read_bytes())
    write(other / "z.jsonl", [(row["url"], row["text"]) for row in reversed(rows)])
    second = train(other, tmp_path / "out2").record
    for part in ("classes", "training", "model", "hashes", "held_out"):
        assert first[part] == second[part]
    third = train(crawl, tmp_path / "out3", SampleSettings(min_length=200, held_out=0.2, seed=1)).record
    assert third["training"] != first["training"]


def test_two_classes_given_apart(crawl: Path, tmp_path: Path) -> None:
    rows = [json.loads(line) for name in ("a", "b") for line in (crawl / f"{name}.jsonl").open()]
    pairs = [(row["url"], row["text"]) for row in rows]
    positives, negatives = (
        write(tmp_path / "p.jsonl", pairs[:30]),
        write(tmp_path / "n.jsonl", pairs[30:100] + pairs[:3]),
    )
    inputs = TrainingInputs.of([], None, [positives], [negatives])
    made = train_classifier(inputs, tmp_path / "out", sample=SMALL, settings=FAST)
    assert made.record["in_both_classes"] == 3
    assert made.record["model"]["sha256"] == train(crawl, tmp_path / "out2").record["model"]["sha256"]


def test_what_is_there_is_left_alone(crawl: Path, tmp_path: Path) -> None:
    assert not train(crawl, tmp_path / "out").already_complete
    again = train(crawl, tmp_path / "out")
    assert again.already_complete
    again.print()
    other = SampleSettings(min_length=200, held_out=0.2, seed=5)
    with pytest.raises(UserError, match=r"wikiref\.bin: exists, made by another command"):
        train(crawl, tmp_path / "out", other)
    assert not train(crawl, tmp_path / "out", other, overwrite=True).already_complete
    (tmp_path / "out/wikiref.bin").write_bytes(b"changed")
    assert not train(crawl, tmp_path / "out", other, overwrite=True).already_complete


@pytest.mark.parametrize(
    ("sample", "fault"),
    [
        (
            SampleSettings(min_length=10_000),
            r"0 different pages of 10000 characters or more labelled wiki \(31 read, 31 too short\)",
        ),
        (SampleSettings(min_length=200, most=1), r"30 different pages .* too few to train and test with"),
    ],
)
def test_too_few_pages(crawl: Path, tmp_path: Path, sample: SampleSettings, fault: str) -> None:
    with pytest.raises(UserError, match=fault):
        train(crawl, tmp_path / "out", sample)
    assert list((tmp_path / "out").iterdir()) == []


def test_a_list_that_fits_no_page(crawl: Path, tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("http://b.org/1\n")
    with pytest.raises(
        UserError, match=r"list\.txt: none of its URLs is among the 104 pages of .* and others; give more"
    ):
        train(crawl, tmp_path / "out")


def test_a_crawl_of_which_every_page_is_cited(crawl: Path, tmp_path: Path) -> None:
    (crawl / "b.jsonl").unlink()
    (tmp_path / "list.txt").write_text("".join(f"http://a.org/{number}\n" for number in range(100)))
    with pytest.raises(UserError, match=r"^0 different pages of 200 .* labelled cc"):
        train(crawl, tmp_path / "out")


@pytest.mark.parametrize(
    ("crawl_given", "references", "positives", "negatives"),
    [(1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0), (0, 0, 0, 1), (1, 1, 1, 1), (0, 1, 1, 1), (1, 0, 1, 1), (0, 0, 0, 0)],
)
def test_inputs_that_do_not_go_together(crawl_given: int, references: int, positives: int, negatives: int) -> None:
    given = ["x"] * crawl_given, "x" if references else None, ["x"] * positives, ["x"] * negatives
    with pytest.raises(UsageError, match="--references, or --positives with --negatives"):
        TrainingInputs.of(*given)


def test_settings_that_make_no_sense() -> None:
    for wrong in ({"min_length": -1}, {"most": 0}, {"held_out": 0.0}, {"held_out": 1.0}, {"seed": -1}):
        with pytest.raises(UsageError):
            SampleSettings(**wrong)  # type: ignore[arg-type]
