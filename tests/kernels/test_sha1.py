import hashlib
import random

import pytest

from kernels import _native


@pytest.mark.parametrize("portable", [True, False])
def test_sha1_of_all_lengths(portable: bool) -> None:
    if not portable and not _native.sha1_accelerated():
        pytest.skip("this processor has no SHA instructions")
    generator = random.Random(1)
    for length in (*range(301), 4096, 1 << 20):
        message = generator.randbytes(length)
        assert _native.sha1(message, portable=portable) == hashlib.sha1(message).digest()
