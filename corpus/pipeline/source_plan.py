"""The plan of a source: the comparisons its stages need, then every input filtered."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from corpus.identity import key_of
from corpus.pipeline.comparison import arrange
from corpus.pipeline.filtering import FilterTask
from corpus.pipeline.plan import Plan, Step
from corpus.pipeline.publication import ReadBefore, publish_documents
from corpus.pipeline.stage import Stage
from corpus.pipeline.store import Store
from corpus.pipeline.upstream import Upstream


def source_plan(
    stages: Sequence[Stage],
    documents: Sequence[Upstream],
    identity: Mapping[str, Any],
    schema: pa.Schema,
    *,
    strict: bool,
    categories: tuple[str, ...] = (),
    magnitudes: tuple[str, ...] = (),
    before: Callable[[Store], ReadBefore] | None = None,
) -> Plan:
    """Passes the documents of every input through the stages.

    identity: what run.json says of where it all came from. schema: of the kept documents. categories, magnitudes: see
    FilterTask. before: what the comparisons have read besides those inputs.
    """
    finished, comparisons = arrange(stages, documents)
    filtering = [_filter_task(one, schema, categories, magnitudes) for one in finished]
    others = [task for comparison in comparisons for task in comparison.tasks]
    pairs = [comparison.pairs for comparison in comparisons if comparison.pairs is not None]
    return Plan(
        [*(step for comparison in comparisons for step in comparison.steps), Step("filter", lambda store: filtering)],
        lambda store, tasks: publish_documents(
            store, identity, filtering, others, strict, pairs, before(store) if before else None
        ),
        frozenset(key for task in filtering for key in task.kept),
    )


def _filter_task(
    documents: Upstream, schema: pa.Schema, categories: tuple[str, ...], magnitudes: tuple[str, ...]
) -> FilterTask:
    described = {
        "input": documents.input.as_json(),
        "documents": documents.identity,
        "schema": str(schema),
        "histograms": [categories, magnitudes],
    }
    return FilterTask(
        key_of({"step": "filter", **described}),
        documents,
        schema,
        categories,
        magnitudes,
    )
