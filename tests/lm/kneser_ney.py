"""Interpolated modified Kneser-Ney smoothing written from its definition, with dictionaries and doubles: the oracle."""

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from fractions import Fraction

Ngram = tuple[str, ...]
FALLBACK = (0.5, 1.0, 1.5)


class KneserNey:
    """probability[n-gram] and backoff[n-gram], of all orders up to `order`."""

    def __init__(self, sentences: Sequence[Sequence[str]], order: int) -> None:
        self.order = order
        self.occurrences = _occurrences(sentences, order)
        self.numbers = _numbers(sentences)
        self.adjusted = [self._adjusted(n) for n in range(1, order + 1)]
        self.discounts = [self._discounts(n) for n in range(1, order + 1)]
        self.probability: dict[Ngram, float] = {}
        self.backoff: dict[Ngram, float] = {}
        self._interpolate()

    def _adjusted(self, n: int) -> dict[Ngram, int]:
        grams = self.occurrences[n - 1]
        if n == self.order:
            return dict(grams)
        before: dict[Ngram, set[str]] = defaultdict(set)
        for longer in self.occurrences[n]:
            before[longer[1:]].add(longer[0])
        # Nothing precedes the beginning of a sentence.
        return {g: grams[g] if g[0] == "<s>" else len(before[g]) for g in grams}

    def _discounts(self, n: int) -> tuple[float, ...]:
        counted = dict(self.adjusted[n - 1])
        if n < self.order:
            # lmplz counts the last n-gram of each lower order by its occurrences.
            last = max(self._longest(), key=self._suffix_order)
            suffix = last[-n:]
            if len(suffix) == n:
                counted[suffix] = self.occurrences[n - 1][suffix]
        of = Counter(counted.values())
        if not (of[1] and of[2] and of[3]):
            return FALLBACK
        y = Fraction(of[1], of[1] + 2 * of[2])
        discounts = [j - (j + 1) * y * of[j + 1] / of[j] for j in (1, 2, 3)]
        return tuple(map(float, discounts)) if all(0 < d <= j for j, d in enumerate(discounts, 1)) else FALLBACK

    def _longest(self) -> list[Ngram]:
        """N-grams as long as their sentence lets them be."""
        return [g for grams in self.occurrences for g in grams if len(g) == self.order or g[0] == "<s>"]

    def _suffix_order(self, gram: Ngram) -> list[int]:
        return [self.numbers[word] for word in reversed(gram)]

    def _discount(self, n: int, count: int) -> float:
        return self.discounts[n - 1][min(count, 3) - 1]

    def _interpolate(self) -> None:
        words = [g[0] for g in self.adjusted[0]]
        total = sum(self.adjusted[0].values())
        gamma = sum(self._discount(1, c) for c in self.adjusted[0].values()) / total
        uniform = 1 / (len(words) + 1)
        self.probability = {("<s>",): 1.0, ("<unk>",): gamma * uniform}
        for (word,), count in self.adjusted[0].items():
            self.probability[(word,)] = (count - self._discount(1, count)) / total + gamma * uniform
        for n in range(2, self.order + 1):
            following: dict[Ngram, dict[str, int]] = defaultdict(dict)
            for gram, count in self.adjusted[n - 1].items():
                following[gram[:-1]][gram[-1]] = count
            for context, counts in following.items():
                total = sum(counts.values())
                gamma = sum(self._discount(n, c) for c in counts.values()) / total
                self.backoff[context] = gamma
                for word, count in counts.items():
                    lower = self.probability[(*context[1:], word)]
                    self.probability[(*context, word)] = (count - self._discount(n, count)) / total + gamma * lower

    def lines(self) -> dict[Ngram, tuple[float, float]]:
        """n-gram -> log10 probability (at most 0), log10 back-off."""
        return {
            gram: (min(0.0, math.log10(p)), math.log10(self.backoff.get(gram, 1.0)))
            for gram, p in self.probability.items()
        }


def _occurrences(sentences: Sequence[Sequence[str]], order: int) -> list[Counter[Ngram]]:
    """How often each n-gram ends in a word or a sentence end, by order."""
    counts: list[Counter[Ngram]] = [Counter() for _ in range(order)]
    for sentence in sentences:
        padded = ("<s>", *sentence, "</s>")
        for end in range(2, len(padded) + 1):
            for n in range(1, min(order, end) + 1):
                counts[n - 1][padded[end - n : end]] += 1
    return counts


def _numbers(sentences: Sequence[Sequence[str]]) -> dict[str, int]:
    """Words numbered by first appearance."""
    numbers = {"<unk>": 0, "<s>": 1, "</s>": 2}
    for sentence in sentences:
        for word in sentence:
            numbers.setdefault(word, len(numbers))
    return numbers
