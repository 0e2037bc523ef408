"""The schedule, what is decayed, and one update against torch's plain AdamW on transformers' model."""

import dataclasses

import pytest
import torch
from llama_fixtures import huggingface_model, initialised

from model.config import DecayPolicy, ModelConfig, TrainConfig, configure
from model.huggingface import from_huggingface, to_huggingface
from model.llama import Transformer
from model.loss import chunked_cross_entropy
from model.optimizer import build_optimizer, clip_gradients, learning_rate, set_learning_rate


@pytest.mark.parametrize(
    ("step", "rate"),
    [
        (0, 0.0),
        (1, 3e-4 / 2000),
        (1000, 1.5e-4),
        (2000, 3e-4),
        (2000 + 118_209, 3e-4 * 0.55),  # half of the cosine: the mean of the peak and a tenth of it
        (238_418, 3e-5),
    ],
)
def test_learning_rate(step: int, rate: float) -> None:
    assert learning_rate(step, peak=3e-4, warmup_steps=2000, steps=238_418) == pytest.approx(rate, rel=1e-9)


def test_learning_rate_without_warmup_falls_from_the_first_step() -> None:
    rates = [learning_rate(step, peak=1.0, warmup_steps=0, steps=10) for step in range(1, 11)]
    assert rates[-1] == pytest.approx(0.1)
    assert all(later < earlier for earlier, later in zip([1.0, *rates], rates, strict=False))


@pytest.mark.parametrize(
    ("policy", "undecayed"),
    [
        ("all", set()),
        ("matrices", {"norm.weight", *(f"layers.{i}.{n}_norm.weight" for i in (0, 1) for n in ("attention", "ffn"))}),
        (
            "matrices_no_embed",
            {
                "tok_embeddings.weight",
                "norm.weight",
                *(f"layers.{i}.{n}_norm.weight" for i in (0, 1) for n in ("attention", "ffn")),
            },
        ),
    ],
)
def test_decay_groups_partition_the_parameters(tiny: ModelConfig, policy: DecayPolicy, undecayed: set[str]) -> None:
    model = Transformer(tiny)
    optimizer = build_optimizer(model, configure("demo", decay=policy))
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    grouped = [(names[id(p)], group["weight_decay"]) for group in optimizer.param_groups for p in group["params"]]
    assert sorted(name for name, _ in grouped) == sorted(names.values())
    assert {name for name, decay in grouped if decay == 0} == undecayed
    assert {decay for _, decay in grouped} <= {0.0, 0.1}


def test_clipping_scales_all_gradients_together() -> None:
    first, second = torch.nn.Parameter(torch.zeros(2)), torch.nn.Parameter(torch.zeros(1))
    first.grad, second.grad = torch.tensor([3.0, 0.0]), torch.tensor([4.0])
    assert clip_gradients([first, second], 1.0) == pytest.approx(5.0)
    torch.testing.assert_close(torch.cat((first.grad, second.grad)), torch.tensor([0.6, 0.0, 0.8]))
    assert clip_gradients([first, second], 2.0) == pytest.approx(1.0)
    torch.testing.assert_close(torch.cat((first.grad, second.grad)), torch.tensor([0.6, 0.0, 0.8]))


def test_one_update_equals_transformers_and_plain_adamw(tiny: ModelConfig) -> None:
    config = dataclasses.replace(configure("demo", learning_rate=1e-2, clip_norm=0.5), model=tiny)
    model = initialised(tiny)
    reference = huggingface_model(tiny)
    reference.load_state_dict(to_huggingface(model.state_dict(), tiny))
    tokens_BT = torch.randint(101, (4, 33), generator=torch.Generator().manual_seed(5))

    norms = [our_update(model, config, tokens_BT), reference_update(reference, tokens_BT)]
    assert norms[0] == pytest.approx(norms[1], rel=1e-4)
    assert norms[0] > 0.5  # so that clipping counts
    expected = from_huggingface(reference.state_dict(), tiny)
    for name, parameter in model.state_dict().items():
        # The first step of Adam moves every weight by the learning rate; 1e-5 is a thousandth of it.
        torch.testing.assert_close(
            parameter, expected[name], rtol=0, atol=1e-5, msg=lambda text, name=name: f"{name}: {text}"
        )


def our_update(model: Transformer, config: TrainConfig, tokens_BT: torch.Tensor) -> float:
    optimizer = build_optimizer(model, config)
    set_learning_rate(optimizer, config.learning_rate)
    loss_sum, _ = chunked_cross_entropy(model(tokens_BT[:, :-1]), model.output.weight, tokens_BT[:, 1:], 50)
    (loss_sum / tokens_BT[:, 1:].numel()).backward()
    norm = clip_gradients(model.parameters(), config.clip_norm)
    optimizer.step()
    return norm


def reference_update(model: torch.nn.Module, tokens_BT: torch.Tensor) -> float:
    matrices = [parameter for parameter in model.parameters() if parameter.dim() == 2]
    vectors = [parameter for parameter in model.parameters() if parameter.dim() == 1]
    groups = [{"params": matrices, "weight_decay": 0.1}, {"params": vectors, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=1e-2, betas=(0.9, 0.95), eps=1e-8, foreach=False, fused=False)
    model(tokens_BT, labels=tokens_BT).loss.backward()
    norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 0.5)
    optimizer.step()
    return norm.item()
