"""Lists of keys on a disk that is full."""

import errno
from pathlib import Path

import numpy as np
import pytest

from corpus.dedup.key_files import KeyFiles, ShareFiles

KEYS = np.arange(100_000, dtype=np.uint64)


def test_a_full_disk_is_told_as_one(tmp_path: Path) -> None:
    """NumPy's own `tofile` says only how much it wrote, which nobody would take for a full disk."""
    (tmp_path / "keys.bin").symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left") as keys:
        KeyFiles(tmp_path).append(KEYS, {})
    with pytest.raises(OSError, match="No space left") as shares:
        ShareFiles(tmp_path, 1).append(np.array([len(KEYS)]), {"keys": [KEYS]})
    assert keys.value.errno == shares.value.errno == errno.ENOSPC
