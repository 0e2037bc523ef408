"""Which attention kernel is tried first on which GPU, and that all of them that run here agree."""

import sys
from types import ModuleType

import pytest
import torch
from torch.nn import functional as F  # noqa: N812
from torch.nn.attention import SDPBackend, sdpa_kernel

from model.attention import attention_kernels, kernel_name, preferred_kernels, use_flash_attention_3


def test_cudnn_first_on_hopper_only() -> None:
    assert preferred_kernels(9, flash_attention_3=False)[0] is SDPBackend.CUDNN_ATTENTION
    assert preferred_kernels(9, flash_attention_3=True)[0] is SDPBackend.FLASH_ATTENTION
    for capability in (8, 10, 12):
        assert preferred_kernels(capability, flash_attention_3=False)[0] is SDPBackend.FLASH_ATTENTION
    for capability in (8, 9, 10):
        kernels = preferred_kernels(capability, flash_attention_3=False)
        assert sorted(kernel.name for kernel in kernels) == sorted({kernel.name for kernel in kernels})
        assert kernels[-1] is SDPBackend.MATH  # the one that stores the whole matrix is the last resort


def test_a_package_that_is_not_flash_attention_3_is_not_used(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    assert not use_flash_attention_3(9)  # not installed
    impostor = ModuleType("flash_attn_interface")
    impostor.__spec__ = torch.__spec__
    monkeypatch.setitem(sys.modules, "flash_attn_interface", impostor)
    assert not use_flash_attention_3(9)
    assert "cuDNN" in caplog.text
    assert torch.nn.attention.current_flash_attention_impl() is None


def test_a_cpu_needs_no_choice() -> None:
    with attention_kernels(torch.device("cpu")):
        assert "CPU" in kernel_name(torch.device("cpu"))


def test_flash_attention_equals_the_whole_matrix() -> None:
    generator = torch.Generator().manual_seed(0)
    q, k, v = (torch.randn(2, 3, 70, 16, generator=generator, dtype=torch.float64).requires_grad_() for _ in range(3))
    results = []
    for kernel in (SDPBackend.FLASH_ATTENTION, SDPBackend.MATH):
        with sdpa_kernel(kernel):
            out = F.scaled_dot_product_attention(q, k, v, is_causal=True)
            results.append([out, *torch.autograd.grad(out.square().sum(), (q, k, v))])
    torch.testing.assert_close(results[0], results[1], rtol=1e-10, atol=1e-12)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_the_first_kernel_takes_our_shapes_and_agrees() -> None:
    device = torch.device("cuda")
    generator = torch.Generator().manual_seed(0)
    for head_dim in (64, 128):
        q, k, v = (torch.randn(2, 512, 4, head_dim, generator=generator).transpose(1, 2) for _ in range(3))
        expected = F.scaled_dot_product_attention(q.double(), k.double(), v.double(), is_causal=True)
        first = preferred_kernels(torch.cuda.get_device_capability(device)[0], flash_attention_3=False)[0]
        with sdpa_kernel(first):
            found = F.scaled_dot_product_attention(*(x.to(device, torch.bfloat16) for x in (q, k, v)), is_causal=True)
        torch.testing.assert_close(found.cpu().double(), expected, rtol=0.02, atol=0.02)
