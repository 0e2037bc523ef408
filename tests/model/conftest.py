"""Fixtures of the model's tests: one thread, deterministic algorithms, tiny shapes."""

from collections.abc import Iterator

import pytest
import torch

from model.config import ModelConfig


@pytest.fixture(autouse=True)
def deterministic_torch() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    yield
    torch.use_deterministic_algorithms(False)
    torch.set_num_threads(threads)


@pytest.fixture
def tiny() -> ModelConfig:
    return ModelConfig(dim=32, layers=2, heads=4, vocab_size=101, context=48, multiple_of=16)
