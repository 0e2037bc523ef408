"""Where the time of one update goes, by kind of kernel."""

import re
import time
from collections.abc import Callable
from typing import Any

import torch
from torch.profiler import ProfilerActivity, profile

# The first that matches counts. On a GPU these are names of kernels, on a CPU of operators.
_KINDS = (
    ("attention", r"flash|fmha|attention|sdpa|sdp_"),
    ("matrix products", r"gemm|nvjet|cutlass|xmma|cublas|splitk|(^|_|::)(add)?mm($|_|\b)|bmm"),
    ("optimiser and clipping", r"adam|foreach|multi_tensor|update_chunk|l2norm|lpnorm"),
    ("fused by the compiler", r"triton|cpp_fused|compiled|inductor"),
    ("copies", r"memcpy|memset|copy|fill"),
)


def kind_of(name: str) -> str:
    lower = name.lower()
    return next((kind for kind, pattern in _KINDS if re.search(pattern, lower)), "other")


def profile_step(step: Callable[[], Any], device: torch.device) -> dict[str, Any]:
    """Runs a step twice, once under the profiler. Seconds by kind, idle time included, and the ten longest kernels.

    `seconds` is the unprofiled step's; the device's idle time is what the kernels leave of it.
    """
    cuda = device.type == "cuda"
    wait: Callable[[], object] = torch.cuda.synchronize if cuda else lambda: None
    wait()
    began = time.perf_counter()
    step()
    wait()
    seconds = time.perf_counter() - began
    with profile(activities=[ProfilerActivity.CPU, *([ProfilerActivity.CUDA] if cuda else [])]) as profiler:
        step()
        wait()
    spent: dict[str, float] = {}
    for event in profiler.key_averages():
        on_device = event.device_type == torch.autograd.DeviceType.CUDA
        if on_device == cuda:
            time_us = event.self_device_time_total if cuda else event.self_cpu_time_total
            spent[event.key] = spent.get(event.key, 0.0) + time_us / 1e6
    kinds: dict[str, float] = {}
    for name, busy in spent.items():
        kinds[kind_of(name)] = kinds.get(kind_of(name), 0.0) + busy
    longest = sorted(spent.items(), key=lambda item: -item[1])[:10]
    return {
        "seconds": seconds,
        "kinds": {**kinds, "idle": max(0.0, seconds - sum(spent.values()))},
        "longest": [{"name": name[:120], "seconds": busy} for name, busy in longest],
    }
