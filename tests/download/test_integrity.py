"""Real archives: those that are whole are found whole, those cut short are found out."""

import hashlib
import shutil
from pathlib import Path

import pytest

from corpus.download.integrity import judge
from corpus.download.remote import Checksum


def test_real_crawl_files_are_whole(shared_data: Path) -> None:
    for path in sorted((shared_data / "data/web/wet").glob("*.gz")):
        verdict = judge(path, path.name, None)
        assert (verdict.damage, verdict.checked, verdict.size) == (None, "gzip", path.stat().st_size)
        assert verdict.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_real_archive_cut_short_is_damaged_but_readable(shared_data: Path) -> None:
    path = shared_data / "data/web/warc/solrwayback-transfer_compression_none_truncated.warc.gz"
    verdict = judge(path, path.name, None)
    assert "ends inside a gzip member" in str(verdict.damage)
    assert verdict.readable


@pytest.mark.parametrize("share", [0.1, 0.5, 0.999])
def test_a_real_file_cut_anywhere_is_damaged(shared_data: Path, tmp_path: Path, share: float) -> None:
    whole = (shared_data / "data/web/wet/CC-TEST-00000.warc.wet.gz").read_bytes()
    path = tmp_path / "cut.gz"
    path.write_bytes(whole[: int(len(whole) * share)])
    assert judge(path, path.name, None).damage is not None


def test_a_published_checksum_decides(shared_data: Path, tmp_path: Path) -> None:
    path = tmp_path / "x.gz"
    shutil.copy(shared_data / "data/web/wet/CC-TEST-00001.warc.wet.gz", path)
    right = hashlib.md5(path.read_bytes()).hexdigest()
    assert judge(path, path.name, Checksum("md5", right)).damage is None
    wrong = judge(path, path.name, Checksum("md5", "0" * 32))
    assert (wrong.damage, wrong.readable) == (f"has md5 {right}, not {'0' * 32}", False)
