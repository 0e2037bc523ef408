"""Posts as text: what a person would write, markup by markup, and what must hold for any markup."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kernels


def text(html: str, flat: bool = False, fences: bool = False) -> str:
    return kernels.post_text(pa.array([html.encode()], pa.large_binary()), flat=flat, fences=fences)[0].as_py()


CASES = {
    "paragraphs": ("<p>One\nline.</p>\n\n<p>Two</p>\n", "One line.\n\nTwo"),
    "line end": ("<p>One<br>two<br><br>three</p>", "One\ntwo\n\nthree"),
    "code": (
        "<p>So:</p>\n\n<pre><code>def f(x):\n    return x &lt; 1\n\n\nf(2)\n</code></pre>\n\n<p>Done.</p>",
        "So:\n\ndef f(x):\n    return x < 1\n\n\nf(2)\n\nDone.",
    ),
    "code indented from its first line": ("<pre><code>    a\n  b\n</code></pre>", "    a\n  b"),
    "coloured code": (
        '<!-- language: lang-c --><pre class="lang-c"><code><span class="kwd">int</span> i;\n</code></pre>',
        "int i;",
    ),
    "code in a line": ("<p>Use <code>a  b\nc</code>, please.</p>", "Use a  b c, please."),
    "list": ("<p>Have:</p>\n<ul>\n<li>a</li>\n<li>b <em>c</em></li>\n</ul>\n<p>end</p>", "Have:\n\n- a\n- b c\n\nend"),
    "list in a list": (
        "<ul><li>a<ul><li>b</li><li>c<ol><li>d</li></ol></li></ul></li><li>e</li></ul>",
        "- a\n  - b\n  - c\n    1. d\n- e",
    ),
    "numbers": ('<ol start="9"><li>a</li><li>b</li></ol>', "9. a\n10. b"),
    "paragraphs in items": (
        "<ol>\n<li><p>a</p>\n\n<p>b</p></li>\n<li><p>c</p></li>\n</ol>",
        "1. a\n\n   b\n\n2. c",
    ),
    "code in an item": (
        "<ul><li><p>Do:</p>\n<pre><code>if x:\n    y\n</code></pre></li><li><p>z</p></li></ul>",
        "- Do:\n\nif x:\n    y\n\n- z",
    ),
    "empty items": ("<ul><li></li><li>a</li></ul>", "- a"),
    "quotation": ("<blockquote>\n<p>a<br>b</p>\n<p>c</p>\n</blockquote>\n<p>d</p>", "> a\n> b\n\n> c\n\nd"),
    "list in a quotation": ("<blockquote><ul><li>a</li></ul></blockquote>", "> - a"),
    "links": ('<p>See <a href="http://x.org/y" rel="nofollow">the <b>page</b></a>.</p>', "See the page."),
    "images": ('<p>Look: <img src="x.png" alt="enter image description here"> nice</p>', "Look: nice"),
    "heading": ("<h2>Title</h2>\n<p>text</p><hr>\n<h3>Other</h3>", "Title\n\ntext\n\nOther"),
    "table": ("<table><tr><th>a</th><th>b</th></tr>\n<tr><td>1</td><td>2</td></tr></table>", "a\tb\n1\t2"),
    "keys": ("<p><kbd>Ctrl</kbd>+<kbd>C</kbd></p>", "Ctrl+C"),
    "exponents": (
        "<p>10<sup>-23</sup> x<sup>2</sup> (a+b)<sup>2</sup> H<sub>2</sub>O 1<sup>st</sup> word<sup>1</sup></p>",
        "10^-23 x^2 (a+b)^2 H2O 1st word1",
    ),
    "entities": ("<p>&lt;b&gt; &amp;amp; &eacute; &#x1F600; a&nbsp;b</p>", "<b> &amp; é 😀 a b"),
    "formula": (
        "<p>$a_{1}  &lt; b$ and\n$$\n\\sum x \\\\\n y\n$$\nso</p>",
        "$a_{1}  < b$ and $$\n\\sum x \\\\\n y\n$$ so",
    ),
    "environment": (
        "<p>\\begin{align*}\na &amp;= b \\\\\n c\n\\end{align*}\nend</p>",
        "\\begin{align*}\na &= b \\\\\n c\n\\end{align*} end",
    ),
    "money": ("<p>It cost $5\nor $10,\nnot 3.</p>", "It cost $5 or $10, not 3."),
    "strange letters": ("<p>\\beta $x  y$ \\begin{a} $x  z$</p>", "\\beta $x  y$ \\begin{a} $x  z$"),
    "scripts and styles": ("<p>a</p><script>evil()</script><style>p {}</style>b", "a\n\nb"),
    "nothing": ("<p><img src='x'></p>\n<p></p>", ""),
    "no markup": ("just  text\nwith a < b & c", "just text with a < b & c"),
}


@pytest.mark.parametrize(("html", "wanted"), CASES.values(), ids=CASES.keys())
def test_markup(html: str, wanted: str) -> None:
    assert text(html) == wanted


def test_fences() -> None:
    html = "<p>a</p><pre><code>x\n y\n</code></pre><p>b</p><pre>```</pre>"
    assert text(html, fences=True) == "a\n\n```\nx\n y\n```\n\nb\n\n````\n```\n````"


def test_flat_as_redpajama_has_it() -> None:
    html = "<p>a</p>\n\n<ol>\n<li>b &amp; c</li>\n</ol>\n\n<pre><code>x\n  y\n</code></pre>\n"
    assert text(html, flat=True) == "a\n\n\n*\n\n*b & c\n\n\nx\n  y"


words = st.text(st.sampled_from("ab.é &<"), max_size=12).map(lambda s: s.replace("&", "&amp;").replace("<", "&lt;"))
html = st.recursive(
    words,
    lambda inner: st.builds(
        lambda tag, parts: f"<{tag}>{''.join(parts)}</{tag}>",
        st.sampled_from(
            ["p", "em", "code", "pre", "ul", "ol", "li", "blockquote", "h1", "table", "tr", "td", "div", "a", "sup"]
        ),
        st.lists(inner, max_size=4),
    ),
    max_leaves=20,
)


@given(html)
def test_no_word_is_lost_and_none_is_made(source: str) -> None:
    import re
    from html import unescape

    def letters(text: str) -> str:
        return re.sub(r"[^abé<&]", "", text)

    assert letters(text(source)) == letters(unescape(re.sub(r"<[^>]*>", "", source)))


@given(html)
def test_lines_are_neat(source: str) -> None:
    written = text(source)
    assert written == written.strip("\n")
    assert not written.endswith((" ", "\t"))
    if "<pre>" not in source:
        assert "\n\n\n" not in written


@given(st.binary(max_size=200), st.booleans(), st.booleans())
def test_any_bytes(data: bytes, flat: bool, fences: bool) -> None:
    posts = pa.array([data, b"<p>next</p>"], pa.large_binary())
    assert kernels.post_text(posts, flat=flat, fences=fences)[1].as_py() == "next"


@pytest.mark.parametrize(
    "unit",
    ["<ul><li>", "<blockquote>", "$", "$$", "\\begin{a}", "<pre>", "<li><pre>x</pre>", "<sup>2", "&", "<", "<td>"],
)
def test_a_hundred_thousand_of_anything(unit: str) -> None:
    written = text("a" + unit * 100_000 + "b")
    assert len(written) < 40 * 100_000
