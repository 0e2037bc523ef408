"""The wikitext kernel on anything at all: it never fails, takes time linear in its input, and leaves no markup."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wiki_pages import rendered, renderer, strings

MARKUP = [
    "{{", "}}", "{{{", "}}}", "[[", "]]", "[", "]", "|", "=", "''", "'''", "'''''", "\n", "==", "*", "#", ":", ";",
    "{|", "|}", "|-", "!", "<ref>", "</ref>", "<ref/>", "<ref", "<!--", "-->", "<math>", "</math>", "<gallery>",
    "</gallery>", "<div>", "</div>", "<sup>", "</sup>", "<sub>", "</sub>", "<br>", "<table>", "</table>", "__TOC__",
    "-{", "}-", "&", "&amp;", "&lt;", "File:", "Category:", "de:", "http://x", "[http://x", "nowrap",
    "convert|1|km|mi", "lang|fr|x", "#if:", "#switch:", "#expr:1/0", "formatnum:12", "{{!}}", "{{=}}",
    "{{convert|1e400|km}}", "hlist", "a", "(", ")", ",", ".", "é", "合", "\u00a0", "----",
]  # fmt: skip
PAGES = st.lists(st.sampled_from([*MARKUP, " ", "word", "12"]), max_size=60).map("".join)


@given(PAGES, st.sampled_from(["en", "fr", "sr", "zz"]))
def test_no_page_fails_and_no_markup_is_left(page: str, language: str) -> None:
    text = rendered(page, language)
    assert not any(mark in text for mark in ("[[", "{{", "{|", "|thumb|"))
    assert not re.search(r"<ref(erences)?\b", text)
    assert not any(ord(c) < 32 and c != "\n" for c in text)
    assert text == text.rstrip()
    assert "\n\n\n" not in text


@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    import pyarrow as pa

    pages = pa.array([data], pa.large_binary()).view(pa.large_string())
    renderer("en").render(pages, strings(["x"]))


WORDS = st.text("abcdefghé合 ,.()0", min_size=1, max_size=40).map(lambda text: " ".join(text.split()))


@given(st.lists(WORDS.filter(lambda word: any(c.isalnum() for c in word)), min_size=1, max_size=6))
def test_prose_without_markup_stays_as_it_is(paragraphs: list[str]) -> None:
    page = "\n\n".join(paragraphs)
    assert rendered(page) == page


@given(st.lists(PAGES, max_size=5))
def test_pages_do_not_depend_on_each_other(pages: list[str]) -> None:
    together, _ = renderer("en").render(strings(pages), strings([""] * len(pages)))
    assert together.to_pylist() == [rendered(page, title="") for page in pages]


REPEATED = [
    "{{", "}}", "[[", "]]", "{{{", "}}}", "{", "[", "{{a|", "{{nowrap|", "[[File:a|", "[[a|", "[[a]]", "[http://x ",
    "[http://x]", "<ref>", "<ref", "</ref>", "<ref name=a>b", "<", "<div>", "<div ", "<sup>", "<sup>a", "<table>",
    "<!--", "<nowiki>", "<math>", "<pre", "'''", "''", "'", "__a", "__TOC__", "{|\n", "|}\n", "|-\n", "\n", "=\n",
    "==a==\n", "*", "* a\n", ";a : b\n", "&", "&amp;", "&#1", "-{", "}-", "( ", "({{x}}", "){{x}}", ", {{x}}", "|",
    "|a", "=", "a=", "{{x", "{{nowrap|a|", "{{#if:", "{{#switch:a|b=", "{{lc:", "[[File:a|b\n", "[[a|b\n", "\n ", " ",
    "\u00a0", "é",
]  # fmt: skip
NESTED = [
    ("{[", "[|"), ("{{nowrap|", "}}"), ("[[a|", "]]"), ("[[File:a|", "]]"), ("{{{a|", "}}}"), ("<sup>", "</sup>"),
    ("<div>", "</div>"), ("<div class=navbox>", "</div>"), ("{{#if:x|", "}}"), ("{{#expr:(", ")}}"),
    ("{|\n|\n", "\n|}\n"), ("{{frac|", "|1}}"), ("<table>", "</table>"), ("{{lang|fr|", "}}"), ("{{hlist|a|", "}}"),
    ("-{", "}-"), ("<ref>", "</ref>"), ("(", ")"),
]  # fmt: skip
WIDE = ["{{hlist" + "|a" * 1000, "{{#switch:z" + "|a=b" * 1000, "{{nowrap" + "|1=b" * 1000, "{{convert|1|" * 1000]
LONG = ["{{#expr:" + "1+" * 1000, "{{#expr:" + "(" * 1000, "<sup>" + "1" * 1000, "[[" + "a" * 1000, "{{" + "a" * 1000]


def seconds(page: str, language: str) -> float:
    rendered("warm", language)
    start = time.process_time()
    rendered(page, language)
    return time.process_time() - start


def hostile_pages(size: int) -> list[str]:
    pages = [unit * (size // len(unit)) for unit in REPEATED]
    pages += [a * (size // (len(a) + len(b))) + "x" + b * (size // (len(a) + len(b))) for a, b in NESTED]
    pages += [unit * (size // len(unit)) + "}}" for unit in WIDE]
    return pages + [unit * (size // len(unit)) for unit in LONG]


@pytest.mark.parametrize("language", ["en", "sr"])
def test_time_is_linear_whatever_the_page(language: str) -> None:
    for short, long in zip(hostile_pages(60_000), hostile_pages(240_000), strict=True):
        before, after = seconds(short, language), seconds(long, language)
        assert after < 8 * before + 0.1, (long[:40], before, after)


def test_templates_nested_without_end_are_cut_off() -> None:
    assert rendered("{{nowrap|" * 10_000 + "deep" + "}}" * 10_000 + " end") == "end"
    assert len(rendered("{{frac|{{frac|{{frac|{{frac|a|a}}|{{frac|a|a}}}}|b}}|c}}")) < 100
