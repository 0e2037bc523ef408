"""HTML pages to text: what WET files leave to CommonCrawl, done from the pages themselves."""

from dataclasses import dataclass
from typing import ClassVar

import pyarrow as pa

import kernels
from corpus.errors import UsageError
from kernels import HtmlText

CONTENTS = ("main", "all")


@dataclass(frozen=True, kw_only=True)
class Html:
    """How the pages of WARC files become text; WET files are text already.

    content: `main` for the article, post or other main content of a page, as a reader of the paper's "high quality" web
    text would want it; `all` for every visible line, as WET files have it. max_bytes: of a page as sent, encodings
    undone; larger ones are left out and counted (CommonCrawl itself cuts pages at 1 MiB, from 2025 on at 5 MiB).
    """

    version: ClassVar[int] = 1
    """To be raised when the same page gives another text."""

    content: str = "main"
    max_bytes: int = 8 << 20

    def __post_init__(self) -> None:
        if self.content not in CONTENTS:
            raise UsageError(f"html.content must be one of {', '.join(CONTENTS)}, not {self.content!r}")
        # A page grows up to three times when it is decoded, and the kernel takes pages of less than 2 GiB.
        if not 1 <= self.max_bytes <= 512 << 20:
            raise UsageError("html.max_bytes must be at least 1 and at most 512 MiB")

    def extract(self, pages: pa.LargeBinaryArray) -> HtmlText:
        """Title and text of pages in UTF-8."""
        return kernels.html_text(pages, main_content=self.content == "main")
