"""Wikitext to text."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from kernels import _native
from kernels.arrays import large_strings, require


class WikitextRenderer:
    """Renders the pages of one wiki. Linear in the length of a page, whatever it holds; never fails on one.

    site: the wiki's names, template patterns, units and options, as `Site` in native/wikitext/wikitext_site.hpp holds
        them.
    """

    def __init__(self, site: Mapping[str, Any]) -> None:
        """Raises ValueError for a table that is missing or a pattern that is not well formed."""
        self._native = _native.WikitextRenderer(dict(site))

    def render(self, pages: pa.LargeStringArray, titles: pa.LargeStringArray) -> tuple[pa.LargeStringArray, np.ndarray]:
        """The text of each page, and whether it says of itself that it is a disambiguation, bool[n]."""
        require(pages, pa.LargeStringArray)
        require(titles, pa.LargeStringArray)
        text, disambiguation = self._native.render(pages, titles)
        return large_strings(text), disambiguation.astype(bool)
