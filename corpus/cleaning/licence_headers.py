"""Takes licence headers off code.

LLaMA (arXiv 2302.13971, section 2.1) "removed boilerplate, such as headers, with regular expressions" and does not give
them. Here a lexer finds the comments a file begins with (`corpus.cleaning.comment_syntax`), behind a "#!" line, an XML
declaration or `<?php`, and a package clause. Of a comment that says a strong phrase of a licence
(`corpus.cleaning.licence_phrases`) the sentences go that hold a phrase, from the first such line of a paragraph to the
end of the sentence of its last. So the paragraphs of a documentation comment that shares the block stay, and so do
lines that tell tools something ("-*- coding", "//go:build"). A comment of which nothing is left goes with the blank
lines behind it. Nothing but comments is ever touched.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyarrow as pa

from corpus.cleaning.comment_syntax import SYNTAXES, syntax_numbers
from corpus.cleaning.edit import rewritten, with_text
from corpus.cleaning.licence_phrases import PHRASES
from corpus.document import keep
from corpus.pipeline.stage import Dropped, DropReason, Resources, Stage, StageFunction, StageResult
from kernels import LeadingComments


class HeaderReason(DropReason):
    NOTHING_LEFT = "nothing_left", "Without its licence header the file is empty."


@dataclass(frozen=True, kw_only=True)
class LicenceHeaders(Stage):
    """Removes licence headers from the column `text`, by the language the column `path` tells."""

    name: ClassVar[str] = "headers"
    reasons: ClassVar[type[DropReason]] = HeaderReason

    def open(self, resources: Resources) -> StageFunction:
        comments = LeadingComments(SYNTAXES, PHRASES)

        def apply(batch: pa.RecordBatch) -> StageResult:
            cut = comments.without_licence(batch.column("text"), syntax_numbers(batch.column("path")))
            offsets = np.frombuffer(cut.buffers()[1], dtype=np.int64)
            empty = np.diff(offsets) == 0
            after = keep(with_text(batch, cut), ~empty)
            return rewritten(batch, after, Dropped.where(empty, HeaderReason.NOTHING_LEFT))

        return apply
