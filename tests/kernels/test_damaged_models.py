"""Files that are no sentencepiece or KenLM model, or a damaged one: an exception, never a crash or endless memory."""

import gzip
import os
import random
import struct
from pathlib import Path

import pytest
from arrow_columns import raw_strings
from hypothesis import given, settings
from hypothesis import strategies as st
from kenlm_files import arpa_text, binary_file, random_model
from sentencepiece_models import (
    BYTE,
    CONTROL,
    UNKNOWN,
    UNUSED,
    USER_DEFINED,
    Piece,
    byte_pieces,
    model_file,
    trained_model,
)

import kernels

TEXTS = [b"", b"a b c", b"w1 w2 w3 w1 w2 w3 w4", b"\xff\x80 \xe3\x81\x82" * 9, "é ½ がab".encode() * 40, b"w0 " * 600]
PIECES = [Piece("<unk>", 0.0, UNKNOWN), *(Piece(text, -1.0) for text in ("▁", "a", "w1", "▁w2", "が", "ab", "b"))]
BACKOFF = random_model(random.Random(8), 3, 6, 12)


def files() -> dict[str, bytes]:
    return {
        "unigram": model_file([*PIECES, Piece("c", 0.0, USER_DEFINED), Piece("d", 0.0, UNUSED)]),
        "bytes": model_file([*PIECES, *byte_pieces(), Piece("<s>", 0.0, CONTROL)], byte_fallback=True),
        "binary": binary_file(BACKOFF),
        "arpa": arpa_text(BACKOFF).encode(),
    }


FILES = files()
ENCODERS = ("unigram", "bytes")


def use(path: Path, name: str) -> None:
    """Loads a model and applies it; only ValueError may come of it."""
    try:
        if name in ENCODERS:
            kernels.UnigramEncoder(path).encode(raw_strings(TEXTS))
        else:
            assert len(kernels.KenlmModel(path).score(raw_strings(TEXTS))) == len(TEXTS)
    except ValueError:
        return


def load(path: Path, name: str) -> None:
    (kernels.UnigramEncoder if name in ENCODERS else kernels.KenlmModel)(path)


@pytest.mark.parametrize("name", FILES)
def test_the_undamaged_files_are_good(tmp_path: Path, name: str) -> None:
    (tmp_path / "model").write_bytes(FILES[name])
    load(tmp_path / "model", name)


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_ends_early_wherever_it_ends(tmp_path: Path, name: str) -> None:
    path = tmp_path / "model"
    path.write_bytes(FILES[name])
    words = len(b"".join(ngram[0].encode() + b"\0" for ngram in BACKOFF.orders[0]))  # which no score depends on
    for size in reversed(range(path.stat().st_size)):
        os.truncate(path, size)
        if name in ENCODERS:  # the fields of a protocol buffer message are all optional
            use(path, name)
        elif name == "binary" and size >= len(FILES[name]) - words + len(b"<unk>\0"):
            load(path, name)
        elif size < len(FILES[name].rstrip()):
            with pytest.raises(ValueError, match=r"\w"):
                kernels.KenlmModel(path)


@pytest.mark.parametrize("name", FILES)
def test_every_bit_of_a_file_flipped(tmp_path: Path, name: str) -> None:
    path, whole = tmp_path / "model", FILES[name]
    path.write_bytes(whole)
    with open(path, "r+b", buffering=0) as stream:
        for position in range(0, len(whole), 1 if len(whole) < 3000 else 3):
            bit = position % 8 if position > 400 else 0
            for flipped in range(8) if position <= 400 else (bit,):
                stream.seek(position)
                stream.write(bytes([whole[position] ^ 1 << flipped]))
                use(path, name)
            stream.seek(position)
            stream.write(whole[position : position + 1])


@given(
    name=st.sampled_from(sorted(FILES)),
    changes=st.lists(st.tuples(st.integers(0, 10_000), st.binary(min_size=1, max_size=8)), min_size=1, max_size=4),
    moved=st.integers(-20, 20),
)
@settings(max_examples=500)
def test_changed_files(
    tmp_path_factory: pytest.TempPathFactory, name: str, changes: list[tuple[int, bytes]], moved: int
) -> None:
    """Bytes overwritten, and all behind the first change moved back or forth."""
    changed = bytearray(FILES[name])
    for position, content in changes:
        at = position % len(changed)
        changed[at : at + len(content)] = content
    first = changes[0][0] % len(changed)
    if moved > 0:
        changed[first:first] = bytes(moved)
    else:
        del changed[first : first - moved]
    path = tmp_path_factory.getbasetemp() / "changed"
    path.write_bytes(changed)
    use(path, name)


def test_changed_rules_of_normalisation(tmp_path: Path) -> None:
    """Units of the double array that lead anywhere."""
    pytest.importorskip("sentencepiece")
    trained, rng = trained_model({}), random.Random(9)
    path = tmp_path / "model"
    place = trained.index(b"nmt_nfkc") + 20
    for _ in range(300):
        changed = bytearray(trained)
        for _ in range(rng.choice([1, 3, 2000])):
            at = rng.randrange(place, len(changed) - 100)
            changed[at] ^= 1 << rng.randrange(8)
        path.write_bytes(changed)
        use(path, "unigram")


@given(content=st.binary(max_size=300), name=st.sampled_from(sorted(FILES)), kept=st.integers(0, 140))
@settings(max_examples=300)
def test_arbitrary_bytes_behind_a_good_beginning(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, name: str, kept: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "arbitrary"
    path.write_bytes(FILES[name][:kept] + content)
    use(path, name)


@pytest.mark.parametrize(
    ("counts", "fault"),
    [
        ((2**63, 1, 1), "fit in memory"),
        ((2**40, 1, 1), "32-bit"),
        ((9, 2**62, 1), "fit in memory"),
        ((9, 1, 2**50), "bytes long, but its header"),
        ((2**32 - 2, 1, 1), "bytes long, but its header"),
    ],
)
def test_counts_beyond_the_file(tmp_path: Path, counts: tuple[int, int, int], fault: str) -> None:
    whole = FILES["binary"]
    (tmp_path / "model").write_bytes(whole[:108] + struct.pack("<3Q", *counts) + whole[132:])
    with pytest.raises(ValueError, match=fault):
        kernels.KenlmModel(tmp_path / "model")


@pytest.mark.parametrize("counts", [(10**18, 1), (2**64, 1), (5, 10**12), (-1, 2)])
def test_counts_beyond_an_arpa_file(tmp_path: Path, counts: tuple[int, int]) -> None:
    (tmp_path / "model").write_text(f"\\data\\\nngram 1={counts[0]}\nngram 2={counts[1]}\n\n\\1-grams:\n-1\ta\t0\n")
    with pytest.raises(ValueError, match=r"more n-grams than the file can hold|not the next count"):
        kernels.KenlmModel(tmp_path / "model")


@pytest.mark.parametrize(
    ("content", "kind", "fault"),
    [
        (binary_file(BACKOFF, structure=2), "unsupported", "in a trie"),
        (binary_file(BACKOFF, structure=5), "unsupported", "quantized trie"),
        (gzip.compress(b"\\data\\"), "unsupported", "compressed"),
        (binary_file(BACKOFF, structure=9), "damaged", "unknown data structure"),
        (binary_file(BACKOFF).replace(b"version 5", b"version 4", 1), "damaged", "another version"),
        (
            binary_file(BACKOFF).replace(b" format version 5", b" incomplete\n\0\0\0\0\0", 1),
            "damaged",
            "did not finish",
        ),
        (b"just some text\n", "damaged", "neither ARPA nor"),
        (b"", "damaged", "ends early"),
    ],
)
def test_other_kinds_of_language_models(tmp_path: Path, content: bytes, kind: str, fault: str) -> None:
    (tmp_path / "model").write_bytes(content)
    with pytest.raises(ValueError, match=fault) as raised:
        kernels.KenlmModel(tmp_path / "model")
    assert isinstance(raised.value, kernels.UnsupportedModelError) == (kind == "unsupported")


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "no pieces"),
        (b"just some text\n", r"\w"),
        (model_file(PIECES[1:]), "no piece for unknown characters"),
        (model_file([*PIECES, PIECES[1]]), "occurs twice"),
        (model_file([*PIECES, Piece("x", float("nan"))]), "not a number"),
        (model_file([*PIECES, Piece("x", 0.0, BYTE)]), "byte piece"),
        (model_file([*PIECES, *byte_pieces()[:-1]], byte_fallback=True), "less than 256"),
        (model_file(PIECES, charsmap=b"\xff\xff\xff\xff" + bytes(2000)), "rules are damaged"),
    ],
)
def test_faults_of_sentencepiece_models_are_named(tmp_path: Path, content: bytes, fault: str) -> None:
    (tmp_path / "model").write_bytes(content)
    with pytest.raises(ValueError, match=fault):
        kernels.UnigramEncoder(tmp_path / "model")


@pytest.mark.parametrize(("model_type", "name"), [(2, "BPE"), (3, "word"), (4, "character")])
def test_other_types_of_sentencepiece_models(tmp_path: Path, model_type: int, name: str) -> None:
    (tmp_path / "model").write_bytes(model_file(PIECES, model_type=model_type))
    with pytest.raises(kernels.UnsupportedModelError, match=f"a {name} model"):
        kernels.UnigramEncoder(tmp_path / "model")


def test_no_files(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="Invalid argument"):
        kernels.KenlmModel(tmp_path)
    for model in (kernels.KenlmModel, kernels.UnigramEncoder):
        with pytest.raises(FileNotFoundError):
            model(tmp_path / "absent")
