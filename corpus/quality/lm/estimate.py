"""From encoded text to an ARPA file, by our own estimator or by KenLM's `lmplz`."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from enum import Enum
from pathlib import Path
from typing import Any

from corpus.errors import UserError
from kernels.ngram import NgramEstimator


class Engine(str, Enum):
    """What estimates the model: our own code, or the `lmplz` on the path. They give the same model."""

    BUILTIN = "builtin"
    LMPLZ = "lmplz"


VOCABULARY_ESTIMATE = 65_536
"""cc_net's `--vocab_estimate`: it sizes lmplz's first hash table and decides nothing else."""


def estimate(engine: Engine, sentences: Iterable[bytes], path: Path, *, order: int, memory: int) -> dict[str, Any]:
    """Writes the n-gram model of the sentences (blocks of whole lines, words divided by spaces) to `path`.

    Temporary files go to the directory of `path`. Returns, as JSON values, the n-grams of each order and, from our own
    estimator, its tokens and discounts. Raises UserError when the engine is missing or fails.
    """
    if engine is Engine.LMPLZ:
        return _by_lmplz(sentences, path, order, memory)
    estimator = NgramEstimator(order, memory, path.parent)
    for block in sentences:
        estimator.add_lines(block)
    try:
        model = estimator.write_arpa(path)
    except ValueError as error:
        raise UserError(f"{path.name}: {error}; use a smaller --order, or a sentencepiece model of the text") from None
    return {
        "sentences": model.sentences,
        "tokens": model.tokens,
        "orders": [
            {"ngrams": order.ngrams, "discounts": [round(d, 6) for d in order.discounts], "fallback": order.fallback}
            for order in model.orders
        ],
    }


def _by_lmplz(sentences: Iterable[bytes], path: Path, order: int, memory: int) -> dict[str, Any]:
    program = shutil.which("lmplz")
    if program is None:
        raise UserError("lmplz: not on the path; install KenLM's command-line tools, or use --engine builtin")
    command = [program, "-o", str(order), "--vocab_estimate", str(VOCABULARY_ESTIMATE), "--discount_fallback"]
    command += ["--skip_symbols", "-S", f"{memory}b", "-T", str(path.parent), "--arpa", str(path)]
    with tempfile.TemporaryFile() as log:
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=log) as process:
            _feed(process, sentences)
        if process.returncode:
            log.seek(0)
            fault = " ".join(log.read().decode("utf-8", "replace").split())[-300:]
            raise UserError(f"lmplz: failed with exit code {process.returncode} ({fault}); use --engine builtin")
    return {"orders": [{"ngrams": count} for count in _header(path)]}


def _feed(process: "subprocess.Popen[bytes]", sentences: Iterable[bytes]) -> None:
    assert process.stdin is not None
    try:
        for block in sentences:
            process.stdin.write(block)
        process.stdin.close()
    except BrokenPipeError:
        return  # It has failed, and says why itself.
    except BaseException:
        process.kill()
        raise


def _header(path: Path) -> list[int]:
    """Numbers of n-grams, by order, that an ARPA file states."""
    counts: list[int] = []
    with open(path, encoding="utf-8") as stream:
        for line in stream:
            if line.startswith("\\1-grams:"):
                return counts
            if line.startswith("ngram "):
                counts.append(int(line.partition("=")[2]))
    raise UserError(f"{path}: lmplz wrote no ARPA file; use --engine builtin")
