"""benchmarks/train.py: its arithmetic, what it does when a loop cannot run, and, slow, all of it on a tiny size."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from benchmarks import train
from benchmarks.train_matmul import products
from benchmarks.train_profile import kind_of
from benchmarks.train_settings import OURS, PLAIN, SHAPES, Job
from benchmarks.train_shards import write_random_shards
from benchmarks.train_table import print_size
from model.config import SIZES
from model.data import TokenData

ROOT = Path(train.__file__).parents[1]


@pytest.mark.parametrize("size", ["125M", "1.3B", "7B"])
def test_products_make_up_the_flops(size: str) -> None:
    config, tokens = SIZES[size], 4 * 2048
    flops = sum(2 * rows * inner * columns * n for (rows, inner, columns), n in products(config, tokens).items())
    attention = 12 * config.layers * config.dim * 2048
    assert flops / tokens == config.flops_per_token() - attention


def test_every_shape_is_a_size_of_its_name() -> None:
    for size, shape in SHAPES.items():
        assert size == "tiny" or shape.model == SIZES[size]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("sm90_xmma_gemm_bf16bf16_bf16f32_f32_tn_n_tilesize128x128x64", "matrix products"),
        ("nvjet_tst_128x256_64x4_2x1_v_bz_coopA_TNT", "matrix products"),
        ("aten::mm", "matrix products"),
        ("cudnn_generated_fort_native_sdpa_sm90_flash_fprop_wgmma_f16_knob_7", "attention"),
        ("void pytorch_flash::flash_fwd_kernel", "attention"),
        ("triton_poi_fused__to_copy_mul_silu_1", "fused by the compiler"),
        ("void at::native::multi_tensor_apply_kernel<FusedAdamMathFunctor>", "optimiser and clipping"),
        ("Memcpy HtoD (Pinned -> Device)", "copies"),
        ("some_new_kernel", "other"),
    ],
)
def test_kinds_of_kernels(name: str, kind: str) -> None:
    assert kind_of(name) == kind


def test_random_shards_are_shards(tmp_path: Path) -> None:
    data = TokenData(write_random_shards(tmp_path / "shards", 512), sequence_length=64)
    batch = data.sequences(0, 100)
    assert batch.tokens.min() >= 3
    assert 500 < batch.tokens.max() < 512


def job(system: str = OURS, micro_batch: int = 4) -> Job:
    return Job(system, "tiny", "nowhere", "cpu", micro_batch, 16, 0.1)


def test_half_the_pass_when_memory_runs_out(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = []

    def run(command: list[str], **_: Any) -> "subprocess.CompletedProcess[str]":
        asked = json.loads(command[-1])
        tried.append(asked["micro_batch"])
        fits = asked["micro_batch"] <= 2
        answer = {**asked, **({"tokens_per_second": 1.0} if fits else {"out_of_memory": "CUDA out of memory"})}
        return subprocess.CompletedProcess(command, 0, f"a line of something else\n{json.dumps(answer)}\n")

    monkeypatch.setattr("subprocess.run", run)
    figures = train.run_job(job(micro_batch=8), time.monotonic() + 60)
    assert (tried, figures["micro_batch"], figures["sequences"]) == ([8, 4, 2], 2, 16)
    monkeypatch.setattr("json.loads", lambda text: {"micro_batch": 1, "out_of_memory": "CUDA out of memory"})
    monkeypatch.setattr("subprocess.run", lambda command, **_: subprocess.CompletedProcess(command, 0, "{}\n"))
    assert "one sequence" in train.run_job(job(micro_batch=1), time.monotonic() + 60)["not_run"]


def test_what_cannot_run_says_why(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert train.run_job(job(), time.monotonic() - 1)["not_run"] == "the time is up"
    missing = train.run_job(job(), time.monotonic() + 60)  # its shards are nowhere
    assert "failed, exit status 1" in missing["not_run"]
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert train.run_job(job(PLAIN), time.monotonic() + 60)["not_run"] == "transformers is not installed"
    print_size("tiny", [{"system": "matmul", "not_run": "the time is up"}, missing])
    assert "not measured: it failed" in capsys.readouterr().out


@pytest.mark.slow
def test_the_whole_benchmark_on_a_tiny_size(tmp_path: Path) -> None:
    pytest.importorskip("transformers")
    out = tmp_path / "train.json"
    command = [sys.executable, "-m", "benchmarks.train", "--sizes", "tiny", "--seconds", "0.2", "--profile", "--out"]
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": ""}
    process = subprocess.run(
        [*command, str(out)], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=540, check=False
    )
    assert process.returncode == 0, process.stderr
    record = json.loads(out.read_text())
    assert record["versions"]["torch"]
    assert "12 L d T" in record["mfu_convention"]
    matmul, *loops = record["results"]
    assert matmul["measured_peak"] > 1e9
    assert [figures["system"] for figures in loops] == ["llama-corpus", "transformers, compiled", "transformers"]
    for figures in loops:
        assert "not_run" not in figures
        assert figures["tokens_per_second"] > 0
        assert 5 < figures["loss"] < 8  # random tokens: ln 509 is 6.2
        assert figures["updates"] >= 2
        assert figures["memory_bytes"] > 1e8
        assert 0 <= figures["data_wait"] < 1
        assert f"{figures['system']:26} " in process.stdout
    profile = loops[0]["profile"]
    assert profile["kinds"]["matrix products"] > 0
    assert profile["kinds"]["attention"] > 0
    assert profile["longest"]
    assert "one update of ours" in process.stdout
