"""Sums of gradients over passes: fp32 for half-precision parameters, autograd's own for the others."""

import pytest
import torch

from model.accumulation import summed_in_fp32


def test_small_shares_are_not_lost() -> None:
    half, single = torch.nn.Parameter(torch.ones(1).bfloat16()), torch.nn.Parameter(torch.ones(1))
    with summed_in_fp32([half, single]):
        for _ in range(2000):
            (half.float() + single).sum().backward()
        assert half.grad is None
    for parameter in (half, single):
        assert parameter.grad is not None
        assert parameter.grad.dtype == torch.float32
        assert parameter.grad.item() == 2000  # in bf16 the sum stands still at 256


def test_no_hook_stays_after_an_error() -> None:
    half = torch.nn.Parameter(torch.ones(1).bfloat16())
    with pytest.raises(KeyError), summed_in_fp32([half]):
        raise KeyError
    half.float().sum().backward()
    assert half.grad is not None


def test_unused_parameters_have_no_gradient() -> None:
    half = torch.nn.Parameter(torch.ones(1).bfloat16())
    with summed_in_fp32([half]):
        pass
    assert half.grad is None
