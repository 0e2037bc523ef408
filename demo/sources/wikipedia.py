"""Generated Wikipedia dumps: `pages-articles` XML of two wanted languages and one that is not."""

import bz2
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.sax.saxutils import escape

from demo.english import Author
from demo.foreign import foreign_page
from demo.planted import DROPPED, PlantedDocument, planted
from demo.sources.wiki_markup import closing, dressed, image, infobox, reference, table
from demo.stream import Stream
from demo.world import World

DATE = "20220720"
PAGES_PER_STREAM = 20
NAMESPACES = {
    "en": ("", "Talk", "User", "File", "Template", "Category", "Module"),
    "de": ("", "Diskussion", "Benutzer", "Datei", "Vorlage", "Kategorie", "Modul"),
    "ja": (
        "",
        "\u30ce\u30fc\u30c8",
        "\u5229\u7528\u8005",
        "\u30d5\u30a1\u30a4\u30eb",
        "Template",
        "Category",
        "Module",
    ),
}
NUMBERS = (0, 1, 2, 6, 10, 14, 828)
TALK, TEMPLATE, MODULE = 1, 10, 828
NAMESPACE, REDIRECT = ("articles/namespace",), ("articles/redirect",)
SUBJECTS = ("town", "region", "person", "species", "machine", "event", "railway", "mineral", "law", "book")
FOREIGN_PAGES = 25


def write_wikipedia(out: Path, world: World, *, megabytes: float) -> list[PlantedDocument]:
    """Writes an English dump with about `megabytes` (10^6 bytes) of prose, and small German and Japanese ones."""
    author = Author(world, Stream(world.seed, "wikipedia"))
    english = _Dump("en", author.stream)
    _plant(english, author)
    while english.text_bytes < megabytes * 1e6:
        _article(english, author)
    german = _german(author.stream)
    japanese = _Dump("ja", author.stream)
    for _ in range(3):
        page = foreign_page(author.stream, "japanese")
        japanese.plant(page.title, "\n\n".join(page.lines), "language not wanted", DROPPED, ("articles/language",))
    dumps = (english, german, japanese)
    for dump in dumps:
        dump.write(out)
    return [document for dump in dumps for document in dump.planted]


@dataclass
class _Dump:
    """The pages of one wiki, each an XML element."""

    language: str
    stream: Stream
    pages: list[str] = field(default_factory=list)
    planted: list[PlantedDocument] = field(default_factory=list)
    text_bytes: int = 0

    @property
    def name(self) -> str:
        return f"{self.language}wiki-{DATE}-pages-articles-multistream.xml.bz2"

    def page(self, title: str, text: str, namespace: int = 0, target: str = "", model: str = "wikitext") -> int:
        """Adds a page; its number."""
        number = len(self.pages) + 1
        space = NAMESPACES[self.language][NUMBERS.index(namespace)]
        full = f"{space}:{title}" if space else title
        redirect = f'    <redirect title="{escape(target)}" />\n' if target else ""
        self.pages.append(
            f"  <page>\n    <title>{escape(full)}</title>\n    <ns>{namespace}</ns>\n    <id>{number}</id>\n{redirect}"
            f"    <revision>\n      <id>{number + 1_000_000}</id>\n      <timestamp>2022-07-01T00:00:00Z</timestamp>\n"
            f"      <contributor>\n        <username>Nobody</username>\n      </contributor>\n"
            f"      <model>{model}</model>\n      <format>text/x-wiki</format>\n"
            f'      <text bytes="{len(text.encode())}" xml:space="preserve">{escape(text)}</text>\n'
            "    </revision>\n  </page>\n"
        )
        return number

    def plant(
        self,
        title: str,
        text: str,
        case: str,
        outcome: str = "kept",
        reasons: tuple[str, ...] = (),
        *,
        kept: Sequence[str] = (),
        contains: Sequence[str] = (),
        lacks: Sequence[str] = (),
        namespace: int = 0,
        target: str = "",
        model: str = "wikitext",
    ) -> None:
        number = self.page(title, text, namespace, target, model)
        found = {"kept": kept, "contains": contains, "lacks": lacks}
        self.planted.append(planted(f"wikipedia:{self.language}:{number}", self.name, case, outcome, reasons, **found))

    def write(self, out: Path) -> None:
        """As Wikimedia packs them: header, every few pages, and end are bzip2 streams of their own."""
        chunks = ["".join(self.pages[i : i + PAGES_PER_STREAM]) for i in range(0, len(self.pages), PAGES_PER_STREAM)]
        parts = [_header(self.language), *chunks, "</mediawiki>\n"]
        (out / self.name).write_bytes(b"".join(bz2.compress(part.encode()) for part in parts))


def _header(language: str) -> str:
    named = zip(NUMBERS, NAMESPACES[language], strict=True)
    spaces = "".join(
        f'      <namespace key="{number}" case="first-letter">{name}</namespace>\n' for number, name in named
    )
    return (
        '<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.10/" version="0.10" '
        f'xml:lang="{language}">\n  <siteinfo>\n    <sitename>Wikipedia</sitename>\n'
        f"    <dbname>{language}wiki</dbname>\n"
        f"    <base>https://{language}.wikipedia.org/wiki/Main_Page</base>\n    <case>first-letter</case>\n"
        f"    <namespaces>\n{spaces}    </namespaces>\n  </siteinfo>\n"
    )


def _article(dump: _Dump, author: Author, case: str | None = None, extra: str = "", lacks: Sequence[str] = ()) -> None:
    """An article with everything that articles have; `extra` stands in its middle."""
    stream = dump.stream
    subject = stream.pick(SUBJECTS)
    lead, past = author.page(f"ency_{subject}"), author.page(f"ency_{subject}_past")
    plain = [*lead.lines, *past.lines]
    prose = [dressed(line, stream) + (reference("A veiled book") if stream.chance(0.5) else "") for line in plain]
    text = "\n\n".join(
        [
            "{{Short description|thing}}\n" + infobox(lead.title, "Veiled motto"),
            prose[0],
            image("A veiled view"),
            "== Past ==",
            *([extra] if extra else []),
            *prose[1:],
            closing(["See also", "References", "External links"], "A veiled place"),
        ]
    )
    dump.text_bytes += sum(map(len, plain))
    if case is None:
        dump.page(lead.title, text)
    else:
        furniture = (
            "[[",
            "]]",
            "{{",
            "}}",
            "<ref",
            "<!--",
            "Veiled motto",
            "A veiled view",
            "A veiled book",
            "A veiled place",
        )
        dump.plant(lead.title, text, case, kept=plain, lacks=(*furniture, *lacks))


def _plant(dump: _Dump, author: Author) -> None:
    def told() -> str:
        return author.paragraph("town_history", role="town")

    for _ in range(8):
        _article(dump, author, "article in full dress")
    for case, extra in (
        ("table", table("Nobody counted")),
        ("nested templates", "{{Navbox|list={{flatlist|* {{nowrap|Veiled list}}}}}}"),
        ("gallery", "<gallery>\nBridge.jpg|Veiled caption\n</gallery>"),
        ("comment over lines", "<!-- Nobody\n\ncounted -->"),
        ("reference with markup", "<ref>{{cite web|title=Veiled|quote=a | b}} [[Veiled]] ''Veiled''</ref>"),
        ("edit section furniture", "__NOTOC__\n{{Main|Veiled}}\n{{clear}}"),
    ):
        _article(dump, author, case, extra, lacks=("Veiled", "Nobody counted", "counted -->", "__NOTOC__"))
    for case, markup, text in (
        ("measure", "It is {{convert|12|km|mi}} long.", "It is 12 kilometres (7.5 mi) long."),
        ("no wikitext", "<nowiki>[[not a link]]</nowiki> is how it begins.", "[[not a link]] is how it begins."),
        ("formula", "Then <math>x^2 + 1</math> follows.", "$x^2 + 1$"),
        ("entities", "Bread &amp; cheese &ndash; 5&nbsp;pounds &lt;each&gt;.", "Bread & cheese \u2013 5"),
        ("list", "* first of two\n* second of two", "- first of two\n- second of two"),
        ("template that is never closed", "{{Unclosed|", ""),
    ):
        before, after = told(), told()
        text_lines = [part for part in (before, text, after) if part]
        dump.plant(author.page("ency_town").title, f"{before}\n\n{markup}\n\n{after}", case, contains=text_lines)
    title = author.page("ency_town").title
    redirect = f"#REDIRECT [[{title}#Past]] {{{{R to section}}}}"
    for _ in range(3):
        dump.plant(f"Old {title}", redirect, "redirect", DROPPED, REDIRECT, target=f"{title}#Past")
    dump.plant(title, told(), "talk page", DROPPED, NAMESPACE, namespace=TALK)
    dump.plant("Navbox", "{{{1}}} <noinclude>x</noinclude>", "template page", DROPPED, NAMESPACE, namespace=TEMPLATE)
    dump.plant("Convert", "return {}", "module", DROPPED, NAMESPACE, namespace=MODULE, model="Scribunto")
    dump.plant("Empty", infobox("Empty", "x"), "article without text", DROPPED, ("wikitext/too_short",))


def _german(stream: Stream) -> _Dump:
    dump = _Dump("de", stream)
    for _ in range(FOREIGN_PAGES):
        page = foreign_page(stream, "german")
        lines = list(dict.fromkeys(page.lines))
        prose = [f"{line}<ref>Verborgenes Buch, 1900.</ref>" for line in lines]
        parts = [
            image("Verborgenes Bild", "Datei", "mini"),
            *prose,
            closing(["Siehe auch", "Weblinks", "Einzelnachweise"], "Verborgenes", "Kategorie"),
        ]
        dump.plant(page.title, "\n\n".join(parts), "German article", kept=lines, lacks=("Verborgen", "[[", "<ref"))
    dump.plant("Alt", "#WEITERLEITUNG [[Neu]]", "German redirect", DROPPED, REDIRECT, target="Neu")
    return dump
