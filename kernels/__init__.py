"""Hot loops in C++ over Arrow buffers, each with a plain-Python definition under tests/kernels."""

from kernels._native import UNICODE_VERSION
from kernels.fasttext import FastText
from kernels.html import HtmlText, html_text
from kernels.keys import DuplicateSet, KeyCounter, document_keys, mark_duplicates
from kernels.lines import RemovedLines, line_hashes, remove_lines
from kernels.perplexity import KenlmModel, PieceScorer, UnigramEncoder, UnsupportedModelError
from kernels.text import (
    count_characters,
    count_lines,
    normalize_lines,
    normalize_lm,
    normalize_lm_lines,
)
from kernels.wet import WetReader, WetText, wet_text
from kernels.wikitext import WikitextRenderer

__all__ = [
    "UNICODE_VERSION",
    "DuplicateSet",
    "FastText",
    "HtmlText",
    "KenlmModel",
    "KeyCounter",
    "PieceScorer",
    "RemovedLines",
    "UnigramEncoder",
    "UnsupportedModelError",
    "WetReader",
    "WetText",
    "WikitextRenderer",
    "count_characters",
    "count_lines",
    "document_keys",
    "html_text",
    "line_hashes",
    "mark_duplicates",
    "normalize_lines",
    "normalize_lm",
    "normalize_lm_lines",
    "remove_lines",
    "wet_text",
]
