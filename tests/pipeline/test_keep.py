"""Rows are kept as a filter would keep them, and the text of those that stay is left where it is if it can be."""

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from corpus.document import keep

ROWS = st.lists(st.tuples(st.sampled_from(["", "a", "läng\n"]), st.booleans()), max_size=8)


def batch_of(texts: list[str], ahead: int) -> pa.RecordBatch:
    """A slice, whose text begins behind other texts."""
    columns = [pa.array(range(len(texts) + ahead)), pa.array(["x"] * ahead + texts, pa.large_string())]
    return pa.record_batch(columns, names=["number", "text"]).slice(ahead)


@given(ROWS, st.integers(0, 2), st.booleans())
def test_is_a_filter(rows: list[tuple[str, bool]], ahead: int, drop_empty: bool) -> None:
    batch = batch_of([text for text, _ in rows], ahead)
    mask = np.array([stays or (drop_empty and text != "") for text, stays in rows], dtype=bool)
    kept = keep(batch, mask)
    kept.validate(full=True)
    assert kept.equals(batch.filter(pa.array(mask)))


def test_text_stays_where_it_is_without_rows_that_have_none() -> None:
    batch = batch_of(["", "one", "", "two", ""], 1)
    kept = keep(batch, np.array([False, True, False, True, True]))
    assert kept.column("text").to_pylist() == ["one", "two", ""]
    assert kept.column("text").buffers()[2].address == batch.column("text").buffers()[2].address
    assert keep(batch, np.ones(5, dtype=bool)) is batch
