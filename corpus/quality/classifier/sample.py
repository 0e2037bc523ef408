"""Which pages a classifier is trained on and which it is tested with: different texts, drawn by their hashes."""

import hashlib
import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

WIKI, CC = "wiki", "cc"
"""RedPajama's labels: a page that Wikipedia cites, and any page of the crawl."""

_END_OF_LINE, _LABEL = b"</s>", b"__label__"


def words_of(text: str) -> bytes:
    """The words of a text as fastText divides it, by single spaces: without labels, up to the token of line ends.

    A model so trained sees a text as its predictions will: there a word "</s>" ends the text, and labels are nothing.
    """
    words = text.encode().replace(b"\0", b" ").split()
    if _END_OF_LINE in words:
        words = words[: words.index(_END_OF_LINE)]
    return b" ".join(word for word in words if not word.startswith(_LABEL))


@dataclass(frozen=True, order=True)
class Example:
    """A chosen text: its rank among all, digest of its words, label, and place in the file of its class."""

    rank: int
    digest: bytes
    label: str
    offset: int
    length: int

    def is_held_out(self, share: float) -> bool:
        """Of different texts about this share is, decided by each one's words alone."""
        return _hash(self.digest, b"held out") < share * 2.0**64


@dataclass
class ClassSample:
    """The `most` texts of lowest rank of one class, each once; ranks are a hash of words and seed.

    So the choice is as random as a reservoir's, and depends neither on the order of pages nor on how often a text
    occurs. stream: where the words of texts are kept; of n texts it gets about most * (1 + ln(n / most)).
    seen: digests of all texts offered, where asked for (about 100 bytes each). too_short, duplicates: counted.
    """

    label: str
    stream: BinaryIO
    most: int
    min_length: int
    seed: int
    remember: bool = False
    offered: int = 0
    too_short: int = 0
    duplicates: int = 0
    seen: set[bytes] = field(default_factory=set)
    _chosen: dict[bytes, Example] = field(default_factory=dict)
    _worst: list[tuple[int, bytes]] = field(default_factory=list)

    @property
    def different(self) -> int:
        """Texts offered that were long enough and not seen to be copies."""
        return self.offered - self.too_short - self.duplicates

    def offer(self, text: str) -> None:
        self.offered += 1
        words = words_of(text)
        if len(text) < self.min_length or not words:
            self.too_short += 1
            return
        digest = hashlib.blake2b(words, digest_size=16).digest()
        if digest in self._chosen or digest in self.seen:
            self.duplicates += 1
            return
        if self.remember:
            self.seen.add(digest)
        rank = _hash(digest, self.seed.to_bytes(8, "little"))
        if len(self._worst) == self.most:
            if rank >= -self._worst[0][0]:
                return
            del self._chosen[heapq.heappop(self._worst)[1]]
        heapq.heappush(self._worst, (-rank, digest))
        self._chosen[digest] = Example(rank, digest, self.label, self.stream.tell(), len(words))
        self.stream.write(words)

    def examples(self) -> list[Example]:
        """In order of rank."""
        return sorted(self._chosen.values())

    def words(self, example: Example) -> bytes:
        self.stream.seek(example.offset)
        return self.stream.read(example.length)


def balanced(positive: ClassSample, negative: ClassSample) -> tuple[list[Example], int]:
    """As many examples of one class as of the other, the lowest ranks of each; and how many texts both had.

    Such a text is positive. positive: must remember what was offered. The examples are in order of digests, which mixes
    the classes; ranks would not, since those chosen of a large class are all low.
    """
    positives = positive.examples()
    negatives = negative.examples()
    single = [example for example in negatives if example.digest not in positive.seen]
    count = min(len(positives), len(single))
    examples = sorted([*positives[:count], *single[:count]], key=lambda example: example.digest)
    return examples, len(negatives) - len(single)


def lines(examples: Sequence[Example], *classes: ClassSample) -> Iterator[bytes]:
    """The examples as fastText reads them: label, words."""
    by_label = {sample.label: sample for sample in classes}
    for example in examples:
        yield b"__label__%s %s\n" % (example.label.encode(), by_label[example.label].words(example))


def _hash(digest: bytes, key: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(digest, digest_size=8, key=key).digest(), "little")
