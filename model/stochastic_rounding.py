"""Rounding fp32 to bf16 up or down at random, so that it is right on average.

Rounded to nearest, a weight in bf16 (8 bits of precision) does not move at all by updates below 1/512 of it; rounded
stochastically it moves as far on average as it should, with a noise of at most one unit in the last place.

The random bits are a hash of (key, place in the tensor): the same on every device, compiled or not, and after a
resumption, since no generator's state is involved.
"""

import torch
from torch import Tensor

_MASK = 0xFFFFFFFF
_MULTIPLIER = 0x45D9F3B  # 27 bits, so that products of it with 32 bits stay within int64


def mix(x: Tensor) -> Tensor:
    """A permutation of 32-bit numbers, held in int64, in which every bit depends on every other."""
    x = ((x >> 16) ^ x) * _MULTIPLIER & _MASK
    x = ((x >> 16) ^ x) * _MULTIPLIER & _MASK
    return (x >> 16) ^ x


def random_bits(places: Tensor, key: Tensor) -> Tensor:
    """32 bits for each of `places`, in int64, fixed by it and by the 0-dimensional int64 `key` of 62 bits."""
    return mix(mix(places ^ (key & _MASK)) ^ (key >> 32))


def round_stochastically(x: Tensor, bits: Tensor) -> Tensor:
    """Finite fp32 numbers as bf16, away from zero with the probability their remainder has.

    Args:
        x: fp32.
        bits: integers of the same shape, of which the lowest 16 bits count, uniformly random.
    """
    # bf16 is the upper half of fp32: a random number added to the lower half carries into it that often.
    rounded = (x.view(torch.int32) + (bits & 0xFFFF).to(torch.int32)) & -0x10000
    return rounded.view(torch.float32).to(torch.bfloat16)
