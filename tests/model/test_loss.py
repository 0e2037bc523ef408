"""The chunked loss against the plain one, values and gradients."""

import pytest
import torch
from torch.nn import functional as F  # noqa: N812

from model.loss import chunked_cross_entropy, source_sums


def inputs(dtype: torch.dtype) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    hidden_BTD = torch.randn(3, 11, 8, generator=generator, dtype=dtype).requires_grad_()
    head_VD = torch.randn(37, 8, generator=generator, dtype=dtype).requires_grad_()
    targets_BT = torch.randint(37, (3, 11), generator=generator)
    return hidden_BTD, head_VD, targets_BT


@pytest.mark.parametrize("chunk_tokens", [1, 4, 33, 1000])
def test_equals_the_plain_loss_in_fp64(chunk_tokens: int) -> None:
    hidden_BTD, head_VD, targets_BT = inputs(torch.float64)
    plain = F.cross_entropy((hidden_BTD @ head_VD.T).flatten(0, 1), targets_BT.flatten(), reduction="none")
    expected = torch.autograd.grad(0.3 * plain.sum(), (hidden_BTD, head_VD))
    loss_sum, losses_BT = chunked_cross_entropy(hidden_BTD, head_VD, targets_BT, chunk_tokens)
    found = torch.autograd.grad(0.3 * loss_sum, (hidden_BTD, head_VD))
    torch.testing.assert_close(losses_BT.flatten(), plain.detach(), rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(loss_sum, plain.sum(), rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(found, expected, rtol=1e-12, atol=1e-12)
    assert not losses_BT.requires_grad


def test_gradient_check() -> None:
    hidden_BTD, head_VD, targets_BT = inputs(torch.float64)
    assert torch.autograd.gradcheck(lambda h, w: chunked_cross_entropy(h, w, targets_BT, 5)[0], (hidden_BTD, head_VD))


def test_without_gradients() -> None:
    hidden_BTD, head_VD, targets_BT = inputs(torch.float32)
    with torch.no_grad():
        loss_sum, _ = chunked_cross_entropy(hidden_BTD, head_VD, targets_BT, 5)
    assert not loss_sum.requires_grad
    torch.testing.assert_close(loss_sum, chunked_cross_entropy(hidden_BTD, head_VD, targets_BT, 7)[0].detach())


def test_bf16_matrix_products_stay_near_fp32() -> None:
    hidden_BTD, head_VD, targets_BT = inputs(torch.float32)
    loss_sum, _ = chunked_cross_entropy(hidden_BTD, head_VD, targets_BT, 5)
    expected = torch.autograd.grad(loss_sum, (hidden_BTD, head_VD))
    half_sum, _ = chunked_cross_entropy(hidden_BTD.bfloat16(), head_VD, targets_BT, 5)
    found = torch.autograd.grad(half_sum, (hidden_BTD, head_VD))
    assert half_sum.dtype == torch.float32
    assert half_sum.item() == pytest.approx(loss_sum.item(), rel=5e-3)
    torch.testing.assert_close(found, expected, rtol=0.05, atol=0.05)


def test_logits_of_one_chunk_at_a_time() -> None:
    largest = 0

    class Watch(torch.utils._python_dispatch.TorchDispatchMode):
        def __torch_dispatch__(self, func, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
            nonlocal largest
            out = func(*args, **(kwargs or {}))
            if isinstance(out, torch.Tensor) and out.shape[-1:] == (1000,):
                largest = max(largest, out.numel())
            return out

    hidden_BTD = torch.randn(2, 64, 8, requires_grad=True)
    head_VD = torch.randn(1000, 8, requires_grad=True)
    targets_BT = torch.randint(1000, (2, 64))
    with Watch():
        chunked_cross_entropy(hidden_BTD, head_VD, targets_BT, 16)[0].backward()
    assert largest == 16 * 1000


def test_sums_by_source() -> None:
    losses_BT = torch.tensor([[1.0, 2.0], [4.0, 8.0], [16.0, 32.0]])
    assert source_sums(losses_BT, torch.tensor([2, 0, 2]), 4).tolist() == [12.0, 0.0, 51.0, 0.0]
