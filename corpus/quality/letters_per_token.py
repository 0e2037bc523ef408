"""RedPajama's rule for code that a tokenizer cuts into crumbs (`github_run_filter.py`); the paper does not have it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import pyarrow as pa

import kernels
from corpus.document import keep
from corpus.errors import UsageError, UserError
from corpus.models.files import ModelFiles
from corpus.pipeline.stage import Dropped, DropReason, Resources, Stage, StageFunction, StageResult
from corpus.quality.rules import ratio

REMEDY = (
    "get it with: llama-corpus models pull pythia-tokenizer, "
    "or leave the rule out: --set github.letters_per_token=false"
)


class LettersPerTokenReason(DropReason):
    FEW_LETTERS = "few_letters_per_token", "It has fewer letters per token than least."


@dataclass(frozen=True, kw_only=True)
class LettersPerToken(Stage):
    """Drops files with fewer letters (`str.isalpha()`) than `least` per token of a byte-level BPE tokenizer.

    tokenizer: a file among the models, in the format tokenizer.json.
    """

    name: ClassVar[str] = "letters_per_token"
    reasons: ClassVar[type[DropReason]] = LettersPerTokenReason

    tokenizer: str = "pythia.tokenizer.json"
    least: float = 1.5

    def __post_init__(self) -> None:
        if self.least < 0:
            raise UsageError("letters_per_token.least must be at least 0")

    def model_names(self, models: ModelFiles) -> list[str]:
        models.require(self.tokenizer, REMEDY)
        return [self.tokenizer]

    def open(self, resources: Resources) -> StageFunction:
        count = token_counter(resources.models.require(self.tokenizer, REMEDY))

        def apply(batch: pa.RecordBatch) -> StageResult:
            text = batch.column("text")
            share = ratio(kernels.code_statistics(text)["letters"], count(text))
            few = share < self.least
            return StageResult(keep(batch, ~few), Dropped.where(few, LettersPerTokenReason.FEW_LETTERS, share))

        return apply


def token_counter(path: Path) -> Callable[[pa.LargeStringArray], np.ndarray]:
    """Counts tokens per text, int64[n]; raises UserError for a file that is no tokenizer of a known kind."""
    import awkward
    from gigatoken import Tokenizer

    try:
        tokenizer = Tokenizer.from_json(path.read_text("utf-8"))
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RuntimeError) as error:
        raise UserError(f"{path}: no tokenizer that can be read ({error}); remove it and pull it again") from None

    def count(text: pa.LargeStringArray) -> np.ndarray:
        encoded = tokenizer.encode_batch(awkward.from_arrow(text, highlevel=True), parallel=False)
        return np.diff(np.asarray(encoded.layout.offsets))

    return count
