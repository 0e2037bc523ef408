"""A host for each test, and what it serves."""

import gzip
import random
from collections.abc import Iterator

import pytest
from misbehaving_host import Host, running_host


@pytest.fixture
def host() -> Iterator[Host]:
    with running_host() as running:
        yield running


@pytest.fixture(scope="session")
def members() -> list[bytes]:
    """Gzip members of 100 incompressible records."""
    draw = random.Random(0)
    return [gzip.compress(draw.randbytes(2000), mtime=0) for _ in range(100)]


@pytest.fixture(scope="session")
def archive(members: list[bytes]) -> bytes:
    """200 kB of gzip, one member a record, as WET files are."""
    return b"".join(members)
