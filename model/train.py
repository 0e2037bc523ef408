"""The training loop: batches of the data order in, a trained model out, continued from the newest checkpoint."""

import contextlib
import logging
import math
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch

from corpus.errors import UserError
from model.checkpoint import checkpoint_step, newest_checkpoint, restore, save_checkpoint
from model.config import TrainConfig
from model.data import Batch, TokenData, batches
from model.llama import Transformer
from model.loss import chunked_cross_entropy, source_sums
from model.metrics import MetricsLog, Throughput, mfu, read_rows
from model.optimizer import build_optimizer, clip_gradients, learning_rate, set_learning_rate
from model.prepare import compute_precision, peak_flops, peak_memory, pick_device, prepare
from model.run import lock_run, open_run
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
    model = prepare(config.model, device)
    optimizer = build_optimizer(model, config)
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
    """Makes the updates after the `done`-th; returns the last one made: the run's last unless a signal came."""
    device = next(model.parameters()).device
    flops, peak, throughput, step = config.model.flops_per_token(), peak_flops(device), Throughput(), done
    stream = batches(data, first_step=done, steps=config.steps - done, batch_sequences=config.batch_sequences)
    with contextlib.closing(stream), MetricsLog(out, done) as log, stop_on_signal() as stop:
        for step in range(done + 1, config.steps + 1):
            started = time.perf_counter()
            batch = next(stream)
            waited = time.perf_counter() - started

            loss_sums = accumulate_gradients(model, batch, len(data.sources), config.micro_batch)
            grad_norm = clip_gradients(model.parameters(), config.clip_norm)
            loss = sum(loss_sums) / config.batch_tokens
            check_finite(out, step, loss, grad_norm)
            rate = learning_rate(step, peak=config.learning_rate, warmup_steps=config.warmup_steps, steps=config.steps)
            set_learning_rate(optimizer, rate)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)

            throughput.add(config.batch_tokens, time.perf_counter() - started, waited)
            if step % config.log_every == 0 or step == config.steps:
                speed, data_wait = throughput.take()
                row = {
                    "step": step,
                    "tokens": step * config.batch_tokens,
                    "loss": loss,
                    "source_loss": mean_by_source(loss_sums, batch, data.sources),
                    "learning_rate": rate,
                    "grad_norm": grad_norm,
                    "tokens_per_second": speed,
                    "mfu": mfu(speed, flops, peak),
                    "memory_bytes": peak_memory(device),
                    "data_wait": data_wait,
                }
                log.write(row)
                if on_step is not None:
                    on_step(row)
            ending = step == config.steps or stop.is_set()
            if step % config.checkpoint_every == 0 or ending:
                state = {"config": config.to_dict(), "shards_sha256": data.manifest.sha256}
                save_checkpoint(out, step, model, optimizer, state, config.keep_checkpoints)
            if ending:
                break
    return step


def check_finite(out: Path, step: int, loss: float, grad_norm: float) -> None:
    """Raises UserError for numbers that an update must not be made with."""
    if not (math.isfinite(loss) and math.isfinite(grad_norm)):
        raise UserError(
            f"{out}: at step {step} the loss is {loss} and the gradient's norm {grad_norm}; the update was not made, "
            "the checkpoints stand as they were; try a lower learning rate"
        )


def accumulate_gradients(model: Transformer, batch: Batch, sources: int, micro_batch: int) -> list[float]:
    """Adds the gradient of the batch's mean loss a token, in passes of `micro_batch` sequences.

    Each pass is divided by the tokens of the whole batch, so that neither `micro_batch` nor a shorter last pass
    matters. Returns the summed loss of each source, in nats.
    """
    device = next(model.parameters()).device
    sums = torch.zeros(sources, dtype=torch.float64, device=device)
    for start in range(0, len(batch.tokens), micro_batch):
        rows = slice(start, start + micro_batch)
        tokens_BT = torch.from_numpy(batch.tokens[rows]).to(device)
        targets_BT = torch.from_numpy(batch.targets[rows]).to(device)
        source_ids_B = torch.from_numpy(batch.source_ids[rows]).to(device)
        with compute_precision(device):
            loss_sum, losses_BT = chunked_cross_entropy(model(tokens_BT), model.output.weight, targets_BT)
        (loss_sum / batch.tokens.size).backward()
        sums += source_sums(losses_BT, source_ids_B, sources)
    values: list[float] = sums.tolist()
    return values


def mean_by_source(loss_sums: list[float], batch: Batch, sources: list[str]) -> dict[str, float]:
    """Mean loss a token of each source that has sequences in the batch."""
    length = batch.tokens.shape[1]
    counts = [int((batch.source_ids == index).sum()) for index in range(len(sources))]
    return {
        name: total / (count * length) for name, total, count in zip(sources, loss_sums, counts, strict=True) if count
    }


@contextlib.contextmanager
def stop_on_signal() -> Iterator[threading.Event]:
    """An event that SIGINT or SIGTERM sets, for the loop to end after its step; a second one acts as usual."""
    stop = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def restore_handlers() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    def handle(number: int, _: object) -> None:
        logger.warning("%s: ends after this step, with a checkpoint", signal.Signals(number).name)
        stop.set()
        restore_handlers()

    for number in before:
        signal.signal(number, handle)
    try:
        yield stop
    finally:
        restore_handlers()


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
