"""LLaMA's last test of web pages: is it like the pages that Wikipedia cites, or like any page?

The paper (section 2.1): "we trained a linear model to classify pages used as references in Wikipedia v.s. randomly
sampled pages, and discarded pages not classified as references". No model, feature or threshold was published; the
form of RedPajama-v1's is taken (`data_prep/cc/classifier`): fastText on words, labels `wiki` and `cc`.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import ClassVar

import numpy as np
import pyarrow as pa

import kernels
from corpus.document import keep, with_column
from corpus.errors import UsageError, UserError
from corpus.models.files import ModelFiles
from corpus.pipeline.stage import Dropped, DropReason, Resources, Stage, StageFunction, StageResult
from corpus.quality.classifier.record import MODEL_FILE, threshold_for

COLUMNS = (pa.field("reference_score", pa.float64()),)
"""reference_score: probability of the label `wiki`, 0 to 1."""

WIKI_LABEL = "__label__wiki"
REMEDY = "make one with: llama-corpus classifier train, or leave this test out with: --set reference.apply=false"


class ReferenceReason(DropReason):
    BELOW_THRESHOLD = "below_threshold", "The page is too unlike those Wikipedia cites: its score is under threshold."


@dataclass(frozen=True, kw_only=True)
class Reference(Stage):
    """Scores pages by their likeness to Wikipedia's references; drops those under a threshold.

    apply: whether this is done at all; there is no published model to do it with. model: a fastText classifier with the
    label `wiki` and one other. threshold: smallest score kept (0.5: "classified as references"; RedPajama-v1 0.25).
    keep_rate: instead of the threshold, the share of random pages to keep: the threshold that did so when the model was
    made, read from the record that `classifier train` put beside it; 0 means not used.
    """

    name: ClassVar[str] = "reference"
    reasons: ClassVar[type[DropReason]] = ReferenceReason

    apply: bool = True
    model: str = MODEL_FILE
    threshold: float = 0.5
    keep_rate: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.threshold <= 1:
            raise UsageError("reference.threshold must lie between 0 and 1")
        if not 0 <= self.keep_rate <= 1:
            raise UsageError("reference.keep_rate must lie between 0 and 1; 0 uses reference.threshold")

    def model_names(self, models: ModelFiles) -> list[str]:
        models.require(self.model, REMEDY)
        if not self.keep_rate:
            return [self.model]
        models.require(self._record_name, REMEDY)
        return [self.model, self._record_name]

    @property
    def _record_name(self) -> str:
        return str(Path(self.model).with_suffix(".json"))

    def open(self, resources: Resources) -> StageFunction:
        classifier = load_classifier(resources.models.require(self.model, REMEDY))
        threshold = self.threshold
        if self.keep_rate:
            threshold = threshold_for(resources.models.require(self._record_name, REMEDY), self.keep_rate)
        return lambda batch: self._apply(classifier, threshold, batch)

    def _apply(self, classifier: kernels.FastText, threshold: float, batch: pa.RecordBatch) -> StageResult:
        scores = score_texts(classifier, batch.column("text"))
        unlike = scores < threshold
        scored = with_column(batch, COLUMNS[0], pa.array(scores))
        return StageResult(keep(scored, ~unlike), Dropped.where(unlike, ReferenceReason.BELOW_THRESHOLD, scores))


@lru_cache(maxsize=1)
def load_classifier(path: Path) -> kernels.FastText:
    """A fastText classifier with two labels, one of them `wiki`; raises UserError when the file is something else."""
    try:
        classifier = kernels.FastText(path)
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror}); check its permissions") from None
    except ValueError as error:
        raise UserError(f"{path}: not a fastText model ({error}); {REMEDY}") from None
    if len(classifier.labels) != 2 or WIKI_LABEL not in classifier.labels:
        found = ", ".join(label.removeprefix("__label__") for label in classifier.labels[:5])
        raise UserError(f"{path}: a reference classifier has the label wiki and one other, this has {found}; {REMEDY}")
    if classifier.loss != "softmax":
        raise UserError(
            f"{path}: trained with the loss {classifier.loss}, whose scores of two labels need not add up to 1; "
            f"train with softmax"
        )
    return classifier


def score_texts(classifier: kernels.FastText, text: pa.LargeStringArray) -> np.ndarray:
    """The probability of `wiki` for each text, lines as one: float64[n].

    As RedPajama's `classify.py` has it, the probability of the likelier label or 1 minus it; fastText's are up to 1e-5
    too high, so up to 1.00001, which is brought back to 1. A text of which the model knows nothing has 0.
    """
    labels, probabilities = classifier.predict(text)
    likelier = probabilities.astype(np.float64)
    wiki = classifier.labels.index(WIKI_LABEL)
    scores = np.where(labels == wiki, likelier, 1 - likelier)
    return np.where(labels < 0, 0.0, np.clip(scores, 0.0, 1.0))
