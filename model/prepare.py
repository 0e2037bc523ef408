"""What is done to the pure model from outside: its device, its precision, what makes it small and fast."""

import resource

import torch

from corpus.errors import UsageError
from model.config import ModelConfig, Recompute, TrainConfig, Weights
from model.llama import Transformer
from model.recompute import recompute_blocks

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


def compute_dtype(device: torch.device) -> torch.dtype:
    """Of hidden states and matrix products: bf16 on a GPU, fp32 on a CPU."""
    return torch.bfloat16 if device.type == "cuda" else torch.float32


def compiles(config: TrainConfig, device: torch.device) -> bool:
    """Whether a run compiles on this device: as its settings say, otherwise on a GPU only."""
    return device.type == "cuda" if config.compile is None else config.compile


def prepare(
    config: ModelConfig,
    device: torch.device,
    *,
    weights: Weights = "fp32",
    recompute: Recompute = "none",
    compiled: bool = False,
) -> Transformer:
    """A model ready to be given weights, which it does not have yet, and to be trained or run.

    In this order: described without memory, placed on its device in the dtype of its weights, its rotary tables
    computed, told what to recompute in the backward pass, its blocks compiled (at their first call).
    """
    with torch.device("meta"):
        model = Transformer(config, compute_dtype(device))
    if weights == "bf16":
        for parameter in model.parameters():
            parameter.data = parameter.data.to(torch.bfloat16)
    model.to_empty(device=device)
    model.init_rope()
    recompute_blocks(model.layers, recompute)
    if compiled:
        compile_blocks(model)
    # Otherwise cuBLAS may add partial sums of one product up in bf16.
    torch.backends.cuda.matmul.allow_bf16_reduced_precision_reduction = False
    return model


def compile_blocks(model: Transformer) -> None:
    """Compiles one block after another, which are all alike: the first takes the time, the others find it done.

    Shapes are fixed, so a shorter last pass of a batch compiles once more. A graph that cannot be made whole is an
    error, not a slower run.
    """
    for block in model.layers:
        block.compile(fullgraph=True, dynamic=False)


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
