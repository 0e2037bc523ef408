"""A CommonCrawl dump of a few files on a test's host, and fetching it."""

import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from misbehaving_host import Host

from corpus.download.pace import Patience
from corpus.download.run import download
from corpus.download.summary import Plan, Summary

DUMP = "CC-MAIN-2019-18"
QUICK = Patience(attempts=4, first=0.01, most=0.05, longest=2.0, timeout=0.5)


def name(number: int) -> str:
    return f"crawl-data/{DUMP}/segments/1555578517558.8/wet/CC-MAIN-20190418101243-{number:05d}.warc.wet.gz"


def serve_list(host: Host, names: Sequence[str], dump: str = DUMP) -> None:
    host.page(f"crawl-data/{dump}/wet.paths.gz", gzip.compress("".join(f"{line}\n" for line in names).encode()))


def fetch(host: Host, out: Path, patience: Patience = QUICK, dump: str = DUMP, **more: Any) -> Summary:
    summary = download("commoncrawl", out, {"dump": dump}, base_url=host.url, patience=patience, **more)
    assert isinstance(summary, Summary)
    return summary


def plan(host: Host, out: Path, **more: Any) -> Plan:
    found = download("commoncrawl", out, {"dump": DUMP}, base_url=host.url, patience=QUICK, dry_run=True, **more)
    assert isinstance(found, Plan)
    return found


def record(out: Path) -> dict[str, dict[str, Any]]:
    """The files of `download.json`, by path."""
    return {file["path"]: file for file in json.loads((out / "download.json").read_text())["files"]}


def leftovers(out: Path) -> list[str]:
    """Files that only an unfinished download leaves."""
    return sorted(
        path.name
        for path in out.rglob("*")
        if path.is_file() and (".part" in path.name or path.name == "download.journal")
    )
