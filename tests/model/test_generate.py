"""Generation: the cache, uneven prompts, sampling, and text from a run."""

from pathlib import Path

import pytest
import torch
from llama_fixtures import initialised
from run_fixtures import tiny_config, write_tiny_shards

from corpus.errors import UsageError, UserError
from model.config import ModelConfig
from model.generate import generate, pick_tokens, sample
from model.llama import Transformer
from model.train import train

EOS = 2


def greedy_without_cache(model: Transformer, prompt: list[int], max_tokens: int, eos_id: int = EOS) -> list[int]:
    ids = list(prompt)
    while len(ids) < min(len(prompt) + max_tokens, model.config.context):
        with torch.no_grad():
            ids.append(int(model.output(model(torch.tensor([ids])))[0, -1].argmax()))
        if ids[-1] == eos_id:
            break
    return ids[len(prompt) :]


@pytest.mark.parametrize("seed", range(4))
def test_greedy_with_cache_equals_greedy_without(tiny: ModelConfig, seed: int) -> None:
    model = initialised(tiny, seed, scale=4.0)
    generator = torch.Generator().manual_seed(seed)
    prompts = [torch.randint(3, 101, (length,), generator=generator).tolist() for length in (7, 1, 12, 40)]
    found = sample(model, prompts, 20, temperature=0, top_p=1.0, eos_id=EOS)
    expected = [greedy_without_cache(model, prompt, 20) for prompt in prompts]
    assert found == expected
    assert len(found[3]) == 8 or found[3][-1] == EOS  # the context of 48 ends it
    assert len({token for ids in found for token in ids}) > 3


def test_each_prompt_ends_at_its_own_eos(tiny: ModelConfig) -> None:
    model = initialised(tiny)
    prompts = [[5, 9], [8, 9, 11]]
    eos_id = greedy_without_cache(model, prompts[0], 1)[0]  # so that the first ends at once
    found = sample(model, prompts, 6, temperature=0, top_p=1.0, eos_id=eos_id)
    assert found[0] == [eos_id]
    assert found[1] == greedy_without_cache(model, prompts[1], 6, eos_id)
    assert len(found[1]) > 1


def test_seeded_sampling(tiny: ModelConfig) -> None:
    model = initialised(tiny)
    first, again, other = (
        sample(model, [[1, 5]], 30, temperature=1.0, top_p=0.95, eos_id=EOS, seed=seed) for seed in (3, 3, 4)
    )
    assert first == again
    assert first != other


def test_the_nucleus() -> None:
    logits_BV = torch.tensor([[0.15, 0.5, 0.05, 0.3]]).log().expand(4000, 4)
    generator = torch.Generator().manual_seed(0)
    # Before 0.15, the third likeliest, lies a mass of 0.8.
    chosen = pick_tokens(logits_BV, 1.0, 0.81, generator)
    shares = torch.bincount(chosen, minlength=4) / 4000
    torch.testing.assert_close(shares, torch.tensor([0.15, 0.5, 0.0, 0.3]) / 0.95, rtol=0, atol=0.03)
    assert set(pick_tokens(logits_BV, 1.0, 0.79, generator).tolist()) == {1, 3}
    assert set(pick_tokens(logits_BV, 1.0, 0.49, generator).tolist()) == {1}
    assert set(pick_tokens(logits_BV, 1.0, 1.0, generator).tolist()) == {0, 1, 2, 3}
    cold = torch.bincount(pick_tokens(logits_BV, 0.5, 1.0, generator), minlength=4) / 4000
    squares = torch.tensor([0.15, 0.5, 0.05, 0.3]).square()
    torch.testing.assert_close(cold, squares / squares.sum(), rtol=0, atol=0.03)
    assert pick_tokens(logits_BV, 0, 0.1, generator).unique().tolist() == [1]


def test_prompts_that_do_not_fit(tiny: ModelConfig) -> None:
    model = initialised(tiny)
    assert sample(model, [], 5, temperature=0, top_p=1.0, eos_id=EOS) == []
    with pytest.raises(UserError, match="prompt 2: 48 tokens where 1 to 47 fit"):
        sample(model, [[1], [1] * 48], 5, temperature=0, top_p=1.0, eos_id=EOS)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("run")
    shards = write_tiny_shards(directory / "shards")
    train(shards, directory / "run", tiny_config(steps=20, checkpoint_every=20), device="cpu")
    return directory / "run"


def test_text_from_a_run(run: Path) -> None:
    prompts = ["the cat", "", "the moon and a dog ran"]
    found = generate(run, prompts, 5, seed=1, device="cpu")
    assert [completion.prompt for completion in found] == prompts
    assert all(completion.tokens == 5 or completion.ended for completion in found)
    assert any(completion.text for completion in found)
    assert found == generate(run, prompts, 5, seed=1, device="cpu")
    assert found != generate(run, prompts, 5, seed=2, device="cpu")


def test_the_prompt_and_its_continuation_keep_their_space(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sentencepiece

    tokenizer = sentencepiece.SentencePieceProcessor(model_file=str(run / "tokenizer.model"))
    monkeypatch.setattr("model.generate.sample", lambda *_, **__: [[*tokenizer.encode("sat on"), EOS]])
    (completion,) = generate(run, ["the cat"], 5, device="cpu")
    assert (completion.text, completion.tokens, completion.ended) == (" sat on", len(tokenizer.encode("sat on")), True)


def test_what_generation_refuses(run: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"config\.json: missing"):
        generate(tmp_path, ["a"], 5)
    for settings in ({"max_tokens": 0}, {"temperature": -1.0}, {"top_p": 0.0}, {"top_p": 1.5}):
        with pytest.raises(UsageError, match="out of range"):
            generate(run, ["a"], **{"max_tokens": 5, **settings})  # type: ignore[arg-type]


def test_a_run_without_checkpoint_or_tokenizer(run: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    copy.mkdir()
    (copy / "config.json").write_bytes((run / "config.json").read_bytes())
    with pytest.raises(UserError, match=r"tokenizer\.model: missing"):
        generate(copy, ["a"], 5)
    (copy / "tokenizer.model").write_bytes(b"another")
    with pytest.raises(UserError, match="does not match the shards"):
        generate(copy, ["a"], 5)
    (copy / "tokenizer.model").write_bytes((run / "tokenizer.model").read_bytes())
    with pytest.raises(UserError, match="no checkpoint yet"):
        generate(copy, ["a"], 5)
