"""The same weights under Hugging Face's names, in both directions.

Hugging Face rotates dimensions (i, i + K/2) of a head, our `half` layout; the released weights rotate (2i, 2i + 1), our
`interleaved` one. Reordering the rows of each head's query and key matrices turns one into the other.
"""

import re
from collections.abc import Mapping

from torch import Tensor

from model.config import ModelConfig

_OUTER = {
    "tok_embeddings.weight": "model.embed_tokens.weight",
    "norm.weight": "model.norm.weight",
    "output.weight": "lm_head.weight",
}
_INNER = {
    "attention.wq": "self_attn.q_proj",
    "attention.wk": "self_attn.k_proj",
    "attention.wv": "self_attn.v_proj",
    "attention.wo": "self_attn.o_proj",
    "feed_forward.w1": "mlp.gate_proj",
    "feed_forward.w2": "mlp.down_proj",
    "feed_forward.w3": "mlp.up_proj",
    "attention_norm": "input_layernorm",
    "ffn_norm": "post_attention_layernorm",
}
_ROTATED = re.compile(r"\.attention\.w[qk]\.weight$")


def to_huggingface(state: Mapping[str, Tensor], config: ModelConfig) -> dict[str, Tensor]:
    """A `Transformer` state dict as one of `LlamaForCausalLM`."""
    converted: dict[str, Tensor] = {}
    for name, huggingface_name in _names(config).items():
        tensor = state[name]
        if config.rope_layout == "interleaved" and _ROTATED.search(name):
            tensor = interleaved_to_half(tensor, config.heads)
        converted[huggingface_name] = tensor
    return converted


def from_huggingface(state: Mapping[str, Tensor], config: ModelConfig) -> dict[str, Tensor]:
    """A `LlamaForCausalLM` state dict as one of `Transformer`."""
    converted: dict[str, Tensor] = {}
    for name, huggingface_name in _names(config).items():
        tensor = state[huggingface_name]
        if config.rope_layout == "interleaved" and _ROTATED.search(name):
            tensor = half_to_interleaved(tensor, config.heads)
        converted[name] = tensor
    return converted


def interleaved_to_half(weight_DD: Tensor, heads: int) -> Tensor:
    """Rows of a query or key matrix reordered from neighbouring pairs to pairs half a head apart."""
    return weight_DD.unflatten(0, (heads, -1, 2)).transpose(1, 2).flatten(0, 2)


def half_to_interleaved(weight_DD: Tensor, heads: int) -> Tensor:
    """The inverse of `interleaved_to_half`."""
    return weight_DD.unflatten(0, (heads, 2, -1)).transpose(1, 2).flatten(0, 2)


def _names(config: ModelConfig) -> dict[str, str]:
    names = dict(_OUTER)
    for layer in range(config.layers):
        for inner, huggingface_inner in _INNER.items():
            names[f"layers.{layer}.{inner}.weight"] = f"model.layers.{layer}.{huggingface_inner}.weight"
    return names
