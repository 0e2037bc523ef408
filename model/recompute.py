"""What a block keeps for the backward pass, and what it computes again there.

`none`        everything autograd asks for: about 8 D + 3 F numbers a token and block, F being the feed-forward width
`selective`   the outputs of matrix products and of attention, as in section 2.4 of the paper: 7 D + 2 F; norms, rotary
              embeddings and SwiGLU's product run twice, which costs memory traffic and no matrix product
`full`        the block's input, D: the whole forward pass runs twice, a third more work
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.checkpoint import CheckpointPolicy, checkpoint, create_selective_checkpoint_contexts

from model.config import Recompute

_KEPT = frozenset(
    {
        torch.ops.aten.mm.default,
        torch.ops.aten._scaled_dot_product_flash_attention.default,
        torch.ops.aten._scaled_dot_product_cudnn_attention.default,
        torch.ops.aten._scaled_dot_product_efficient_attention.default,
        torch.ops.aten._scaled_dot_product_flash_attention_for_cpu.default,
    }
)


def recompute_blocks(blocks: nn.ModuleList, what: Recompute) -> None:
    """Makes each block's forward pass keep only what is said above. Values and gradients keep every bit."""
    if what == "none":
        return
    for block in blocks:
        block.forward = _recomputed(block.forward, what)


def _recomputed(forward: Callable[..., Tensor], what: Recompute) -> Callable[..., Tensor]:
    contexts: dict[str, Any] = {}
    if what == "selective":
        contexts["context_fn"] = partial(create_selective_checkpoint_contexts, _policy)

    def recomputed(*inputs: object) -> Tensor:
        # No block draws random numbers, so their state need not be restored.
        return checkpoint(forward, *inputs, use_reentrant=False, preserve_rng_state=False, **contexts)

    return recomputed


def _policy(_: object, operator: object, *arguments: object, **options: object) -> CheckpointPolicy:
    return CheckpointPolicy.MUST_SAVE if operator in _KEPT else CheckpointPolicy.PREFER_RECOMPUTE
