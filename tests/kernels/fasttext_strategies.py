"""Models of fastText and texts that meet them: words they know, parts of them, and words nobody knows."""

import numpy as np
from fasttext_files import LOSSES, Dense, ModelFile, Quantised, random_quantised
from hypothesis import strategies as st
from text_strategies import fragments

POOL = (
    b"a", b"the", b"caf\xc3\xa9", "привет".encode(), "日本語テキスト".encode(), b"e\xcc\x81", b"\xcc\x81x", b"<", b">",
    b"__label__", b"__label__a", b"__label__zz", b"</s>", b"</s>x", b"</s", b"\x80\x80", b"\xff\xfe", b"x" * 31,
    b"y" * 32, b"z" * 33, "ы".encode() * 40, b"0" * 3000,
)  # fmt: skip
SEPARATORS = [b" ", b"  ", b"\t", b"\v", b"\f", b"\r", b"\0", b" \n ", b"\n", b"\n\n", b"\n "]

words = st.one_of(st.sampled_from(POOL), fragments)
texts = st.lists(st.tuples(words, st.sampled_from(SEPARATORS)), min_size=1, max_size=20).map(
    lambda pairs: b"".join(part for pair in pairs for part in pair)
)


def matrix(seed: np.random.Generator, rows: int, columns: int, width: int | None, norms: bool) -> Dense | Quantised:
    """Dense where `width`, the columns of a quantised piece, is None."""
    if width is None:
        return Dense(seed.normal(size=(rows, columns)))
    return random_quantised(seed, rows, columns, min(width, columns), norms)


@st.composite
def model_files(draw: st.DrawFn) -> ModelFile:
    """Every form of model that fastText can train, save and quantise, with random weights."""
    seed = np.random.default_rng(draw(st.integers(0, 2**32)))
    columns = draw(st.sampled_from([1, 2, 3, 5, 8, 16, 17, 20, 32, 33]))
    known = tuple(draw(st.lists(st.sampled_from(POOL), max_size=12)) + draw(st.sampled_from([[], [b"</s>"]])))
    labels = tuple(b"__label__%c" % (ord("a") + i) for i in range(draw(st.integers(1, 7))))
    longest, word_ngrams = draw(st.integers(0, 5)), draw(st.integers(0, 3))
    has_ngrams = longest > 0 or word_ngrams > 1
    buckets = draw(st.sampled_from([1, 2, 63, 64, 128, 1000] if has_ngrams else [0, 5]))
    width = draw(st.sampled_from([None, 1, 2, 3, 7]))
    pruned, rows = None, buckets
    if width is not None and draw(st.booleans()):
        left = draw(st.lists(st.integers(0, buckets - 1), unique=True, max_size=40)) if buckets else []
        pruned, rows = dict(zip(left, seed.permutation(len(left)).tolist(), strict=True)), len(left)
    quantised_output = width is not None and draw(st.booleans())
    return ModelFile(
        words=known,
        labels=labels,
        input=matrix(seed, max(len(known) + rows, 1), columns, width, draw(st.booleans())),
        output=matrix(seed, len(labels), columns, 2 if quantised_output else None, draw(st.booleans())),
        counts=tuple(draw(st.lists(st.integers(0, 50), min_size=len(labels), max_size=len(labels)))),
        loss=draw(st.sampled_from(LOSSES)),
        buckets=buckets,
        shortest=draw(st.integers(0, 4)),
        longest=longest,
        word_ngrams=word_ngrams,
        pruned=pruned,
        version=draw(st.sampled_from([11, 12])),
    )
