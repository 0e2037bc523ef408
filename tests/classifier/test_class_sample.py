"""Which pages are chosen: each text once, none in two classes, in no order but that of hashes."""

import io
import random
from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from corpus.quality.classifier.sample import CC, WIKI, ClassSample, balanced, lines, words_of


def sample(label: str, texts: Iterable[str], most: int = 100, min_length: int = 0, seed: int = 0) -> ClassSample:
    made = ClassSample(label, io.BytesIO(), most, min_length, seed, remember=label == WIKI)
    for text in texts:
        made.offer(text)
    return made


def chosen(made: ClassSample) -> list[bytes]:
    return [made.words(example) for example in made.examples()]


def test_words_are_fasttexts() -> None:
    assert words_of(" a\tb\n\nc\vd\fe\r\0f ") == b"a b c d e f"
    assert words_of("one __label__two __label__ three__label__x") == b"one three__label__x"
    assert words_of("one two</s> </s> three") == b"one two</s>"
    assert words_of("ein\u00a0Wort \x1c\x85") == "ein\u00a0Wort \x1c\x85".encode()
    assert words_of(" \n </s> x") == b""


def test_length_is_of_characters_and_its_limit_is_kept() -> None:
    made = sample(CC, ["é" * 9, "é" * 10, "x" * 11, " " * 20], min_length=10)
    assert sorted(chosen(made)) == [b"x" * 11, ("é" * 10).encode()]
    assert (made.offered, made.too_short, made.duplicates) == (4, 2, 0)


def test_texts_that_differ_in_spaces_are_the_same() -> None:
    for label in (WIKI, CC):
        made = sample(label, ["a b", "a\nb", "b a", " a  b", "c"])
        assert sorted(chosen(made)) == [b"a b", b"b a", b"c"]
        assert made.duplicates == 2


TEXTS = [f"text {number}" for number in range(1000)]


@given(st.randoms(use_true_random=False), st.integers(1, 60), st.integers(0, 3))
def test_neither_order_nor_repetition_change_the_choice(shuffle: random.Random, most: int, seed: int) -> None:
    few = TEXTS[:50]
    mixed = few * 2 + few[:20]
    shuffle.shuffle(mixed)
    assert chosen(sample(CC, mixed, most, seed=seed)) == chosen(sample(CC, few, most, seed=seed))


def test_the_choice_is_a_part_of_the_larger_choice_and_depends_on_the_seed() -> None:
    ten, hundred = chosen(sample(CC, TEXTS, 10)), chosen(sample(CC, TEXTS, 100))
    assert hundred[:10] == ten
    assert len(hundred) == 100
    assert chosen(sample(CC, TEXTS, 10, seed=1)) != ten
    drawn = sum(int(words.split()[1]) for seed in range(40) for words in chosen(sample(CC, TEXTS, 25, seed=seed)))
    assert abs(drawn / 1000 - 499.5) < 30  # 3 standard deviations of the mean of 1000 numbers below 1000


def test_classes_are_balanced_and_share_no_text() -> None:
    positive, negative = sample(WIKI, TEXTS[:30]), sample(CC, TEXTS[20:])
    examples, in_both = balanced(positive, negative)
    labels = [example.label for example in examples]
    assert (labels.count(WIKI), labels.count(CC)) == (30, 30)
    assert in_both == len({words.decode() for words in chosen(negative)} & set(TEXTS[:30]))
    assert len({example.digest for example in examples}) == 60
    assert 8 < labels[:30].count(WIKI) < 22


def test_a_text_of_both_classes_is_positive_even_if_not_chosen_there() -> None:
    positive, negative = sample(WIKI, TEXTS[:100], most=5), sample(CC, TEXTS[:103])
    examples, in_both = balanced(positive, negative)
    assert in_both == 100 - (100 - len({e.digest for e in negative.examples()} & positive.seen))
    assert [example for example in examples if example.label == CC and example.digest in positive.seen] == []


def test_lines_are_labelled() -> None:
    positive, negative = sample(WIKI, ["a\nb"]), sample(CC, ["c"])
    written = list(lines(balanced(positive, negative)[0], positive, negative))
    assert sorted(written) == [b"__label__cc c\n", b"__label__wiki a b\n"]


def test_the_held_out_share_is_that_of_texts_alone() -> None:
    first, second = (sample(label, TEXTS, 1000, seed=seed).examples() for label, seed in ((WIKI, 0), (CC, 5)))
    held_out = {example.digest for example in first if example.is_held_out(0.1)}
    assert held_out == {example.digest for example in second if example.is_held_out(0.1)}
    assert 70 < len(held_out) < 130
    assert held_out < {example.digest for example in first if example.is_held_out(0.3)}
