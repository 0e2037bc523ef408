"""The addresses in an article's references."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.quality.classifier.citations import cited_urls

U, V, W = "http://a.org/1", "https://b.org/2?x=1", "http://c.org/3"


@pytest.mark.parametrize(
    ("wikitext", "urls"),
    [
        (f"Text.<ref>{U}</ref>", [U]),
        (f"<ref>[{U} title]</ref>", [U]),
        (f"<ref>[{U}]</ref>", [U]),
        (f'<ref name="x y">{U}</ref>', [U]),
        (f"<ref name=x group=note >{U}</ref >", [U]),
        (f"<REF NAME=x>{U}</Ref>", [U]),
        (f'<ref name="x" /> then {W} <ref name=y/><ref>{U}</ref>', [U]),
        (f"<ref>{U}</ref> and <ref>{V}</ref><ref name=z>{W}</ref>", [U, V, W]),
        (f"<ref>\n{{{{cite web\n | title = T\n | url = {U}\n}}}}\n</ref>", [U]),
        (f"<ref>{{{{cite web|url={U}|archive-url=http://arch.org/x|title=T}}}}</ref>", [U]),
        (f"<ref>{{{{cite web|archiveurl=http://arch.org/x|url={U}}}}}</ref>", [U]),
        ("<ref>{{cite web|archive-url=http://arch.org/x|url=}}</ref>", ["http://arch.org/x"]),
        (f"<ref>{{{{cite web|archive-url=https://web.archive.org/web/20080102030405/{U}|url=}}}}</ref>", [U]),
        (f"<ref>[https://web.archive.org/web/2008/{U} copy]</ref>", [U]),
        ("<ref>http://web.archive.org/web/20080102id_/http:/a.org/1</ref>", [U]),
        (f"<ref>https://archive.today/20120101000000/{U}</ref>", [U]),
        (f"<ref>{{{{Cita web|url={U}|urlarchivio=http://arch.org/x}}}}</ref>", [U]),
        (f"<ref>{{{{cite web|url={U}|архів=http://arch.org/x}}}}</ref>", [U]),
        (f"<ref>{{{{cite book|chapter-url={U}|url={V}}}}}</ref>", [U, V]),
        (f"<ref>{{{{citation|url={U}|quote={{{{lang|fr|[{V} oui]}}}}}}}}</ref>", [V, U]),
        (f"<ref>{{{{cite web|1={U}}}}} {{{{dead link}}}} and {V}</ref>", [U, V]),
        ("<ref>{{sfn|Smith|2000|p=1}}</ref>{{sfn|Smith|2000}}", []),
        ("<ref>Smith, p. 12</ref>", []),
        (f"{U} outside, [{V} link] <references /> {{{{cite web|url={W}}}}}", []),
        (f"<references><ref name=a>{U}</ref>\n<ref name=b>{V}</ref></references>", [U, V]),
        ("<ref>[//a.org/1 title]</ref>", ["//a.org/1"]),
        ("<ref>{{cite web|url=//a.org/1|title=either//or}}</ref>", ["//a.org/1"]),
        ("<ref>either//or.example/ else</ref>", []),
        ("<ref>http://a.org/?b=1&amp;c=2&copy=3</ref>", ["http://a.org/?b=1&c=2&copy=3"]),
        ("<ref>{{cite web|url=http://a.org/x{{=}}y{{!}}z}}</ref>", ["http://a.org/x=y"]),
        ("<ref>See http://a.org/x, http://a.org/y. (http://a.org/z)</ref>", [f"http://a.org/{c}" for c in "xyz"]),
        ("<ref>http://a.org/x_(y)</ref>", ["http://a.org/x_(y)"]),
        ("<ref>[http://a.org/x. T] {{cite web|url=http://a.org/y.}}</ref>", ["http://a.org/x.", "http://a.org/y."]),
        ("<ref>''[http://a.org/x''T'']''</ref>", ["http://a.org/x"]),
        ("<ref>http://a.org/x&lt;br&gt;</ref>", ["http://a.org/x"]),
        (f"<!-- <ref>{U}</ref> --><ref>{V}<!-- {W} --></ref>", [V]),
        (f"<nowiki><ref>{U}</ref></nowiki><ref>{V}</ref>", [V]),
        (f"<ref>{U}", []),
        (f"<ref>{U}</ref><!-- <ref>{V}</ref>", [U]),
        (f"<ref>{{{{cite web|url={U}</ref>", [U]),
        (f"<ref>}}}}{U}</ref>", [U]),
        ("<ref>ftp://a.org/x news:a HTTP://A.org/x</ref>", ["HTTP://A.org/x"]),
        ("<ref>{{cite web|url={{{url}}}}}</ref>", []),
    ],
)
def test_references(wikitext: str, urls: list[str]) -> None:
    assert list(cited_urls(wikitext)) == urls


def test_parameter_names_reach_only_over_their_own_value() -> None:
    text = f"<ref>{{{{cite web|archive-url=http://arch.org/x|title=|note={U}}}}}{{{{cite web|archive-url={V}}}}}</ref>"
    assert list(cited_urls(text)) == [U, V]


TOKENS = ["<ref>", "<ref name=x>", "</ref>", "<ref/>", "{{", "}}", "|", "url=", "archive-url=", "[", "]", "<!--", "-->"]


@given(st.lists(st.one_of(st.sampled_from([*TOKENS, U, V, "<nowiki>", "''", "&amp;", "//", " "]), st.text(max_size=4))))
def test_no_markup_breaks_it(tokens: list[str]) -> None:
    for url in cited_urls("".join(tokens)):
        assert "//" in url
        assert not set(url) & set(' \t\n<>[]{}|"')


@pytest.mark.parametrize(
    "piece",
    [
        *TOKENS,
        U,
        f"<ref>{U}",
        "<ref ",
        "</ref ",
        "<nowiki>",
        "<nowiki",
        "{{a|",
        f"|{U} ",
        f"{U} ",
        "'",
        "&#",
        "a=",
        "[//",
    ],
)
@pytest.mark.parametrize("before", ["", "<ref>{{a|"])
def test_time_grows_with_the_text_alone(piece: str, before: str) -> None:
    text = before + piece * (600_000 // len(piece)) + "</ref>"
    start = time.process_time()
    for _ in cited_urls(text):
        pass
    assert time.process_time() - start < 4
