"""Next-token cross-entropy that never holds the logits of more than one chunk of positions.

At a vocabulary of 32,000 the fp32 logits of one 2,048-token sequence are 262 MB, and their gradient as much again. Here
each chunk goes through the head, the loss and the head's gradient before the next one begins: the same matrix products
as the plain way, and memory for one chunk.
"""

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

CHUNK_TOKENS = 2048


class _ChunkedCrossEntropy(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, hidden_ND: Tensor, head_VD: Tensor, targets_N: Tensor, chunk_tokens: int, with_gradients: bool
    ) -> tuple[Tensor, Tensor]:
        losses: list[Tensor] = []
        grad_hidden_ND = torch.empty_like(hidden_ND) if with_gradients else None
        grad_head_VD = torch.zeros_like(head_VD) if with_gradients else None
        for start in range(0, len(targets_N), chunk_tokens):
            hidden_CD = hidden_ND[start : start + chunk_tokens]
            targets_C1 = targets_N[start : start + chunk_tokens, None]
            logits_CV = hidden_CD @ head_VD.T
            # Half precisions are too coarse for the log of a sum over the vocabulary.
            log_probs_CV = logits_CV.to(torch.promote_types(logits_CV.dtype, torch.float32)).log_softmax(-1)
            losses.append(-log_probs_CV.gather(1, targets_C1)[:, 0])
            if grad_hidden_ND is not None and grad_head_VD is not None:
                grad_CV = log_probs_CV.exp_()
                grad_CV.scatter_add_(1, targets_C1, grad_CV.new_full(targets_C1.shape, -1.0))
                grad_CV = grad_CV.to(logits_CV.dtype)
                grad_hidden_ND[start : start + chunk_tokens] = grad_CV @ head_VD
                grad_head_VD += grad_CV.T @ hidden_CD
        losses_N = torch.cat(losses)
        if with_gradients:
            ctx.save_for_backward(grad_hidden_ND, grad_head_VD)
        ctx.mark_non_differentiable(losses_N)
        return losses_N.sum(), losses_N

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad_sum: Tensor, _: Tensor) -> tuple[Tensor, Tensor, None, None, None]:
        grad_hidden_ND, grad_head_VD = ctx.saved_tensors
        return grad_hidden_ND * grad_sum, grad_head_VD * grad_sum, None, None, None


def chunked_cross_entropy(
    hidden_BTD: Tensor, head_VD: Tensor, targets_BT: Tensor, chunk_tokens: int = CHUNK_TOKENS
) -> tuple[Tensor, Tensor]:
    """Summed cross-entropy, in nats, of targets under the head's logits.

    Args:
        hidden_BTD: normalised hidden states, floating point.
        head_VD: the head's weight.
        targets_BT: int64 ids of the following tokens.
        chunk_tokens: positions whose logits exist at one time.

    Returns:
        The sum over all B T positions, differentiable once in `hidden_BTD` and `head_VD`; and the single losses [B, T],
        detached.
    """
    hidden_ND = hidden_BTD.flatten(0, 1)
    loss_sum, losses_N = _ChunkedCrossEntropy.apply(
        hidden_ND, head_VD, targets_BT.flatten(), chunk_tokens, torch.is_grad_enabled()
    )
    return loss_sum, losses_N.view(targets_BT.shape)


def source_sums(losses_BT: Tensor, source_ids_B: Tensor, sources: int) -> Tensor:
    """Sum of the losses of each source's sequences: fp64 [sources]."""
    membership_BS = torch.nn.functional.one_hot(source_ids_B, sources).double()
    return losses_BT.double().sum(1) @ membership_BS
