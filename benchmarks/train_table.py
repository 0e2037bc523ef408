"""The figures of benchmarks/train.py as text."""

from collections.abc import Sequence
from typing import Any

Figures = dict[str, Any]


def print_size(size: str, measured: Sequence[Figures]) -> None:
    """One size: the device's peaks, then a line a system with its ratio to the first, which is ours."""
    matmul, *loops = measured
    peaks = {"measured": matmul.get("measured_peak"), "data sheet": matmul.get("datasheet_peak")}
    print(f"{size}: peak " + ", ".join(f"{value / 1e12:,.2f} TFLOP/s {name}" for name, value in peaks.items() if value))
    if "matmul_tokens_per_second" in matmul:
        print(f"  {'its matrix products alone':26} {matmul['matmul_tokens_per_second']:12,.0f} tokens/s")
    first = loops[0].get("tokens_per_second")
    for figures in loops:
        if "not_run" in figures:
            print(f"  {figures['system']:26} not measured: {figures['not_run']}")
            continue
        speed = figures["tokens_per_second"]
        shares = [f"{speed * figures['flops_per_token'] / peak:.1%}" for peak in peaks.values() if peak]
        print(
            f"  {figures['system']:26} {speed:12,.0f} tokens/s  {speed / first if first else float('nan'):5.2f}x  "
            f"MFU {' / '.join(shares)}  {figures['memory_bytes'] / 2**30:6.2f} GiB  waits for data "
            f"{figures['data_wait']:.2%}  {figures['micro_batch']} sequences a pass, weights {figures['weights']}"
        )


def print_profile(measured: Sequence[Figures]) -> None:
    """Where our update's time went, and what separates it from its matrix products alone."""
    matmul, ours = measured[0], measured[1]
    if "profile" not in ours:
        return
    seconds, tokens = ours["profile"]["seconds"], ours["sequences"] * ours["sequence_length"]
    print(f"  one update of ours: {seconds:.3f} s")
    for kind, spent in sorted(ours["profile"]["kinds"].items(), key=lambda item: -item[1]):
        print(f"    {kind:26} {spent:9.4f} s  {spent / seconds:6.1%}")
    if "matmul_tokens_per_second" in matmul:
        alone = tokens / matmul["matmul_tokens_per_second"]
        print(
            f"    its products, measured alone: {alone:.4f} s, {alone / seconds:.1%}; the gap: {seconds - alone:.4f} s"
        )
