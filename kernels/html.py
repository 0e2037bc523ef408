"""The text of HTML pages."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from kernels import _native
from kernels.arrays import large_strings, require


@dataclass(frozen=True)
class HtmlText:
    """n pages as text.

    title: one line, "" without one
    text: lines joined with "\\n"
    nlines: int32[n], lines of the text
    length: int64[n], code points of the text
    """

    title: pa.LargeStringArray
    text: pa.LargeStringArray
    nlines: np.ndarray
    length: np.ndarray


def html_text(page: pa.LargeBinaryArray, *, main_content: bool) -> HtmlText:
    """Parses pages of UTF-8 (ill-formed sequences become U+FFFD) and renders them as text.

    Block elements and what <br> separates are lines of their own, without empty ones; white space is collapsed but in
    <pre>; cells of a row are separated by a tab; character references are decoded; control characters, soft hyphens
    and zero-width spaces are left out. With `main_content` navigation, advertisements, comments and the like are left
    out, and so is the page's heading, which is its title; else the text is all that is shown.

    Raises ValueError for a page of 2 GiB or more.
    """
    require(page, pa.LargeBinaryArray)
    title, text = map(large_strings, _native.html_text(page, main_content))
    nlines = _native.count_lines(text).astype(np.int32)
    return HtmlText(title, text, nlines, _native.count_characters(text))
