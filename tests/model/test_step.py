"""The fast path against LLaMA written out plainly, and what a step may not do."""

import dataclasses
import math

import numpy as np
import pytest
import torch
from llama_fixtures import initialised
from plain_llama import plain_loss
from torch.utils._python_dispatch import TorchDispatchMode

from model.config import ModelConfig, RopeLayout, TrainConfig, Weights, configure
from model.data import Batch
from model.llama import Transformer
from model.optimizer import build_optimizer
from model.prepare import prepare
from model.step import HostBatch, TrainStep, accumulate_gradients

SEQUENCES, LENGTH = 5, 40


def some_batch(config: ModelConfig, seed: int = 0) -> HostBatch:
    windows = np.random.default_rng(seed).integers(0, config.vocab_size, (SEQUENCES, LENGTH + 1))
    batch = Batch(windows[:, :-1].copy(), windows[:, 1:].copy(), np.array([1, 0, 1, 2, 1]))
    return HostBatch.of(batch, torch.device("cpu"))


def settings(model: ModelConfig, **changed: object) -> TrainConfig:
    values: dict[str, object] = {"batch_sequences": SEQUENCES, "micro_batch": 2, "learning_rate": 1e-2, **changed}
    config = configure("demo", **values)  # type: ignore[arg-type]
    return dataclasses.replace(config, model=dataclasses.replace(model, context=LENGTH))


@pytest.mark.parametrize("layout", ["half", "interleaved"])
@pytest.mark.parametrize(
    ("dtype", "loss_tolerance", "tolerance"),
    # The rotary tables are fp32 in both, as in the released code, and angles up to 40 radians leave 2e-6 of error.
    [(torch.float64, 1e-8, 1e-6), (torch.float32, 1e-6, 2e-5)],
)
def test_loss_and_gradients_equal_the_plain_ones(
    tiny: ModelConfig, layout: RopeLayout, dtype: torch.dtype, loss_tolerance: float, tolerance: float
) -> None:
    config = dataclasses.replace(tiny, rope_layout=layout)
    model, batch = initialised(config).to(dtype), some_batch(config)
    weights = {name: weight.detach().double().requires_grad_() for name, weight in model.state_dict().items()}
    loss = plain_loss(weights, config, batch.tokens, batch.targets)
    expected = dict(zip(weights, torch.autograd.grad(loss, list(weights.values())), strict=True))

    sums = accumulate_gradients(model, batch, 3, micro_batch=2, batch_tokens=SEQUENCES * LENGTH)
    assert sums.sum().item() / (SEQUENCES * LENGTH) == pytest.approx(loss.item(), rel=loss_tolerance)
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None
        assert parameter.grad.dtype == dtype
        largest = expected[name].abs().max().item()
        difference = (parameter.grad.double() - expected[name]).abs().max().item()
        assert difference < tolerance * largest, f"{name}: {difference} of {largest}"


def test_bf16_gradients_point_where_the_plain_ones_do(tiny: ModelConfig) -> None:
    model, batch = initialised(tiny), some_batch(tiny)
    weights = {name: weight.detach().double().requires_grad_() for name, weight in model.state_dict().items()}
    loss = plain_loss(weights, tiny, batch.tokens, batch.targets)
    expected = dict(zip(weights, torch.autograd.grad(loss, list(weights.values())), strict=True))
    model.compute_dtype = torch.bfloat16
    sums = accumulate_gradients(model, batch, 3, micro_batch=2, batch_tokens=SEQUENCES * LENGTH)
    assert sums.sum().item() / (SEQUENCES * LENGTH) == pytest.approx(loss.item(), rel=2e-3)
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None
        difference = (parameter.grad.double() - expected[name]).norm() / expected[name].norm()
        assert difference < 0.03, name


@pytest.mark.parametrize("micro_batch", [1, 3, 5])
def test_passes_of_any_size_add_up_to_the_same(tiny: ModelConfig, micro_batch: int) -> None:
    batch, gradients = some_batch(tiny), []
    for size in (SEQUENCES, micro_batch):
        model = initialised(tiny).double()
        sums = accumulate_gradients(model, batch, 3, micro_batch=size, batch_tokens=SEQUENCES * LENGTH)
        gradients.append([sums, *(parameter.grad for parameter in model.parameters())])
    torch.testing.assert_close(gradients[1], gradients[0], rtol=1e-10, atol=1e-12)


class Operators(TorchDispatchMode):
    """Names of the operators that ran, and the dtypes that matrix products and attention (forwards) were given."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.product_dtypes: set[torch.dtype] = set()

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
        self.names.add(str(func))
        if "mm." in str(func) or ("attention" in str(func) and "backward" not in str(func)):
            self.product_dtypes |= {arg.dtype for arg in args if isinstance(arg, torch.Tensor)}
        return func(*args, **(kwargs or {}))


@pytest.mark.parametrize("weights", ["fp32", "bf16"])
def test_a_step_reads_nothing_back(tiny: ModelConfig, weights: Weights) -> None:
    config = settings(tiny, weights=weights)
    model = prepare(config.model, torch.device("cpu"), weights=weights)
    model.init_weights(0)
    step = TrainStep(model, build_optimizer(model, config), config, 3, compiled=False)
    step(some_batch(tiny), 1e-3)
    with Operators() as seen:
        step(some_batch(tiny, seed=1), 1e-3)
    waiting = {f"aten.{name}.default" for name in ("_local_scalar_dense", "nonzero", "equal", "is_nonzero")}
    assert len(seen.names) > 20
    assert not seen.names & waiting


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_a_step_never_waits_for_the_gpu(tiny: ModelConfig) -> None:
    config, device = settings(tiny), torch.device("cuda")
    model = prepare(config.model, device)
    model.init_weights(0)
    step = TrainStep(model, build_optimizer(model, config), config, 3, compiled=False)
    step(some_batch(tiny), 1e-3)
    torch.cuda.set_sync_debug_mode("error")
    try:
        step(some_batch(tiny, seed=1), 1e-3)
    finally:
        torch.cuda.set_sync_debug_mode("default")


@pytest.mark.parametrize("weights", ["fp32", "bf16"])
def test_every_product_of_a_bf16_step_is_in_bf16(tiny: ModelConfig, weights: Weights) -> None:
    config = settings(tiny)
    model = prepare(config.model, torch.device("cpu"), weights=weights)
    model.init_weights(0)
    model.compute_dtype = torch.bfloat16
    with Operators() as seen:
        accumulate_gradients(model, some_batch(tiny), 3, 2, config.batch_tokens)
    assert seen.product_dtypes == {torch.bfloat16}
    assert all(parameter.grad is not None for parameter in model.parameters())
    assert {parameter.grad.dtype for parameter in model.parameters() if parameter.grad is not None} == {torch.float32}


@pytest.mark.parametrize("weights", ["fp32", "bf16"])
@pytest.mark.parametrize("fault", [math.nan, math.inf])
def test_an_update_that_is_not_finite_is_not_made(tiny: ModelConfig, weights: Weights, fault: float) -> None:
    config = settings(tiny, weights=weights)
    model = prepare(config.model, torch.device("cpu"), weights=weights)
    model.init_weights(0)
    optimizer = build_optimizer(model, config)
    step = TrainStep(model, optimizer, config, 3, compiled=False)
    step(some_batch(tiny), 1e-3)
    before = everything(model, optimizer)
    handle = model.layers[0].register_forward_hook(lambda _module, _inputs, output: output * fault)
    figures = step(some_batch(tiny, seed=1), 1e-3)
    assert not figures.isfinite().all()
    assert all(torch.equal(one, other) for one, other in zip(before, everything(model, optimizer), strict=True))
    handle.remove()
    assert step(some_batch(tiny, seed=1), 1e-3).isfinite().all()
    assert not any(torch.equal(one, other) for one, other in zip(before, everything(model, optimizer), strict=True))


def everything(model: Transformer, optimizer: torch.optim.Optimizer) -> list[torch.Tensor]:
    moments = [value for state in optimizer.state.values() for value in state.values()]
    return [tensor.detach().clone() for tensor in (*model.parameters(), *moments)]
