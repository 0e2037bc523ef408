"""Models to compare: ours with weights that matter, and transformers' of the same shape."""

import pytest
import torch

from model.config import ModelConfig
from model.llama import Transformer


def huggingface_model(config: ModelConfig) -> torch.nn.Module:
    transformers = pytest.importorskip("transformers")
    return transformers.LlamaForCausalLM(
        transformers.LlamaConfig(
            vocab_size=config.vocab_size,
            hidden_size=config.dim,
            intermediate_size=config.ffn_dim,
            num_hidden_layers=config.layers,
            num_attention_heads=config.heads,
            num_key_value_heads=config.heads,
            max_position_embeddings=config.context,
            rms_norm_eps=config.norm_eps,
            rope_theta=config.rope_theta,
            tie_word_embeddings=False,
            attn_implementation="eager",
        )
    ).eval()


def initialised(config: ModelConfig, seed: int = 0, scale: float = 1.0) -> Transformer:
    """A model with initial weights, all of them, norms too, perturbed and scaled so that every part matters."""
    model = Transformer(config)
    model.init_weights(seed)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(scale).add_(0.05 * torch.randn(parameter.shape, generator=generator))
    return model
