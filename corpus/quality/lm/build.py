"""From batches of texts to a language model: sentencepiece unigram pieces, and Kneser-Ney n-grams of them.

One text is one sentence: it is normalised whole, its lines glued, as cc_net does when it trains and when it scores.
"""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

import kernels
from corpus.errors import UsageError, UserError
from corpus.pipeline.run import Monitor
from corpus.quality.lm.estimate import Engine, estimate
from corpus.quality.lm.normalized import NormalizedTexts
from corpus.quality.lm.pieces import BYTES_OF_MEMORY, train_pieces
from corpus.quality.lm.record import LanguageModel, publish, scratch_directory, sha256_of
from kernels.ngram import ORDERS

FORMAT = "llama-corpus language model"
LEAST_MEMORY = 64 << 20


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What decides the model besides its texts; the defaults are cc_net's (`Makefile`).

    vocab_size: sentencepiece pieces, fewer where the text has no more. order: of the n-grams, 1 to 6. memory: bytes for
    each of the passes; the sentencepiece model is trained on a sample of a 26th of it, drawn by `seed`, when there is
    more text than that. It decides nothing else. engine: `builtin` or `lmplz`.
    """

    vocab_size: int = 65_536
    character_coverage: float = 0.9995
    order: int = 5
    memory: int = 8 << 30
    seed: int = 0
    engine: str = Engine.BUILTIN.value

    def __post_init__(self) -> None:
        if self.vocab_size < 1:
            raise UsageError(f"a vocabulary of {self.vocab_size} pieces; --vocab-size must be positive")
        if not 0 < self.character_coverage <= 1:
            raise UsageError(f"character coverage {self.character_coverage}; it must be over 0 and at most 1")
        if self.order not in ORDERS:
            raise UsageError(f"order {self.order}; it must lie between {ORDERS[0]} and {ORDERS[-1]}")
        if self.memory < LEAST_MEMORY:
            raise UsageError(f"{self.memory} bytes of memory; --memory must be {LEAST_MEMORY >> 20}M or more")
        if not 0 <= self.seed < 1 << 63:
            raise UsageError(f"seed {self.seed}; it must be from 0 to 2^63 - 1")
        if self.engine not in [engine.value for engine in Engine]:
            raise UsageError(f"engine {self.engine}; it must be {' or '.join(engine.value for engine in Engine)}")

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def train_lm(
    texts: Iterable[pa.LargeStringArray],
    out: Path,
    *,
    language: str,
    settings: Settings,
    sentencepiece_model: Path | None = None,
    workers: int = 1,
    monitor: Monitor | None = None,
    request: Mapping[str, Any] | None = None,
) -> LanguageModel:
    """Trains on batches of texts and writes `LANGUAGE.sp.model`, `LANGUAGE.arpa` and `LANGUAGE.json` into `out`.

    Each file appears whole or not at all, the record last. workers: threads that encode. request: what of the record
    says where the texts are from. The same texts and settings give the same bytes, whatever the workers. Raises
    UserError for texts that hold no words, and what `train_pieces` and `estimate` raise.
    """
    check_language(language)
    with scratch_directory(out, language) as scratch, NormalizedTexts(scratch) as normalized:
        for batch in texts:
            normalized.append(batch)
        normalized.close()
        if not normalized.texts:
            raise UserError(f"{language}: no words in the texts to train on; give other inputs")
        pieces, arpa = scratch / f"{language}.sp.model", scratch / f"{language}.arpa"
        described = _make_pieces(normalized, pieces, settings, sentencepiece_model, monitor)
        sentences = _encoded(normalized, pieces, workers, monitor)
        counted = estimate(Engine(settings.engine), sentences, arpa, order=settings.order, memory=settings.memory)
        record = {
            "format": FORMAT,
            "language": language,
            **(request or {"settings": settings.as_json()}),
            "texts": {"texts": normalized.texts, "empty": normalized.empty, "bytes": normalized.size},
            "sentencepiece": {"path": pieces.name, "sha256": sha256_of(pieces), **described},
            "ngrams": {"path": arpa.name, "sha256": sha256_of(arpa), "bytes": arpa.stat().st_size, **counted},
        }
        publish(out, language, (pieces, arpa), record)
    return LanguageModel(out, language, record)


def check_language(language: str) -> None:
    """Raises UsageError for a code that cannot name a file."""
    if not re.fullmatch(r"[A-Za-z0-9_-]+", language):
        raise UsageError(f"language {language!r}; give a code such as en, of letters, digits, - and _")


def _make_pieces(
    normalized: NormalizedTexts, path: Path, settings: Settings, given: Path | None, monitor: Monitor | None
) -> dict[str, Any]:
    """Puts the sentencepiece model at `path`, and describes it."""
    if given is not None:
        _check_unigram(given)
        data = given.read_bytes()
        described: dict[str, Any] = {"trained": False}
    else:
        budget = settings.memory // BYTES_OF_MEMORY
        if monitor is not None:
            monitor.step("sentencepiece", 1, 0, min(budget, normalized.size), 0)
        trained = train_pieces(
            normalized.sample(budget, settings.seed), settings.vocab_size, settings.character_coverage
        )
        data = trained.data
        described = {"trained": True, "lines": trained.lines, "bytes": trained.size}
    with open(path, "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    return {"pieces": len(_processor(path, given or path)), **described}


def _encoded(normalized: NormalizedTexts, pieces: Path, workers: int, monitor: Monitor | None) -> Iterator[bytes]:
    """The texts as lines of pieces divided by spaces."""
    processor = _processor(pieces, pieces)
    if monitor is not None:
        monitor.step("encode", 1, 0, normalized.size, 0)
    for batch in normalized.batches():
        encoded = processor.encode(batch.to_pylist(), out_type=str, num_threads=workers)
        yield "".join(" ".join(text) + "\n" for text in encoded).encode()
        if monitor is not None:
            monitor.advance(len(batch), batch.nbytes)
    if monitor is not None:
        monitor.step("estimate", 1, 0, 1, 0)


def _check_unigram(given: Path) -> None:
    """Raises UserError for a model by which the filter could not score."""
    try:
        kernels.UnigramEncoder(given)
    except kernels.UnsupportedModelError as error:
        raise UserError(f"{given}: {error}; give a unigram model, or none to train one") from None
    except ValueError as error:
        raise UserError(f"{given}: not a sentencepiece model ({error}); give another, or none to train one") from None


def _processor(path: Path, named: Path) -> Any:
    import sentencepiece

    try:
        return sentencepiece.SentencePieceProcessor(model_file=str(path))
    except (OSError, RuntimeError):
        raise UserError(f"{named}: not a sentencepiece model; give another, or none to train one") from None
