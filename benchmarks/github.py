"""Source code to documents on one core, from archives and from a table: MB/s of text, and memory.

    python -m benchmarks.github [--megabytes N] [--runs N] [--archives FILE ...]

The files are those of the archives given, or else of the packages installed beside this one, packed as projects of
about 5 MB each; again and again until there are enough, each turn with a line of its own: none is another's copy.
"""

import argparse
import io
import itertools
import json
import sysconfig
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.measure import Timing, measure, python, report

RESULTS = Path(__file__).parent / "results"
PACKAGES = ("llama-corpus", "pyarrow", "numpy", "isal")
PROJECT_BYTES = 5_000_000
_SUFFIXES = (".py", ".c", ".h", ".hpp", ".cpp", ".js", ".md", ".rst")
_LICENCE = b'{"license": "MIT"}'


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--archives", nargs="*", type=Path, default=[], help="tar archives to take files from")
    parser.add_argument("--megabytes", type=int, default=200, help="of text")
    parser.add_argument("--runs", type=int, default=1, help="of each, the fastest counts")
    arguments = parser.parse_args()
    files = [file for path in arguments.archives for file in _of_archive(path)] or list(_installed())
    with tempfile.TemporaryDirectory() as scratch:
        folder, table = Path(scratch) / "archives", Path(scratch) / "joined.parquet"
        folder.mkdir()
        size = _write(files, arguments.megabytes * 1_000_000, folder, table)
        timings = [
            _filter(folder, Path(scratch) / "out", "filter github, archives (.tar.gz)", arguments.runs),
            _filter(table, Path(scratch) / "out", "filter github, a joined table (Parquet)", arguments.runs),
        ]
    report("source code to documents", size / 1e6, timings, PACKAGES, RESULTS / "github.json")


def _filter(source: Path, out: Path, name: str, runs: int) -> Timing:
    command = ["filter", "github", str(source), "--out", str(out), "--workers", "1", "--overwrite", "--json"]
    timing = measure(name, python("-c", "import cli; cli.main()", *command), runs)
    if not json.loads(timing.output)["documents"]:
        raise SystemExit("no documents came out")
    return timing


def _installed() -> Iterator[tuple[str, bytes]]:
    root = Path(sysconfig.get_path("purelib"))
    for path in sorted(root.rglob("*")):
        if path.suffix in _SUFFIXES and path.is_file():
            yield str(path.relative_to(root)), path.read_bytes()


def _of_archive(path: Path) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(path) as archive:
        for member in archive:
            content = archive.extractfile(member)
            if content is not None and member.name.endswith(_SUFFIXES):
                yield member.name, content.read()


def _write(files: Sequence[tuple[str, bytes]], wanted: int, folder: Path, table: Path) -> int:
    """Writes the same files as archives and as a table; returns their bytes."""
    schema = pa.schema([(name, pa.string()) for name in ("repo_name", "path", "license", "content")])
    size = 0
    with pq.ParquetWriter(table, schema, compression="zstd") as writer:
        for number, project in enumerate(_projects(files)):
            repo = f"project-{number}"
            with tarfile.open(folder / f"{repo}.tar.gz", "w:gz", compresslevel=6) as archive:
                for name, content in [("package.json", _LICENCE), *project]:
                    member = tarfile.TarInfo(f"{repo}/{name}")
                    member.size = len(content)
                    archive.addfile(member, io.BytesIO(content))
            rows = [
                {"repo_name": repo, "path": name, "license": "mit", "content": content.decode("utf-8", "replace")}
                for name, content in project
            ]
            writer.write_table(pa.Table.from_pylist(rows, schema))
            size += sum(len(content) for _, content in project)
            if size >= wanted:
                break
    return size


def _projects(files: Sequence[tuple[str, bytes]]) -> Iterator[list[tuple[str, bytes]]]:
    """The files in projects, without end."""
    project: list[tuple[str, bytes]] = []
    taken = 0
    for turn in itertools.count():
        for name, content in files:
            own = content + b"\n# turn %d\n" % turn if turn else content
            project.append((name, own))
            taken += len(own)
            if taken >= PROJECT_BYTES:
                yield project
                project, taken = [], 0


if __name__ == "__main__":
    main()
