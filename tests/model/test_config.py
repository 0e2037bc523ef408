"""The paper's sizes to the unit, its recipes, and settings that are refused."""

import dataclasses
import math

import pytest

from corpus.errors import UsageError
from model.config import SIZES, ModelConfig, TrainConfig, configure
from model.llama import Transformer


@pytest.mark.parametrize(
    ("size", "parameters", "matmul_parameters", "ffn_dim", "norm_eps"),
    [
        ("7B", 6_738_415_616, 6_607_077_376, 11_008, 1e-6),
        ("13B", 13_015_864_320, 12_851_609_600, 13_824, 1e-6),
        ("33B", 32_528_943_616, 32_315_146_240, 17_920, 1e-6),
        ("65B", 65_285_660_672, 65_022_197_760, 22_016, 1e-5),
    ],
)
def test_paper_sizes(size: str, parameters: int, matmul_parameters: int, ffn_dim: int, norm_eps: float) -> None:
    model = SIZES[size]
    assert model.num_params() == parameters
    assert model.flops_per_token() == 6 * matmul_parameters + 12 * model.layers * model.dim * 2048
    assert (model.ffn_dim, model.head_dim, model.norm_eps) == (ffn_dim, 128, norm_eps)


def test_small_size() -> None:
    assert SIZES["1.3B"].num_params() == 1_364_297_728
    assert SIZES["1.3B"].flops_per_token() == pytest.approx(9.00e9, rel=1e-3)


def test_counted_parameters_are_the_models(tiny: ModelConfig) -> None:
    assert tiny.num_params() == sum(parameter.numel() for parameter in Transformer(tiny).parameters())


@pytest.mark.parametrize(
    ("size", "peak", "steps"),
    [("7B", 3e-4, 238_419), ("13B", 3e-4, 238_419), ("33B", 1.5e-4, 333_786), ("65B", 1.5e-4, 333_786)],
)
def test_paper_recipes(size: str, peak: float, steps: int) -> None:
    config = configure(size)
    assert (config.learning_rate, config.steps, config.warmup_steps) == (peak, steps, 2000)
    assert config.batch_tokens == 4_194_304
    assert (config.beta1, config.beta2, config.weight_decay, config.clip_norm) == (0.9, 0.95, 0.1, 1.0)


def test_every_size_has_a_recipe() -> None:
    for size in SIZES:
        assert configure(size).size == size


def test_tokens_are_rounded_to_steps() -> None:
    config = configure("demo", tokens=10_201, batch_sequences=4, sequence_length=100)
    assert (config.steps, config.sequence_length, config.tokens) == (26, 100, 10_400)


def test_warmup_shrinks_with_the_run_unless_given() -> None:
    assert configure("7B", steps=500).warmup_steps == 50
    assert configure("7B", steps=500, warmup_steps=200).warmup_steps == 200


def test_round_trip() -> None:
    config = configure("demo", mixture={"c4": 1.0})
    assert TrainConfig.from_dict(config.to_dict()) == config


@pytest.mark.parametrize(
    ("settings", "fault"),
    [
        ({"learning_rat": 1e-3}, "learning_rat"),
        ({"steps": 10, "tokens": 10}, "not both"),
        ({"steps": 0}, "steps 0"),
        ({"steps": 10, "warmup_steps": 10}, "warmup_steps"),
        ({"batch_sequences": 0}, "batch_sequences"),
        ({"micro_batch": -1}, "micro_batch"),
        ({"tokens": 0}, "tokens 0"),
        ({"sequence_length": 0}, "context 0"),
        ({"decay": "some"}, "decay 'some'"),
        ({"beta2": 1.0}, "beta2"),
        ({"seed": -1}, "seed"),
        ({"steps": 10.5}, "steps 10.5 is not a number of its kind"),
        ({"batch_sequences": "many"}, "batch_sequences 'many' is not a number of its kind"),
        ({"learning_rate": "fast"}, "learning_rate 'fast'"),
        ({"learning_rate": math.nan}, "learning_rate nan is not positive"),
        ({"log_every": True}, "log_every True"),
        ({"mixture": {"c4": "most"}}, "the share of c4 'most'"),
        ({"mixture": "c4"}, "mixture 'c4'"),
        ({"weights": "fp8"}, "weights 'fp8' is unknown; known are fp32, bf16"),
        ({"recompute": True}, "recompute True is unknown; known are none, selective, full"),
        ({"compile": "yes"}, "compile 'yes' is not true or false"),
        ({"model": 3}, "the shape follows from the size"),
    ],
)
def test_refused_settings(settings: dict[str, object], fault: str) -> None:
    with pytest.raises(UsageError, match=fault):
        configure("demo", **settings)  # type: ignore[arg-type]


def test_unknown_size() -> None:
    with pytest.raises(UsageError, match="'8B'; known are demo"):
        configure("8B")


def test_refused_shapes() -> None:
    with pytest.raises(UsageError, match="rope_layout 'odd'"):
        dataclasses.replace(SIZES["demo"], rope_layout="odd")
    with pytest.raises(UsageError, match="multiple of twice"):
        dataclasses.replace(SIZES["demo"], heads=5)


def test_unknown_and_missing_keys_of_a_stored_configuration() -> None:
    values = configure("demo").to_dict()
    with pytest.raises(UsageError, match="dropout"):
        TrainConfig.from_dict({**values, "dropout": 0.1})
    with pytest.raises(UsageError, match="bias"):
        TrainConfig.from_dict({**values, "model": {**values["model"], "bias": True}})
    del values["steps"]
    with pytest.raises(UsageError, match="steps is missing"):
        TrainConfig.from_dict(values)
