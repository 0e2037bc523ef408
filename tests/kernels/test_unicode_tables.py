import unicodedata
from pathlib import Path

import pytest

import kernels
from kernels.make_unicode_tables import header

GENERATED = Path(__file__).parents[2] / "kernels/native/text/unicode_tables.hpp"


def test_version() -> None:
    assert kernels.UNICODE_VERSION == "14.0.0"


@pytest.mark.slow
def test_the_generated_header_is_up_to_date() -> None:
    if unicodedata.unidata_version != kernels.UNICODE_VERSION:
        pytest.skip(f"generated from Unicode {kernels.UNICODE_VERSION}, this Python has {unicodedata.unidata_version}")
    assert GENERATED.read_text() == header()
