"""The LLaMA decoder: pre-norm blocks of rotary causal attention and SwiGLU, no biases, untied embeddings.

Plain PyTorch: devices, parallelism, recomputation and compilation are applied from outside. Precision is visible: the
residual stream has the model's `compute_dtype`, and every matrix is cast to the dtype of what it multiplies, so that
weights kept in fp32 can be computed with in bf16. Module names are those of the released checkpoints. Shapes: B
sequences, T positions, S cached positions, D width, H heads, K head width, V vocabulary.
"""

import hashlib
import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - the field's name for it

from model.config import ModelConfig, RopeLayout


class KeyValueCache:
    """Keys and values of the positions already read, for generation: room for `positions`, taken at first use."""

    def __init__(self, positions: int) -> None:
        self.length = 0
        self._positions = positions
        self._keys_BHSK: dict[int, Tensor] = {}
        self._values_BHSK: dict[int, Tensor] = {}

    def extend(self, layer: int, keys_BHTK: Tensor, values_BHTK: Tensor) -> tuple[Tensor, Tensor]:
        """Stores the new positions of one layer and returns all of that layer's, old and new."""
        if layer not in self._keys_BHSK:
            batch, heads, _, head_dim = keys_BHTK.shape
            shape = (batch, heads, self._positions, head_dim)
            self._keys_BHSK[layer], self._values_BHSK[layer] = keys_BHTK.new_empty(shape), values_BHTK.new_empty(shape)
        end = self.length + keys_BHTK.shape[2]
        keys_BHSK, values_BHSK = self._keys_BHSK[layer][:, :, :end], self._values_BHSK[layer][:, :, :end]
        keys_BHSK[:, :, self.length :] = keys_BHTK
        values_BHSK[:, :, self.length :] = values_BHTK
        return keys_BHSK, values_BHSK


def at_least_fp32(x: Tensor) -> Tensor:
    """Half precisions as fp32; fp32 and fp64 as they are."""
    return x.to(torch.promote_types(x.dtype, torch.float32))


class Linear(nn.Linear):
    """Without bias, computed in the dtype of its input; the gradient has the weight's own."""

    def __init__(self, in_features: int, out_features: int) -> None:
        super().__init__(in_features, out_features, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, self.weight.to(x.dtype))


class RMSNorm(nn.Module):
    """Normalised in fp32 and cast back before the weight is applied, in that order, as in the released code."""

    def __init__(self, dim: int, eps: float) -> None:
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(dim))

    def forward(self, x: Tensor) -> Tensor:
        x32 = at_least_fp32(x)
        normalised = x32 * torch.rsqrt(x32.square().mean(-1, keepdim=True) + self.eps)
        return normalised.to(x.dtype) * self.weight.to(x.dtype)


def rope_table(config: ModelConfig) -> tuple[Tensor, Tensor]:
    """Cosine and sine of position times theta^(-2i/K): two fp32 tensors [context, K/2]."""
    exponents = torch.arange(0, config.head_dim, 2, dtype=torch.float32) / config.head_dim
    positions = torch.arange(config.context, dtype=torch.float32)
    angles = torch.outer(positions, 1.0 / config.rope_theta**exponents)
    return angles.cos(), angles.sin()


def apply_rope(x_BTHK: Tensor, cos_TJ: Tensor, sin_TJ: Tensor, layout: RopeLayout) -> Tensor:
    """Rotates pairs of dimensions of each head by their position's angles, in fp32.

    The arithmetic is real because torch.compile breaks its graph at complex numbers, and positions stay before heads
    because that is how the projections write them and how attention kernels read them, without a copy.
    """
    half = cos_TJ.shape[-1]
    cos_T1J, sin_T1J = cos_TJ[:, None], sin_TJ[:, None]
    pair_axis = -2 if layout == "half" else -1
    pairs = at_least_fp32(x_BTHK).unflatten(-1, (2, half) if layout == "half" else (half, 2))
    first, second = pairs.unbind(pair_axis)
    rotated = torch.stack((first * cos_T1J - second * sin_T1J, second * cos_T1J + first * sin_T1J), dim=pair_axis)
    return rotated.flatten(-2).to(x_BTHK.dtype)


class Attention(nn.Module):
    def __init__(self, config: ModelConfig, layer: int) -> None:
        super().__init__()
        self.layer = layer
        self.heads = config.heads
        self.rope_layout = config.rope_layout
        self.wq = Linear(config.dim, config.dim)
        self.wk = Linear(config.dim, config.dim)
        self.wv = Linear(config.dim, config.dim)
        self.wo = Linear(config.dim, config.dim)

    def forward(self, x_BTD: Tensor, rope: tuple[Tensor, Tensor], cache: KeyValueCache | None) -> Tensor:
        q, k, v = (projection(x_BTD).unflatten(-1, (self.heads, -1)) for projection in (self.wq, self.wk, self.wv))
        q, k = apply_rope(q, *rope, self.rope_layout), apply_rope(k, *rope, self.rope_layout)
        q, k, v = q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2)
        if cache is None:
            out_BHTK = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        else:
            k, v = cache.extend(self.layer, k, v)
            visible_TS = torch.ones(q.shape[2], k.shape[2], dtype=torch.bool, device=q.device).tril(cache.length)
            out_BHTK = F.scaled_dot_product_attention(q, k, v, attn_mask=visible_TS)
        return self.wo(out_BHTK.transpose(1, 2).flatten(-2))


class FeedForward(nn.Module):
    """SwiGLU: w1 is the gate, w3 goes up, w2 comes down."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.w1 = Linear(config.dim, config.ffn_dim)
        self.w2 = Linear(config.ffn_dim, config.dim)
        self.w3 = Linear(config.dim, config.ffn_dim)

    def forward(self, x_BTD: Tensor) -> Tensor:
        return self.w2(F.silu(self.w1(x_BTD)) * self.w3(x_BTD))


class Block(nn.Module):
    def __init__(self, config: ModelConfig, layer: int) -> None:
        super().__init__()
        self.attention = Attention(config, layer)
        self.feed_forward = FeedForward(config)
        self.attention_norm = RMSNorm(config.dim, config.norm_eps)
        self.ffn_norm = RMSNorm(config.dim, config.norm_eps)

    def forward(self, x_BTD: Tensor, rope: tuple[Tensor, Tensor], cache: KeyValueCache | None) -> Tensor:
        x_BTD = x_BTD + self.attention(self.attention_norm(x_BTD), rope, cache)
        return x_BTD + self.feed_forward(self.ffn_norm(x_BTD))


class Transformer(nn.Module):
    """Reads tokens, gives the normalised hidden state of every position.

    The head, `output`, is applied by the caller: the loss in chunks, generation at the last position only. The
    parameters hold nothing meaningful until `init_weights` or a checkpoint sets them.
    """

    rope_cos: Tensor
    rope_sin: Tensor

    def __init__(self, config: ModelConfig, compute_dtype: torch.dtype | None = None) -> None:
        """`compute_dtype` is that of the hidden states and matrix products; None: that of the embeddings."""
        super().__init__()
        self.config = config
        self.compute_dtype = compute_dtype
        self.tok_embeddings = nn.Embedding(config.vocab_size, config.dim)
        self.layers = nn.ModuleList(Block(config, layer) for layer in range(config.layers))
        self.norm = RMSNorm(config.dim, config.norm_eps)
        self.output = Linear(config.dim, config.vocab_size)
        cos, sin = rope_table(config)
        self.register_buffer("rope_cos", cos, persistent=False)
        self.register_buffer("rope_sin", sin, persistent=False)

    def forward(self, tokens_BT: Tensor, cache: KeyValueCache | None = None) -> Tensor:
        """Hidden states [B, T, D], in the compute dtype, of int64 tokens [B, T].

        They follow what the cache holds, if there is one.
        """
        start = 0 if cache is None else cache.length
        end = start + tokens_BT.shape[1]
        rope = (self.rope_cos[start:end], self.rope_sin[start:end])
        x_BTD = self.tok_embeddings(tokens_BT)
        x_BTD = x_BTD.to(self.compute_dtype or x_BTD.dtype)
        for block in self.layers:
            x_BTD = block(x_BTD, rope, cache)
        if cache is not None:
            cache.length = end
        return self.norm(x_BTD)

    @torch.no_grad()
    def init_weights(self, seed: int) -> None:
        """Sets every parameter: norms to 1, all else normal with `init_std`, cut at 3 standard deviations.

        Attention and feed-forward outputs, which add to the residual stream 2 L times, have it divided by sqrt(2 L).
        Each tensor is drawn on the CPU from a generator of its own, keyed by seed and name: the same whatever the
        device or how it is sharded.
        """
        for name, parameter in self.named_parameters():
            if parameter.dim() == 1:
                parameter.fill_(1.0)
                continue
            std = self.config.init_std
            if name.endswith(("wo.weight", "w2.weight")):
                std /= math.sqrt(2 * self.config.layers)
            key = hashlib.sha256(f"{seed} {name}".encode()).digest()[:8]
            generator = torch.Generator().manual_seed(int.from_bytes(key, "little", signed=True))
            values = torch.empty(parameter.shape, dtype=torch.float32)
            nn.init.trunc_normal_(values, std=std, a=-3 * std, b=3 * std, generator=generator)
            parameter.copy_(values)

    def init_rope(self) -> None:
        """Sets the rotary tables of a module that was made without memory (on the meta device)."""
        for buffer, values in zip((self.rope_cos, self.rope_sin), rope_table(self.config), strict=True):
            buffer.copy_(values)
