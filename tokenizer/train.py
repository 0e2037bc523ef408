"""LLaMA's tokenizer, trained anew: sentencepiece BPE with the settings stored in the released `tokenizer.model`."""

import io
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from rich.console import Console
from rich.table import Table

from corpus.errors import UsageError, UserError
from corpus.memory import available_memory
from corpus.pipeline.own_process import ProcessKilledError, in_own_process
from corpus.pipeline.progress import display
from corpus.pipeline.publication import software_versions
from corpus.pipeline.store import write_json
from tokenizer.documents import document_files
from tokenizer.encode import Encoder
from tokenizer.model_file import with_num_threads
from tokenizer.sample import Sample, largest_sample, predicted_memory

MODEL, RECORD = "tokenizer.model", "train.json"
FORMAT = "llama-corpus tokenizer"

TRAINER: dict[str, Any] = {
    "model_type": "bpe",
    "input_format": "text",
    "character_coverage": 0.99995,
    "input_sentence_size": 200_000_000,
    "shuffle_input_sentence": True,
    "seed_sentencepiece_size": 1_000_000,
    "shrinking_factor": 0.75,
    "max_sentence_length": 4192,
    "num_sub_iterations": 2,
    "max_sentencepiece_length": 16,
    "split_by_unicode_script": True,
    "split_by_number": True,
    "split_by_whitespace": True,
    "treat_whitespace_as_suffix": False,
    "allow_whitespace_only_pieces": True,
    "split_digits": True,
    "required_chars": "",
    "byte_fallback": True,
    "vocabulary_output_piece_score": True,
    "hard_vocab_limit": True,
    "use_all_vocab": False,
    "unk_id": 0,
    "bos_id": 1,
    "eos_id": 2,
    "pad_id": -1,
    "unk_piece": "<unk>",
    "bos_piece": "<s>",
    "eos_piece": "</s>",
    "unk_surface": " \u2047 ",
    "normalization_rule_name": "identity",
    "add_dummy_prefix": True,
    "remove_extra_whitespaces": False,
    "escape_whitespaces": True,
}
"""The trainer's and normalizer's settings in LLaMA's tokenizer, but for the vocabulary's size and the threads."""

RECORDED_THREADS = 80
"""The released model's num_threads. It decides nothing but a number in the file, so every model says the same."""

ERRORS_ONLY = 2
"""Value of sentencepiece's minloglevel."""


@dataclass(frozen=True)
class TrainedTokenizer:
    """A tokenizer directory and its record, the content of `train.json`.

    already_complete: whether it was found there, made by the same command.
    """

    directory: Path
    record: Mapping[str, Any]
    already_complete: bool

    def as_json(self) -> dict[str, Any]:
        return {"directory": str(self.directory), "already_complete": self.already_complete, **self.record}

    def print(self) -> None:
        console = Console(highlight=False)
        if self.already_complete:
            console.print(f"{self.directory}: already complete, nothing to do")
        table = Table(box=None, pad_edge=False)
        for column in ("source", "documents", "lines", "MB drawn", "held-out bytes/token"):
            table.add_column(column, justify="left" if column == "source" else "right")
        for source, drawn in self.record["sample"].items():
            ratio = self.record["held_out"][source]["bytes_per_token"]
            counts = (f"{drawn['documents']:,}", f"{drawn['lines']:,}", f"{drawn['bytes'] / 1e6:,.2f}")
            table.add_row(source, *counts, "" if ratio is None else f"{ratio:.2f}")
        console.print(table)
        console.print(f"{self.directory / MODEL}: {self.record['vocab_size']:,} pieces", soft_wrap=True)
        console.print(
            f"next: llama-corpus tokenize DOCS --tokenizer {self.directory / MODEL} --out SHARDS", soft_wrap=True
        )


def train_tokenizer(
    documents: Sequence[str | Path],
    out: Path,
    *,
    vocab_size: int = 32000,
    sample_bytes: int = 1 << 30,
    weights: Mapping[str, float] | None = None,
    seed: int = 0,
    threads: int | None = None,
    source: str = "documents",
    overwrite: bool = False,
) -> TrainedTokenizer:
    """Trains on a sample of the documents and writes `out/tokenizer.model` and `out/train.json`.

    documents: as `document_files` takes them. vocab_size: pieces, the 3 control and 256 byte pieces included.
    sample_bytes: text to train on. weights: shares of the sources in it, by default those of the paper's Table 1.
    threads: by default all cores. source: of documents that name none. The same documents and settings give the same
    bytes, whatever the threads. Raises UsageError for settings that make no sense, UserError for work that fails.
    """
    _check_settings(vocab_size, sample_bytes, seed)
    files = document_files(documents)
    request = {
        "settings": {
            "vocab_size": vocab_size,
            "sample_bytes": sample_bytes,
            "weights": dict(weights) if weights is not None else None,
            "seed": seed,
            "source": source,
        },
        "inputs": [file.as_json() for file in files],
        "software": software_versions(("sentencepiece",)),
    }
    if (found := _finished(out, request)) is not None:
        return TrainedTokenizer(out, found, already_complete=True)
    if (out / MODEL).exists() and not overwrite:
        raise UserError(f"{out / MODEL}: exists, made by another command; choose another --out, or --overwrite it")
    size = sum(file.size for file in files)
    with display([("read documents", 1.0), ("train", 4.0)]) as monitor:
        monitor.step("read documents", len(files), 0, size, 0)
        sample = Sample(
            files, budget=sample_bytes, weights=weights, seed=seed, default_source=source, progress=monitor.advance
        )
        memory = _check_memory(sample)
        monitor.note(f"sample of {sample.size / 1e6:,.1f} MB; training takes about {memory / 2**30:.1f} GiB of memory")
        monitor.step("train", 1, 0, size, 0)
        work = partial(_train, sample, vocab_size, seed, threads or len(os.sched_getaffinity(0)))
        try:
            model, sample = in_own_process(work, monitor.advance)
        except ProcessKilledError as killed:
            raise UserError(
                f"{out}: sentencepiece was killed ({killed}), most likely for want of memory: it was to take about "
                f"{memory / 2**30:.1f} GiB; use a smaller --sample-bytes than {sample.size}"
            ) from None
    return TrainedTokenizer(out, _write(out, model, sample, request), already_complete=False)


def _check_settings(vocab_size: int, sample_bytes: int, seed: int) -> None:
    if vocab_size < 1:
        raise UsageError(f"a vocabulary of {vocab_size} pieces; --vocab-size must be positive")
    if sample_bytes < 1:
        raise UsageError(f"a sample of {sample_bytes} bytes; --sample-bytes must be positive")
    if not 0 <= seed < 1 << 63:
        raise UsageError(f"seed {seed}; it must be from 0 to 2^63 - 1")


def _finished(out: Path, request: Mapping[str, Any]) -> dict[str, Any] | None:
    """The record of a tokenizer that the same request made and that is still there."""
    try:
        record: dict[str, Any] = json.loads((out / RECORD).read_text("utf-8"))
        if any(record.get(key) != value for key, value in request.items()):
            return None
        return record if Encoder(out / MODEL).sha256 == record["sha256"] else None
    except (OSError, ValueError, KeyError, UserError):
        return None


def _check_memory(sample: Sample) -> int:
    """Bytes sentencepiece will take. Raises UserError when they are not there, or the sample is empty."""
    if not sample.size:
        raise UserError("the documents hold no text to train a tokenizer on; name others")
    needed, free = predicted_memory(sample.size, sample.line_count), available_memory()
    if free is not None and needed > free:
        # Less than fits, since a smaller sample may have the sources, and so its lines, in other proportions.
        fits = largest_sample(sample.size, sample.line_count, free) * 9 // 10
        raise UserError(
            f"a sample of {sample.size:,} bytes takes sentencepiece about {needed / 2**30:.2f} GiB of memory and "
            f"{free / 2**30:.2f} GiB are free; use --sample-bytes {fits}"
        )
    return needed


def _train(
    sample: Sample, vocab_size: int, seed: int, threads: int, progress: Callable[[int, int], None]
) -> tuple[bytes, Sample]:
    """The model, and the sample with its counts. Raises UserError."""
    import sentencepiece

    failures: list[Exception] = []

    def lines() -> Iterator[bytes]:
        try:
            yield from sample.lines(progress)
        except Exception as error:
            failures.append(error)
            raise

    # Orders the lines, and chooses among them when there are over input_sentence_size.
    sentencepiece.set_random_generator_seed(seed % (1 << 32))
    model = io.BytesIO()
    try:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=lines(),
            model_writer=model,
            vocab_size=vocab_size,
            num_threads=threads,
            minloglevel=ERRORS_ONLY,
            **TRAINER,
        )
    except RuntimeError as error:
        if failures:
            raise failures[0] from None
        raise UserError(_explained(str(error), vocab_size)) from None
    return with_num_threads(model.getvalue(), RECORDED_THREADS), sample


def _explained(fault: str, vocab_size: int) -> str:
    """sentencepiece's two complaints about the size of the vocabulary, with what to do; others as they are."""
    if most := re.search(r"Vocabulary size too high \(\d+\).*<= (\d+)", fault):
        return (
            f"the sample has too little text for {vocab_size:,} pieces; "
            f"use --vocab-size {most[1]} or less, or give more documents"
        )
    if least := re.search(r"smaller than required_chars\. \d+ vs (\d+)", fault):
        return (
            f"{vocab_size:,} pieces are too few for the 256 byte pieces, the control pieces and the characters of the "
            f"sample; use --vocab-size {least[1]} or more"
        )
    return f"sentencepiece could not train the tokenizer ({fault}); give other documents"


def _write(out: Path, model: bytes, sample: Sample, request: Mapping[str, Any]) -> dict[str, Any]:
    """Puts the model and then its record in place, each whole or not at all."""
    out.mkdir(parents=True, exist_ok=True)
    temporary = out / f".{MODEL}.{os.getpid()}"
    try:
        with open(temporary, "wb") as file:
            file.write(model)
            file.flush()
            os.fsync(file.fileno())
        encoder = Encoder(temporary)
        record = {
            "format": FORMAT,
            **request,
            "trainer": TRAINER,
            "vocab_size": encoder.vocab_size,
            "sha256": encoder.sha256,
            "predicted_memory": predicted_memory(sample.size, sample.line_count),
            "sample": {source: drawn.as_json() for source, drawn in sample.sources.items()},
            "held_out": {source: _measured(encoder, texts) for source, texts in sample.held_out.items()},
        }
        os.replace(temporary, out / MODEL)
    finally:
        temporary.unlink(missing_ok=True)
    write_json(out / RECORD, record)
    return record


def _measured(encoder: Encoder, texts: Sequence[pa.Array]) -> dict[str, Any]:
    """Text the tokenizer has not seen: its documents, bytes, tokens without BOS and EOS, and bytes per token."""
    documents = size = tokens = 0
    for text in texts:
        _, offsets = encoder.encode(text)
        documents += len(text)
        size += pc.sum(pc.binary_length(text)).as_py()
        tokens += int(offsets[-1])
    ratio = round(size / tokens, 4) if tokens else None
    return {"documents": documents, "bytes": size, "tokens": tokens, "bytes_per_token": ratio}
