"""What is done to the pure model from outside: its device, its precision, what makes it fast."""

import contextlib
import resource
from contextlib import AbstractContextManager

import torch

from corpus.errors import UsageError
from model.config import ModelConfig
from model.llama import Transformer

# Dense bf16 FLOP/s with fp32 accumulation, from the vendor's data sheets; the first name found in the device's name
# counts.
_PEAK_FLOPS = {
    "H100 PCIe": 756e12,
    "H100": 989e12,
    "H200": 989e12,
    "GH200": 989e12,
    "A100": 312e12,
    "L40S": 362e12,
    "L4": 121e12,
}


def pick_device(name: str | None = None) -> torch.device:
    """The named device, or the GPU where there is one. Raises UsageError for a device that is not there."""
    if name is None:
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        raise UsageError(f"device {name!r}: {str(error).splitlines()[0]}") from None
    return device


def compute_precision(device: torch.device) -> AbstractContextManager[object]:
    """The context of every forward pass: bf16 matrix products over fp32 weights on a GPU, fp32 throughout on a CPU."""
    if device.type == "cuda":
        return torch.autocast("cuda", dtype=torch.bfloat16)
    return contextlib.nullcontext()


def prepare(config: ModelConfig, device: torch.device) -> Transformer:
    """A model ready to be given weights, which it does not have yet, and to be trained or run.

    In this order: described without memory, placed on its device, its rotary tables computed.
    """
    with torch.device("meta"):
        model = Transformer(config)
    model.to_empty(device=device)
    model.init_rope()
    return model


def peak_flops(device: torch.device) -> float | None:
    """The device's dense bf16 FLOP/s; None for CPUs and unknown GPUs."""
    if device.type != "cuda":
        return None
    device_name = torch.cuda.get_device_name(device)
    return next((peak for name, peak in _PEAK_FLOPS.items() if name in device_name), None)


def peak_memory(device: torch.device) -> int:
    """The most memory used so far, in bytes: allocated on the GPU, or resident in this process."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
