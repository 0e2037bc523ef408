"""What surrounds a book in Project Gutenberg's files of three eras, and the archives books come in.

Only the marks that readers go by are theirs; the words around them were written for this.
"""

import io
import textwrap
import zipfile
from collections.abc import Mapping, Sequence
from html import escape

LINE = 72
WHEN = (2004, 7, 1, 0, 0, 0)
CONDITIONS = (
    "This file costs nothing and comes with almost no conditions.",
    "Whoever copies it leaves these paragraphs where they are; whoever takes them out leaves out the name too.",
    "No promise is made that a word of it is right, or that it is fit for any purpose.",
    "Gifts are welcome, and no one is obliged to make one.",
)


def wrapped(paragraph: str) -> str:
    return textwrap.fill(paragraph, LINE, break_long_words=False, break_on_hyphens=False)


def framed_1990s(title: str, author: str, text: str) -> str:
    """A legal text before the book that ends in a line of asterisks, and one line after it."""
    return (
        f"**The Project Gutenberg Etext of {title}, by {author}**\n\n{title}\n\nby {author}\n\n"
        "July, 1994  [Etext #10000]\n\n\n***START**THE SMALL PRINT!**FOR PUBLIC DOMAIN ETEXTS**START***\n"
        f"{_conditions()}\n*END*THE SMALL PRINT! FOR PUBLIC DOMAIN ETEXTS*Ver.04.29.93*END*\n\n\n\n\n\n"
        f"{text}\n\n\n\n\nEnd of The Project Gutenberg Etext of {title}, by {author}\n"
    )


def framed_2004(title: str, author: str, text: str, encoding: str = "ASCII") -> str:
    return (
        f"The Project Gutenberg EBook of {title}, by {author}\n\n{_conditions()}\n\n"
        f"Title: {title}\n\nAuthor: {author}\n\n"
        f"Release Date: July 1, 2004 [EBook #10000]\n\nLanguage: English\n\nCharacter set encoding: {encoding}\n\n"
        f"*** START OF THIS PROJECT GUTENBERG EBOOK {title.upper()} ***\n\n\n\n\n"
        "Produced by Nobody and the Online Distributed Proofreading\nTeam.\n\n\n\n\n\n\n"
        f"{text}\n\n\n\n\nEnd of the Project Gutenberg EBook of {title}, by {author}\n\n"
        f"*** END OF THIS PROJECT GUTENBERG EBOOK {title.upper()} ***\n\n"
        f"***** This file should be named 10000.txt *****\n\n{_conditions()}\n"
    )


def framed_2020s(title: str, author: str, text: str) -> str:
    return (
        f"\ufeffThe Project Gutenberg eBook of {title}\n\n{_conditions()}\n\nTitle: {title}\n\nAuthor: {author}\n\n"
        "Release date: July 1, 2022 [eBook #10000]\n\nLanguage: English\n\n\n"
        f"*** START OF THE PROJECT GUTENBERG EBOOK {title.upper()} ***\n\n\n\n\n"
        "Transcriber's Note:\n\nThe spelling is that of the first edition.\n\n\n\n"
        f"{text}\n\n\n\n\n*** END OF THE PROJECT GUTENBERG EBOOK {title.upper()} ***\n\n{_conditions()}\n"
    )


def _conditions() -> str:
    return "\n\n".join(map(wrapped, CONDITIONS * 3))


def chapters_of(chapters: Sequence[Sequence[str]]) -> list[bytes]:
    """Each chapter as an XHTML page."""
    pages = []
    for heading, *paragraphs in chapters:
        body = "".join(f"<p>{escape(paragraph)}</p>\n" for paragraph in paragraphs)
        pages.append(
            '<?xml version="1.0" encoding="utf-8"?>\n<html xmlns="http://www.w3.org/1999/xhtml"><head>'
            f"<title>{escape(heading)}</title></head><body>\n<h2>{escape(heading)}</h2>\n{body}</body></html>\n".encode()
        )
    return pages


def epub(title: str, pages: Sequence[bytes]) -> bytes:
    """An EPUB 2 of these pages in their order."""
    names = [f"c{number}.xhtml" for number in range(len(pages))]
    items = "".join(f'<item id="{n}" href="{n}" media-type="application/xhtml+xml"/>' for n in names)
    spine = "".join(f'<itemref idref="{name}"/>' for name in names)
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf" version="2.0"><metadata '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{escape(title)}</dc:title></metadata>'
        f"<manifest>{items}</manifest><spine>{spine}</spine></package>"
    )
    container = (
        '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0"><rootfiles>'
        '<rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
    )
    members = {
        "mimetype": b"application/epub+zip",
        "META-INF/container.xml": container.encode(),
        "OEBPS/book.opf": package.encode(),
    }
    return zipped(members | {f"OEBPS/{name}": page for name, page in zip(names, pages, strict=True)})


def zipped(members: Mapping[str, bytes], comment: str = "") -> bytes:
    """The same bytes whenever it is made (by the same zlib)."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name, WHEN), data, zipfile.ZIP_DEFLATED)
        archive.comment = comment.encode()
    return stream.getvalue()
