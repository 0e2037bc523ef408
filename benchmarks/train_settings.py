"""What benchmarks/train.py measures: shapes, passes, and the jobs it starts, a process each."""

from dataclasses import asdict, dataclass
from typing import Any

from model.config import SIZES, ModelConfig, Recompute, TrainConfig, Weights

OURS, PLAIN, COMPILED = "llama-corpus", "transformers", "transformers, compiled"
SYSTEMS = (OURS, COMPILED, PLAIN)


@dataclass(frozen=True)
class Shape:
    """One size as it is trained here."""

    model: ModelConfig
    micro_batch: int
    """Sequences in one pass; halved for a system that runs out of memory."""
    weights: Weights
    recompute: Recompute = "none"
    passes: int = 4
    """Passes in one update."""


# In the order they are measured. Passes are sized for about 139 GiB: some 8 D + 3 F numbers of two bytes a token and
# block without recomputation. 7B keeps its weights in bf16, in ours and in transformers' loop.
SHAPES: dict[str, Shape] = {
    "tiny": Shape(ModelConfig(dim=64, layers=2, heads=2, vocab_size=512, context=64), micro_batch=2, weights="bf16"),
    "1.3B": Shape(SIZES["1.3B"], micro_batch=8, weights="fp32"),
    "7B": Shape(SIZES["7B"], micro_batch=4, weights="bf16"),
    "350M": Shape(SIZES["350M"], micro_batch=16, weights="fp32"),
    "125M": Shape(SIZES["125M"], micro_batch=32, weights="fp32"),
}


@dataclass(frozen=True)
class Job:
    """What one process measures."""

    system: str
    """One of SYSTEMS, or `matmul`: how fast the matrix products alone would be."""
    size: str
    shards: str
    device: str
    micro_batch: int
    sequences: int
    """In one update."""
    seconds: float
    """About how long is measured, after two updates that are not."""
    profile: bool = False

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    def config(self, vocab_size: int) -> TrainConfig:
        shape = SHAPES[self.size]
        return TrainConfig(
            size=self.size,
            model=shape.model,
            steps=1_000_000,
            batch_sequences=self.sequences,
            micro_batch=self.micro_batch,
            learning_rate=3e-4,
            warmup_steps=2000,
            weights=shape.weights,
            recompute=shape.recompute,
            compile=True,
        ).with_vocabulary(vocab_size)
