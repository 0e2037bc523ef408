"""Hot loops in C++ over Arrow buffers, each with a plain-Python definition under tests/kernels."""

from kernels._native import UNICODE_VERSION
from kernels.c4 import LanguageDetector, SelectedLines, WordList, lower_line_hashes, select_lines
from kernels.code import CommentSyntax, LeadingComments, LicencePhrases, code_statistics
from kernels.english import english_words, text_statistics
from kernels.fasttext import FastText
from kernels.html import HtmlText, html_text
from kernels.keys import DuplicateSet, KeyCounter, document_keys, mark_duplicates
from kernels.lines import RemovedLines, line_hashes, remove_lines
from kernels.pages import CleanPages, Punkt
from kernels.perplexity import KenlmModel, PieceScorer, UnigramEncoder, UnsupportedModelError
from kernels.posts import PostRows, post_rows, post_text
from kernels.shingles import (
    choose_survivors,
    count_common,
    minhash,
    permutations,
    shingle_samples,
    shingle_sets,
    text_hashes,
)
from kernels.tex import (
    AssembledTex,
    ExpandedTex,
    TexPart,
    TexStructure,
    assemble_tex,
    expand_tex,
    remove_tex_comments,
    tex_structure,
)
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
    "AssembledTex",
    "CleanPages",
    "CommentSyntax",
    "DuplicateSet",
    "ExpandedTex",
    "FastText",
    "HtmlText",
    "KenlmModel",
    "KeyCounter",
    "LanguageDetector",
    "LeadingComments",
    "LicencePhrases",
    "PieceScorer",
    "PostRows",
    "Punkt",
    "RemovedLines",
    "SelectedLines",
    "TexPart",
    "TexStructure",
    "UnigramEncoder",
    "UnsupportedModelError",
    "WetReader",
    "WetText",
    "WikitextRenderer",
    "WordList",
    "assemble_tex",
    "choose_survivors",
    "code_statistics",
    "count_characters",
    "count_common",
    "count_lines",
    "document_keys",
    "english_words",
    "expand_tex",
    "html_text",
    "line_hashes",
    "lower_line_hashes",
    "mark_duplicates",
    "minhash",
    "normalize_lines",
    "normalize_lm",
    "normalize_lm_lines",
    "permutations",
    "post_rows",
    "post_text",
    "remove_lines",
    "remove_tex_comments",
    "select_lines",
    "shingle_samples",
    "shingle_sets",
    "tex_structure",
    "text_hashes",
    "text_statistics",
    "wet_text",
]
