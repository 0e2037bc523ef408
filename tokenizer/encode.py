"""Documents to token ids: a batch of texts at a time, with the ids sentencepiece gives, at gigatoken's speed."""

import hashlib
from collections.abc import Callable, Iterator
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from corpus.errors import UserError
from tokenizer.gigatoken_model import splits_at_spaces, tokenizer_json, why_unsupported
from tokenizer.model_file import ModelFile, read_model

CALL_BYTES = 32 << 20
"""Text given to the engine at once: it works in a few times that memory, and every call costs it some milliseconds."""

SPACE, LAST_BYTE_OF_ESCAPED_SPACE = 0x20, 0x81

Engine = Callable[[np.ndarray, np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]
"""(bytes uint8[], starts int64[n], stops int64[n]) -> (ids of the n texts end to end, tokens of each int64[n])."""


class Encoder:
    """A sentencepiece model that encodes Arrow batches in the calling thread.

    vocab_size: pieces. bos_id, eos_id: -1 when the model has none. sha256: of the model file. dtype: of ids, uint16 for
    up to 65,536 pieces, else uint32.
    """

    def __init__(self, model_path: Path) -> None:
        """Raises UserError when `model_path` is not a sentencepiece model."""
        import sentencepiece

        self._data = read_model(model_path)
        try:
            # Of no bytes at all it would make a processor without a model.
            self._processor = sentencepiece.SentencePieceProcessor(model_proto=self._data or b"nothing")
        except RuntimeError:
            raise UserError(
                f"{model_path}: not a sentencepiece model; name a tokenizer.model file, "
                "such as `llama-corpus tokenizer train` writes"
            ) from None
        self.sha256 = hashlib.sha256(self._data).hexdigest()
        self.vocab_size: int = self._processor.vocab_size()
        self.bos_id: int = self._processor.bos_id()
        self.eos_id: int = self._processor.eos_id()
        self.dtype = np.dtype(np.uint16 if self.vocab_size <= 1 << 16 else np.uint32)

    @cached_property
    def why_not_gigatoken(self) -> str | None:
        """What keeps gigatoken from encoding this model exactly, so that sentencepiece does; None for gigatoken."""
        return why_unsupported(self._model)

    @cached_property
    def _model(self) -> ModelFile:
        return ModelFile.parse(self._data)

    @cached_property
    def _engine(self) -> Engine:
        if self.why_not_gigatoken is None:
            return _gigatoken(tokenizer_json(self._model))
        return _sentencepiece(self._processor)

    @cached_property
    def _splits(self) -> bool:
        return self.why_not_gigatoken is None and splits_at_spaces(self._model)

    def encode(self, text: pa.Array) -> tuple[np.ndarray, np.ndarray]:
        """Ids of every text of a string or large_string array, without BOS and EOS.

        Returns the ids end to end (`dtype`) and int64[n + 1] offsets: text i has ids[offsets[i]:offsets[i + 1]].
        Raises ValueError for nulls and for bytes that are not UTF-8.
        """
        data, offsets = _buffers(text)
        starts, stops, first_units = _units(data, offsets, CALL_BYTES if self._splits else None)
        ids, lengths = [np.empty(0, self.dtype)], [np.empty(0, np.int64)]
        for low, high in _calls(starts, stops):
            some_ids, some_lengths = self._engine(data, starts[low:high], stops[low:high])
            ids.append(some_ids.astype(self.dtype))
            lengths.append(some_lengths)
        unit_ends = np.concatenate([[0], np.cumsum(np.concatenate(lengths))])
        return np.concatenate(ids), unit_ends[first_units]


@lru_cache(maxsize=1)
def encoder_for(model_path: Path, sha256: str) -> Encoder:
    """The encoder of a model file, loaded once a process; raises UserError when the file has another content."""
    encoder = Encoder(model_path)
    if encoder.sha256 != sha256:
        raise UserError(f"{model_path}: the file changed while it was in use; run the command again")
    return encoder


def with_control_tokens(
    ids: np.ndarray, offsets: np.ndarray, bos_id: int | None, eos_id: int | None
) -> tuple[np.ndarray, np.ndarray]:
    """The documents `ids[offsets[i]:offsets[i + 1]]` with BOS before and EOS after each; None leaves one out.

    Returns ids of the same dtype, and int64 offsets.
    """
    before, after = int(bos_id is not None), int(eos_id is not None)
    bounds = offsets + np.arange(len(offsets)) * (before + after)
    out = np.empty(bounds[-1], ids.dtype)
    text = np.ones(len(out), bool)
    if bos_id is not None:
        text[bounds[:-1]] = False
        out[bounds[:-1]] = bos_id
    if eos_id is not None:
        text[bounds[1:] - 1] = False
        out[bounds[1:] - 1] = eos_id
    out[text] = ids
    return out, bounds


def _buffers(text: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """The UTF-8 bytes of an array of texts, and the int64[n + 1] places in them where texts begin and end."""
    if text.null_count:
        raise ValueError("a text is null")
    text = text.cast(pa.large_string())
    try:
        # gigatoken takes its input for UTF-8 without looking, and crashes when it is not.
        text.validate(full=True)
    except pa.ArrowInvalid as error:
        raise ValueError(f"a text is not valid UTF-8 ({error})") from None
    _, offsets, data = text.buffers()
    bounds = np.zeros(1, np.int64) if offsets is None else np.frombuffer(offsets, np.int64)
    return np.frombuffer(data or b"", np.uint8), bounds[text.offset : text.offset + len(text) + 1]


def _units(data: np.ndarray, offsets: np.ndarray, limit: int | None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What to encode one by one: the texts, those over `limit` bytes cut at spaces where that changes no token.

    Returns starts and stops in `data`, and int64[n + 1] of the number of units before each text.
    """
    starts, stops = offsets[:-1], offsets[1:]
    large = np.flatnonzero(stops - starts > limit) if limit is not None else np.empty(0, np.int64)
    if limit is None or not len(large):
        return starts, stops, np.arange(len(offsets))
    cuts = {int(row): _cuts(data, int(starts[row]), int(stops[row]), limit) for row in large}
    counts = np.ones(len(starts), np.int64)
    counts[large] = [len(cuts[int(row)]) + 1 for row in large]
    places = np.concatenate(list(cuts.values()))
    return (
        np.sort(np.concatenate([starts, places + 1])),
        np.sort(np.concatenate([stops, places])),
        np.concatenate([[0], np.cumsum(counts)]),
    )


def _cuts(data: np.ndarray, start: int, stop: int, limit: int) -> np.ndarray:
    """Places of spaces, about `limit` bytes apart, that each follow a character that is no space, U+2581 included."""
    cuts = []
    while stop - start > limit:
        window = data[start : start + limit]
        before = window[:-1]
        spaces = np.flatnonzero((window[1:] == SPACE) & (before != SPACE) & (before != LAST_BYTE_OF_ESCAPED_SPACE))
        if len(spaces):
            cuts.append(start + int(spaces[-1]) + 1)
            start = cuts[-1] + 1
        else:
            start += limit - 1
    return np.array(cuts, np.int64)


def _calls(starts: np.ndarray, stops: np.ndarray) -> Iterator[tuple[int, int]]:
    """Ranges of units that together have at most CALL_BYTES, or are a single one."""
    ends = np.cumsum(stops - starts)
    low = 0
    while low < len(ends):
        done = int(ends[low - 1]) if low else 0
        high = max(int(np.searchsorted(ends, done + CALL_BYTES, side="right")), low + 1)
        yield low, high
        low = high


def _gigatoken(definition: str) -> Engine:
    import awkward
    from gigatoken import Tokenizer

    tokenizer = Tokenizer.from_json(definition)
    index, contents = awkward.index.Index64, awkward.contents

    def encode(data: np.ndarray, starts: np.ndarray, stops: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        characters = contents.NumpyArray(data, parameters={"__array__": "char"})
        texts = contents.ListArray(index(starts), index(stops), characters, parameters={"__array__": "string"})
        # parallel=False: in this thread; whoever wants more cores starts more processes.
        layout = tokenizer.encode_batch(awkward.Array(texts), parallel=False).layout
        offsets = np.asarray(layout.offsets)
        return np.asarray(layout.content.data)[offsets[0] : offsets[-1]], np.diff(offsets)

    return encode


def _sentencepiece(processor: Any) -> Engine:
    def encode(data: np.ndarray, starts: np.ndarray, stops: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        texts = [data[start:stop].tobytes() for start, stop in zip(starts.tolist(), stops.tolist(), strict=True)]
        ids = processor.encode(texts, out_type="numpy", num_threads=1)
        return np.concatenate(ids), np.array([len(some) for some in ids], np.int64)

    return encode
