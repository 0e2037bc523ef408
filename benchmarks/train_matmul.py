"""How fast the device multiplies matrices: a large square product, and the products of one update alone."""

import time
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from benchmarks.train_settings import Job
from model.config import ModelConfig
from model.loss import CHUNK_TOKENS
from model.prepare import compute_dtype, peak_flops

SECONDS = 0.5  # for each product


def measure_matmuls(job: Job, device: torch.device) -> dict[str, Any]:
    """Peak FLOP/s, data-sheet and measured; and the tokens a second if an update were its matrix products alone.

    The last leaves out attention, norms, the optimiser and all else: no step with these products can be faster.
    """
    config = job.config(512).model if job.size == "tiny" else job.config(32_000).model
    width = 8192 if device.type == "cuda" else 512
    square = product_seconds(width, width, width, device)
    tokens = job.micro_batch * config.context
    seconds = sum(
        count * product_seconds(rows, inner, columns, device)
        for (rows, inner, columns), count in products(config, tokens).items()
    )
    return {
        "measured_peak": 2 * width**3 / square,
        "datasheet_peak": peak_flops(device),
        "matmul_tokens_per_second": tokens / seconds,
        "flops_per_token": config.flops_per_token(),
    }


def products(config: ModelConfig, tokens: int) -> dict[tuple[int, int, int], float]:
    """How many products of (rows, inner, columns) one pass over `tokens` makes, forwards and backwards."""
    counts: dict[tuple[int, int, int], float] = {}

    def add(rows: int, inputs: int, outputs: int, times: float) -> None:
        for shape in ((rows, inputs, outputs), (rows, outputs, inputs), (outputs, rows, inputs)):
            counts[shape] = counts.get(shape, 0) + times

    add(tokens, config.dim, config.dim, 4 * config.layers)
    add(tokens, config.dim, config.ffn_dim, 2 * config.layers)
    add(tokens, config.ffn_dim, config.dim, config.layers)
    chunk = min(CHUNK_TOKENS, tokens)
    add(chunk, config.dim, config.vocab_size, tokens / chunk)
    return counts


def product_seconds(rows: int, inner: int, columns: int, device: torch.device) -> float:
    """Time of one product of normally distributed matrices, the mean of as many as half a second takes."""
    dtype = compute_dtype(device)
    left = torch.randn(rows, inner, device=device, dtype=dtype)
    right = torch.randn(inner, columns, device=device, dtype=dtype)
    out = torch.empty(rows, columns, device=device, dtype=dtype)
    timed(left, right, out, 3, device)
    once = timed(left, right, out, 3, device)
    return timed(left, right, out, max(3, round(SECONDS / once)), device)


def timed(left: Tensor, right: Tensor, out: Tensor, times: int, device: torch.device) -> float:
    wait: Callable[[], object] = torch.cuda.synchronize if device.type == "cuda" else lambda: None
    wait()
    began = time.perf_counter()
    for _ in range(times):
        torch.mm(left, right, out=out)
    wait()
    return (time.perf_counter() - began) / times
