"""Texts and models for tests of the tokenizer: real prose and code that every Python brings, and strange fragments."""

import io
import random
import sysconfig
from pathlib import Path
from pydoc_data.topics import topics
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import sentencepiece

from tokenizer.train import TRAINER

STRANGE = (
    *(
        "<s>",
        "</s>",
        "<unk>",
        "<0x0A>",
        "<0x00>",
        "<s",
        "s>",
        "<",
        ">",
        "a",
        "b",
        "Ab",
        "ing",
        " the",
        "__",
        "==",
        "1",
        "23",
    ),
    *(
        " ",
        "  ",
        "\t",
        "\n",
        "\n\n",
        "\r",
        "\0",
        "\u00a0",
        "\ufeff",
        "\u2581",
        "\u2581\u2581",
        "é",
        "e\u0301",
        "Straße",
    ),
    *("中", "文", "日本", "ка", "ελληνικά", "עברית", "हिन्दी", "👩\u200d👩\u200d👧"),
)
"""Fragments that tokenizers get wrong: control pieces spelled out, all kinds of space, characters not in vocabulary."""


def english() -> list[str]:
    """Real prose: the chapters of Python's own manual."""
    return [topics[name] for name in sorted(topics)]


def code() -> list[str]:
    """Real code: a few modules of Python's standard library."""
    library = Path(sysconfig.get_paths()["stdlib"])
    names = ("argparse", "ast", "heapq", "json/decoder", "string")
    return [(library / f"{name}.py").read_text("utf-8") for name in names]


def strange(seed: int, count: int) -> list[str]:
    """Generated lines of STRANGE fragments."""
    chosen = random.Random(seed)
    return ["".join(chosen.choices(STRANGE, k=chosen.randint(1, 40))) for _ in range(count)]


def train_model(texts: list[str], vocab_size: int, **changes: Any) -> bytes:
    """A sentencepiece model with LLaMA's settings, but for `changes`."""
    model = io.BytesIO()
    lines = iter([line for text in texts for line in text.split("\n") if line])
    settings = {**TRAINER, "num_threads": 1, "minloglevel": 2, **changes}
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=lines, model_writer=model, vocab_size=vocab_size, **settings
    )
    return model.getvalue()


def write_documents(path: Path, documents: list[tuple[str, str, str]], row_group: int | None = None) -> Path:
    """A Parquet file of (id, text, source)."""
    ids, texts, sources = zip(*documents, strict=True) if documents else ((), (), ())
    columns = {
        "id": pa.array(ids, pa.string()),
        "text": pa.array(texts, pa.large_string()),
        "source": pa.array(sources, pa.string()),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), path, row_group_size=row_group)
    return path
