"""Plain-Python definitions of the quality kernels. Words are spaCy's own, sentences NLTK's own."""

import re
from collections import Counter
from functools import cache
from typing import Any

import spacy
from datatrove.utils.text import PUNCTUATION_SET, TERMINAL_PUNCTUATION
from nltk.tokenize.punkt import PunktLanguageVars, PunktParameters, PunktSentenceTokenizer

STOP_WORDS = ("the", "be", "to", "of", "and", "that", "have", "with")


@cache
def tokenizer() -> Any:
    return spacy.blank("en").tokenizer


def english_words(text: str) -> list[str]:
    return [token.text for token in tokenizer()(text) if token.text.strip()] if text else []


def repeats(pieces: list[str]) -> tuple[int, int, int]:
    """Pieces, those that occurred before, and their characters."""
    seen: set[str] = set()
    again = [piece for piece in pieces if piece in seen or seen.add(piece)]  # type: ignore[func-returns-value]
    return len(pieces), len(again), sum(map(len, again))


def top_gram(words: list[str], n: int) -> int:
    grams = Counter(" ".join(words[i : i + n]) for i in range(len(words) - n + 1))
    gram, count = grams.most_common(1)[0] if grams else ("", 0)
    return len(gram) * count


def repeated_grams(words: list[str], n: int) -> int:
    seen: set[str] = set()
    length = at = 0
    while at + n <= len(words):
        gram = "".join(words[at : at + n])
        if gram in seen:
            length += len(gram)
            at += n
        else:
            seen.add(gram)
            at += 1
    return length


def text_statistics(text: str, short_line: int) -> dict[str, int]:
    words = english_words(text)
    nonsymbol = [word for word in words if not set(word) <= PUNCTUATION_SET]
    lines = text.splitlines()
    text_lines = [line for line in text.split("\n") if line.strip()]
    paragraphs, blocks = repeats(re.split(r"\n{2,}", text.strip())), repeats(re.split(r"\n+", text))
    return {
        "characters": len(text),
        "words": len(words),
        "nonsymbol_words": len(nonsymbol),
        "nonsymbol_characters": sum(map(len, nonsymbol)),
        "letter_words": sum(any(map(str.isalpha, word)) for word in words),
        "stop_words": len(set(words) & set(STOP_WORDS)),
        "hashes": text.count("#"),
        "ellipses": text.count("...") + text.count("…"),
        "newlines": text.count("\n"),
        "lines": len(lines),
        "bullet_lines": sum(line.lstrip().startswith(("•", "-")) for line in lines),
        "ellipsis_lines": sum(line.rstrip().endswith(("...", "…")) for line in lines),
        "text_lines": len(text_lines),
        "terminal_lines": sum(line.endswith(tuple(TERMINAL_PUNCTUATION)) for line in text_lines),
        "short_lines": sum(len(line) <= short_line for line in text_lines),
        "repeated_text_line_characters": repeats(text_lines)[2],
        **dict(zip(("paragraphs", "repeated_paragraphs", "repeated_paragraph_characters"), paragraphs, strict=True)),
        **dict(zip(("blocks", "repeated_blocks", "repeated_block_characters"), blocks, strict=True)),
        **{f"top_{n}gram": top_gram(words, n) for n in (2, 3, 4)},
        **{f"repeated_{n}grams": repeated_grams(words, n) for n in range(5, 11)},
    }


class QuotingLanguage(PunktLanguageVars):
    """What NLTK 3.10 changed: curly and angle quotation marks are punctuation that ends words and closes sentences."""

    re_boundary_realignment = re.compile(r"[\"')\]}‘’“”«»]+?(?:\s+|(?=--)|$)", re.MULTILINE)

    @property
    def _re_non_word_chars(self) -> str:
        return r"(?:[)\";}\]*:@'({\[‘’“”«»?!])"


def split_sentences(text: str) -> list[str]:
    return PunktSentenceTokenizer().tokenize(text)


def count_sentences(text: str, parameters: PunktParameters | None = None, quotes: bool = True) -> int:
    language = QuotingLanguage() if quotes else PunktLanguageVars()
    return len(PunktSentenceTokenizer(parameters, lang_vars=language).tokenize(text))


POLICIES = ("terms of use", "privacy policy", "cookie policy", "uses cookies", "use of cookies", "use cookies")


def clean_page(
    text: str, min_words: int = 5, min_sentences: int = 3, max_word: int = 1000, end_marks: bool = True
) -> tuple[str | None, Counter[str]]:
    """The cleaned page, None where it is dropped, and the counts."""
    counts: Counter[str] = Counter()
    kept: list[str] = []
    for raw in text.splitlines():
        line = raw.strip()
        if any(len(word) > max_word for word in line.split()):
            counts["too_long_word"] += 1
            continue
        line = re.sub(r"\[(\d*|edit|citation needed)\]", "", line)
        if end_marks and (line[-1:] not in tuple('.?!"') or line.endswith("...")):
            counts["no_endmark"] += 1
            continue
        if len(line.split()) < min_words:
            counts["too_short"] += 1
            continue
        lower = line.lower()
        if "lorem ipsum" in lower:
            counts["lorem_ipsum"] = 1
            return None, counts
        if "javascript" in lower:
            counts["javascript"] += 1
            continue
        if "{" in line:
            counts["curly_bracket"] = 1
            return None, counts
        if any(policy in lower for policy in POLICIES):
            counts["policy"] += 1
            continue
        counts["sentences"] += count_sentences(line)
        counts["passed"] += 1
        kept.append(line)
    if counts["sentences"] < min_sentences:
        counts["too_few_sentences"] = 1
        return None, counts
    return "\n".join(kept).strip(), counts
