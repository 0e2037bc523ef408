"""One job of benchmarks/train.py, in a process of its own so that its peak memory is its own: prints one JSON line.

python -m benchmarks.train_job '{"system": ..., ...}'
"""

import contextlib
import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch

from benchmarks.train_matmul import measure_matmuls
from benchmarks.train_profile import profile_step
from benchmarks.train_settings import OURS, Job
from model.attention import attention_kernels, kernel_name
from model.config import TrainConfig
from model.data import TokenData, batches
from model.garbage import collect_between_steps
from model.metrics import Throughput
from model.optimizer import build_optimizer
from model.prepare import peak_memory, prepare
from model.readback import Readback
from model.step import HostBatch, TrainStep

UNMEASURED = 2  # updates: compilation, allocation
Update = Callable[[HostBatch], torch.Tensor]


def main() -> None:
    job = Job(**json.loads(sys.argv[1]))
    device = torch.device(job.device)
    if device.type == "cpu":
        torch.set_num_threads(1)
    try:
        figures = measure_matmuls(job, device) if job.system == "matmul" else measure(job, device)
    except torch.OutOfMemoryError as error:
        figures = {"out_of_memory": str(error).splitlines()[0]}
    print(json.dumps({**job.to_dict(), **figures}))


def measure(job: Job, device: torch.device) -> dict[str, Any]:
    """Speed, memory and waiting of one training loop over shards, and a profile of one update where asked for."""
    data = TokenData(Path(job.shards), sequence_length=job.config(1).sequence_length)
    config = job.config(data.manifest.vocab_size)
    with contextlib.ExitStack() as stack:
        after_step = stack.enter_context(collect_between_steps())
        if job.system == OURS:
            stack.enter_context(attention_kernels(device))
            update = ours(config, device, len(data.sources))
        else:
            from benchmarks.train_peer import transformers_update

            update = transformers_update(config, device, job.system)
        stream = stack.enter_context(
            contextlib.closing(
                batches(
                    data,
                    lambda batch: HostBatch.of(batch, device),
                    first_step=0,
                    steps=config.steps,
                    batch_sequences=config.batch_sequences,
                )
            )
        )
        figures = run(update, stream, config, device, job.seconds, after_step)
        figures["sequence_length"] = config.sequence_length
        figures["parameters"] = config.model.num_params()
        figures["flops_per_token"] = config.model.flops_per_token()
        figures["weights"], figures["recompute"] = config.weights, config.recompute
        figures["attention"] = kernel_name(device) if job.system == OURS else "SDPA's choice"
        if job.profile:
            batch = next(stream)
            figures["profile"] = profile_step(lambda: update(batch), device)
    return figures


def ours(config: TrainConfig, device: torch.device, sources: int) -> Update:
    model = prepare(config.model, device, weights=config.weights, recompute=config.recompute, compiled=True)
    model.init_weights(0)
    step = TrainStep(model, build_optimizer(model, config, compiled=True), config, sources, compiled=True)
    return lambda batch: step(batch, config.learning_rate)


def run(
    update: Update,
    stream: Iterator[HostBatch],
    config: TrainConfig,
    device: torch.device,
    seconds: float,
    after_step: Callable[[int], None],
) -> dict[str, Any]:
    """Makes updates until `seconds` have been measured, at least two; figures are read as the trainer reads them."""
    reading: Readback[int] = Readback(device)
    began = time.perf_counter()
    for _ in range(UNMEASURED):
        reading.put(0, update(next(stream)))
        list(reading.take(everything=True))
    started = time.perf_counter()
    throughput, steps = Throughput(), 0
    read: list[tuple[int, list[float]]] = []
    while steps < 2 or time.perf_counter() - started < seconds:
        with throughput.waiting():
            batch = next(stream)
        reading.put(steps, update(batch))
        read += reading.take()
        steps += 1
        after_step(steps)
    read += reading.take(everything=True)
    speed, waited = throughput.take(steps * config.batch_tokens)
    return {
        "tokens_per_second": speed,
        "data_wait": waited,
        "updates": steps,
        "loss": sum(read[-1][1][:-1]) / config.batch_tokens,
        "memory_bytes": peak_memory(device),
        "seconds_to_start": started - began,
    }


if __name__ == "__main__":
    main()
