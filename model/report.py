"""From a step's figures to a row of metrics.jsonl, or to the end of the run where they are not finite."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from corpus.errors import UserError
from model.config import TrainConfig
from model.metrics import MetricsLog, Throughput, mfu
from model.prepare import peak_flops, peak_memory
from model.step import HostBatch


@dataclass(frozen=True)
class StepMade:
    """What the host knew of a step when it queued it."""

    step: int
    rate: float
    source_counts: list[int]
    """Sequences of each source in the batch."""

    @staticmethod
    def of(step: int, rate: float, batch: HostBatch, sources: int) -> "StepMade":
        return StepMade(step, rate, torch.bincount(batch.source_ids, minlength=sources).tolist())


class Reporter:
    """Checks every step's figures and logs those whose turn it is. `done`: updates made before the run went on."""

    def __init__(
        self,
        out: Path,
        config: TrainConfig,
        sources: list[str],
        device: torch.device,
        throughput: Throughput,
        log: MetricsLog,
        on_step: Callable[[dict[str, Any]], None] | None,
        done: int,
    ) -> None:
        self._out, self._config, self._sources, self._device = out, config, sources, device
        self._throughput, self._log, self._on_step = throughput, log, on_step
        self._flops, self._peak = config.model.flops_per_token(), peak_flops(device)
        self._reported = done

    def __call__(self, figures: Iterable[tuple[StepMade, list[float]]]) -> None:
        """Takes what `TrainStep` returned for each step. Raises UserError for numbers no update was made with."""
        for made, (*loss_sums, grad_norm) in figures:
            loss = sum(loss_sums) / self._config.batch_tokens
            self._check_finite(made.step, loss, grad_norm)
            if made.step % self._config.log_every == 0 or made.step == self._config.steps:
                row = self._row(made, loss, loss_sums, grad_norm)
                self._log.write(row)
                if self._on_step is not None:
                    self._on_step(row)

    def _row(self, made: StepMade, loss: float, loss_sums: list[float], grad_norm: float) -> dict[str, Any]:
        speed, data_wait = self._throughput.take((made.step - self._reported) * self._config.batch_tokens)
        self._reported = made.step
        return {
            "step": made.step,
            "tokens": made.step * self._config.batch_tokens,
            "loss": loss,
            "source_loss": {
                name: total / (count * self._config.sequence_length)
                for name, total, count in zip(self._sources, loss_sums, made.source_counts, strict=True)
                if count
            },
            "learning_rate": made.rate,
            "grad_norm": grad_norm,
            "tokens_per_second": speed,
            "mfu": mfu(speed, self._flops, self._peak),
            "memory_bytes": peak_memory(self._device),
            "data_wait": data_wait,
        }

    def _check_finite(self, step: int, loss: float, grad_norm: float) -> None:
        if not (math.isfinite(loss) and math.isfinite(grad_norm)):
            raise UserError(
                f"{self._out}: at step {step} the loss is {loss} and the gradient's norm {grad_norm}; the update was "
                "not made, the checkpoints stand as they were; try a lower learning rate"
            )
