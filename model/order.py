"""The order of training data as a function of one whole number.

Training sequence k is a pure function of (sequences in each source, weights, seed, k):

1. the mixture says which source k comes from and that it is the j-th draw from it, each source's share kept to within
   one sequence at every prefix (`mixture`);
2. draw j of a source with N sequences belongs to epoch j div N, and the epoch's own keyed permutation of 0 … N - 1
   sends j mod N to a sequence of the source (`permutation`): each exactly once an epoch, no repeat within the last one
   however short it is cut.

Nothing is drawn at random while training, so there is no state to save: a step number is enough to continue, with any
number of ranks, and to say what any step saw. Cost and memory do not depend on k or on the amount of data.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from corpus.errors import UsageError
from corpus.table1 import PAPER_WEIGHTS
from model.mixture import Mixture
from model.permutation import hash_words, mix, permute

_EPOCH_STRIDE = np.uint64(0xD1B54A32D192ED03)  # odd, so that epochs' keys differ


@dataclass(frozen=True)
class Draws:
    """Where training sequences come from; int64 [n] each."""

    sources: np.ndarray  # index in `DataOrder.sources`
    epochs: np.ndarray  # from 0
    positions: np.ndarray  # number of the sequence inside its source, from 0


class DataOrder:
    """The order in which sequences of several sources are trained on.

    `sequences` gives the number of sequences each source holds. `weights` are token shares, which all sequences being
    equally long are shares of sequences; they need not add up to anything, a source of weight 0 is left out, and by
    default they are the paper's over the sources there are. `sources` is sorted by name; `weights` holds the shares
    the quotas are exact for, with sum 1.
    """

    def __init__(self, sequences: Mapping[str, int], weights: Mapping[str, float] | None = None, seed: int = 0) -> None:
        """`UsageError` for weights of unknown or empty sources, sources the paper does not weigh, and bad seeds."""
        if not 0 <= seed < 1 << 63:
            raise UsageError(f"seed {seed} is not between 0 and 2^63 - 1")
        self._mixture = Mixture(_chosen(sequences, weights))
        self.sources = self._mixture.sources
        self.weights = {name: share / self._mixture.period for name, share in self._mixture.shares.items()}
        self._sizes = [sequences[name] for name in self.sources]
        # By name, not by number: a source keeps its shuffle when others come or go.
        self._keys = [np.uint64(hash_words(seed, *name.encode())) for name in self.sources]

    def draws(self, numbers: np.ndarray) -> Draws:
        """The origin of the training sequences of these int64 [n] numbers, none negative."""
        sources, draws = self._mixture.draws(numbers)
        epochs = np.empty_like(draws)
        positions = np.empty_like(draws)
        for source in np.unique(sources):
            chosen = sources == source
            epochs[chosen], within = np.divmod(draws[chosen], self._sizes[source])
            keys = mix(self._keys[source] + epochs[chosen].astype(np.uint64) * _EPOCH_STRIDE)
            positions[chosen] = permute(within, self._sizes[source], keys)
        return Draws(sources, epochs, positions)

    def counts(self, sequences: int) -> dict[str, int]:
        """How many of the first `sequences` training sequences come from each source."""
        return {name: self._mixture.count(source, sequences) for source, name in enumerate(self.sources)}

    def epochs(self, sequences: int) -> dict[str, float]:
        """How many times each source is gone through in a run of that many training sequences."""
        counts = self.counts(sequences)
        return {name: counts[name] / size for name, size in zip(self.sources, self._sizes, strict=True)}


def _chosen(sequences: Mapping[str, int], weights: Mapping[str, float] | None) -> dict[str, float]:
    """The weights to schedule: those given but for zeros, or the paper's."""
    if weights is None:
        if unknown := sorted(sequences.keys() - PAPER_WEIGHTS.keys()):
            raise UsageError(f"the paper has no weight for {', '.join(unknown)}; give the weights of all sources")
        weights = {name: PAPER_WEIGHTS[name] for name in sequences}
    elif unknown := sorted(weights.keys() - sequences.keys()):
        raise UsageError(
            f"weights name {', '.join(unknown)}; the shards hold {', '.join(sorted(sequences)) or 'nothing'}"
        )
    chosen = {name: weight for name, weight in weights.items() if weight != 0}
    if not chosen:
        raise UsageError("no source has a weight above 0; give at least one")
    if empty := sorted(name for name in chosen if sequences[name] <= 0):
        raise UsageError(
            f"{', '.join(empty)}: not enough tokens for one sequence; add documents or set the weight to 0"
        )
    return chosen
