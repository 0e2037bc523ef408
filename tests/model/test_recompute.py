"""Recomputation: the same bits, and what is kept."""

import pytest
import torch
from torch import Tensor

from model.config import ModelConfig, Recompute
from model.llama import Transformer
from model.prepare import prepare

BATCH, LENGTH = 3, 40


def ran(config: ModelConfig, what: Recompute) -> tuple[Transformer, Tensor]:
    model = prepare(config, torch.device("cpu"), recompute=what)
    model.init_weights(0)
    tokens_BT = torch.randint(101, (BATCH, LENGTH), generator=torch.Generator().manual_seed(1))
    hidden_BTD = model(tokens_BT)
    hidden_BTD.pow(3).mean().backward()
    return model, hidden_BTD


@pytest.mark.parametrize("what", ["selective", "full"])
def test_recomputing_changes_no_bit(tiny: ModelConfig, what: Recompute) -> None:
    plain, hidden_BTD = ran(tiny, "none")
    model, found_BTD = ran(tiny, what)
    assert torch.equal(found_BTD, hidden_BTD)
    assert model.state_dict().keys() == plain.state_dict().keys()
    for name, parameter in model.named_parameters():
        if name != "output.weight":  # the head is no block's
            assert parameter.grad is not None
            assert torch.equal(parameter.grad, plain.get_parameter(name).grad), name


class Calls(torch.utils._python_dispatch.TorchDispatchMode):
    def __init__(self) -> None:
        super().__init__()
        self.counts = {"mm": 0, "attention": 0, "silu": 0}

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
        name = str(func).removeprefix("aten.").removesuffix(".default")
        if name in ("mm", "silu"):
            self.counts[name] += 1
        elif name.startswith("_scaled_dot_product") and not name.endswith("backward"):
            self.counts["attention"] += 1
        return func(*args, **(kwargs or {}))


@pytest.mark.parametrize(
    ("what", "products", "attentions", "silus"),
    # A block has 7 matrix products forwards and 14 backwards. The last product of a block is not needed backwards, and
    # recomputation stops before it.
    [("none", 21, 1, 1), ("selective", 21, 1, 2), ("full", 27, 2, 2)],
)
def test_what_runs_twice(tiny: ModelConfig, what: Recompute, products: int, attentions: int, silus: int) -> None:
    with Calls() as calls:
        ran(tiny, what)
    found = {name: count / tiny.layers for name, count in calls.counts.items()}
    assert found == {"mm": products, "attention": attentions, "silu": silus}


def kept_numbers(config: ModelConfig, what: Recompute) -> float:
    """Floating-point numbers a block's forward pass leaves for the backward one: for each token, without weights."""
    model = prepare(config, torch.device("cpu"), recompute=what)
    model.init_weights(0)
    weights = {parameter.data_ptr() for parameter in model.parameters()}
    kept: dict[int, int] = {}

    def pack(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if tensor.is_floating_point() and storage.data_ptr() not in weights and storage.nbytes() >= 4 * BATCH * LENGTH:
            kept[storage.data_ptr()] = storage.nbytes() // 4
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        out = model(torch.randint(101, (BATCH, LENGTH)))
    assert out.requires_grad
    return sum(kept.values()) / (BATCH * LENGTH * config.layers)


def test_full_recomputation_keeps_the_input_of_a_block(tiny: ModelConfig) -> None:
    everything, inputs = kept_numbers(tiny, "none"), kept_numbers(tiny, "full")
    assert everything > 8 * tiny.dim + 3 * tiny.ffn_dim
    # The blocks' inputs, and what the last norm keeps.
    assert inputs < 3 * tiny.dim
