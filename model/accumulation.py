"""Gradients of weights kept in bf16, summed over passes in fp32."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor


@contextmanager
def summed_in_fp32(parameters: Iterable[Tensor]) -> Iterator[None]:
    """Inside, backward passes add to fp32 sums, which become the gradients of half-precision `parameters` on leaving.

    Sums in bf16 would stand still after some hundred passes. The sums are kept apart from `.grad` until the end because
    torch.compile refuses parameters whose gradient has another dtype. Parameters in fp32 are left to autograd.
    """
    narrow = [parameter for parameter in parameters if parameter.dtype.itemsize < torch.float32.itemsize]
    sums: dict[Tensor, Tensor] = {}

    def add(parameter: Tensor) -> None:
        gradient, parameter.grad = parameter.grad, None
        if gradient is None:
            return
        if parameter in sums:
            sums[parameter] += gradient
        else:
            sums[parameter] = gradient

    handles = []
    for parameter in narrow:
        parameter.grad_dtype = torch.float32
        handles.append(parameter.register_post_accumulate_grad_hook(add))
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
    for parameter, total in sums.items():
        parameter.grad = total
