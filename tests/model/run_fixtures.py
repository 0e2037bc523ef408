"""Small runs: shards of learnable documents, and settings to train a tiny model on them in a second."""

import dataclasses
import io
from pathlib import Path
from typing import Any

import numpy as np
import sentencepiece
from shard_fixtures import write_shards

from model.config import ModelConfig, TrainConfig, configure

VOCAB_SIZE = 300
TINY = ModelConfig(dim=32, layers=2, heads=4, vocab_size=VOCAB_SIZE, context=32, multiple_of=16)


def tiny_tokenizer() -> bytes:
    """A sentencepiece BPE model with byte fallback, `VOCAB_SIZE` pieces."""
    model = io.BytesIO()
    words = [
        "the",
        "cat",
        "sat",
        "on",
        "the",
        "mat",
        "and",
        "looked",
        "at",
        "the",
        "moon",
        "while",
        "a",
        "dog",
        "ran",
        "round",
        "the",
        "house",
        "in",
        "the",
        "rain",
    ]
    chooser = np.random.default_rng(0)
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter([" ".join(chooser.choice(words, 12)) for _ in range(200)]),
        model_writer=model,
        model_type="bpe",
        vocab_size=VOCAB_SIZE,
        byte_fallback=True,
        minloglevel=2,
    )
    return model.getvalue()


def write_tiny_shards(directory: Path, seed: int = 0, vocab_size: int = VOCAB_SIZE) -> Path:
    """Two sources whose documents count upwards, c4 by ones and books by twos, from random starts."""
    chooser = np.random.default_rng(seed)

    def document(step: int) -> list[int]:
        start = int(chooser.integers(10, 100))
        return [start + step * offset for offset in range(int(chooser.integers(20, 60)))]

    documents = {"c4": [document(1) for _ in range(60)], "books": [document(2) for _ in range(60)]}
    write_shards(directory, documents, vocab_size, tokenizer=tiny_tokenizer())
    return directory


def tiny_config(**settings: Any) -> TrainConfig:
    defaults: dict[str, Any] = {"steps": 8, "batch_sequences": 4, "learning_rate": 1e-2, "checkpoint_every": 2}
    return dataclasses.replace(configure("demo", **{**defaults, **settings}), model=TINY)


def without_timings(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value for name, value in row.items() if name not in ("tokens_per_second", "memory_bytes", "data_wait")
    }
