"""Checking a directory of documents against its own record: checksums, rows and conservation."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from corpus.identity import file_sha256
from corpus.inspection.summary import load_run
from corpus.pipeline.ledger import Ledger, LedgerError


def verify_documents(directory: Path) -> list[str]:
    """One line per problem, none when all is well. Raises UserError when there is no finished run to verify."""
    run, stats = load_run(directory)
    problems = []
    rows = {"documents": 0, "dropped": 0, "pairs": 0}
    for part in run["outputs"]:
        path = directory / part["path"]
        if not path.is_file():
            problems.append(f"{path}: missing")
            continue
        with open(path, "rb") as stream:
            if file_sha256(stream) != part["sha256"]:
                problems.append(f"{path}: content differs from what was written (sha256)")
                continue
        try:
            found = pq.read_metadata(path).num_rows
        except pa.ArrowInvalid as error:
            problems.append(f"{path}: not readable as Parquet ({error})")
            continue
        if found != part["rows"]:
            problems.append(f"{path}: {found} rows, {part['rows']} recorded")
        rows[part["path"].split("/")[0]] += found
    problems += _unlisted(directory, {part["path"] for part in run["outputs"]})
    return problems + _unbalanced(directory, Ledger.from_json(stats), rows)


def _unlisted(directory: Path, listed: set[str]) -> list[str]:
    found = [path for folder in ("documents", "dropped", "pairs") for path in (directory / folder).glob("*")]
    return [f"{path}: not part of the run" for path in found if str(path.relative_to(directory)) not in listed]


def _unbalanced(directory: Path, ledger: Ledger, rows: dict[str, int]) -> list[str]:
    try:
        ledger.check()
    except LedgerError as error:
        return [f"{directory / 'stats.json'}: {error}"]
    stages = list(ledger.stages.values())
    kept = stages[-1].kept.documents if stages else 0
    dropped = sum(amount.documents for stage in stages for amount in stage.dropped.values())
    counted = {"documents": kept, "dropped": dropped}
    return [
        f"{directory / name}: {rows[name]} rows, {counted[name]} counted in stats.json"
        for name in counted
        if rows[name] != counted[name]
    ]
