"""The training loop: batches of the data order in, a trained model out, continued from the newest checkpoint."""

import contextlib
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from corpus.errors import UserError
from model.attention import attention_kernels
from model.checkpoint import checkpoint_step, newest_checkpoint, restore, save_checkpoint
from model.config import TrainConfig
from model.data import TokenData, batches
from model.garbage import collect_between_steps
from model.llama import Transformer
from model.metrics import MetricsLog, Throughput, read_rows
from model.optimizer import build_optimizer, learning_rate
from model.prepare import compiles, pick_device, prepare
from model.readback import Readback
from model.report import Reporter, StepMade
from model.run import lock_run, open_run
from model.step import HostBatch, TrainStep
from model.stopping import stop_on_signal
from tokenizer.shards import Manifest

logger = logging.getLogger(__name__)


def train(
    shards: Path,
    out: Path,
    config: TrainConfig,
    *,
    device: str | None = None,
    on_step: Callable[[dict[str, Any]], None] | None = None,
) -> dict[str, Any]:
    """Trains on token shards into the run directory `out`, or continues the run there.

    Args:
        shards: directory with manifest.json, made by `tokenize`.
        out: the run's directory; the same call continues a run that was stopped or killed.
        config: the settings; the vocabulary size is taken from the shards.
        device: a torch device; by default the GPU where there is one.
        on_step: is given each row of metrics.jsonl (see model.metrics) as it is written.

    Returns:
        The summary described in `summarise`.

    Raises:
        UserError: the shards cannot be read, hold too few tokens or are not those of the run in `out`; another process
            trains there; its checkpoints are all damaged; the loss or a gradient is not finite; the disk is full.
        UsageError: the device is not there, or the mixture does not fit the shards.
    """
    began = time.monotonic()
    place = pick_device(device)
    check_enough_tokens(shards, config)
    data = TokenData(shards, sequence_length=config.sequence_length, weights=config.mixture, seed=config.seed)
    config = config.with_vocabulary(data.manifest.vocab_size)
    open_run(out, shards, data.manifest, config)
    with lock_run(out):
        done, step = advance(out, config, data, place, on_step)
    return summarise(out, config, began, resumed_from=done, step=step, device=place)


def advance(
    out: Path,
    config: TrainConfig,
    data: TokenData,
    device: torch.device,
    on_step: Callable[[dict[str, Any]], None] | None,
) -> tuple[int, int]:
    """Takes the run in `out` from its newest checkpoint to its end, or to a signal.

    Returns the number of updates it had and has now.
    """
    newest = newest_checkpoint(out)
    done = 0 if newest is None else checkpoint_step(newest)
    if done >= config.steps:
        logger.info("%s: finished, all %d steps are made; nothing to do", out, config.steps)
        return done, done
    compiled = compiles(config, device)
    model = prepare(config.model, device, weights=config.weights, recompute=config.recompute, compiled=compiled)
    optimizer = build_optimizer(model, config, compiled=compiled)
    if newest is None:
        model.init_weights(config.seed)
    else:
        state = restore(newest, model, optimizer)
        if (state["step"], state["shards_sha256"]) != (done, data.manifest.sha256):
            raise UserError(f"{newest}: is not of this run and step; remove it")
        logger.info("%s: continues after step %d", out, done)
    return done, run_steps(out, config, model, optimizer, data, done, on_step)


def check_enough_tokens(shards: Path, config: TrainConfig) -> None:
    """Raises UserError for a source of the mixture that does not fill one sequence."""
    needed = config.sequence_length + 1
    for name, source in Manifest.read(shards).sources.items():
        if source.tokens < needed and (config.mixture is None or config.mixture.get(name)):
            raise UserError(
                f"{shards}: {name} holds {source.tokens} tokens where one sequence of {config.sequence_length} and the "
                f"token after it need {needed}; add documents, shorten the sequence or leave {name} out of the mixture"
            )


def run_steps(
    out: Path,
    config: TrainConfig,
    model: Transformer,
    optimizer: torch.optim.Optimizer,
    data: TokenData,
    done: int,
    on_step: Callable[[dict[str, Any]], None] | None,
) -> int:
    """Makes the updates after the `done`-th; returns the last one made: the run's last unless a signal came.

    The host runs one step ahead of a GPU; everything is read before a checkpoint, so none follows a step that failed.
    """
    device, step = next(model.parameters()).device, done
    update = TrainStep(model, optimizer, config, len(data.sources), compiles(config, device))
    reading: Readback[StepMade] = Readback(device)
    throughput = Throughput()
    stream = batches(
        data,
        lambda batch: HostBatch.of(batch, device),
        first_step=done,
        steps=config.steps - done,
        batch_sequences=config.batch_sequences,
    )
    with contextlib.ExitStack() as stack:
        stack.enter_context(contextlib.closing(stream))
        log = stack.enter_context(MetricsLog(out, done))
        stop = stack.enter_context(stop_on_signal())
        after_step = stack.enter_context(collect_between_steps())
        stack.enter_context(attention_kernels(device))
        report = Reporter(out, config, data.sources, device, throughput, log, on_step, done)
        for step in range(done + 1, config.steps + 1):
            with throughput.waiting():
                batch = next(stream)
            rate = learning_rate(step, peak=config.learning_rate, warmup_steps=config.warmup_steps, steps=config.steps)
            reading.put(StepMade.of(step, rate, batch, len(data.sources)), update(batch, rate))
            report(reading.take())
            ending = step == config.steps or stop.is_set()
            if step % config.checkpoint_every == 0 or ending:
                report(reading.take(everything=True))
                with throughput.paused():
                    state = {"config": config.to_dict(), "shards_sha256": data.manifest.sha256}
                    save_checkpoint(out, step, model, optimizer, state, config.keep_checkpoints)
            after_step(step)
            if ending:
                break
    return step


def summarise(
    out: Path, config: TrainConfig, began: float, *, resumed_from: int, step: int, device: torch.device
) -> dict[str, Any]:
    """What a call of `train` did.

    `status` (`finished`, `stopped` by a signal, `already finished`), `run`, `checkpoint` (newest), `size`,
    `parameters`, `device`, `step` (updates made in all), `steps` (of the whole run), `resumed_from` (0: from the
    start), `tokens` (read in all), `first_loss` and `last_loss` (of the whole run's logged steps, nats a token),
    `seconds` and `tokens_per_second` (of this call, start-up and checkpoints counted; null if it made no step).
    """
    rows = read_rows(out)
    seconds = time.monotonic() - began
    made = step - resumed_from
    status = "stopped" if step < config.steps else "finished" if made else "already finished"
    return {
        "status": status,
        "run": str(out),
        "checkpoint": str(out / "checkpoints" / f"step-{step}"),
        "size": config.size,
        "parameters": config.model.num_params(),
        "device": str(device),
        "step": step,
        "steps": config.steps,
        "resumed_from": resumed_from,
        "tokens": step * config.batch_tokens,
        "first_loss": rows[0]["loss"] if rows else None,
        "last_loss": rows[-1]["loss"] if rows else None,
        "seconds": seconds,
        "tokens_per_second": made * config.batch_tokens / seconds if made else None,
    }
