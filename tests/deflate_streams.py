"""Deflate streams no compressor writes: any parse of the data, in any prefix codes, in blocks of every type."""

import random
from dataclasses import dataclass, field

END_OF_BLOCK = 256
ORDER = (16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15)

Token = tuple[int, int]
"""A literal and 0, or the length and distance of a match."""


def _bases(first: int, counts: list[int]) -> list[tuple[int, int]]:
    bases = []
    for extra, count in enumerate(counts):
        for _ in range(count):
            bases.append((first, extra))
            first += 1 << extra
    return bases


LENGTHS = [*_bases(3, [8, 4, 4, 4, 4, 4]), (258, 0)]
DISTANCES = _bases(1, [4] + [2] * 13)


@dataclass
class Bits:
    """Bits one behind the other, the first the lowest of its byte."""

    whole: bytearray = field(default_factory=bytearray)
    rest: int = 0
    count: int = 0

    def put(self, value: int, count: int) -> None:
        self.rest |= value << self.count
        self.count += count
        size = self.count // 8
        self.whole += (self.rest & (1 << 8 * size) - 1).to_bytes(size, "little")
        self.rest >>= 8 * size
        self.count -= 8 * size

    def align(self) -> None:
        self.put(0, -self.count % 8)

    def to_bytes(self) -> bytes:
        self.align()
        return bytes(self.whole)


@dataclass
class Code:
    """A prefix code: bits of each symbol, 0 for none."""

    lengths: list[int]
    words: dict[int, tuple[int, int]] = field(init=False)

    def __post_init__(self) -> None:
        self.words, word = {}, 0
        for length in range(1, 16):
            for symbol, own in enumerate(self.lengths):
                if own == length:
                    self.words[symbol] = (int(f"{word:0{length}b}"[::-1], 2), length)
                    word += 1
            word <<= 1


def random_code(rng: random.Random, symbols: set[int], size: int, longest: int) -> Code:
    """A complete code for `symbols` and perhaps some others below `size`; of one bit where there is one symbol."""
    chosen = list(symbols | {rng.randrange(size) for _ in range(rng.choice([0, 1, 40]))})
    if not chosen:
        return Code([0] * size)
    leaves = [0]
    while len(leaves) < len(chosen):
        leaves.sort()
        at = rng.choice([0, -1, rng.randrange(len(leaves))])
        if leaves[at] == longest:
            at = 0
        depth = leaves.pop(at) + 1
        leaves += [depth, depth]
    rng.shuffle(chosen)
    lengths = [0] * size
    for symbol, depth in zip(chosen, leaves, strict=True):
        lengths[symbol] = max(depth, 1)
    return Code(lengths)


FIXED = (Code([8] * 144 + [9] * 112 + [7] * 24 + [8] * 8), Code([5] * 32))


def parse(rng: random.Random, data: bytes, begin: int, end: int) -> list[Token]:
    """data[begin:end] as literals and matches, which may lie anywhere before, found at random."""
    tokens: list[Token] = []
    eagerness = rng.random()
    while begin < end:
        token, most = (data[begin], 0), min(end - begin, 258)
        if begin and most >= 3 and rng.random() < eagerness:
            window = max(0, begin - 32768)
            found = data.find(data[begin : begin + 3], rng.choice([window, rng.randint(window, begin)]), begin + 2)
            if found >= 0:
                length = 3
                while length < most and data[found + length] == data[begin + length]:
                    length += 1
                token = (rng.choice([length, length, rng.randint(3, length)]), begin - found)
        tokens.append(token)
        begin += token[0] if token[1] else 1
    return tokens


def _symbol(bases: list[tuple[int, int]], value: int) -> tuple[int, int, int]:
    """Number, extra bits and how many of them there are."""
    number = max(number for number, (base, _) in enumerate(bases) if base <= value)
    return number, value - bases[number][0], bases[number][1]


def _write_tokens(out: Bits, tokens: list[Token], literal: Code, distance: Code) -> None:
    for value, back in tokens:
        if not back:
            out.put(*literal.words[value])
            continue
        number, extra, count = _symbol(LENGTHS, value)
        out.put(*literal.words[257 + number])
        out.put(extra, count)
        number, extra, count = _symbol(DISTANCES, back)
        out.put(*distance.words[number])
        out.put(extra, count)
    out.put(*literal.words[END_OF_BLOCK])


def _runs(rng: random.Random, lengths: list[int]) -> list[tuple[int, int, int]]:
    """Code lengths as symbols with their extra bits; what repeats is told so or not, as it falls."""
    symbols, at = [], 0
    while at < len(lengths):
        run = 1
        while at + run < len(lengths) and lengths[at + run] == lengths[at]:
            run += 1
        told = rng.randint(0, run) if rng.random() < 0.5 else run
        if lengths[at] == 0 and told >= 3:
            told = min(told, 138)
            symbols.append((17, told - 3, 3) if told < 11 else (18, told - 11, 7))
        elif at and lengths[at] == lengths[at - 1] and told >= 3:
            told = min(told, 6)
            symbols.append((16, told - 3, 2))
        else:
            told = 1
            symbols.append((lengths[at], 0, 0))
        at += told
    return symbols


def _write_dynamic(rng: random.Random, out: Bits, tokens: list[Token]) -> None:
    used = {END_OF_BLOCK} | {257 + _symbol(LENGTHS, value)[0] if back else value for value, back in tokens}
    if len(used) == 1:
        used.add(0)
    literal = random_code(rng, used, 286, rng.choice([10, 12, 15]))
    backs = {_symbol(DISTANCES, back)[0] for _, back in tokens if back}
    distance = random_code(rng, backs, 30, rng.choice([6, 9, 15]))
    last_literal = max(literal.words)
    last_distance = max(distance.words, default=0)
    runs = _runs(rng, literal.lengths[: last_literal + 1] + distance.lengths[: last_distance + 1])
    kinds = {kind for kind, _, _ in runs}
    code = random_code(rng, kinds | ({0, 1} if len(kinds) < 2 else set()), 19, 7)
    given = max(number for number, symbol in enumerate(ORDER) if code.lengths[symbol]) + 1
    given = max(given, 4)
    out.put(max(last_literal + 1, 257) - 257, 5)
    out.put(last_distance, 5)
    out.put(given - 4, 4)
    for symbol in ORDER[:given]:
        out.put(code.lengths[symbol], 3)
    for kind, extra, count in runs:
        out.put(*code.words[kind])
        out.put(extra, count)
    _write_tokens(out, tokens, literal, distance)


def deflate(rng: random.Random, data: bytes, blocks: int) -> bytes:
    """`data` in so many blocks of random types."""
    ends = [*sorted(rng.randint(0, len(data)) for _ in range(blocks - 1)), len(data)]
    out, begin = Bits(), 0
    for number, end in enumerate(ends):
        kind = rng.choice([0, 1, 2, 2, 2]) if end - begin < 65536 else 2
        out.put(number == blocks - 1, 1)
        out.put(kind, 2)
        if kind == 0:
            out.align()
            for value in (end - begin, end - begin ^ 0xFFFF):
                out.put(value, 16)
            out.put(int.from_bytes(data[begin:end], "little"), 8 * (end - begin))
        elif kind == 1:
            _write_tokens(out, parse(rng, data, begin, end), *FIXED)
        else:
            _write_dynamic(rng, out, parse(rng, data, begin, end))
        begin = end
    return out.to_bytes()
