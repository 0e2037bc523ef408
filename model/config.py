"""Shapes, recipes and settings of LLaMA training runs.

Sources: LLaMA (arXiv 2302.13971) Table 2 for shapes, learning rates, batch and tokens, section 2.3 for the optimiser;
the released `params.json` files for `norm_eps`; the released model code for the feed-forward width. Where the paper is
silent (initialisation, RoPE layout, Adam's epsilon, what is decayed) the choice is a field here, stored with every run.
"""

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_type_hints

from corpus.errors import UsageError

RopeLayout = Literal["half", "interleaved"]
DecayPolicy = Literal["matrices", "all", "matrices_no_embed"]
Recompute = Literal["none", "selective", "full"]
Weights = Literal["fp32", "bf16"]


def _require(condition: bool, fault: str) -> None:
    if not condition:
        raise UsageError(f"training settings: {fault}")


def _require_number(name: str, value: object, kind: type) -> None:
    whole = isinstance(value, int) and not isinstance(value, bool)
    _require(whole or (kind is float and isinstance(value, float)), f"{name} {value!r} is not a number of its kind")


def _require_numbers(config: object, *positive: str) -> None:
    for name, kind in get_type_hints(type(config)).items():
        if kind in (int, float):
            _require_number(name, getattr(config, name), kind)
    for name in positive:
        value = getattr(config, name)
        _require(value > 0, f"{name} {value} is not positive")


def _require_choice(config: object, name: str, choices: tuple[str, ...]) -> None:
    value = getattr(config, name)
    _require(value in choices, f"{name} {value!r} is unknown; known are {', '.join(choices)}")


def _require_keys(config: type, values: Mapping[str, Any]) -> None:
    fields = dataclasses.fields(config)
    known = {field.name for field in fields}
    required = {field.name for field in fields if field.default is dataclasses.MISSING}
    unknown, missing = sorted(set(values) - known), sorted(required - set(values))
    _require(not unknown, f"unknown setting {', '.join(unknown)}; known are {', '.join(sorted(known))}")
    _require(not missing, f"setting {', '.join(missing)} is missing")


@dataclass(frozen=True, kw_only=True)
class ModelConfig:
    """The shape of one LLaMA. Raises UsageError where the numbers contradict each other."""

    dim: int
    """Width of the residual stream."""
    layers: int
    """Number of transformer blocks."""
    heads: int
    """Attention heads; LLaMA-1 has as many key and value heads."""
    vocab_size: int = 32_000
    """Pieces of the tokenizer; a training run takes it from its shards."""
    context: int = 2048
    """Positions the model is trained on, in tokens."""
    multiple_of: int = 256
    """The feed-forward width is rounded up to a multiple of this."""
    norm_eps: float = 1e-6
    """Added to the mean square in RMSNorm."""
    rope_theta: float = 10_000.0
    """Base of the rotary frequencies."""
    rope_layout: RopeLayout = "half"
    """Which dimensions of a head of width K rotate together: `half` (i, i + K/2), or `interleaved` (2i, 2i + 1) as in
    the released weights."""
    init_std: float = 0.02
    """Standard deviation of initial weights, cut at 3 of them; divided by sqrt(2 layers) for the matrices whose output
    is added to the residual stream."""

    def __post_init__(self) -> None:
        _require_numbers(
            self, "dim", "layers", "heads", "vocab_size", "context", "multiple_of", "norm_eps", "rope_theta", "init_std"
        )
        _require(
            self.dim % (2 * self.heads) == 0,
            f"dim {self.dim} is not a multiple of twice the number of heads, {self.heads}",
        )
        _require_choice(self, "rope_layout", get_args(RopeLayout))

    @property
    def head_dim(self) -> int:
        return self.dim // self.heads

    @property
    def ffn_dim(self) -> int:
        """Two thirds of 4 dim, as an integer, rounded up to a multiple of `multiple_of`."""
        return math.ceil(2 * 4 * self.dim // 3 / self.multiple_of) * self.multiple_of

    def num_params(self) -> int:
        """All parameters: blocks, norms, input embedding, output head."""
        norms = (2 * self.layers + 1) * self.dim
        return self._matmul_params() + self.vocab_size * self.dim + norms

    def flops_per_token(self, sequence_length: int | None = None) -> int:
        """Training FLOPs a token at `sequence_length` (default: the context).

        Convention: 6 times the parameters in matrix products (blocks and head, not the input embedding) plus 12 L d T
        for attention scores, the causal half not discounted.
        """
        return 6 * self._matmul_params() + 12 * self.layers * self.dim * (sequence_length or self.context)

    def _matmul_params(self) -> int:
        block = 4 * self.dim * self.dim + 3 * self.dim * self.ffn_dim
        return self.layers * block + self.vocab_size * self.dim


SIZES: dict[str, ModelConfig] = {
    "demo": ModelConfig(dim=192, layers=4, heads=6, vocab_size=2048, context=256),
    "125M": ModelConfig(dim=768, layers=12, heads=12),
    "350M": ModelConfig(dim=1024, layers=24, heads=16),
    "1.3B": ModelConfig(dim=2048, layers=24, heads=16),
    "7B": ModelConfig(dim=4096, layers=32, heads=32),
    "13B": ModelConfig(dim=5120, layers=40, heads=40),
    "33B": ModelConfig(dim=6656, layers=60, heads=52),
    "65B": ModelConfig(dim=8192, layers=80, heads=64, norm_eps=1e-5),
}


@dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """What a training run computes, and how often it writes. `configure` makes one from a size's recipe."""

    size: str
    """Name of the shape, for people; `model` is what counts."""
    model: ModelConfig
    """The shape; its context is the length of every training sequence."""
    steps: int
    """Optimiser updates of the whole run; the cosine ends here."""
    batch_sequences: int
    """Sequences in one update, over all devices."""
    micro_batch: int
    """Sequences in one forward pass; changes memory and speed, and the loss only by rounding."""
    learning_rate: float
    """Peak of the schedule."""
    warmup_steps: int
    """Updates of linear warm-up before the cosine."""
    beta1: float = 0.9
    """Adam's decay of the mean gradient."""
    beta2: float = 0.95
    """Adam's decay of the mean squared gradient."""
    eps: float = 1e-8
    """Adam's epsilon; not in the paper, the usual value."""
    weight_decay: float = 0.1
    """Decoupled weight decay, multiplied by the learning rate."""
    decay: DecayPolicy = "matrices"
    """What is decayed: tensors of two dimensions, everything, or those matrices without the input embedding."""
    clip_norm: float = 1.0
    """Largest global L2 norm of the gradient."""
    weights: Weights = "fp32"
    """How weights and Adam's moments are kept: `fp32`, 16 bytes a parameter with the gradient, or `bf16` rounded
    stochastically (see model.stochastic_adamw), 10 bytes."""
    recompute: Recompute = "none"
    """What the backward pass computes again instead of keeping it (see model.recompute); changes memory and speed."""
    compile: bool | None = None
    """Whether blocks are compiled; None: on a GPU. Changes speed, and the loss only by rounding."""
    mixture: dict[str, float] | None = None
    """Share of each source in the sequences; None: the paper's Table 1 over the sources present."""
    seed: int = 0
    """Of the initial weights and of the data order."""
    checkpoint_every: int = 1000
    """Updates between checkpoints; one is also written at the end and on SIGINT or SIGTERM."""
    keep_checkpoints: int = 3
    """Newest checkpoints kept."""
    log_every: int = 1
    """Updates between rows of metrics.jsonl."""

    def __post_init__(self) -> None:
        cadences = ("checkpoint_every", "keep_checkpoints", "log_every")
        _require_numbers(
            self, "steps", "batch_sequences", "micro_batch", "learning_rate", "eps", "clip_norm", *cadences
        )
        _require(
            0 <= self.warmup_steps < self.steps, f"warmup_steps {self.warmup_steps} is not below steps, {self.steps}"
        )
        _require(
            0 <= self.beta1 < 1 and 0 <= self.beta2 < 1, f"beta1 {self.beta1} and beta2 {self.beta2} must be in [0, 1)"
        )
        _require(self.weight_decay >= 0, f"weight_decay {self.weight_decay} is negative")
        _require(self.seed >= 0, f"seed {self.seed} is negative")
        for name, choices in (("decay", DecayPolicy), ("weights", Weights), ("recompute", Recompute)):
            _require_choice(self, name, get_args(choices))
        _require(self.compile in (None, True, False), f"compile {self.compile!r} is not true or false")
        if self.mixture is not None:
            _require(isinstance(self.mixture, dict), f"mixture {self.mixture!r} does not name sources and their shares")
            for source, share in self.mixture.items():
                _require_number(f"the share of {source}", share, float)

    @property
    def sequence_length(self) -> int:
        return self.model.context

    @property
    def batch_tokens(self) -> int:
        """Tokens in one update."""
        return self.batch_sequences * self.sequence_length

    @property
    def tokens(self) -> int:
        """Tokens of the whole run."""
        return self.steps * self.batch_tokens

    def with_vocabulary(self, vocab_size: int) -> "TrainConfig":
        return dataclasses.replace(self, model=dataclasses.replace(self.model, vocab_size=vocab_size))

    def to_dict(self) -> dict[str, Any]:
        return dataclasses.asdict(self)

    @staticmethod
    def from_dict(values: Mapping[str, Any]) -> "TrainConfig":
        """The inverse of `to_dict`. Raises UsageError for an unknown or missing key."""
        _require_keys(TrainConfig, values)
        _require_keys(ModelConfig, values["model"])
        return TrainConfig(**{**values, "model": ModelConfig(**values["model"])})


@dataclass(frozen=True, kw_only=True)
class _Recipe:
    learning_rate: float
    tokens: int
    batch_sequences: int
    micro_batch: int
    recompute: Recompute = "none"
    warmup_steps: int = 2000
    checkpoint_every: int = 1000


# The four large sizes are Table 2 of the paper (4M tokens a batch, 1.0T or 1.4T tokens) and its section 2.4. The
# smaller ones are not in the paper: about 20 tokens a parameter (arXiv 2203.15556), learning rates and batches near
# GPT-3's for the same widths (arXiv 2005.14165 Table 2.1). `demo` is set for a visible fall of the loss within two
# minutes on two CPU cores.
_RECIPES: dict[str, _Recipe] = {
    "demo": _Recipe(
        learning_rate=3e-3, tokens=409_600, batch_sequences=4, micro_batch=4, warmup_steps=40, checkpoint_every=100
    ),
    "125M": _Recipe(learning_rate=6e-4, tokens=2_500_000_000, batch_sequences=256, micro_batch=32),
    "350M": _Recipe(learning_rate=3e-4, tokens=7_000_000_000, batch_sequences=256, micro_batch=16),
    "1.3B": _Recipe(learning_rate=3e-4, tokens=27_000_000_000, batch_sequences=512, micro_batch=8),
    "7B": _Recipe(
        learning_rate=3e-4, tokens=1_000_000_000_000, batch_sequences=2048, micro_batch=2, recompute="selective"
    ),
    "13B": _Recipe(
        learning_rate=3e-4, tokens=1_000_000_000_000, batch_sequences=2048, micro_batch=1, recompute="selective"
    ),
    "33B": _Recipe(
        learning_rate=1.5e-4, tokens=1_400_000_000_000, batch_sequences=2048, micro_batch=1, recompute="selective"
    ),
    "65B": _Recipe(
        learning_rate=1.5e-4, tokens=1_400_000_000_000, batch_sequences=2048, micro_batch=1, recompute="selective"
    ),
}


def configure(
    size: str, *, tokens: int | None = None, sequence_length: int | None = None, **settings: Any
) -> TrainConfig:
    """The recipe of `size` (a key of SIZES) with `settings`, fields of TrainConfig but `size` and `model`, put over it.

    The length of the run is given as `steps` or as `tokens`, which are rounded to whole steps. A warm-up that is not
    given is at most a tenth of the run. Raises UsageError for an unknown size or setting and for values that make no
    sense.
    """
    if size not in SIZES:
        raise UsageError(f"unknown model size {size!r}; known are {', '.join(SIZES)}")
    _require(tokens is None or "steps" not in settings, "give steps or tokens, not both")
    _require(tokens is None or tokens > 0, f"tokens {tokens} is not positive")
    _require("model" not in settings, "the shape follows from the size and cannot be set")
    recipe = _RECIPES[size]
    model = SIZES[size] if sequence_length is None else dataclasses.replace(SIZES[size], context=sequence_length)
    values: dict[str, Any] = {"size": size, "model": model, **dataclasses.asdict(recipe), **settings}
    recipe_tokens = values.pop("tokens")
    for name in values.keys() & {"batch_sequences", "micro_batch", "steps"}:
        _require_number(name, values[name], int)
        _require(values[name] > 0, f"{name} {values[name]} is not positive")
    if "steps" not in settings:
        values["steps"] = max(1, round((tokens or recipe_tokens) / (values["batch_sequences"] * model.context)))
    if "warmup_steps" not in settings:
        values["warmup_steps"] = min(recipe.warmup_steps, values["steps"] // 10)
    values["micro_batch"] = min(values["micro_batch"], values["batch_sequences"])
    _require_keys(TrainConfig, values)
    return TrainConfig(**values)
