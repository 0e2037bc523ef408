"""The architecture against transformers' LlamaForCausalLM, causality, initialisation."""

import dataclasses
import math

import pytest
import torch
from llama_fixtures import huggingface_model, initialised
from torch import Tensor

from model.config import ModelConfig, RopeLayout
from model.huggingface import from_huggingface, half_to_interleaved, interleaved_to_half, to_huggingface
from model.llama import KeyValueCache, Transformer
from model.prepare import prepare


@pytest.mark.parametrize("layout", ["half", "interleaved"])
def test_logits_equal_transformers_at_every_position(layout: RopeLayout) -> None:
    config = ModelConfig(dim=128, layers=2, heads=2, vocab_size=97, context=2048, rope_layout=layout)
    model = initialised(config, scale=3.0)
    reference = huggingface_model(config)
    reference.load_state_dict(to_huggingface(model.state_dict(), config))
    tokens_BT = torch.randint(97, (1, 2048), generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        logits = model.output(model(tokens_BT))
        expected = reference(tokens_BT).logits
    assert expected.std() > 0.5  # the comparison is between logits that differ from one another
    torch.testing.assert_close(logits, expected, rtol=0, atol=1e-4)


def test_a_wrong_layout_is_noticed() -> None:
    config = ModelConfig(dim=128, layers=2, heads=2, vocab_size=97, context=256, rope_layout="interleaved")
    model = initialised(config, scale=3.0)
    reference = huggingface_model(config)
    reference.load_state_dict(to_huggingface(model.state_dict(), dataclasses.replace(config, rope_layout="half")))
    tokens_BT = torch.randint(97, (1, 256), generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        difference = (model.output(model(tokens_BT)) - reference(tokens_BT).logits).abs().max()
    assert difference > 1e-2


@pytest.mark.parametrize("layout", ["half", "interleaved"])
def test_names_round_trip(tiny: ModelConfig, layout: RopeLayout) -> None:
    config = dataclasses.replace(tiny, rope_layout=layout)
    state = initialised(config).state_dict()
    there = to_huggingface(state, config)
    assert there.keys() == huggingface_model(config).state_dict().keys()
    back = from_huggingface(there, config)
    assert back.keys() == state.keys()
    assert all(torch.equal(back[name], state[name]) for name in state)


def test_row_order_of_the_permutation() -> None:
    # One head of width 8: neighbouring pairs (0, 1), (2, 3), … become (0, 4), (1, 5), ….
    rows = torch.arange(8.0)[:, None]
    assert interleaved_to_half(rows, heads=1)[:, 0].tolist() == [0, 2, 4, 6, 1, 3, 5, 7]
    assert torch.equal(half_to_interleaved(interleaved_to_half(rows, 1), 1), rows)


def test_no_position_sees_a_later_token(tiny: ModelConfig) -> None:
    model = initialised(tiny)
    tokens_BT = torch.randint(101, (2, 48), generator=torch.Generator().manual_seed(2))
    with torch.no_grad():
        before_BTD = model(tokens_BT)
        for position in (1, 20, 47):
            changed_BT = tokens_BT.clone()
            changed_BT[:, position] = (changed_BT[:, position] + 1) % 101
            after_BTD = model(changed_BT)
            assert torch.equal(after_BTD[:, :position], before_BTD[:, :position])
            assert (after_BTD[:, position:] != before_BTD[:, position:]).any(-1).all()


def test_cache_gives_the_same_states_whatever_the_pieces(tiny: ModelConfig) -> None:
    model = initialised(tiny)
    tokens_BT = torch.randint(101, (2, 48), generator=torch.Generator().manual_seed(3))
    with torch.no_grad():
        whole_BTD = model(tokens_BT)
        cache = KeyValueCache(48)
        pieces = [model(tokens_BT[:, start:end], cache) for start, end in ((0, 17), (17, 18), (18, 40), (40, 48))]
    torch.testing.assert_close(torch.cat(pieces, dim=1), whole_BTD, rtol=1e-4, atol=1e-5)


def test_initial_loss_is_that_of_a_uniform_guess(tiny: ModelConfig) -> None:
    config = dataclasses.replace(tiny, vocab_size=4096)
    model = Transformer(config)
    model.init_weights(0)
    tokens_BT = torch.randint(4096, (8, 49), generator=torch.Generator().manual_seed(4))
    with torch.no_grad():
        logits = model.output(model(tokens_BT[:, :-1]))
    loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), tokens_BT[:, 1:].flatten())
    assert loss.item() == pytest.approx(math.log(4096), abs=0.05)


def test_initial_weights_follow_the_rule() -> None:
    config = ModelConfig(dim=256, layers=3, heads=4, vocab_size=500, context=16)
    model = prepare(config, torch.device("cpu"))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.fill_(math.nan)
    model.init_weights(0)
    cut = 0.9866  # of the normal distribution's standard deviation is left when it is cut at three of them
    for name, parameter in model.named_parameters():
        if parameter.dim() == 1:
            assert torch.equal(parameter, torch.ones_like(parameter)), name
            continue
        std = 0.02 / math.sqrt(6) if name.endswith(("wo.weight", "w2.weight")) else 0.02
        assert parameter.std().item() == pytest.approx(cut * std, rel=0.02), name
        assert abs(parameter.mean().item()) < 0.02 * std, name
        assert parameter.abs().max() <= 3 * std * (1 + 1e-6), name
    matrices = [parameter for parameter in model.parameters() if parameter.dim() == 2]
    for index, first in enumerate(matrices):
        assert not any(same_start(first, second) for second in matrices[index + 1 :])


def same_start(first: Tensor, second: Tensor) -> bool:
    return torch.equal(first.flatten()[:100], second.flatten()[:100])


def test_initial_weights_depend_on_the_seed_alone(tiny: ModelConfig) -> None:
    first, second, other = Transformer(tiny), prepare(tiny, torch.device("cpu")), Transformer(tiny)
    first.init_weights(7)
    torch.rand(5)
    second.init_weights(7)
    other.init_weights(8)
    for name, parameter in first.named_parameters():
        assert torch.equal(parameter, second.get_parameter(name))
        assert parameter.dim() == 1 or not torch.equal(parameter, other.get_parameter(name))


def test_a_prepared_model_has_its_rotary_tables(tiny: ModelConfig) -> None:
    prepared, plain = prepare(tiny, torch.device("cpu")), Transformer(tiny)
    assert torch.equal(prepared.rope_cos, plain.rope_cos)
    assert torch.equal(prepared.rope_sin, plain.rope_sin)
