import time
from typing import Any

import html5lib
import pyarrow as pa
import pytest
from arrow_columns import raw_payloads
from hypothesis import given
from hypothesis import strategies as st

import kernels


def shown(*pages: str | bytes) -> list[str]:
    """All that is shown of pages, as text."""
    return extract(pages, main_content=False).text.to_pylist()


def extract(pages: tuple[str | bytes, ...] | list[bytes], *, main_content: bool) -> kernels.HtmlText:
    values = [page.encode() if isinstance(page, str) else page for page in pages]
    result = kernels.html_text(raw_payloads(values), main_content=main_content)
    result.title.validate(full=True)
    result.text.validate(full=True)
    texts = result.text.to_pylist()
    assert result.nlines.tolist() == [text.count("\n") + 1 if text else 0 for text in texts]
    assert result.length.tolist() == [len(text) for text in texts]
    return result


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("", ""),
        ("a  b\n\tc", "a b c"),
        ("<p>a</p><p> b </p>\n<p></p><div>c</div>", "a\nb\nc"),
        ("a<br>b<br><br>c", "a\nb\nc"),
        ("<b>a</b>b <i> c</i>", "ab c"),
        ("<ul><li>a<li>b</ul>c", "a\nb\nc"),
        ("<table><tr><td>a<td> b <th>c<tr><td>d</table>", "a\tb\tc\nd"),
        ("<table><tr><td><td>b</table>", "b"),
        ("<pre>\n a\n\n  b\t&lt;c\n</pre>d", " a\n\n  b\t<c\nd"),
        ("x<pre>a\r\nb\rc</pre>", "x\na\nb\nc"),
        ("<h1>a</h1>b<hr>c", "a\nb\nc"),
        ("a&nbsp;&amp;&eacute;&#8364;&#x41;&zzz;", "a &é€A&zzz;"),
        ("a\x00b\x07c\x7fd\x85e\u200bf\xadg", "abcdefg"),
        ("a\u2003b\u3000c\ufeffd", "a b cd"),
        ("&#0;&#7;&shy;&#x200b;x", "\ufffdx"),
        ("e\u0301", "e\u0301"),
        ("<script>a</script><style>b</style><noscript>c</noscript><template>d</template>e", "e"),
        ("<select><option>a</select><textarea>b</textarea><iframe>c</iframe><svg><text>d</text></svg>e", "e"),
        ("<title>t</title>a", "a"),
        (b"a\xff\xc3(b".decode("latin-1"), "aÿÃ(b"),
        ("<p>1 < 2 & 3 > 2</p>", "1 < 2 & 3 > 2"),
    ],
)
def test_form_of_the_text(page: str, text: str) -> None:
    assert shown(page) == [text]


def test_bytes_that_are_not_utf_8_are_replaced() -> None:
    assert shown(b"a\xff\xc3(b\xe2\x82") == ["a\ufffd\ufffd(b\ufffd"]


@pytest.mark.parametrize(
    ("page", "title"),
    [
        ("", ""),
        ("<title> A &amp;\n B </title><h1>C</h1>", "A & B"),
        ("<title></title><h1>C <b>d</b></h1>", "C d"),
        ('<meta property="og:title" content="A &amp; B"><h1>C</h1>', "A & B"),
        ("<svg><title>icon</title></svg><title>T</title>", "T"),
        ("<h1>a<br>b</h1>", "a b"),
    ],
)
def test_title(page: str, title: str) -> None:
    assert extract([page.encode()], main_content=True).title.to_pylist() == [title]


def test_null_pages_are_empty() -> None:
    result = kernels.html_text(pa.array([None, b"<p>x"], pa.large_binary()), main_content=False)
    assert result.text.to_pylist() == ["", "x"]


BLOCKS = {
    *("article", "blockquote", "body", "div", "h2", "html", "li", "p", "pre", "section"),
    *("table", "tbody", "td", "tr", "ul"),
}
UNSEEN = {"script", "style", "noscript", "head"}


def rendered(page: str) -> str:
    """The text of a page by definition, from the tree html5lib makes of it: only for pages of the tags above."""
    root = html5lib.parse(f"<!doctype html>{page}", namespaceHTMLElements=False, scripting=False)
    lines: list[str] = [""]

    def end_line() -> None:
        if lines[-1].strip("\t\n "):
            lines.append("")
        lines[-1] = ""

    def add(text: str | None) -> None:
        lines[-1] += text or ""

    def visit(element: Any) -> None:
        if element.tag in UNSEEN:
            return
        cell = element.tag == "td"
        if element.tag == "br" or (element.tag in BLOCKS and not cell):
            end_line()
        add(element.text)
        for child in element:
            visit(child)
            add(child.tail)
        if cell:
            add("\0")
        elif element.tag in BLOCKS:
            end_line()

    visit(root)
    joined = []
    for line in lines:
        cells = [" ".join(cell.split()) for cell in line.split("\0")]
        # An empty cell at the beginning leaves no trace, nor do several between two others.
        joined.append("\t".join(cell for cell in cells if cell))
    return "\n".join(line for line in joined if line)


INLINE = st.recursive(
    st.text(st.sampled_from("ab é\n漢"), max_size=6) | st.just("<br>") | st.just("<script>x</script>"),
    lambda inner: st.tuples(st.sampled_from(["b", "i", "span", "em"]), inner).map(
        lambda both: f"<{both[0]}>{both[1]}</{both[0]}>"
    ),
    max_leaves=5,
)
PARTS = st.recursive(
    INLINE | INLINE.map(lambda text: f"<p>{text}</p>") | INLINE.map(lambda text: f"<h2>{text}</h2>"),
    lambda inner: st.one_of(
        st.tuples(st.sampled_from(["div", "section", "article", "blockquote"]), st.lists(inner, max_size=3)).map(
            lambda both: f"<{both[0]}>{''.join(both[1])}</{both[0]}>"
        ),
        st.lists(inner, min_size=1, max_size=3).map(lambda items: f"<ul><li>{'</li><li>'.join(items)}</li></ul>"),
        st.lists(INLINE.filter(lambda text: "<br>" not in text), min_size=1, max_size=3).map(
            lambda cells: f"<table><tr><td>{'</td><td>'.join(cells)}</td></tr></table>"
        ),
    ),
    max_leaves=8,
)


@given(st.lists(PARTS, max_size=4).map("".join))
def test_equals_its_definition_on_well_formed_pages(page: str) -> None:
    assert shown(page) == [rendered(page)]


SENTENCE = "The harbour was quiet in the morning, and the boats lay where the tide had left them. "


def test_main_content_of_a_plain_article() -> None:
    page = f"""<title>Boats</title><body>
      <nav><ul><li><a href=/>Home</a><li><a href=/news>News</a></ul></nav>
      <div class=sidebar><h3>Most read</h3><p>{SENTENCE}</p></div>
      <article><h1>Boats</h1><div class=byline>By A. Writer</div>
        <p>{SENTENCE}{SENTENCE}</p><h2>Later</h2><p>{SENTENCE}</p>
        <ul><li>one boat</li><li>two boats</li></ul>
        <blockquote>{SENTENCE}</blockquote><pre>x = 1\n  y = 2</pre><p>{SENTENCE}</p>
        <div class="share-buttons"><a href=x>Share on X</a></div></article>
      <section id=comments><h3>2 comments</h3><p>{SENTENCE}</p></section>
      <footer><p>Copyright 2020. {SENTENCE}</p></footer>"""
    line = SENTENCE.strip()
    expected = [f"{line} {line}", "Later", line, "one boat", "two boats", line, "x = 1", "  y = 2", line]
    assert extract([page.encode()], main_content=True).text.to_pylist() == ["\n".join(expected)]


def test_a_page_without_an_article_keeps_its_text() -> None:
    page = "<body><table><tr><td>Opening hours</td><td>9 to 5</td></tr></table><p>Call us</p>"
    assert "Opening hours\t9 to 5" in extract([page.encode()], main_content=True).text.to_pylist()[0]


TAGS = (
    "<p> </p> <article> </div> <table> <tr> <td> </table> </a> <script> </script> <pre> <svg> </svg> <select> <title>"
)


@pytest.mark.parametrize(
    ("json", "text"),
    [
        (f'{{"articleBody": "{SENTENCE * 3}\\n\\n{SENTENCE}"}}', f"{(SENTENCE * 3).strip()}\n{SENTENCE.strip()}"),
        (
            f'{{"articleBody":"{SENTENCE * 3}\\u00e9 \\ud83d\\ude00 \\ud83d &amp; \\"q\\""}}',
            f'{SENTENCE * 3}é 😀 \ufffd & "q"',
        ),
        (f'{{"articleBody": ["{SENTENCE * 3}"]}}', "short"),
        (f'{{"articleBody": "{SENTENCE * 3}', "short"),
        (f'{{"description": "{SENTENCE * 3}"}}', "short"),
    ],
)
def test_pages_written_by_scripts_have_what_they_tell_search_engines(json: str, text: str) -> None:
    page = f"<script type='application/ld+json'>{json}</script><body><p>short</p>"
    assert extract([page.encode()], main_content=True).text.to_pylist() == [text]


PIECES = st.sampled_from(
    [
        *TAGS.split(),
        *("</title>", "<body class=nav>", "<div class='comments sidebar'>", "<a href=x>", "<!--", "-->", "&amp;", "&#"),
        *("<script type=ld+json>", '"articleBody": "', "\\\\", "\\\\u00e9", "\\\\ud83d", "\\\\u12"),
        *("<", ">", "'", '"', "=", "/", " ", "text, and a sentence long enough to count. ", "\n", "é漢", "\0"),
    ]
)


@given(st.lists(st.one_of(PIECES.map(str.encode), st.binary(max_size=8)), max_size=60).map(b"".join))
def test_any_bytes_give_clean_text(page: bytes) -> None:
    for main_content in (True, False):
        result = extract([page], main_content=main_content)
        text = result.text.to_pylist()[0]
        assert not any(ord(character) < 32 and character not in "\n\t" for character in text)
        assert not text.endswith("\n\n") or "<pre" in page.decode("latin-1").lower()


HOSTILE = {
    "nested": b"<div>" * 100_000 + b"x",
    "nested formatting": b"<b>" * 100_000 + b"x" + b"</i>" * 100_000,
    "nested tables": b"<table><tr><td>" * 40_000 + b"x",
    "nested lists": b"<ul><li>" * 50_000 + b"x",
    "attribute of a megabyte": b"<p class='" + b"nav " * 300_000 + b"'>x",
    "many attributes": b"<p " + b"a=b class=c " * 100_000 + b">x",
    "unfinished comments": b"<!--" * 250_000,
    "unfinished scripts": b"<script><!--<script>" * 50_000,
    "unfinished tags": b"<a " * 300_000,
    "end tags": b"</p></div></table>" * 60_000,
    "references": b"&amp" * 250_000 + b"&" * 250_000 + b"&#99999999999999999999" * 20_000,
    "zeros": bytes(1_000_000),
    "paragraphs in buttons": b"<button><p>" * 80_000,
    "links": b"<a href=x>y" * 80_000,
    "short lines": b"<p>read more" * 80_000,
    "line breaks": b"x<br>" * 200_000,
    "quotes": b'<p title="' + b"'" * 1_000_000,
    "less-than signs": b"<" * 1_000_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_pages_take_linear_time(name: str) -> None:
    page = HOSTILE[name]
    start = time.process_time()
    extract([page], main_content=True)
    extract([page], main_content=False)
    # Sanitizers slow the kernels down about twenty times; quadratic time would be a thousand times as long.
    assert time.process_time() - start < 20
