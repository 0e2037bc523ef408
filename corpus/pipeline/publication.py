"""What a finished filter run shows: documents, dropped documents, the ledger, and what they were made from."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from corpus.errors import UserError
from corpus.faults import Fault, FaultKind
from corpus.pipeline.filtering import DOCUMENTS, DROPPED
from corpus.pipeline.ledger import Ledger, merged
from corpus.pipeline.plan import Publication, Task
from corpus.pipeline.reading import refusal
from corpus.pipeline.store import Artifact, Store

FORMAT = "llama-corpus documents"
FORMAT_VERSION = 1


@dataclass(frozen=True)
class ReadBefore:
    """What was read by steps before the filter tasks, where those read no input themselves: counts, and faults."""

    ledgers: list[Ledger]
    faults: list[dict[str, Any]]


def software_versions(packages: Sequence[str]) -> dict[str, str]:
    """Installed versions of llama-corpus and of the packages whose code decides what comes out."""
    return {package: version(package) for package in ("llama-corpus", *packages)}


def publish_documents(
    store: Store,
    identity: Mapping[str, Any],
    filtered: Sequence[Task],
    others: Sequence[Task],
    strict: bool,
    pairs: Sequence[Artifact] = (),
    before: ReadBefore | None = None,
) -> Publication:
    """Publishes the outputs of filter tasks, in task order, as numbered parts.

    others: tasks of the earlier steps, for the timings. pairs: files of pairs of duplicates, which their tasks report
    the number of. before: what earlier steps read, where the filter tasks read no input themselves. Raises UserError
    when nothing could be made of any input, or when `strict` and anything is wrong with one, LedgerError when records
    that were read are not accounted for.
    """
    files: dict[str, Artifact] = {}
    parts = []
    records = [store.record(task.step, task.key) for task in filtered]
    for number, (task, record) in enumerate(zip(filtered, records, strict=True)):
        for folder, name in (("documents", DOCUMENTS), ("dropped", DROPPED)):
            public = f"{folder}/part-{number:05d}.parquet"
            files[public] = Artifact(task.step, task.key, name)
            parts.append({"path": public, "rows": record["report"]["rows"][folder], **record["files"][name]})
    for number, artifact in enumerate(pairs):
        public, record = f"pairs/part-{number:05d}.parquet", store.record(artifact.step, artifact.key)
        files[public] = artifact
        parts.append({"path": public, "rows": record["report"]["pairs"], **record["files"][artifact.name]})
    before = before or ReadBefore([], [])
    ledger = merged([*before.ledgers, *(Ledger.from_json(record["report"]["ledger"]) for record in records)])
    ledger.check()
    faults = [*before.faults, *(fault for record in records for fault in record["report"]["faults"])]
    if strict and faults:
        raise UserError(refusal(Fault.from_json(faults[0])))
    if ledger.read["files"] == ledger.read[f"faults.{FaultKind.UNREADABLE.value}"]:
        raise UserError(f"{faults[0]['path']}: {faults[0]['detail']}")
    run = {
        "format": FORMAT,
        "version": FORMAT_VERSION,
        **identity,
        "outputs": sorted(parts, key=lambda part: part["path"]),
    }
    documents = {
        "stats.json": {**ledger.as_json(), "faults": faults},
        "timings.json": _timings(store, [*others, *filtered]),
    }
    return Publication(files, documents, run)


def _timings(store: Store, tasks: Sequence[Task]) -> dict[str, dict[str, float]]:
    seconds: dict[str, Counter[str]] = {}
    for task in tasks:
        seconds.setdefault(task.step, Counter()).update(store.timings(task.step, task.key))
    return {step: {name: round(value, 3) for name, value in total.items()} for step, total in seconds.items()}
