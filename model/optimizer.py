"""AdamW as in section 2.3 of the paper: what is decayed, the learning rate of each step, clipping the gradient."""

import math
from collections.abc import Iterable

import torch
from torch import Tensor, nn

from model.config import DecayPolicy, TrainConfig
from model.stochastic_adamw import StochasticAdamW

FINAL_LEARNING_RATE = 0.1  # of the peak, at the end of the cosine


def learning_rate(step: int, *, peak: float, warmup_steps: int, steps: int) -> float:
    """The rate of update `step`, counted from 1 to `steps`.

    Linear up to `peak` at update `warmup_steps`, then a cosine down to a tenth of it at the last.
    """
    if step < warmup_steps:
        return peak * step / warmup_steps
    progress = (step - warmup_steps) / (steps - warmup_steps)
    cosine = 0.5 * (1 + math.cos(math.pi * progress))
    return peak * (FINAL_LEARNING_RATE + (1 - FINAL_LEARNING_RATE) * cosine)


def is_decayed(name: str, parameter: Tensor, policy: DecayPolicy) -> bool:
    """Whether weight decay applies to the parameter of this name."""
    if policy == "all":
        return True
    if policy == "matrices_no_embed" and name == "tok_embeddings.weight":
        return False
    return parameter.dim() >= 2


def build_optimizer(model: nn.Module, config: TrainConfig, *, compiled: bool = False) -> torch.optim.Optimizer:
    """AdamW over all of the model's parameters, in a decayed and an undecayed group.

    Torch's fused one for weights in fp32; for weights in bf16 `StochasticAdamW`, with its update compiled or not.
    """
    decayed: list[Tensor] = []
    undecayed: list[Tensor] = []
    for name, parameter in model.named_parameters():
        (decayed if is_decayed(name, parameter, config.decay) else undecayed).append(parameter)
    groups = [{"params": decayed, "weight_decay": config.weight_decay}, {"params": undecayed, "weight_decay": 0.0}]
    groups = [group for group in groups if group["params"]]
    betas = (config.beta1, config.beta2)
    if config.weights == "bf16":
        return StochasticAdamW(
            groups, lr=config.learning_rate, betas=betas, eps=config.eps, seed=config.seed, compiled=compiled
        )
    return torch.optim.AdamW(groups, lr=config.learning_rate, betas=betas, eps=config.eps, fused=True)


def set_learning_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    for group in optimizer.param_groups:
        group["lr"] = rate


def clip_gradients(parameters: Iterable[Tensor], largest_norm: float) -> Tensor:
    """Scales all gradients to a global L2 norm of at most `largest_norm`.

    Returns the norm they had, nan or inf too, 0-dimensional on their device.
    """
    return torch.nn.utils.clip_grad_norm_(parameters, largest_norm)


def step_if(optimizer: torch.optim.Optimizer, condition: Tensor) -> None:
    """Makes the update if the 0-dimensional bool is true, which is found out on its device."""
    # Fused optimisers skip their step by this attribute; torch's GradScaler sets it for the same purpose.
    optimizer.found_inf = (~condition).float()  # type: ignore[attr-defined]
    optimizer.step()
