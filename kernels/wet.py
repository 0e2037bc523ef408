"""The text of WET records."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from kernels import _native
from kernels.arrays import large_strings, require


@dataclass(frozen=True)
class WetText:
    """n records as cc_net's reader sees them.

    title: the first line
    text: the body, which is the other lines, joined with "\\n"
    nlines: int32[n], lines of the body
    length: int64[n], code points of the body
    replaced: int64[n], ill-formed UTF-8 sequences of the payload that became U+FFFD
    """

    title: pa.LargeStringArray
    text: pa.LargeStringArray
    nlines: np.ndarray
    length: np.ndarray
    replaced: np.ndarray


def wet_text(payload: pa.LargeBinaryArray) -> WetText:
    """Decodes the payloads (Content-Length bytes) of WET records, strips every line and takes the title off.

    Decoding is `bytes.decode("utf-8", "replace")`; CR LF, LF and CR end a line. cc_net reads line by line, so it also
    sees the two CR LF that close a record, and drops the last two lines if both are empty: a payload that ends in a
    line end has no empty line after it, one that does not gets one.
    """
    require(payload, pa.LargeBinaryArray)
    title, text, nlines, length, replaced = _native.wet_text(payload)
    return WetText(large_strings(title), large_strings(text), nlines, length, replaced)
