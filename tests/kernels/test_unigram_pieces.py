"""The pieces of a unigram model are sentencepiece's own, for every text."""

import gzip
import itertools
import random
from pathlib import Path

import pyarrow as pa
import pytest
from arrow_columns import raw_strings, sliced, strings
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sentencepiece_models import (
    CONTROL,
    SETTINGS,
    UNKNOWN,
    UNUSED,
    USER_DEFINED,
    WORDS,
    Piece,
    byte_pieces,
    model_file,
    trained_model,
)
from text_strategies import payloads, texts
from wet_records import conversion_records

import kernels

sentencepiece = pytest.importorskip("sentencepiece")

MEGABYTE = 1 << 20
SPECIAL = "▁\x00\u200b\u200d\u3000\ufeff\u2028\xa0①ﷺﬁ½㍿がｶﾞe\u0301é가각ㅏ𝔘\U0001f600日本ab<sep>0"

mixed = st.one_of(texts, st.text(st.sampled_from(SPECIAL + " "), max_size=40), st.sampled_from(WORDS))
documents = st.lists(mixed, max_size=8).map(" ".join)


class Model:
    """A model file in the kernel and in the library."""

    def __init__(self, path: Path) -> None:
        self.encoder = kernels.UnigramEncoder(path)
        self.library = sentencepiece.SentencePieceProcessor(model_file=str(path))

    @classmethod
    def of(cls, file: bytes, directory: Path) -> "Model":
        path = directory / "xx.sp.model"
        path.write_bytes(file)
        return cls(path)

    def check(self, documents: list[str]) -> None:
        for document, pieces in zip(documents, self.encoder.encode(strings(documents)).to_pylist(), strict=True):
            assert pieces == self.library.encode_as_pieces(document), repr(document[:200])


@pytest.fixture(scope="module", params=SETTINGS)
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Model:
    return Model.of(trained_model(SETTINGS[request.param]), tmp_path_factory.mktemp("model"))


@given(documents=st.lists(documents, max_size=4))
@settings(max_examples=150)
@example(documents=["", " ", "\n", "▁", "▁ ▁", " a  b ", "\x00", "a\x00b \x00", "\u200b", "  \u200b ", "é", "e\u0301"])
@example(documents=[*SPECIAL] + [f"a{character}b {character}" for character in SPECIAL])
def test_pieces_are_sentencepieces(model: Model, documents: list[str]) -> None:
    model.check(documents)


def test_megabyte_lines(model: Model) -> None:
    for unit in ("x", " ", "ab ", "日本", "e\u0301", "▁", "\x00", "\U0001f600", "the of and "):
        model.check([unit * (MEGABYTE // len(unit.encode()))])


def test_long_documents(model: Model) -> None:
    """The sums of scores start again beyond 100,000."""
    rng = random.Random(2)
    words = ["".join(rng.choices("aetonirshld0é", k=rng.randint(1, 9))) for _ in range(30_000)]
    model.check([" ".join(words), " ".join(rng.choices(WORDS, k=40_000)), "".join(words)])


def test_segmentations_of_nearly_the_same_score(tmp_path: Path) -> None:
    """Which one wins depends on how the sums in float, the larger the later in a text, happen to be rounded."""
    rng = random.Random(3)
    texts = ["".join(letters) for length in (1, 2, 3) for letters in itertools.product("abcd", repeat=length)]
    pieces = [Piece("<unk>", 0.0, UNKNOWN), Piece("▁", -3.0)]
    pieces += [Piece(text, -5.0 * len(text) + rng.uniform(-0.01, 0.01)) for text in texts]
    model = Model.of(model_file(pieces), tmp_path)
    words = ["".join(rng.choices("abcd", k=rng.randint(1, 12))) for _ in range(500)]
    document = " ".join(rng.choices(words, k=20_000))
    model.check([document])
    long = "".join(rng.choices("abcd", k=40_000))  # behind it sums are large all at once
    model.check([" ".join([long, *rng.choices(words, k=31)]) for _ in range(40)])
    alone = model.encoder.encode(strings(words)).to_pylist()
    first = dict(zip(words, alone, strict=True))
    expected = [piece for word in document.split() for piece in first[word]]
    assert model.library.encode_as_pieces(document) != expected


@given(payload=payloads)
def test_ill_formed_text_is_read_as_sentencepiece_reads_it(model: Model, payload: bytes) -> None:
    pieces = model.encoder.encode(raw_strings([payload])).to_pylist()
    assert pieces == [[piece.decode() for piece in model.library.encode(payload, out_type=bytes)]]


def test_columns(model: Model) -> None:
    assert model.encoder.encode(strings([])).to_pylist() == []
    assert model.encoder.encode(sliced(["the of", None, ""])).to_pylist() == [
        model.library.encode_as_pieces("the of"), [], []
    ]  # fmt: skip
    with pytest.raises(TypeError, match="LargeStringArray"):
        model.encoder.encode(pa.array(["x"]))


alphabet = st.sampled_from(["a", "b", "é", "▁", " ", "日"])
piece_texts = st.lists(alphabet, min_size=1, max_size=5).map("".join)
# Few different scores, so that there are ties; large ones, so that sums start again; and those nothing is below.
piece_scores = st.one_of(
    st.sampled_from([-1.0, -1.5, -2.0, -3.0, 0.0, 0.25, -0.1]),
    st.floats(-12, 0, width=32),
    st.sampled_from([-30_000.0, -99_999.0, -100_001.0, 60_000.0]),
)
pieces = st.builds(Piece, piece_texts, piece_scores, st.sampled_from([1, 1, 1, 1, USER_DEFINED, UNUSED, CONTROL]))


@given(
    pieces=st.lists(pieces, min_size=1, max_size=25, unique_by=lambda piece: (piece.text, piece.type == CONTROL)),
    flags=st.fixed_dictionaries(
        {
            "byte_fallback": st.booleans(),
            "whitespace_as_suffix": st.booleans(),
            "add_dummy_prefix": st.booleans(),
            "remove_extra_whitespaces": st.booleans(),
            "escape_whitespaces": st.booleans(),
        }
    ),
    documents=st.lists(st.text(st.sampled_from("ab é▁日x\x00"), max_size=60), max_size=4),
)
@settings(max_examples=600)
def test_any_vocabulary(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[Piece], flags: dict[str, bool], documents: list[str]
) -> None:
    if not any(piece.type == 1 for piece in pieces):
        pieces = [*pieces, Piece("q", -4.0)]
    more = byte_pieces() if flags["byte_fallback"] else []
    file = model_file([Piece("<unk>", 0.0, UNKNOWN), *pieces, *more], **flags)
    Model.of(file, tmp_path_factory.getbasetemp()).check([*documents, " ".join(documents * 50)])


def test_unknown_characters_run_together_across_words(tmp_path: Path) -> None:
    """Where not even the space symbol is a piece."""
    model = Model.of(model_file([Piece("<unk>", 0.0, UNKNOWN), Piece("a", -1.0)]), tmp_path)
    model.check(["b c a d", " ".join("b" * 100), "a", "aba b", ("b " * 100 + "a") * 3])


def test_real_text(shared_data: Path) -> None:
    """All web pages and sentences of a hundred languages."""
    model = Model(shared_data / "golden/lm/en.sp.model")
    records: list[bytes] = []
    for shard in sorted((shared_data / "data/web/wet").glob("*.warc.wet.gz")):
        records += [payload for _, payload in conversion_records(shard)]
    pages = kernels.wet_text(pa.array(records, pa.large_binary())).text
    assert len(pages) > 1000
    model.check(kernels.normalize_lm(pages).to_pylist())
    for file in sorted((shared_data / "data/langid").glob("*.tsv.gz")):
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            model.check([line.rstrip("\n").partition("\t")[2] for line in lines][::3])
