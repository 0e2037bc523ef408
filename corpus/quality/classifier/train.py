"""`classifier train`: pages that Wikipedia cites against random pages of a crawl."""

import gzip
import itertools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np
import pyarrow as pa

import kernels
from corpus.errors import UsageError, UserError
from corpus.identity import InputFile, identify
from corpus.pipeline.progress import display
from corpus.pipeline.publication import software_versions
from corpus.pipeline.run import Monitor
from corpus.quality.classifier import measures
from corpus.quality.classifier.fasttext_training import FastTextSettings, train_fasttext
from corpus.quality.classifier.pages import Page, page_files, read_pages
from corpus.quality.classifier.record import (
    FORMAT,
    HASHES_FILE,
    MODEL_FILE,
    RECORD_FILE,
    ReferenceClassifier,
    find_finished,
)
from corpus.quality.classifier.sample import CC, WIKI, ClassSample, Example, balanced, lines
from corpus.quality.classifier.urls import UrlSet, read_urls
from corpus.quality.lm.record import publish, scratch_directory, sha256_of
from corpus.quality.reference import score_texts

THRESHOLDS = (0.25, 0.5)
"""RedPajama's, and what "classified as references" means in LLaMA's paper."""

BATCH_TEXTS = 256


@dataclass(frozen=True, kw_only=True)
class SampleSettings:
    """What is learned from. min_length: characters of a page at least, of either class (RedPajama: 1000, of positives
    alone). most: pages of a class at most (RedPajama stopped at 300,000). held_out: share of pages tested with, not
    learned from. seed: of the choice."""

    min_length: int = 1000
    most: int = 300_000
    held_out: float = 0.1
    seed: int = 0

    def __post_init__(self) -> None:
        if self.min_length < 0 or self.most < 1:
            raise UsageError("--min-length must be at least 0 and --most at least 1")
        if not 0 < self.held_out < 1:
            raise UsageError(f"--held-out {self.held_out}; give a share between 0 and 1")
        if not 0 <= self.seed < 1 << 63:
            raise UsageError(f"--seed {self.seed}; it must be from 0 to 2^63 - 1")

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class TrainingInputs:
    """Files of either class, or files of a crawl (`negatives`) whose cited pages are the positives."""

    positives: Sequence[InputFile]
    negatives: Sequence[InputFile]
    references: InputFile | None

    @classmethod
    def of(
        cls, crawl: Sequence[str], references: str | None, positives: Sequence[str], negatives: Sequence[str]
    ) -> "TrainingInputs":
        """Raises UsageError unless the inputs are CRAWL and references, or positives and negatives."""
        if (
            bool(positives) != bool(negatives)
            or bool(crawl) != (references is not None)
            or bool(crawl) == bool(positives)
        ):
            raise UsageError("give the files of a crawl with --references, or --positives with --negatives")
        return cls(page_files(positives), page_files(crawl or negatives), identify(references) if references else None)

    def files(self) -> list[InputFile]:
        return [*self.positives, *self.negatives]

    def as_json(self) -> dict[str, Any]:
        return {
            "positives": [file.as_json() for file in self.positives],
            "negatives": [file.as_json() for file in self.negatives],
            "references": None if self.references is None else self.references.as_json(),
        }


def train_classifier(
    inputs: TrainingInputs,
    out: Path,
    *,
    sample: SampleSettings,
    settings: FastTextSettings,
    overwrite: bool = False,
) -> ReferenceClassifier:
    """Writes `wikiref.bin`, `wikiref.hashes.tsv.gz` and `wikiref.json` into `out`.

    The same pages, in any order, and settings give the same bytes. A model that the same command made is left alone;
    one that another made, too, unless `overwrite`. Raises UserError when a class has too few texts to train and to test
    with, and for inputs that cannot be read.
    """
    request = {
        "format": FORMAT,
        "settings": {**sample.as_json(), **settings.as_json()},
        "inputs": inputs.as_json(),
        "software": software_versions(("fasttext",)),
    }
    if (found := find_finished(out, request)) is not None:
        return found
    if (out / MODEL_FILE).exists() and not overwrite:
        raise UserError(f"{out / MODEL_FILE}: exists, made by another command; choose another --out, or --overwrite it")
    name = RECORD_FILE.removesuffix(".json")
    with (
        scratch_directory(out, name) as scratch,
        display([("read", 1.0), ("train", 1.0)]) as monitor,
        open(scratch / "positives", "w+b") as positives,
        open(scratch / "negatives", "w+b") as negatives,
    ):
        positive = ClassSample(WIKI, positives, sample.most, sample.min_length, sample.seed, remember=True)
        negative = ClassSample(CC, negatives, sample.most, sample.min_length, sample.seed)
        _read(inputs, positive, negative, monitor)
        made = _make(positive, negative, scratch, sample, settings, monitor)
        record = {**request, **made}
        publish(out, name, (scratch / MODEL_FILE, scratch / HASHES_FILE), record)
    return ReferenceClassifier(out, record)


def _read(inputs: TrainingInputs, positive: ClassSample, negative: ClassSample, monitor: Monitor) -> None:
    files = inputs.files()
    monitor.step("read", len(files), 0, sum(file.size for file in files), 0)
    cited = None if inputs.references is None else read_urls(inputs.references.path)
    for file in inputs.positives:
        for _, text in read_pages(file.path):
            positive.offer(text)
        monitor.advance(0, file.size)
    for file in inputs.negatives:
        for text, is_cited in _told_apart(read_pages(file.path), cited):
            (positive if is_cited else negative).offer(text)
        monitor.advance(0, file.size)
    if inputs.references is not None and not positive.offered:
        raise UserError(
            f"{inputs.references.path}: none of its URLs is among the {negative.offered:,} pages of "
            f"{inputs.negatives[0].path}{' and others' if len(inputs.negatives) > 1 else ''}; give more of the crawl"
        )


def _told_apart(pages: Iterator[Page], cited: UrlSet | None) -> Iterator[tuple[str, bool]]:
    """The texts of pages, and whether their addresses are among those cited."""
    while batch := list(itertools.islice(pages, BATCH_TEXTS)):
        found = np.zeros(len(batch), dtype=bool) if cited is None else cited.contains(url for url, _ in batch)
        yield from ((text, bool(is_cited)) for (_, text), is_cited in zip(batch, found, strict=True))


def _make(
    positive: ClassSample,
    negative: ClassSample,
    scratch: Path,
    sample: SampleSettings,
    settings: FastTextSettings,
    monitor: Monitor,
) -> dict[str, Any]:
    """Makes model and list of digests in `scratch`; returns what the record says of them."""
    examples, in_both = balanced(positive, negative)
    held_out = [example for example in examples if example.is_held_out(sample.held_out)]
    training = [example for example in examples if not example.is_held_out(sample.held_out)]
    classes = {one.label: _counted(one, examples, held_out) for one in (positive, negative)}
    if any(not counted["training"] or not counted["held_out"] for counted in classes.values()):
        raise _too_few(min(positive, negative, key=lambda one: one.different), sample.min_length)
    text, model, hashes = scratch / "training.txt", scratch / MODEL_FILE, scratch / HASHES_FILE
    with open(text, "wb") as stream:
        stream.writelines(lines(training, positive, negative))
    monitor.step("train", 1, 0, text.stat().st_size, 0)
    words = train_fasttext(text, model, settings)
    monitor.advance(len(training), text.stat().st_size)
    _write_digests(hashes, examples, sample.held_out)
    return {
        "classes": classes,
        "in_both_classes": in_both,
        "training": {"sha256": sha256_of(text), "bytes": text.stat().st_size},
        "model": {"path": model.name, "sha256": sha256_of(model), "words": words},
        "hashes": {"path": hashes.name, "sha256": sha256_of(hashes)},
        "held_out": _test(kernels.FastText(model), held_out, positive, negative),
    }


def _too_few(one: ClassSample, min_length: int) -> UserError:
    return UserError(
        f"{one.different} different pages of {min_length} characters or more labelled {one.label} ({one.offered:,} "
        f"read, {one.too_short:,} too short) are too few to train and test with; give more, or lower --min-length"
    )


def _counted(one: ClassSample, examples: Sequence[Example], held_out: Sequence[Example]) -> dict[str, int]:
    chosen, tested = (sum(example.label == one.label for example in some) for some in (examples, held_out))
    return {
        "pages": one.offered,
        "too_short": one.too_short,
        "duplicates": one.duplicates,
        "chosen": chosen,
        "training": chosen - tested,
        "held_out": tested,
    }


def _write_digests(path: Path, examples: Sequence[Example], share: float) -> None:
    """One line a text: digest of its words (BLAKE2b, 16 bytes), label, and whether it was held out."""
    with ExitStack() as stack:
        raw = stack.enter_context(open(path, "wb"))
        stream = cast(BinaryIO, stack.enter_context(gzip.GzipFile(filename="", fileobj=raw, mode="wb", mtime=0)))
        for example in examples:
            part = "held_out" if example.is_held_out(share) else "training"
            stream.write(f"{example.digest.hex()}\t{example.label}\t{part}\n".encode())


def _test(
    model: kernels.FastText, held_out: Sequence[Example], positive: ClassSample, negative: ClassSample
) -> Mapping[str, Any]:
    """What the model makes of the texts held out; negatives stand for the pages of the crawl."""
    scores: dict[str, list[np.ndarray]] = {WIKI: [], CC: []}
    for one in (positive, negative):
        texts = (one.words(example).decode() for example in held_out if example.label == one.label)
        while batch := list(itertools.islice(texts, BATCH_TEXTS)):
            scores[one.label].append(score_texts(model, pa.array(batch, pa.large_string())))
    wiki, cc = np.concatenate(scores[WIKI]), np.concatenate(scores[CC])
    return {
        "pages": len(held_out),
        "auc": measures.area_under_curve(wiki, cc),
        "thresholds": [measures.at_threshold(wiki, cc, threshold) for threshold in THRESHOLDS],
        "keep_rates": measures.keep_rates(cc),
    }
