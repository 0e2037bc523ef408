"""AdamW over bf16 weights: AdamW on average, the same bits after a resumption, and near fp32 in training."""

import dataclasses
from pathlib import Path

import pytest
import torch
from llama_fixtures import initialised
from run_fixtures import tiny_config, write_tiny_shards
from torch import Tensor

from model.accumulation import summed_in_fp32
from model.checkpoint import restore, save_checkpoint
from model.config import ModelConfig, TrainConfig, configure
from model.metrics import read_rows
from model.optimizer import build_optimizer
from model.prepare import prepare
from model.stochastic_adamw import StochasticAdamW
from model.train import train

SETTINGS = {"lr": 1e-2, "betas": (0.9, 0.95), "eps": 1e-8}


def bf16_copies(values: Tensor, copies: int) -> torch.nn.Parameter:
    parameter = torch.nn.Parameter(values.bfloat16().repeat(copies, 1))
    parameter.grad_dtype = torch.float32
    return parameter


def test_the_mean_of_many_copies_is_adamw_in_fp32() -> None:
    generator = torch.Generator().manual_seed(0)
    start = torch.randn(50, generator=generator).bfloat16()
    gradients = torch.randn(6, 50, generator=generator)
    exact = torch.nn.Parameter(start.double())
    many = bf16_copies(start, copies := 4096)
    reference = torch.optim.AdamW([exact], weight_decay=0.1, **SETTINGS)  # type: ignore[arg-type]
    optimizer = StochasticAdamW([{"params": [many], "weight_decay": 0.1}], seed=0, **SETTINGS)  # type: ignore[arg-type]
    for gradient in gradients:
        exact.grad, many.grad = gradient.double(), gradient.repeat(copies, 1)
        reference.step()
        optimizer.step()
    for found, expected in (
        (many.detach(), exact.detach()),
        (optimizer.state[many]["exp_avg"], reference.state[exact]["exp_avg"]),
        (optimizer.state[many]["exp_avg_sq"], reference.state[exact]["exp_avg_sq"]),
    ):
        deviation = found.double().std(0) / copies**0.5
        assert (deviation > 0).all()
        assert ((found.double().mean(0) - expected).abs() < 5 * deviation).all()
    nearest = exact.detach().bfloat16().double()
    assert (many.detach().double().mean(0) - exact.detach()).abs().mean() < (nearest - exact).abs().mean() / 4


def test_small_updates_are_not_lost() -> None:
    weight = bf16_copies(torch.ones(1), 10_000)
    optimizer = StochasticAdamW([{"params": [weight]}], seed=0, lr=1e-4, betas=(0.9, 0.95), eps=1e-8)
    for _ in range(20):  # each moves it by 1e-4, a fortieth of what rounding to nearest could see
        weight.grad = torch.ones(10_000, 1)
        optimizer.step()
    assert weight.detach().double().mean().item() == pytest.approx(1 - 20e-4, abs=1e-4)


def test_chunks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def stepped() -> list[Tensor]:
        weight = torch.nn.Parameter(torch.linspace(-1, 1, 1000).bfloat16().view(10, 100))
        weight.grad_dtype = torch.float32
        optimizer = StochasticAdamW([{"params": [weight]}], seed=3, **SETTINGS)  # type: ignore[arg-type]
        for step in (1, 2, 3):
            weight.grad = torch.linspace(0, step, 1000).view(10, 100)
            optimizer.step()
        return [weight.detach(), *optimizer.state[weight].values()]

    whole = stepped()
    monkeypatch.setattr("model.stochastic_adamw._CHUNK", 77)
    assert all(torch.equal(one, other) for one, other in zip(stepped(), whole, strict=True))


def test_no_two_parameters_or_steps_are_rounded_alike() -> None:
    weights = [bf16_copies(torch.full((4096,), 0.7), 1) for _ in range(2)]
    optimizer = StochasticAdamW([{"params": weights}], seed=0, lr=1e-3, betas=(0.9, 0.95), eps=1e-8)
    moves = []
    for _ in range(2):
        before = [weight.detach().clone() for weight in weights]
        for weight in weights:
            weight.grad = torch.ones(1, 4096)
        optimizer.step()
        moves += [weight.detach() != old for weight, old in zip(weights, before, strict=True)]
    for index, one in enumerate(moves):
        for other in moves[:index]:
            assert 0.1 < (one == other).double().mean() < 0.95


def bf16_settings(model: ModelConfig) -> TrainConfig:
    return dataclasses.replace(configure("demo", weights="bf16", learning_rate=1e-2), model=model)


def test_one_update_is_within_a_rounding_of_fp32(tiny: ModelConfig) -> None:
    config = bf16_settings(tiny)
    exact = initialised(tiny).bfloat16().float()
    model = prepare(tiny, torch.device("cpu"), weights="bf16")
    model.load_state_dict(exact.state_dict())
    optimizers = [build_optimizer(exact, dataclasses.replace(config, weights="fp32")), build_optimizer(model, config)]
    generator = torch.Generator().manual_seed(0)
    for one, other in zip(exact.parameters(), model.parameters(), strict=True):
        one.grad = torch.randn(one.shape, generator=generator)
        other.grad_dtype = torch.float32
        other.grad = one.grad.clone()
    for optimizer in optimizers:
        optimizer.step()
    for one, other in zip(exact.parameters(), model.parameters(), strict=True):
        assert ((one - other.float()).abs() <= one.abs() / 128 + 1e-7).all()
        assert not torch.equal(one.bfloat16(), other)


def test_memory_is_ten_bytes_a_parameter(tiny: ModelConfig) -> None:
    model = prepare(tiny, torch.device("cpu"), weights="bf16")
    model.init_weights(0)
    optimizer = build_optimizer(model, bf16_settings(tiny))
    with summed_in_fp32(model.parameters()):
        model.output(model(torch.arange(40)[None])).float().square().mean().backward()
    optimizer.step()
    held = [(p, p.grad, optimizer.state[p]["exp_avg"], optimizer.state[p]["exp_avg_sq"]) for p in model.parameters()]
    assert sum(tensor.nbytes for tensors in held for tensor in tensors if tensor is not None) == 10 * tiny.num_params()


def test_a_checkpoint_keeps_the_bits(tmp_path: Path, tiny: ModelConfig) -> None:
    config = bf16_settings(tiny)
    model = prepare(tiny, torch.device("cpu"), weights="bf16")
    model.init_weights(0)
    optimizer = build_optimizer(model, config)
    with summed_in_fp32(model.parameters()):
        model.output(model(torch.arange(40)[None])).float().square().mean().backward()
    optimizer.step()
    path = save_checkpoint(tmp_path, 1, model, optimizer, {}, keep=1)
    other = prepare(tiny, torch.device("cpu"), weights="bf16")
    other_optimizer = build_optimizer(other, config)
    restore(path, other, other_optimizer)
    for one, twin in zip(model.parameters(), other.parameters(), strict=True):
        assert twin.dtype == torch.bfloat16
        assert torch.equal(one, twin)
        for key, value in optimizer.state[one].items():
            assert torch.equal(other_optimizer.state[twin][key], value)
            assert other_optimizer.state[twin][key].dtype == value.dtype


@pytest.fixture(scope="module")
def shards(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_shards(tmp_path_factory.mktemp("shards"))


def test_training_goes_as_in_fp32_and_resumes_to_the_bit(shards: Path, tmp_path: Path) -> None:
    config = tiny_config(steps=60, checkpoint_every=30, learning_rate=3e-3)
    train(shards, tmp_path / "fp32", config, device="cpu")
    config = dataclasses.replace(config, weights="bf16")
    train(shards, tmp_path / "bf16", config, device="cpu")
    losses = [[row["loss"] for row in read_rows(tmp_path / name)] for name in ("fp32", "bf16")]
    assert losses[1] != losses[0]
    assert losses[1] == pytest.approx(losses[0], rel=0.03)

    last = tmp_path / "bf16" / "checkpoints" / "step-60" / "model.safetensors"
    whole = last.read_bytes()
    last.write_bytes(b"")
    assert train(shards, tmp_path / "bf16", config, device="cpu")["resumed_from"] == 30
    assert last.read_bytes() == whole
