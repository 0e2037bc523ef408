"""The queries that the documentation gives for BigQuery: what they export is what `filter github` reads."""

import re
from pathlib import Path

from projects import code, dropped, filter_github, kept, write_table

DOCUMENT = Path(__file__).parents[2] / "docs/github.md"
QUERY = re.compile(
    r"EXPORT DATA OPTIONS \(uri = 'gs://BUCKET/(github/\w+)/\*\.parquet'.*?\) AS\nSELECT ([^\n]+?)\s+FROM"
)
ROWS = {
    "github/licenses": {"repo_name": "octo/tool", "license": "mit"},
    "github/files": {"repo_name": "octo/tool", "ref": "refs/heads/main", "path": "a.py", "mode": 33188, "id": "b1",
                     "symlink_target": None},
    "github/contents": {"id": "b1", "size": 900, "content": code("a").decode(), "binary": False, "copies": 1},
}  # fmt: skip


def test_the_documented_columns_suffice(tmp_path: Path) -> None:
    queries = dict(QUERY.findall(DOCUMENT.read_text("utf-8")))
    assert queries.keys() == ROWS.keys()
    for folder, columns in queries.items():
        names = [name.strip().rpartition(".")[2] for name in columns.split(",")]
        write_table(tmp_path / folder / "000000000000.parquet", [{name: ROWS[folder][name] for name in names}])
    filter_github(tmp_path / "github", out=tmp_path / "out")
    assert [(row["repo"], row["revision"], row["license"]) for row in kept(tmp_path / "out")] == [
        ("octo/tool", "main", "MIT")
    ]
    assert dropped(tmp_path / "out") == {}
