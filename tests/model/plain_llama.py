"""LLaMA written out in the plainest way, as what the fast path is held against.

Complex rotary embeddings, a whole attention matrix with a mask, all logits at once; in the dtype of the weights given.
"""

import torch
from torch import Tensor

from model.config import ModelConfig


def plain_loss(weights: dict[str, Tensor], config: ModelConfig, tokens_BT: Tensor, targets_BT: Tensor) -> Tensor:
    """Mean cross-entropy, differentiable in the weights, which have the names of a `Transformer`'s."""
    logits_BTV = plain_logits(weights, config, tokens_BT)
    chosen_BT = logits_BTV.gather(-1, targets_BT[..., None])[..., 0]
    return (logits_BTV.exp().sum(-1).log() - chosen_BT).mean()


def plain_logits(weights: dict[str, Tensor], config: ModelConfig, tokens_BT: Tensor) -> Tensor:
    x_BTD = weights["tok_embeddings.weight"][tokens_BT]
    for layer in range(config.layers):
        own = {name.split(".", 2)[2]: w for name, w in weights.items() if name.startswith(f"layers.{layer}.")}
        x_BTD = x_BTD + attention(own, config, norm(x_BTD, own["attention_norm.weight"], config))
        h_BTD = norm(x_BTD, own["ffn_norm.weight"], config)
        gate_BTF, up_BTF = h_BTD @ own["feed_forward.w1.weight"].T, h_BTD @ own["feed_forward.w3.weight"].T
        x_BTD = x_BTD + (gate_BTF / (1 + (-gate_BTF).exp()) * up_BTF) @ own["feed_forward.w2.weight"].T
    return norm(x_BTD, weights["norm.weight"], config) @ weights["output.weight"].T


def norm(x_BTD: Tensor, weight_D: Tensor, config: ModelConfig) -> Tensor:
    return x_BTD / ((x_BTD**2).mean(-1, keepdim=True) + config.norm_eps).sqrt() * weight_D


def attention(own: dict[str, Tensor], config: ModelConfig, h_BTD: Tensor) -> Tensor:
    q, k, v = (h_BTD @ own[f"attention.{name}.weight"].T for name in ("wq", "wk", "wv"))
    batch, length, dim = h_BTD.shape
    mixed = torch.empty_like(q)
    hidden_TS = torch.ones(length, length).triu(1).bool()
    for head in range(config.heads):
        columns = slice(head * config.head_dim, (head + 1) * config.head_dim)
        q_BTK, k_BTK = rotate(q[..., columns], config), rotate(k[..., columns], config)
        scores_BTS = (q_BTK @ k_BTK.transpose(1, 2)) / config.head_dim**0.5
        weights_BTS = scores_BTS.masked_fill(hidden_TS, float("-inf")).softmax(-1)
        mixed[..., columns] = weights_BTS @ v[..., columns]
    assert mixed.shape == (batch, length, dim)
    return mixed @ own["attention.wo.weight"].T


def rotate(x_BTK: Tensor, config: ModelConfig) -> Tensor:
    """Multiplies pairs of dimensions, as complex numbers, by e^(i position theta^(-2j/K))."""
    length, width = x_BTK.shape[1:]
    angles_TJ = torch.arange(length)[:, None] * config.rope_theta ** (-torch.arange(0, width, 2).double() / width)
    turns_TJ = torch.polar(torch.ones_like(angles_TJ), angles_TJ).to(torch.promote_types(x_BTK.dtype, torch.complex64))
    if config.rope_layout == "interleaved":
        return torch.view_as_real(torch.view_as_complex(x_BTK.unflatten(-1, (-1, 2)).contiguous()) * turns_TJ).flatten(
            -2
        )
    real, imaginary = x_BTK.chunk(2, -1)
    turned = torch.complex(real, imaginary) * turns_TJ
    return torch.cat((turned.real, turned.imag), -1)
