"""Next-token cross-entropy that never holds the logits of more than one chunk of positions.

At a vocabulary of 32,000 the fp32 logits of one 2,048-token sequence are 262 MB, and their gradient as much again. Here
each chunk goes through the head, the loss and the head's gradient before the next one begins: the same matrix products
as the plain way, and memory for one chunk.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

CHUNK_TOKENS = 2048

LossesAndGradient = tuple[Tensor, Tensor]


def losses_and_gradient(logits_CV: Tensor, targets_C: Tensor) -> LossesAndGradient:
    """Cross-entropy of each position, and the gradient of their sum in the logits, in the logits' dtype.

    In between all is at least fp32: half precisions are too coarse for the log of a sum over the vocabulary. The
    target's entry, a probability less one, is rounded once and not to zero where the probability is near one.
    """
    targets_C1 = targets_C[:, None]
    wide = torch.promote_types(logits_CV.dtype, torch.float32)
    log_probs_CV = logits_CV.to(wide).log_softmax(-1)
    target_C1 = log_probs_CV.gather(1, targets_C1)
    grad_CV = log_probs_CV.exp_().to(logits_CV.dtype)
    grad_CV.scatter_(1, targets_C1, target_C1.expm1().to(logits_CV.dtype))
    return -target_C1[:, 0], grad_CV


@cache
def compiled_losses_and_gradient() -> Callable[[Tensor, Tensor], LossesAndGradient]:
    """The same in fused kernels: the logits are read and their gradient is written, and nothing as large in between."""
    return torch.compile(losses_and_gradient, fullgraph=True, dynamic=False)


class _ChunkedCrossEntropy(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, hidden_ND: Tensor, weight_VD: Tensor, targets_N: Tensor, chunk_tokens: int, compiled: bool, grad: bool
    ) -> tuple[Tensor, Tensor]:
        chunk_loss = compiled_losses_and_gradient() if compiled else losses_and_gradient
        head_VD = weight_VD.to(hidden_ND.dtype)
        losses: list[Tensor] = []
        if grad:
            grad_hidden_ND = torch.empty_like(hidden_ND)
            # The chunks' shares are added up in fp32 at least, whatever they were computed in.
            grad_weight_VD = torch.zeros_like(weight_VD, dtype=torch.promote_types(weight_VD.dtype, torch.float32))
        for start in range(0, len(targets_N), chunk_tokens):
            chunk = slice(start, start + chunk_tokens)
            losses_C, grad_CV = chunk_loss(hidden_ND[chunk] @ head_VD.T, targets_N[chunk])
            losses.append(losses_C)
            if grad:
                grad_hidden_ND[chunk] = grad_CV @ head_VD
                grad_weight_VD += grad_CV.T @ hidden_ND[chunk]
        losses_N = torch.cat(losses)
        if grad:
            ctx.save_for_backward(grad_hidden_ND, grad_weight_VD)
        ctx.mark_non_differentiable(losses_N)
        return losses_N.sum(), losses_N

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad_sum: Tensor, _: Tensor) -> tuple[Tensor, Tensor, None, None, None, None]:
        grad_hidden_ND, grad_weight_VD = ctx.saved_tensors
        return grad_hidden_ND * grad_sum, grad_weight_VD * grad_sum, None, None, None, None


def chunked_cross_entropy(
    hidden_BTD: Tensor,
    head_VD: Tensor,
    targets_BT: Tensor,
    chunk_tokens: int = CHUNK_TOKENS,
    *,
    compiled: bool = False,
) -> tuple[Tensor, Tensor]:
    """Summed cross-entropy, in nats, of targets under the head's logits.

    Args:
        hidden_BTD: normalised hidden states, floating point; their dtype is that of the matrix products.
        head_VD: the head's weight, in any precision.
        targets_BT: int64 ids of the following tokens.
        chunk_tokens: positions whose logits exist at one time.
        compiled: whether the kernels between the matrix products are fused.

    Returns:
        The sum over all B T positions, differentiable once in `hidden_BTD` and `head_VD`; and the single losses [B, T],
        detached. To train on the mean of a batch that takes several passes, divide the sum by the tokens of them all.
    """
    loss_sum, losses_N = _ChunkedCrossEntropy.apply(
        hidden_BTD.flatten(0, 1), head_VD, targets_BT.flatten(), chunk_tokens, compiled, torch.is_grad_enabled()
    )
    return loss_sum, losses_N.view(targets_BT.shape)


def source_sums(losses_BT: Tensor, source_ids_B: Tensor, sources: int) -> Tensor:
    """Sum of the losses of each source's sequences: fp64 [sources]."""
    membership_BS = source_ids_B[:, None] == torch.arange(sources, device=source_ids_B.device)
    return (losses_BT.double().sum(1, keepdim=True) * membership_BS).sum(0)
