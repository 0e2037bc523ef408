"""Finding and fetching model files."""

import functools
import hashlib
import http.server
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from corpus.errors import UsageError, UserError
from corpus.models.catalogue import Model, ModelFile, catalogue, find
from corpus.models.files import ModelFiles
from corpus.models.pull import pull

CONTENT = b"weights"
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    (tmp_path / "site").mkdir()
    (tmp_path / "site/m.bin").write_bytes(CONTENT)
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(tmp_path / "site"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_model_is_fetched_checked_and_found(site: str, tmp_path: Path) -> None:
    notes: list[str] = []
    paths = pull(Model("m", "", (ModelFile("m.bin", f"{site}/m.bin", SHA256),)), tmp_path / "here", notes.append)
    assert paths[0].read_bytes() == CONTENT
    assert ModelFiles((tmp_path / "here",)).sha256("m.bin") == SHA256
    pull(Model("m", "", (ModelFile("m.bin", "http://127.0.0.1:1/", SHA256),)), tmp_path / "here", notes.append)
    assert "already there" in notes[-1]


def test_wrong_content_never_gets_the_final_name(site: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"m\.bin: what was fetched has sha256 .*, not 0000"):
        pull(Model("m", "", (ModelFile("m.bin", f"{site}/m.bin", "0000"),)), tmp_path / "here", print)
    assert list((tmp_path / "here").iterdir()) == []


def test_a_member_of_an_archive_is_fetched(site: str, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "site/all.zip", "w") as archive:
        archive.writestr("folder/m.bin", CONTENT)
    file = ModelFile("m.bin", f"{site}/all.zip", SHA256, member="folder/m.bin")
    assert pull(Model("m", "", (file,)), tmp_path / "here", print)[0].read_bytes() == CONTENT
    absent = ModelFile("n.bin", f"{site}/all.zip", member="folder/n.bin")
    with pytest.raises(UserError, match=r"all\.zip: cannot be fetched \(it is not a ZIP archive with folder/n\.bin"):
        pull(Model("n", "", (absent,)), tmp_path / "here", print)


def test_an_unreachable_publisher_is_one_clear_line(site: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"absent: cannot be fetched \(.*\); fetch it elsewhere, call it m\.bin and"):
        pull(Model("m", "", (ModelFile("m.bin", f"{site}/absent"),)), tmp_path / "here", print)


def test_earlier_directories_come_first_and_missing_models_say_what_to_do(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "m.bin").write_text(name)
    files = ModelFiles((tmp_path / "b", tmp_path / "a"))
    assert files.find("m.bin") == tmp_path / "b/m.bin"
    assert files.names(".bin") == ["m.bin"]
    with pytest.raises(UserError, match=r"x\.bin: model not found in .*; get it with: pull x"):
        files.require("x.bin", "get it with: pull x")
    with pytest.raises(UserError, match="no such directory of models"):
        ModelFiles.search([tmp_path / "c"])


def test_the_catalogue_pins_language_identification_and_has_every_ccnet_language() -> None:
    assert len([name for name in catalogue() if name.startswith("ccnet-")]) == 48
    assert all(file.sha256 for name in ("lid.176", "lid.176.bin") for file in find(name).files)
    with pytest.raises(UsageError, match="no such model"):
        find("lid.177")
