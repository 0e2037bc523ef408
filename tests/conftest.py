"""Fixtures every test may use."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

from corpus.errors import UserError
from corpus.models.catalogue import find
from corpus.models.files import ModelFiles, default_directory
from corpus.models.pull import pull

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder holding `data/` (real raw inputs) and `golden/` (reference outputs on them)."""
    root = os.environ.get("LLAMA_CORPUS_TEST_DATA")
    if not root:
        pytest.skip("LLAMA_CORPUS_TEST_DATA is not set: no real data to test on")
    return Path(root)


@pytest.fixture(scope="session")
def language_model() -> Path:
    """fastText's lid.176.ftz, pulled once; where it cannot be had, tests that need it are skipped."""
    found = ModelFiles.search().find("lid.176.ftz")
    if found is not None:
        return found
    try:
        return pull(find("lid.176"), default_directory(), print)[0]
    except UserError as error:
        if "LLAMA_CORPUS_TEST_DATA" in os.environ:
            raise
        pytest.skip(str(error))
