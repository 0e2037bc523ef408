"""The tree of a page against html5lib's, which follows the standard to the letter."""

from html import unescape
from typing import Any

import html5lib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernels import _native

Tree = list[tuple[int, str]]


def parsed(page: str) -> Tree:
    """(depth, name or "#text: ...") of every node, in order."""
    nodes = _native.html_tree(page.encode())
    return joined(
        (depth, f"#text: {unescape(text.decode())}" if name == "#text" else name) for name, text, depth in nodes
    )


def standard(page: str) -> Tree:
    root = html5lib.parse(f"<!doctype html>{page}", treebuilder="dom", namespaceHTMLElements=False, scripting=False)
    nodes: Tree = []

    def visit(node: Any, depth: int) -> None:
        if node.nodeType == node.TEXT_NODE:
            nodes.append((depth, f"#text: {node.data}"))
        elif node.nodeType == node.ELEMENT_NODE:
            nodes.append((depth, node.nodeName))
            for child in node.childNodes:
                visit(child, depth + 1)

    for child in root.childNodes:
        if child.nodeType == child.ELEMENT_NODE:
            visit(child, 0)
    return joined(nodes)


def joined(nodes: Any) -> Tree:
    """Text that follows text joined, and what is blank left out: between the elements of a head or table it counts for
    nothing."""
    result: Tree = []
    for depth, node in nodes:
        if node.startswith("#text: ") and result and result[-1][0] == depth and result[-1][1].startswith("#text: "):
            result[-1] = (depth, result[-1][1] + node[7:])
        else:
            result.append((depth, node))
    return [(depth, node) for depth, node in result if not node.startswith("#text: ") or node[7:].strip()]


PAGES = [
    "",
    "text",
    "<p>one<p>two",
    "<title>A &lt;b&gt;</title><p>x",
    "<ul><li>a<li>b<ul><li>c</ul><li>d</ul>e",
    "<dl><dt>a<dd>b<dt>c<dd>d</dl>",
    "<table><tr><td>a<td>b<tr><th>c</table>d",
    "<table><caption>c</caption><col><tbody><tr><td><table><td>x</table></table>",
    "<select><option>a<option>b<optgroup label=x><option>c</select>d",
    "<h1>a<h2>b</h1>c",
    "<p>a<div>b</div>c</p>d",
    "<div><p>a</div>b",
    "<a href=x>one<a href=y>two</a>three",
    "<p>a<table><tr><td>b</table>c",
    "<b>bold</b> <i>it</i><br/>x<hr>y<img src=a>z",
    "a<!-- b --><!-- c -- d --!>e<!>f<!-->g<!---->h<!doctype html>i<?php x ?>j</ k>l",
    "<script>if (a < b && c) '<p>'</script><style>p > a {}</style><p>x",
    "<script><!-- '<script>x</script>' --></script><p>y",
    "<textarea><p>not a tag</textarea><p>x",
    "<div class='a b' id=c data-x=\"<p>\">x</div>",
    "<DIV><P>x</P></Div>",
    "1 < 2 <3 <$ </> <a",
    "<p>a</p></p>b</br>c",
    "<noscript><p>x</p></noscript>y",
    "<button>a<button>b</button>c",
    "<ruby>a<rp>(</rp><rt>b<rp>)</ruby>",
    "<article><header><h1>t</h1></header><section><p>x</section></article><footer>f</footer>",
    "<svg><title>x</title><a/><i>t</i></svg>after",
    "<head><meta charset=utf-8><link rel=x></head><body class=y><main>z</main></body></html>",
    "<html lang=en><body>a</body></html>b",
    "<p>unfinished <b>tag <i",
    "<center>a<form><input><label>b</label></form></center>",
]


@pytest.mark.parametrize("page", PAGES)
def test_equals_the_standard(page: str) -> None:
    assert parsed(page) == standard(page)


TEXT = st.text(st.sampled_from("ab <é\n"), min_size=1, max_size=6).map(lambda text: text.replace("<", "&lt;"))
PHRASE = st.recursive(
    TEXT,
    lambda inner: st.tuples(st.sampled_from(["b", "i", "span", "em", "code"]), inner).map(
        lambda both: f"<{both[0]}>{both[1]}</{both[0]}>"
    ),
    max_leaves=4,
)
FLOW = st.recursive(
    PHRASE.map(lambda text: f"<p>{text}</p>"),
    lambda inner: st.one_of(
        st.tuples(
            st.sampled_from(["div", "section", "article", "blockquote", "aside"]), st.lists(inner, max_size=3)
        ).map(lambda both: f"<{both[0]}>{''.join(both[1])}</{both[0]}>"),
        st.lists(inner, min_size=1, max_size=3).map(
            lambda items: "<ul>" + "".join(f"<li>{i}</li>" for i in items) + "</ul>"
        ),
        st.lists(inner, min_size=1, max_size=3).map(
            lambda cells: "<table><tr>" + "".join(f"<td>{c}</td>" for c in cells) + "</tr></table>"
        ),
    ),
    max_leaves=8,
)


@given(st.lists(FLOW, max_size=4).map("".join))
def test_well_formed_pages(page: str) -> None:
    assert parsed(page) == standard(page)


BLOCK_TAGS = ["<p>", "</p>", "<li>", "<ul>", "</ul>", "<div>", "</div>", "x", "<h1>", "</h2>", "<dd>", "<dl>", "</dl>"]


@given(st.lists(st.sampled_from(BLOCK_TAGS), max_size=12).map("".join))
def test_block_elements_in_any_order(page: str) -> None:
    assert parsed(page) == standard(page)
