"""A sentencepiece BPE model in the form gigatoken loads, such that it gives the ids sentencepiece gives.

gigatoken's own loader takes every control piece for a literal that turns into its id wherever a document spells it:
`<s>` in a text becomes BOS. sentencepiece never does that, nor does it ever make a control or byte piece by merging.
So control pieces are not announced here as added tokens, and no merge yields a piece that is not of normal type.
"""

import json
import re
from itertools import pairwise

from tokenizer.model_file import BPE_MODEL, ModelFile, PieceType

ESCAPED_SPACE = "\u2581"
"""What sentencepiece puts in place of a space."""

_SPACE_INSIDE = re.compile(f"[^{ESCAPED_SPACE}]{ESCAPED_SPACE}")


def why_unsupported(model: ModelFile) -> str | None:
    """What of this model gigatoken is not known to encode exactly as sentencepiece does; None when nothing.

    Models trained with the settings of LLaMA's have none of it.
    """
    types = {piece.type for piece in model.pieces}
    scores = sorted(piece.score for piece in model.pieces if piece.type is PieceType.NORMAL)
    trainer, normalizer = model.trainer, model.normalizer
    faults = {
        "it is not a BPE model": trainer["model_type"] != BPE_MODEL,
        "it has no byte pieces": not trainer["byte_fallback"],
        "it has user-defined or unused pieces": bool(types & {PieceType.USER_DEFINED, PieceType.UNUSED}),
        "a control piece is a single character": any(
            len(piece.text) < 2 for piece in model.pieces if piece.type in (PieceType.CONTROL, PieceType.UNKNOWN)
        ),
        "two pieces have one score": any(first == second for first, second in pairwise(scores)),
        "it normalizes characters": bool(normalizer["precompiled_charsmap"]),
        "it removes extra whitespace": bool(normalizer["remove_extra_whitespaces"]),
        "it does not escape whitespace": not normalizer["escape_whitespaces"],
        "it puts whitespace at the end of words": bool(trainer["treat_whitespace_as_suffix"]),
    }
    return next((fault for fault, present in faults.items() if present), None)


def splits_at_spaces(model: ModelFile) -> bool:
    """Whether a text may be encoded in two parts, cut at a space that follows a character that is none.

    It may when no piece spans such a place, and the space lost at the cut returns as the prefix that sentencepiece puts
    before every text.
    """
    spans = any(_SPACE_INSIDE.search(piece.text) for piece in model.pieces if piece.type is PieceType.NORMAL)
    return bool(model.normalizer["add_dummy_prefix"]) and not spans


def tokenizer_json(model: ModelFile) -> str:
    """Contents of a Hugging Face `tokenizer.json` for a model that `why_unsupported` finds no fault with.

    sentencepiece merges whichever adjacent pair makes the piece of highest score. The format lists pairs in order
    of precedence, so every split of a piece into two pieces is listed, in the order of the pieces' scores.
    """
    normal = {piece.text: piece.score for piece in model.pieces if piece.type is PieceType.NORMAL}
    merges = [
        (left, right)
        for text in sorted(normal, key=lambda text: -normal[text])
        for left, right in ((text[:cut], text[cut:]) for cut in range(len(text) - 1, 0, -1))
        if left in normal and right in normal
    ]
    normalizers: list[dict[str, object]] = [
        {"type": "Replace", "pattern": {"String": " "}, "content": ESCAPED_SPACE},
    ]
    if model.normalizer["add_dummy_prefix"]:
        normalizers.insert(0, {"type": "Prepend", "prepend": ESCAPED_SPACE})
    unknown = next((piece.text for piece in model.pieces if piece.type is PieceType.UNKNOWN), None)
    return json.dumps(
        {
            "version": "1.0",
            "added_tokens": [],
            "normalizer": {"type": "Sequence", "normalizers": normalizers},
            "model": {
                "type": "BPE",
                "unk_token": unknown,
                "fuse_unk": True,
                "byte_fallback": True,
                "vocab": {piece.text: number for number, piece in enumerate(model.pieces)},
                "merges": merges,
            },
        },
        ensure_ascii=False,
    )
