"""Projects and tables of GitHub, made for tests."""

import gzip
import io
import json
import tarfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from corpus.document import DROPPED_SCHEMA
from corpus.filter import filter_source

MIT = {"package.json": b'{"name": "x", "license": "MIT"}'}
COMMIT = "0123456789abcdef0123456789abcdef01234567"


def code(name: str, lines: int = 12) -> bytes:
    """A file like no other of another name."""
    return b"".join(b"def %s_%d(value):\n    return value + %d\n\n\n" % (name.encode(), i, i) for i in range(lines))


def tar_bytes(files: Mapping[str, bytes], commit: str | None = None, mode: str = "w") -> bytes:
    """commit: put where `git archive` puts it."""
    target = io.BytesIO()
    headers = {"comment": commit} if commit else {}
    with tarfile.open(fileobj=target, mode=mode, format=tarfile.PAX_FORMAT, pax_headers=headers) as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return target.getvalue()


def tar_gz(path: Path, files: Mapping[str, bytes], commit: str | None = None) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(tar_bytes(files, commit), mtime=0))
    return path


def zip_file(path: Path, files: Mapping[str, bytes], commit: str | None = None) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content)
        if commit:
            archive.comment = commit.encode()
    return path


def below(folder: str, files: Mapping[str, bytes]) -> dict[str, bytes]:
    return {f"{folder}/{name}": content for name, content in files.items()}


def write_tree(root: Path, files: Mapping[str, bytes]) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return root


def write_table(path: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    """Parquet, Avro or lines of JSON, by the suffix, as BigQuery exports them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    names = list(dict.fromkeys(name for row in rows for name in row))
    if path.suffix == ".parquet":
        pq.write_table(pa.table({name: [row.get(name) for row in rows] for name in names}), path)
    elif path.suffix == ".avro":
        import fastavro

        types = {bool: "boolean", int: "long", str: "string"}
        kinds = {n: next((types[type(row[n])] for row in rows if row.get(n) is not None), "string") for n in names}
        fields = [{"name": name, "type": ["null", kinds[name]]} for name in names]
        with open(path, "wb") as file:
            fastavro.writer(file, {"type": "record", "name": "Root", "fields": fields}, list(rows), codec="deflate")
    else:
        shown = [{k: str(v) if type(v) is int else v for k, v in row.items() if v is not None} for row in rows]
        data = "".join(json.dumps(row) + "\n" for row in shown).encode()
        path.write_bytes(gzip.compress(data, mtime=0) if path.suffix == ".gz" else data)
    return path


def filter_github(*inputs: Path, out: Path, **options: Any) -> None:
    filter_source("github", list(map(str, inputs)), out, **{"recipe": "llama1", **options})


def kept(out: Path) -> list[dict[str, Any]]:
    return pq.read_table(out / "documents").to_pylist()


def dropped(out: Path) -> dict[str, str]:
    """What dropped each file ("stage: reason"), by repository and path, or by blob where there are none."""
    rows = pq.read_table(out / "dropped", schema=DROPPED_SCHEMA).to_pylist()
    found = {}
    for row in rows:
        place, _, blob = row["id"].removeprefix("github:").partition("@")
        found[place or blob] = f"{row['stage']}: {row['reason']}"
    return found
