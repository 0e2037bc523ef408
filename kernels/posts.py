"""Posts of Stack Exchange: the rows of Posts.xml, and their HTML as text."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from kernels import _native
from kernels.arrays import large_strings, require

MISSING = np.iinfo(np.int64).min
"""Of a number or date that a row does not have, or that is none."""

FAULTS = ("truncated", "malformed", "entity", "no_number")
"""Why a row is not among those read: the data ends in it; it is not well-formed XML; it refers to an entity other than
XML's own five, none of which is ever expanded; it lacks Id or PostTypeId."""


@dataclass(frozen=True)
class PostRows:
    """n rows, int64[n] each but the texts, and m that could not be read.

    consumed: bytes that need not be seen again. position: of the row in the data. created, changed: milliseconds since
    1970; `changed` is the latest of the row's dates. repaired: bool[n], whether ill-formed UTF-8 was read as U+FFFD.
    fault_position: int64[m]; fault: uint8[m], numbers into FAULTS.
    """

    consumed: int
    position: np.ndarray
    id: np.ndarray
    type: np.ndarray
    parent: np.ndarray
    score: np.ndarray
    accepted: np.ndarray
    created: np.ndarray
    changed: np.ndarray
    repaired: np.ndarray
    title: pa.LargeStringArray
    tags: pa.LargeStringArray
    body: pa.LargeStringArray
    fault_position: np.ndarray
    fault: np.ndarray


def post_rows(data: bytes, *, last: bool) -> PostRows:
    """Reads the <row> elements of a part of Posts.xml that begins between two of them.

    Comments, CDATA sections, processing instructions and document types are passed over. A row that is not well-formed
    costs itself alone. Unless this is the `last` part, a row without its end stays unconsumed.
    """
    fields = _native.post_rows(data, last)
    fields["repaired"] = fields["repaired"].astype(bool)
    for name in ("title", "tags", "body"):
        fields[name] = large_strings(fields[name])
    return PostRows(**fields)


def post_text(post: pa.LargeBinaryArray, *, flat: bool, fences: bool) -> pa.LargeStringArray:
    """The text of posts in HTML (UTF-8; ill-formed sequences become U+FFFD).

    Blocks are separated by empty lines. Blocks of code keep their lines and indentation and have no prefix; with
    `fences` lines of "```" stand around them. List items begin with "- " or their number, what else is in them is
    indented, quoted lines begin with "> ", cells of a row are separated by a tab. White space elsewhere is collapsed,
    but in code and in formulas ($...$, $$...$$, \\begin{...}...\\end{...}). Links leave their label.

    With `flat`, all runs of text stand as they are in the source, one behind the other, and lists and their items begin
    with a line end and "*", as RedPajama has them.

    Raises ValueError for a post of 2 GiB or more.
    """
    require(post, pa.LargeBinaryArray)
    return large_strings(_native.post_text(post, flat, fences))
