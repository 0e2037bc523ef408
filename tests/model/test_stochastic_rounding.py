"""Stochastic rounding to bf16: right on average, nothing to round is left alone, the bits look random."""

import math
import struct

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from model.stochastic_rounding import mix, random_bits, round_stochastically

KEY = torch.tensor(0x1234_5678_9ABC_DEF, dtype=torch.int64)


def neighbours(x: float) -> tuple[float, float]:
    """The bf16 numbers next to an fp32 one, towards zero and away from it: the upper half of its bits, and one more."""
    upper = struct.unpack("<I", struct.pack("<f", x))[0] & 0xFFFF0000
    return tuple(struct.unpack("<f", struct.pack("<I", upper + step))[0] for step in (0, 0x10000))  # type: ignore[return-value]


@given(st.floats(width=32, allow_nan=False, allow_infinity=False, min_value=-(2.0**127), max_value=2.0**127))
def test_to_a_neighbour_and_right_on_average(x: float) -> None:
    samples = 20_000
    bits = random_bits(torch.arange(samples), KEY)
    rounded = round_stochastically(torch.full((samples,), x), bits).double()
    below, above = neighbours(x)
    assert set(rounded.tolist()) <= {below, above}
    if x == below:
        assert (rounded == x).all()
        return
    share = (x - below) / (above - below)
    found = (rounded == above).double().mean().item()
    assert found == pytest.approx(share, abs=5 * math.sqrt(share * (1 - share) / samples) + 1e-4)


def test_largest_numbers_and_infinities() -> None:
    x = torch.tensor([torch.finfo(torch.float32).max, math.inf, -math.inf, 0.0, -0.0])
    assert round_stochastically(x, torch.full((5,), 0xFFFF)).tolist() == [math.inf, math.inf, -math.inf, 0.0, -0.0]


def test_every_bit_is_a_fair_coin_and_none_follows_another() -> None:
    places = torch.arange(1 << 16)
    bits = torch.stack([random_bits(places, KEY) >> bit & 1 for bit in range(32)]).double() - 0.5
    # Means and correlations of 65,536 coins stray by 1/256 of their spread; 6 times that is never seen.
    assert bits.mean(1).abs().max() < 0.5 * 6 / 256
    correlation = torch.corrcoef(bits) - torch.eye(32)
    assert correlation.abs().max() < 6 / 256
    following = (bits[:, 1:] * bits[:, :-1]).mean(1) / 0.25
    assert following.abs().max() < 6 / 256


def test_other_key_other_bits() -> None:
    places = torch.arange(1 << 16)
    for other in (KEY + 1, KEY + (1 << 40)):
        assert (random_bits(places, KEY) == random_bits(places, other)).double().mean() < 1e-3


def test_mixing_loses_nothing() -> None:
    x = torch.cat((torch.arange(1 << 18), torch.arange((1 << 32) - (1 << 18), 1 << 32)))
    mixed = mix(x)
    assert mixed.unique().numel() == x.numel()
    assert mixed.min() >= 0
    assert mixed.max() < 1 << 32
