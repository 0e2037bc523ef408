"""CCNet's quality score: perplexity under a 5-gram model of Wikipedia, and buckets by its published percentiles."""

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import ClassVar

import numpy as np
import pyarrow as pa

import kernels
from corpus.document import keep, with_column
from corpus.errors import UsageError, UserError
from corpus.models.files import ModelFiles
from corpus.pipeline.stage import Dropped, DropReason, Resources, Stage, StageFunction, StageResult
from corpus.quality.lm.cutoffs import BUCKETS, CUTOFF_FILE, Cutoffs, bucket, load_cutoffs
from corpus.quality.rounding import rounded

COLUMNS = (pa.field("perplexity", pa.float64()), pa.field("bucket", pa.string()))
"""perplexity: rounded to one decimal, null without a model for the language; bucket: head, middle, tail or all."""

REMEDY = "get published models with: llama-corpus models pull ccnet-{0}, or make your own with: llama-corpus lm train"


class PerplexityReason(DropReason):
    BUCKET_NOT_KEPT = "bucket_not_kept", "The document's perplexity puts it in a bucket that is not kept."


@dataclass(frozen=True, kw_only=True)
class Perplexity(Stage):
    """Scores documents, sorts them into buckets, and keeps some buckets.

    languages: languages that must have a model; when empty, every language that has one is scored. per_line: score each
    line as a sentence; by default the document is one sentence, its lines glued, because cc_net's normalisation deletes
    line breaks and its cut-offs were measured so. keep: buckets kept; documents of languages without a model or
    cut-offs are in bucket `all`.
    """

    name: ClassVar[str] = "perplexity"
    reasons: ClassVar[type[DropReason]] = PerplexityReason

    languages: tuple[str, ...] = ()
    per_line: bool = False
    keep: tuple[str, ...] = BUCKETS

    def __post_init__(self) -> None:
        unknown = set(self.keep) - set(BUCKETS)
        if unknown or not self.keep:
            raise UsageError(f"perplexity.keep must name some of {', '.join(BUCKETS)}; got {sorted(unknown) or 'none'}")

    def model_names(self, models: ModelFiles) -> list[str]:
        names = []
        for language in self.scored_languages(models):
            names += [_sentencepiece(models, language), _language_model(models, language)]
        self._check_cutoffs(load_cutoffs(models))
        return names + [name for name in (CUTOFF_FILE,) if models.find(name)]

    def _check_cutoffs(self, cutoffs: Cutoffs) -> None:
        """Raises UserError when every document of a language asked for would be dropped for want of cut-offs."""
        for language in self.languages if "all" not in self.keep else ():
            if language not in cutoffs:
                raise UserError(
                    f"{language}: its language model has no cut-offs (CCNet's hold for CCNet's models only), so no "
                    f"bucket can be told; make them with: llama-corpus lm cutoffs DOCS --language {language}"
                )

    def scored_languages(self, models: ModelFiles) -> list[str]:
        if self.languages:
            return sorted(self.languages)
        pieces = {name.removesuffix(".sp.model") for name in models.names(".sp.model")}
        return sorted(language for language in pieces if _find_language_model(models, language))

    def open(self, resources: Resources) -> StageFunction:
        models = resources.models
        scorers = {
            language: load_scorer(
                models.require(_sentencepiece(models, language), REMEDY.format(language)),
                models.require(_language_model(models, language), REMEDY.format(language)),
            )
            for language in self.scored_languages(models)
        }
        cutoffs = load_cutoffs(models)
        return lambda batch: self._apply(scorers, cutoffs, batch)

    def _apply(self, scorers: Mapping[str, "Scorer"], cutoffs: Cutoffs, batch: pa.RecordBatch) -> StageResult:
        languages = batch.column("language").dictionary_encode()
        perplexities = np.full(batch.num_rows, np.nan)
        buckets = np.full(batch.num_rows, BUCKETS.index("all"), dtype=np.int8)
        for code, language in enumerate(languages.dictionary.to_pylist()):
            rows = np.flatnonzero(languages.indices.to_numpy() == code)
            if language in scorers:
                perplexities[rows] = self._scored(scorers[language], batch.column("text"), rows)
            if language in cutoffs:
                values = perplexities[rows].tolist()
                buckets[rows] = [BUCKETS.index(bucket(value, language, cutoffs)) for value in values]
        scored = with_column(batch, COLUMNS[0], pa.array(perplexities, from_pandas=True))
        scored = with_column(scored, COLUMNS[1], pa.array(BUCKETS, pa.string()).take(pa.array(buckets)))
        unwanted = ~np.isin(buckets, [BUCKETS.index(name) for name in self.keep])
        dropped = Dropped.where(unwanted, PerplexityReason.BUCKET_NOT_KEPT, perplexities)
        return StageResult(keep(scored, ~unwanted), dropped)

    def _scored(self, scorer: "Scorer", text: pa.LargeStringArray, rows: np.ndarray) -> np.ndarray:
        chosen = text if len(rows) == len(text) else text.take(pa.array(rows))
        return scorer.perplexity_per_line(chosen) if self.per_line else scorer.perplexity(chosen)


def _sentencepiece(models: ModelFiles, language: str) -> str:
    return models.require(f"{language}.sp.model", REMEDY.format(language)).name


def _language_model(models: ModelFiles, language: str) -> str:
    found = _find_language_model(models, language)
    return found or models.require(f"{language}.arpa.bin", REMEDY.format(language)).name


def _find_language_model(models: ModelFiles, language: str) -> str | None:
    return next((name for name in (f"{language}.arpa.bin", f"{language}.arpa") if models.find(name)), None)


@cache
def load_scorer(pieces: Path, language_model: Path) -> "Scorer":
    """Raises UserError when a file is not a sentencepiece unigram model, or not a KenLM one."""
    with _named(pieces, "sentencepiece"):
        encoder = kernels.UnigramEncoder(pieces)
    with _named(language_model, "KenLM"):
        model = kernels.KenlmModel(language_model)
        return Scorer(kernels.PieceScorer(encoder, model))


@contextmanager
def _named(path: Path, kind: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror}); check its permissions") from None
    except kernels.UnsupportedModelError as error:
        raise UserError(f"{path}: a {kind} model of a kind that is not read ({error}); {REMEDY.format('en')}") from None
    except ValueError as error:
        raise UserError(f"{path}: not a {kind} model ({error}); {REMEDY.format('en')}") from None


@dataclass(frozen=True)
class Scorer:
    """Perplexity of documents in one language (cc_net `perplexity.py: SentencePiece, DocLM`)."""

    pieces: kernels.PieceScorer

    def perplexity(self, text: pa.LargeStringArray) -> np.ndarray:
        """Of each document's normalised text as one sentence, float64[n]; NaN for an empty one."""
        return _perplexities(*self.pieces.score(kernels.normalize_lm(text)))

    def perplexity_per_line(self, text: pa.LargeStringArray) -> np.ndarray:
        """The same from the log probabilities of a document's lines summed, over the pieces of all of them."""
        return _perplexities(*self.pieces.score(kernels.normalize_lm_lines(text), per_line=True))


def _perplexities(log10: np.ndarray, length: np.ndarray) -> np.ndarray:
    """NumPy's powers may differ in the last bits from Python's, which are cc_net's; where that could show, Python's."""
    exponents = np.divide(-log10, length, out=np.full(len(length), np.nan), where=length > 0)
    with np.errstate(over="ignore"):
        perplexities, doubtful = rounded(np.power(10.0, exponents), 1)
    for row in np.flatnonzero(doubtful).tolist():
        perplexities[row] = _perplexity(float(exponents[row]))
    return perplexities


def _perplexity(exponent: float) -> float:
    try:
        return round(10.0**exponent, 1)
    except OverflowError:
        return math.inf
