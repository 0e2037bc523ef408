"""One update: gradients of a batch in passes, clipped, applied. The host only queues it; it waits for nothing.

What the host wants to know of a step (losses, the gradient's norm) is left on the device as one small tensor, and
whether the numbers are finite is decided there as well.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from model.accumulation import summed_in_fp32
from model.config import TrainConfig
from model.data import Batch
from model.llama import Transformer
from model.loss import chunked_cross_entropy, source_sums
from model.optimizer import clip_gradients, set_learning_rate, step_if


@dataclass(frozen=True)
class HostBatch:
    """A `Batch` as tensors in host memory, pinned for a GPU so that copies from it need not wait."""

    tokens: Tensor  # [sequences, length]
    targets: Tensor  # [sequences, length]
    source_ids: Tensor  # [sequences]

    @staticmethod
    def of(batch: Batch, device: torch.device) -> "HostBatch":
        def tensor(array: np.ndarray) -> Tensor:
            values = torch.from_numpy(array)
            return values.pin_memory() if device.type == "cuda" else values

        return HostBatch(tensor(batch.tokens), tensor(batch.targets), tensor(batch.source_ids))


@dataclass(frozen=True)
class TrainStep:
    """Makes updates of `model`, which trains on `sources` sources."""

    model: Transformer
    optimizer: torch.optim.Optimizer
    config: TrainConfig
    sources: int
    compiled: bool

    def __call__(self, batch: HostBatch, rate: float) -> Tensor:
        """One update at learning rate `rate`, not made where the loss or the gradient's norm is not finite.

        Returns fp64 [sources + 1] on the model's device: each source's summed loss in nats, and the global L2 norm of
        the gradient before clipping.
        """
        sums = accumulate_gradients(
            self.model, batch, self.sources, self.config.micro_batch, self.config.batch_tokens, self.compiled
        )
        norm = clip_gradients(self.model.parameters(), self.config.clip_norm)
        figures = torch.cat((sums, norm.double()[None]))
        set_learning_rate(self.optimizer, rate)
        step_if(self.optimizer, figures.isfinite().all())
        self.optimizer.zero_grad(set_to_none=True)
        return figures


def accumulate_gradients(
    model: Transformer, batch: HostBatch, sources: int, micro_batch: int, batch_tokens: int, compiled: bool = False
) -> Tensor:
    """Adds the gradient of the mean loss over `batch_tokens` tokens, in passes of `micro_batch` sequences.

    Each pass is divided by the tokens of the whole batch, so that neither `micro_batch` nor a shorter last pass
    matters. Returns the summed loss of each source, in nats: fp64 [sources] on the model's device.
    """
    head = model.output.weight
    sums = torch.zeros(sources, dtype=torch.float64, device=head.device)
    with summed_in_fp32(model.parameters()):
        for start in range(0, len(batch.tokens), micro_batch):
            tokens_BT, targets_BT, source_ids_B = (
                part[start : start + micro_batch].to(head.device, non_blocking=True)
                for part in (batch.tokens, batch.targets, batch.source_ids)
            )
            loss_sum, losses_BT = chunked_cross_entropy(model(tokens_BT), head, targets_BT, compiled=compiled)
            (loss_sum / batch_tokens).backward()
            sums += source_sums(losses_BT, source_ids_B, sources)
    return sums
