"""transformers' LlamaForCausalLM in the loop people write for it: fused AdamW, clipping, SDPA, bf16."""

import contextlib
from collections.abc import Callable

import torch

from benchmarks.train_settings import COMPILED
from model.config import TrainConfig
from model.step import HostBatch


def transformers_update(config: TrainConfig, device: torch.device, system: str) -> Callable[[HostBatch], torch.Tensor]:
    """One update as a function of a batch; it returns the summed loss and the gradient's norm, on the device.

    Weights in fp32 are computed with under autocast. Where ours keeps weights in bf16, so does this one, moments
    included, with torch's fused AdamW, which rounds to nearest: fast, and what stochastic rounding is there to avoid.
    """
    from transformers import LlamaConfig, LlamaForCausalLM

    shape = config.model
    with torch.device("meta"):
        described = LlamaForCausalLM(
            LlamaConfig(
                vocab_size=shape.vocab_size,
                hidden_size=shape.dim,
                intermediate_size=shape.ffn_dim,
                num_hidden_layers=shape.layers,
                num_attention_heads=shape.heads,
                num_key_value_heads=shape.heads,
                max_position_embeddings=shape.context,
                rms_norm_eps=shape.norm_eps,
                tie_word_embeddings=False,
                use_cache=False,
            )
        )
    described.set_attn_implementation("sdpa")
    model = initialised(described, device, torch.bfloat16 if config.weights == "bf16" else torch.float32)
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=config.learning_rate, betas=(config.beta1, config.beta2), weight_decay=0.1, fused=True
    )
    model.train()
    forward = torch.compile(model) if system == COMPILED else model

    def update(batch: HostBatch) -> torch.Tensor:
        loss_sum = torch.zeros((), device=device)
        for start in range(0, len(batch.tokens), config.micro_batch):
            tokens = batch.tokens[start : start + config.micro_batch].to(device, non_blocking=True)
            targets = batch.targets[start : start + config.micro_batch].to(device, non_blocking=True)
            with autocast(device, config):
                loss = forward(input_ids=tokens, labels=tokens, shift_labels=targets).loss
            share = tokens.numel() / config.batch_tokens
            (loss * share).backward()
            loss_sum += loss.detach() * tokens.numel()
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), config.clip_norm)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        return torch.stack((loss_sum, norm.float()))

    return update


def autocast(device: torch.device, config: TrainConfig) -> contextlib.AbstractContextManager[object]:
    if device.type == "cuda" and config.weights == "fp32":
        return torch.autocast("cuda", dtype=torch.bfloat16)
    return contextlib.nullcontext()


@torch.no_grad()
def initialised(model: torch.nn.Module, device: torch.device, dtype: torch.dtype) -> torch.nn.Module:
    """The model on its device with weights drawn there; the rotary frequencies, which are no weights, in fp32."""
    frequencies = type(model.model.rotary_emb)(model.config)  # type: ignore[union-attr]
    model.to(dtype).to_empty(device=device)
    model.model.rotary_emb = frequencies.to(device)  # type: ignore[union-attr]
    for parameter in model.parameters():
        parameter.fill_(1.0) if parameter.dim() == 1 else parameter.normal_(std=0.02)
    return model
