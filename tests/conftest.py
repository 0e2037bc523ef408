"""Fixtures every test may use."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder holding `data/` (real raw inputs) and `golden/` (reference outputs on them)."""
    root = os.environ.get("LLAMA_CORPUS_TEST_DATA")
    if not root:
        pytest.skip("LLAMA_CORPUS_TEST_DATA is not set: no real data to test on")
    return Path(root)
