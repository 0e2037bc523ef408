"""Training the sentencepiece unigram model that cuts text into the words of a language model."""

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from corpus.errors import UserError

SMALLER_VOCABULARY = 40_000
"""What cc_net's `Makefile` falls back to when a Wikipedia is too small for 65,536 pieces."""

LONGEST_LINE = 4192
"""Bytes; sentencepiece's default max_sentence_length. It leaves out longer lines without a word."""

RESERVED = "\u2585"
"""Stands for an unknown character inside sentencepiece's trainer, which leaves out lines that hold it."""

BYTES_OF_MEMORY = 26
"""Memory the training takes for a byte of text, at most. Measured for sentencepiece 0.2.3: 22 on 10 MB of English, 20
on 61 MB, 17 on text without spaces; and the lines themselves, twice."""

_ERRORS_ONLY = 2
_THREADS = 16
"""sentencepiece's default. Sums are made thread by thread, so another number of threads would give other scores."""


@dataclass(frozen=True)
class PieceModel:
    """A trained model.

    data: content of the `.model` file. pieces: its vocabulary's size. lines, size: trained on; size in bytes.
    """

    data: bytes
    pieces: int
    lines: int
    size: int


def train_pieces(texts: Iterable[str], vocab_size: int, character_coverage: float) -> PieceModel:
    """Trains with cc_net's settings (`Makefile`): unigram, else sentencepiece's defaults.

    A text that has not enough different pieces for `vocab_size` gets 40,000, and when it is too small for that too, as
    many as it has. Texts over LONGEST_LINE bytes are given in parts, cut at spaces. Raises UserError for texts without
    a character, or too small a vocabulary for their characters.
    """
    lines = [line for text in texts for line in _lines(text)]
    if not any(line.strip() for line in lines):
        raise UserError("no text to train a sentencepiece model on; give other inputs")
    data, pieces = _train(lines, vocab_size, character_coverage)
    if SMALLER_VOCABULARY < pieces < vocab_size:
        data, pieces = _train(lines, SMALLER_VOCABULARY, character_coverage)
    return PieceModel(data, pieces, len(lines), sum(len(line.encode()) for line in lines))


def _train(lines: list[str], vocab_size: int, character_coverage: float) -> tuple[bytes, int]:
    import sentencepiece

    model = io.BytesIO()
    try:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(lines),
            model_writer=model,
            model_type="unigram",
            vocab_size=vocab_size,
            hard_vocab_limit=False,
            character_coverage=character_coverage,
            max_sentence_length=LONGEST_LINE,
            num_threads=_THREADS,
            minloglevel=_ERRORS_ONLY,
        )
    except RuntimeError as error:
        raise UserError(_explained(str(error), vocab_size)) from None
    processor = sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())
    return model.getvalue(), processor.get_piece_size()


def _explained(fault: str, vocab_size: int) -> str:
    """The complaint there is a remedy for in plain words, others as they are."""
    if "smaller than required_chars" in fault:
        least = fault.partition(" vs ")[2].partition(".")[0]
        return (
            f"{vocab_size:,} pieces are too few for the characters of the text; use --vocab-size {least} or more, "
            "or a smaller --character-coverage"
        )
    return f"sentencepiece could not train a model ({' '.join(fault.split())}); give other inputs"


def _lines(text: str) -> Iterator[str]:
    data = text.replace(RESERVED, " ").encode()
    place = 0
    while place < len(data):
        part = data[place : place + LONGEST_LINE]
        if place + len(part) < len(data):
            space = part.rfind(b" ")
            part = part[: space + 1] if space > 0 else _whole_characters(part)
        yield part.decode()
        place += len(part)


def _whole_characters(data: bytes) -> bytes:
    """`data` without a character it has only the beginning of."""
    return data.decode("utf-8", "ignore").encode()
