"""Which attention kernel runs. All are exact and all skip what the causal mask hides; they differ in speed.

On Hopper cuDNN's is 1.7 to 2.3 times as fast as the FlashAttention 2 inside torch, on other GPUs as fast or slower
(huggingface/transformers pull request 48163); FlashAttention 3, where it is installed, takes FlashAttention's place.
"""

import importlib.util
import logging
from contextlib import AbstractContextManager, nullcontext

import torch
from torch.nn import attention
from torch.nn.attention import SDPBackend, sdpa_kernel

logger = logging.getLogger(__name__)

_HOPPER = 9
_FLASH_ATTENTION_3 = "flash_attn_interface"  # the module its package installs


def attention_kernels(device: torch.device) -> AbstractContextManager[object]:
    """The context of every forward and backward pass: the kernels of `preferred_kernels`, in that order.

    The backward pass is inside it because recomputation runs attention there.
    """
    if device.type != "cuda":
        return nullcontext()
    capability = torch.cuda.get_device_capability(device)[0]
    return sdpa_kernel(preferred_kernels(capability, flash_attention_3=use_flash_attention_3(capability)), True)


def preferred_kernels(capability: int, *, flash_attention_3: bool) -> list[SDPBackend]:
    """Kernels for a GPU of this major compute capability, fastest first.

    The last two are for what the first cannot take: fp32, head widths that are not a multiple of 8.
    """
    flash, cudnn = SDPBackend.FLASH_ATTENTION, SDPBackend.CUDNN_ATTENTION
    fastest = [cudnn, flash] if capability == _HOPPER and not flash_attention_3 else [flash, cudnn]
    return [*fastest, SDPBackend.EFFICIENT_ATTENTION, SDPBackend.MATH]


def use_flash_attention_3(capability: int) -> bool:
    """Puts FlashAttention 3 behind torch's own flash attention, once; False where it or a Hopper GPU is missing."""
    if capability != _HOPPER or importlib.util.find_spec(_FLASH_ATTENTION_3) is None:
        return False
    if attention.current_flash_attention_impl() == "FA3":
        return True
    try:
        attention.activate_flash_attention_impl("FA3")
    except (ImportError, RuntimeError, ValueError) as error:
        logger.warning("FlashAttention 3 is installed and cannot be used (%s); cuDNN's attention is", error)
        return False
    return True


def kernel_name(device: torch.device) -> str:
    """What is tried first, for people and records."""
    if device.type != "cuda":
        return "torch's for CPUs"
    capability = torch.cuda.get_device_capability(device)[0]
    if use_flash_attention_3(capability):
        return "FlashAttention 3"
    first = preferred_kernels(capability, flash_attention_3=False)[0]
    return "cuDNN" if first is SDPBackend.CUDNN_ATTENTION else "FlashAttention 2"
