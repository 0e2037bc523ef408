"""Rendering snippets of wikitext, and dumps made in memory."""

import bz2
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pyarrow as pa

import kernels
from corpus.cleaning.wiki_site import site

OPTIONS = {"render_templates": True, "list_markers": True, "category_names": False}


@lru_cache(maxsize=64)
def renderer(language: str, options: tuple[tuple[str, Any], ...] = ()) -> kernels.WikitextRenderer:
    return kernels.WikitextRenderer(site(language, {}) | OPTIONS | dict(options))


def strings(values: Sequence[str]) -> pa.LargeStringArray:
    return pa.array(values, pa.large_string())


def rendered(page: str, language: str = "en", title: str = "Title", **options: Any) -> str:
    text, _ = renderer(language, tuple(options.items())).render(strings([page]), strings([title]))
    return text[0].as_py()


def page_xml(number: int, title: str, text: str, namespace: int = 0, extra: str = "", model: str = "wikitext") -> str:
    return (
        f"<page><title>{escape(title)}</title><ns>{namespace}</ns><id>{number}</id>{extra}<revision>"
        f"<id>{number + 1000}</id><timestamp>2022-07-01T00:00:00Z</timestamp><model>{model}</model>"
        f'<text bytes="{len(text.encode())}" xml:space="preserve">{escape(text)}</text></revision></page>\n'
    )


def header(database: str = "enwiki", language: str = "en") -> str:
    return (
        f'<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.10/" version="0.10" xml:lang="{language}">\n'
        f"<siteinfo><dbname>{database}</dbname><base>https://{language}.wikipedia.org/wiki/Main_Page</base>"
        '<namespaces><namespace key="0" /><namespace key="6">File</namespace><namespace key="10">Template</namespace>'
        "</namespaces></siteinfo>\n"
    )


def dump(pages: Iterable[str], **names: str) -> bytes:
    return (header(**names) + "".join(pages) + "</mediawiki>\n").encode()


def multistream(pages: Sequence[str], per_stream: int = 2) -> bytes:
    """As Wikimedia packs them: the header, some pages, and the end each in a bzip2 stream of its own."""
    chunks = [
        header(),
        *("".join(pages[i : i + per_stream]) for i in range(0, len(pages), per_stream)),
        "</mediawiki>\n",
    ]
    return b"".join(bz2.compress(chunk.encode()) for chunk in chunks)


def written(directory: Path, data: bytes, name: str = "enwiki-pages-articles.xml") -> str:
    path = directory / name
    path.write_bytes(data)
    return str(path)
