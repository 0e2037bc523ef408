"""Compiled and not compiled: the same up to rounding. Slow, since a C++ compiler runs."""

from collections.abc import Iterator

import pytest
import torch
from test_step import settings, some_batch

from model.config import ModelConfig, Recompute
from model.loss import compiled_losses_and_gradient, losses_and_gradient
from model.optimizer import build_optimizer
from model.prepare import prepare
from model.step import TrainStep, accumulate_gradients
from model.stochastic_adamw import compiled_update, update_chunk

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def afresh() -> Iterator[None]:
    yield
    torch.compiler.reset()


@pytest.mark.parametrize(
    ("recompute", "dtype", "tolerance"),
    [("none", torch.float32, 1e-5), ("selective", torch.float32, 1e-5), ("none", torch.bfloat16, 0.02)],
)
def test_loss_and_gradients(tiny: ModelConfig, recompute: Recompute, dtype: torch.dtype, tolerance: float) -> None:
    results = []
    for compiled in (False, True):
        model = prepare(tiny, torch.device("cpu"), recompute=recompute if compiled else "none", compiled=compiled)
        model.init_weights(0)
        model.compute_dtype = dtype
        sums = accumulate_gradients(model, some_batch(tiny), 3, 2, 200, compiled)
        results.append((sums, {name: parameter.grad for name, parameter in model.named_parameters()}))
    (plain_sums, plain), (sums, found) = results
    torch.testing.assert_close(sums, plain_sums, rtol=tolerance / 10, atol=0)
    for name, gradient in found.items():
        reference = plain[name]
        assert gradient is not None
        assert reference is not None
        assert gradient.dtype == torch.float32
        assert (gradient - reference).norm() < tolerance * reference.norm(), name


def test_no_position_sees_a_later_token(tiny: ModelConfig) -> None:
    model = prepare(tiny, torch.device("cpu"), compiled=True)
    model.init_weights(0)
    tokens_BT = torch.randint(101, (2, 40), generator=torch.Generator().manual_seed(2))
    before_BTD = model(tokens_BT)
    changed_BT = tokens_BT.clone()
    changed_BT[:, 20] = (changed_BT[:, 20] + 1) % 101
    after_BTD = model(changed_BT)
    assert torch.equal(after_BTD[:, :20], before_BTD[:, :20])
    assert (after_BTD[:, 20:] != before_BTD[:, 20:]).any(-1).all()


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_loss_of_a_chunk(dtype: torch.dtype) -> None:
    generator = torch.Generator().manual_seed(0)
    logits_CV = (5 * torch.randn(37, 1000, generator=generator)).to(dtype)
    logits_CV[0, 3] = 60.0  # a probability that is one but for rounding
    targets_C = torch.randint(1000, (37,), generator=generator)
    targets_C[0] = 3
    losses_C, gradient_CV = losses_and_gradient(logits_CV, targets_C)
    found_C, found_CV = compiled_losses_and_gradient()(logits_CV, targets_C)
    torch.testing.assert_close(found_C, losses_C, rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(found_CV, gradient_CV, rtol=1e-2 if dtype == torch.bfloat16 else 1e-5, atol=1e-7)


def test_the_update_of_bf16_weights_draws_the_same_bits() -> None:
    generator = torch.Generator().manual_seed(0)
    scalars = {
        "beta1": 0.9,
        "beta2": 0.95,
        "eps": 1e-8,
        "decay": torch.tensor(0.999),
        "rate": torch.tensor(1e-3),
        "correction": torch.tensor(0.3),
        "skip": torch.tensor(0.0),
        "key": torch.tensor(123456789012345),
    }
    for count, start in ((1000, 0), (300, 7000)):
        values = [torch.randn(count, generator=generator).bfloat16() for _ in range(3)]
        values[2].abs_()
        gradient = torch.randn(count, generator=generator)
        plain, fused = [[value.clone() for value in values] for _ in range(2)]
        update_chunk(*plain, gradient, start, **scalars)  # type: ignore[misc, arg-type]
        compiled_update()(*fused, gradient, start, **scalars)
        for one, other in zip(plain, fused, strict=True):
            # Fused arithmetic may differ in the last bit of fp32, which decides one rounding in 65,536.
            assert (one == other).double().mean() > 0.99
            assert ((one.float() - other.float()).abs() <= one.float().abs() / 64).all()


def test_whole_steps_with_bf16_weights(tiny: ModelConfig) -> None:
    config, results = settings(tiny, weights="bf16"), []
    for compiled in (False, True):
        model = prepare(config.model, torch.device("cpu"), weights="bf16", recompute="full", compiled=compiled)
        model.init_weights(0)
        step = TrainStep(model, build_optimizer(model, config, compiled=compiled), config, 3, compiled)
        results.append(torch.stack([step(some_batch(tiny, seed), 1e-3) for seed in range(3)]))
    torch.testing.assert_close(results[1], results[0], rtol=5e-3, atol=0)


def test_all_blocks_share_one_graph() -> None:
    config = ModelConfig(dim=16, layers=10, heads=2, vocab_size=11, context=8, multiple_of=16)
    for recompute in ("none", "selective"):
        torch.compiler.reset()
        torch._dynamo.utils.counters.clear()
        model = prepare(config, torch.device("cpu"), recompute=recompute)  # type: ignore[arg-type]
        for block in model.layers:
            block.compile(fullgraph=True, dynamic=False, backend="eager")
        model.init_weights(0)
        model(torch.zeros(1, 8, dtype=torch.int64)).sum().backward()
        assert torch._dynamo.utils.counters["stats"]["unique_graphs"] == 1
