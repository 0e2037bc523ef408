"""Small real tokenizers."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tokenizer_texts import code, english, strange, train_model


@pytest.fixture(scope="session")
def llama_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tokenizer of 3,000 pieces with LLaMA's settings."""
    path = tmp_path_factory.mktemp("tokenizer") / "tokenizer.model"
    path.write_bytes(train_model(english() + code() + strange(1, 2000), 3000))
    return path


@pytest.fixture(scope="session")
def make_model(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Trains a model as `train_model` does and returns its path."""

    def make(texts: list[str], vocab_size: int, **changes: Any) -> Path:
        path = tmp_path_factory.mktemp("tokenizer") / "tokenizer.model"
        path.write_bytes(train_model(texts, vocab_size, **changes))
        return path

    return make
