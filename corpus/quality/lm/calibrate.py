"""`lm cutoffs`: the perplexity percentiles of a language's documents under its model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console

from corpus.models.files import ModelFiles
from corpus.pipeline.progress import display
from corpus.quality.lm.build import check_language
from corpus.quality.lm.cutoffs import (
    CUTOFF_FILE,
    Cutoff,
    compute_percentiles,
    cutoffs_of,
    read_percentiles,
    write_percentiles,
)
from corpus.quality.lm.texts import TextReader, text_files
from corpus.quality.perplexity import load_scorer

CCNET_SAMPLE = 1_000_000
"""How many perplexities cc_net looks at (`perplexity.py: max_stats`)."""

_REMEDY = "make one with: llama-corpus lm train --language {0}"


@dataclass(frozen=True)
class CalibratedLanguage:
    """A column written to a table of cut-offs. documents: scored. cutoff: where head and middle end."""

    table: Path
    language: str
    documents: int
    cutoff: Cutoff
    percentiles: Mapping[int, float]

    def as_json(self) -> dict[str, Any]:
        return {
            "table": str(self.table),
            "language": self.language,
            "documents": self.documents,
            **self.cutoff._asdict(),
            "percentiles": list(self.percentiles.values()),
        }

    def print(self) -> None:
        console = Console(highlight=False, soft_wrap=True)
        console.print(f"{self.documents:,} documents in {self.language!r} scored")
        console.print(
            f"{self.table}: head under {self.cutoff.head:g}, middle under {self.cutoff.middle:g}, then the tail"
        )


def calibrate_cutoffs(
    inputs: Sequence[str],
    *,
    language: str,
    models: ModelFiles,
    out: Path | None = None,
    limit: int | None = CCNET_SAMPLE,
) -> CalibratedLanguage:
    """Scores the documents of files (see `text_files`) as the filter does and writes percentiles 0 to 99.

    The documents should be like those to be filtered: web pages, cleaned, of all qualities; not the model's own texts.
    out: the table, by default `cutoff.csv` beside the model, where the filter finds it; columns of other languages
    stay. limit: documents scored at most. Raises UserError when there is no model, or under 100 documents.
    """
    check_language(language)
    remedy = _REMEDY.format(language)
    pieces = models.require(f"{language}.sp.model", remedy)
    ngrams = models.find(f"{language}.arpa.bin") or models.require(f"{language}.arpa", remedy)
    table = out or ngrams.with_name(CUTOFF_FILE)
    present = read_percentiles(table) if table.exists() else {}
    files = text_files(inputs)
    scorer = load_scorer(pieces, ngrams)
    perplexities: list[float] = []
    with display([("score", 1.0)]) as monitor:
        monitor.step("score", len(files), 0, sum(file.size for file in files), 0)
        for batch in TextReader(language, limit, monitor.advance).read(files):
            values = scorer.perplexity(batch)
            perplexities += values[~np.isnan(values)].tolist()
    percentiles = compute_percentiles(perplexities)
    write_percentiles(table, {**present, language: percentiles})
    return CalibratedLanguage(
        table, language, len(perplexities), cutoffs_of({language: percentiles})[language], percentiles
    )
