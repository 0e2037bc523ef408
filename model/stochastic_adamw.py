"""AdamW for weights kept in bf16, for models that do not fit otherwise: 10 bytes a parameter instead of 16.

Weight and both moments rest in bf16 (2 bytes each), the gradient in fp32 (4). An update is computed in fp32 from all of
them, and what it gives is rounded stochastically. Its expectation is that of AdamW in fp32; its noise is that of the
rounding, at most one part in 128 of a weight a step, uncorrelated between steps and weights. So this trains nearly as
fp32 weights do, not equally: docs/training.md says how nearly.
"""

import hashlib
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

import torch
from torch import Tensor

from model.stochastic_rounding import mix, random_bits, round_stochastically

_CHUNK = 1 << 24  # elements: uncompiled, an update holds about 100 bytes for each


class StochasticAdamW(torch.optim.Optimizer):
    """AdamW as in torch over bf16 parameters whose gradients are fp32.

    Nothing in `step` waits for the device. Where the attribute `found_inf`, a 0-dimensional fp32 tensor, is set and not
    0, the step changes nothing, as in torch's fused AdamW. The state of a parameter: `step`, fp32 on the parameter's
    device; `exp_avg` and `exp_avg_sq`, bf16.
    """

    found_inf: Tensor | None = None

    def __init__(
        self,
        params: Iterable[dict[str, Any]],
        *,
        lr: float,
        betas: tuple[float, float],
        eps: float,
        seed: int,
        compiled: bool = False,
    ) -> None:
        """`seed` is of the rounding; `compiled` fuses an update into one kernel."""
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps, "weight_decay": 0.0})
        self._seed = seed
        self._update_chunk: Callable[..., None] = compiled_update() if compiled else update_chunk

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> None:  # type: ignore[override]
        parameters = [(group, parameter) for group in self.param_groups for parameter in group["params"]]
        for index, (group, parameter) in enumerate(parameters):
            if parameter.grad is not None:
                self._update(parameter, parameter.grad, group, index)

    def _update(self, parameter: Tensor, grad: Tensor, group: dict[str, Any], index: int) -> None:
        state = self.state[parameter]
        if not state:
            state["step"] = torch.zeros((), dtype=torch.float32, device=parameter.device)
            state["exp_avg"], state["exp_avg_sq"] = torch.zeros_like(parameter), torch.zeros_like(parameter)
        skip = torch.zeros_like(state["step"]) if self.found_inf is None else self.found_inf
        state["step"] += 1 - skip
        beta1, beta2 = group["betas"]
        scalars = {
            "beta1": beta1,
            "beta2": beta2,
            "eps": group["eps"],
            "decay": torch.full_like(skip, 1 - group["lr"] * group["weight_decay"]),
            "rate": group["lr"] / (1 - beta1 ** state["step"]),
            "correction": (1 - beta2 ** state["step"]).sqrt(),
            "skip": skip,
            "key": _step_key(self._seed, index, state["step"]),
        }
        # Not the parameter itself: torch.compile refuses one whose gradient has another dtype.
        flat = [tensor.view(-1) for tensor in (parameter.data, state["exp_avg"], state["exp_avg_sq"], grad)]
        for start in range(0, parameter.numel(), _CHUNK):
            weight, mean, square, grad = (tensor[start : start + _CHUNK] for tensor in flat)
            self._update_chunk(weight, mean, square, grad, start, **scalars)


def update_chunk(
    weight: Tensor,
    mean: Tensor,
    square: Tensor,
    grad: Tensor,
    start: int,
    *,
    beta1: float,
    beta2: float,
    eps: float,
    decay: Tensor,
    rate: Tensor,
    correction: Tensor,
    skip: Tensor,
    key: Tensor,
) -> None:
    """Updates weight, mean and mean square, all bf16 and one-dimensional, in place; not where `skip` is not 0.

    `start` is the first element's number in its tensor, for its random bits; `decay` multiplies the weight; `rate` is
    the learning rate over the mean's bias correction; `correction` is the root of the mean square's.
    """
    mean32 = beta1 * mean.float() + (1 - beta1) * grad
    square32 = beta2 * square.float() + (1 - beta2) * grad * grad
    weight32 = weight.float() * decay - rate * mean32 / (square32.sqrt() / correction + eps)
    bits = random_bits(torch.arange(len(weight), device=weight.device) + start, key)
    weight.copy_(torch.where(skip == 0, round_stochastically(weight32, bits), weight))
    mean.copy_(torch.where(skip == 0, round_stochastically(mean32, bits >> 16), mean))
    square.copy_(torch.where(skip == 0, round_stochastically(square32, mix(bits ^ 0x5BD1E995)), square))


@cache
def compiled_update() -> Callable[..., None]:
    return torch.compile(update_chunk, fullgraph=True, dynamic=True)


def _step_key(seed: int, index: int, step: Tensor) -> Tensor:
    """The key of one parameter's rounding in one step: 62 bits, computed where `step` is."""
    base = int.from_bytes(hashlib.sha256(f"rounding {seed} {index}".encode()).digest()[:8], "little")
    low = mix(step.to(torch.int64) ^ (base & 0xFFFFFFFF))
    return low | ((mix(low ^ (base >> 32)) & 0x3FFFFFFF) << 32)
