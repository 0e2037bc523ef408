"""The file of pairs a deduplication decided by, so that it can be seen what every document was taken for a copy of."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpus.dedup.numbering import Numbering
from corpus.pipeline.parquet import ParquetFile

PAIRS = "pairs.parquet"
SCHEMA = pa.schema(
    [
        pa.field("id_a", pa.string(), nullable=False),
        pa.field("id_b", pa.string(), nullable=False),
        pa.field("stage", pa.string(), nullable=False),
        pa.field("jaccard", pa.float64(), nullable=False),
        pa.field("kept", pa.string()),
    ]
)
"""a comes before b in the order of survival. kept: the id of the one of the two that the stage kept, null where both
were dropped (each as a copy of another document that was kept)."""

CHUNK = 1 << 20
NONE, FIRST, SECOND = 0, 1, 2
"""Which of a pair was kept."""


def write_pairs(
    path: Path,
    stage: str,
    chunks: Iterator[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]],
    numbering: Numbering,
    directories: Sequence[Path],
) -> int:
    """chunks: of numbers a and b uint64, Jaccard indices float64, and which was kept uint8. Returns their number."""
    with ParquetFile(path, SCHEMA) as file:
        for first, second, jaccard, kept in chunks:
            ids_a, ids_b = numbering.ids(first, directories), numbering.ids(second, directories)
            missing = pa.nulls(len(kept), pa.string())
            of_two = pc.if_else(pa.array(kept == FIRST), ids_a, ids_b)
            columns = [
                ids_a,
                ids_b,
                pa.repeat(stage, len(kept)),
                pa.array(jaccard),
                pc.if_else(pa.array(kept == NONE), missing, of_two),
            ]
            file.write(pa.RecordBatch.from_arrays(columns, schema=SCHEMA))
        return file.rows
