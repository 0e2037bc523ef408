"""Training on one device: tokens a second, MFU and memory, beside transformers' LlamaForCausalLM in the same run.

    python -m benchmarks.train [--sizes 1.3B 7B 350M 125M] [--shards DIR] [--profile] [--minutes 8] [--seconds 4]

Sequences of 2,048 tokens from memory-mapped token shards: those given, or random tokens. Every loop reads the same ones
and runs in a process of its own: ours, transformers' model compiled, and the same not compiled. Without a GPU only the
`tiny` size runs, which shows that the script works and nothing about speed. Needs what `model` needs; transformers for
the loops beside.

MFU counts 6 FLOPs a parameter of the matrix products and 12 L d T a token, the causal half not discounted, over the
device's dense bf16 peak: measured here on a large square product, and the data sheet's.
"""

import argparse
import importlib.util
import json
import platform
import subprocess
import sys
import tempfile
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import torch

from benchmarks.train_settings import OURS, SHAPES, SYSTEMS, Job
from benchmarks.train_shards import write_random_shards
from benchmarks.train_table import print_profile, print_size

RESULTS = Path(__file__).parent / "results"
CONVENTION = "6 FLOPs a matrix parameter + 12 L d T a token, causal half not discounted"
PACKAGES = ("torch", "triton", "transformers", "flash_attn_3", "numpy", "pyarrow", "safetensors")


def main() -> None:
    cuda = torch.cuda.is_available()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", nargs="+", choices=SHAPES, default=[*SHAPES][1:] if cuda else ["tiny"])
    parser.add_argument("--shards", type=Path, help="token shards to train on (default: random tokens)")
    parser.add_argument("--profile", action="store_true", help="also say where the time of one of our updates goes")
    parser.add_argument("--minutes", type=float, default=8.0, help="no job is started or goes on after these")
    parser.add_argument("--seconds", type=float, default=4.0, help="measured of each loop")
    parser.add_argument("--out", type=Path, default=RESULTS / "train.json")
    arguments = parser.parse_args()
    device, deadline = "cuda" if cuda else "cpu", time.monotonic() + 60 * arguments.minutes
    results: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as scratch:
        for size in arguments.sizes:
            shape = SHAPES[size]
            shards = arguments.shards or write_random_shards(Path(scratch) / size, shape.model.vocab_size)
            sequences = shape.micro_batch * shape.passes
            measured = []
            for system in ("matmul", *SYSTEMS):
                profile = arguments.profile and system == OURS
                job = Job(
                    system, size, str(shards), device, shape.micro_batch, sequences, arguments.seconds, profile=profile
                )
                measured.append(run_job(job, deadline))
            print_size(size, measured)
            if arguments.profile:
                print_profile(measured)
            results += measured
    write(results, arguments.out)


def run_job(job: Job, deadline: float) -> dict[str, Any]:
    """The job's figures, or `not_run` and why. A loop that runs out of memory is tried again with half the pass."""
    if job.system.startswith("transformers") and importlib.util.find_spec("transformers") is None:
        return {**job.to_dict(), "not_run": "transformers is not installed"}
    left = deadline - time.monotonic()
    if left <= 0:
        return {**job.to_dict(), "not_run": "the time is up"}
    command = [sys.executable, "-m", "benchmarks.train_job", json.dumps(job.to_dict())]
    try:
        process = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=left, check=False)
    except subprocess.TimeoutExpired:
        return {**job.to_dict(), "not_run": "the time was up before it ended"}
    if process.returncode:
        return {**job.to_dict(), "not_run": f"it failed, exit status {process.returncode}; see above"}
    figures: dict[str, Any] = json.loads(process.stdout.splitlines()[-1])
    if "out_of_memory" in figures:
        if job.micro_batch == 1:
            return {**job.to_dict(), "not_run": "out of memory with one sequence"}
        return run_job(Job(**{**job.to_dict(), "micro_batch": job.micro_batch // 2}), deadline)
    return figures


def write(results: list[dict[str, Any]], out: Path) -> None:
    """The figures as JSON, with what they were measured with."""
    device = torch.cuda.get_device_properties(0) if torch.cuda.is_available() else None
    record = {
        "title": "training on one device",
        "mfu_convention": CONVENTION,
        "device": platform.machine() if device is None else device.name,
        "device_memory_bytes": None if device is None else device.total_memory,
        "python": platform.python_version(),
        "cuda": torch.version.cuda,
        "cudnn": torch.backends.cudnn.version() if torch.cuda.is_available() else None,
        "versions": {package: installed(package) for package in PACKAGES},
        "results": results,
    }
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(record, indent=1) + "\n")
    print(f"figures: {out}")


def installed(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


if __name__ == "__main__":
    main()
