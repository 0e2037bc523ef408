"""Text from a training run: nucleus sampling with a key-value cache, as in the released inference code."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from corpus.errors import UsageError, UserError
from model.checkpoint import load_weights, newest_checkpoint
from model.llama import KeyValueCache, Transformer
from model.prepare import pick_device, prepare
from model.run import read_run, tokenizer_path


@dataclass(frozen=True)
class Completion:
    """One prompt's continuation."""

    prompt: str
    text: str
    """What follows the prompt."""
    tokens: int
    """Tokens generated, a closing EOS not counted."""
    ended: bool
    """Whether the model ended the document; otherwise the limit was reached."""


def generate(
    run: Path,
    prompts: Sequence[str],
    max_tokens: int,
    *,
    temperature: float = 0.8,
    top_p: float = 0.95,
    seed: int = 0,
    device: str | None = None,
) -> list[Completion]:
    """Continues each prompt with the newest checkpoint of a run.

    Args:
        run: the directory written by `train`.
        prompts: texts, of any lengths; an empty one begins a document.
        max_tokens: most tokens added to each prompt; the model's context ends them too.
        temperature: divides the logits; 0 takes the likeliest token.
        top_p: the smallest set of likeliest tokens whose mass reaches this is sampled from.
        seed: of the sampling.
        device: a torch device; by default the GPU where there is one.

    Raises:
        UserError: no run, no checkpoint, another tokenizer, or a prompt that leaves no room in the context.
        UsageError: a number out of its range.
    """
    for name, value, valid in (
        ("max_tokens", max_tokens, max_tokens > 0),
        ("temperature", temperature, temperature >= 0),
        ("top_p", top_p, 0 < top_p <= 1),
    ):
        if not valid:
            raise UsageError(f"{name} {value} is out of range")
    from sentencepiece import SentencePieceProcessor

    record = read_run(run)
    tokenizer = SentencePieceProcessor(model_file=str(tokenizer_path(run, record)))
    checkpoint = newest_checkpoint(run)
    if checkpoint is None:
        raise UserError(f"{run / 'checkpoints'}: no checkpoint yet; train first")
    model = prepare(record.config.model, pick_device(device))
    load_weights(checkpoint, model)

    ids = [[record.bos_id, *tokenizer.encode(prompt)] for prompt in prompts]
    continued = sample(model, ids, max_tokens, temperature=temperature, top_p=top_p, eos_id=record.eos_id, seed=seed)
    completions = []
    for prompt, prompt_ids, added in zip(prompts, ids, continued, strict=True):
        ended = bool(added) and added[-1] == record.eos_id
        added = added[:-1] if ended else added
        # Decoded together, since a tokenizer drops the space that begins a text.
        whole, head = tokenizer.decode(prompt_ids[1:] + added), tokenizer.decode(prompt_ids[1:])
        completions.append(Completion(prompt, whole[len(head) :], len(added), ended))
    return completions


@torch.no_grad()
def sample(
    model: Transformer,
    prompts: Sequence[Sequence[int]],
    max_tokens: int,
    *,
    temperature: float,
    top_p: float,
    eos_id: int,
    seed: int = 0,
) -> list[list[int]]:
    """The ids that follow each prompt's, ending with EOS where the model gave one.

    All prompts are read together up to the shortest one's end; from there one position at a time, the prompts still
    running keeping their own tokens. Raises UserError for a prompt without tokens or one that fills the context.
    """
    context = model.config.context
    for number, prompt in enumerate(prompts, 1):
        if not 0 < len(prompt) < context:
            raise UserError(f"prompt {number}: {len(prompt)} tokens where 1 to {context - 1} fit the model; shorten it")
    if not prompts:
        return []
    device = next(model.parameters()).device
    lengths = torch.tensor([len(prompt) for prompt in prompts], device=device)
    shortest = int(lengths.min())
    end = min(context, int(lengths.max()) + max_tokens)
    tokens_BT = torch.full((len(prompts), end), eos_id, device=device)
    for row, prompt in enumerate(prompts):
        tokens_BT[row, : len(prompt)] = torch.tensor(prompt)
    generator = torch.Generator().manual_seed(seed)
    finished_B = torch.zeros(len(prompts), dtype=torch.bool, device=device)
    cache = KeyValueCache(end)
    for position in range(shortest, end):
        hidden_BTD = model(tokens_BT[:, cache.length : position], cache)
        chosen_B = pick_tokens(model.output(hidden_BTD[:, -1]).float(), temperature, top_p, generator)
        running_B = (lengths <= position) & (position < lengths + max_tokens) & ~finished_B
        tokens_BT[:, position] = torch.where(running_B, chosen_B, tokens_BT[:, position])
        finished_B |= running_B & (chosen_B == eos_id)
        if (finished_B | (position + 1 >= lengths + max_tokens)).all():
            break
    return [
        _continuation(row, len(prompt), max_tokens, eos_id)
        for row, prompt in zip(tokens_BT.tolist(), prompts, strict=True)
    ]


def pick_tokens(logits_BV: Tensor, temperature: float, top_p: float, generator: torch.Generator) -> Tensor:
    """One id a row, int64 [B]: the likeliest at temperature 0, else drawn from the nucleus.

    The nucleus holds the tokens, likeliest first, before which less than or exactly `top_p` of the mass lies.
    """
    if temperature == 0:
        return logits_BV.argmax(-1)
    probabilities_BV, order_BV = (logits_BV / temperature).softmax(-1).sort(dim=-1, descending=True, stable=True)
    mass_before_BV = probabilities_BV.cumsum(-1) - probabilities_BV
    nucleus_BV = probabilities_BV.masked_fill(mass_before_BV > top_p, 0.0)
    drawn_B1 = torch.multinomial(nucleus_BV.cpu(), 1, generator=generator).to(order_BV.device)
    return order_BV.gather(1, drawn_B1)[:, 0]


def _continuation(row: list[int], start: int, max_tokens: int, eos_id: int) -> list[int]:
    added = row[start : start + max_tokens]
    return added[: added.index(eos_id) + 1] if eos_id in added else added
