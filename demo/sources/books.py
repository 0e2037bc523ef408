"""Generated books: Project Gutenberg's files of three eras, EPUB and zip archives, editions and an anthology."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from demo.english import Author
from demo.planted import DROPPED, KEPT, UNREADABLE, PlantedDocument, planted
from demo.sources.book_forms import chapters_of, epub, framed_1990s, framed_2004, framed_2020s, wrapped, zipped
from demo.stream import Stream
from demo.world import World

CONTAINED = ("containment/contained",)
NOVEL_PAGES, TALE_PAGES = 20, 6
KINDS = ("story", "person_life", "letter", "travel_journal", "field_diary", "interview", "history_event")
CREDITS = ("Produced by Nobody", "Online Distributed Proofread", "START OF", "END OF", "Transcriber's Note")


@dataclass(frozen=True)
class Novel:
    """Chapters: a heading, then paragraphs."""

    title: str
    author: str
    chapters: list[list[str]]

    @property
    def text(self) -> str:
        """Paragraphs in lines of at most 72 characters."""
        return "\n\n\n".join("\n\n".join(map(wrapped, chapter)) for chapter in self.chapters) + "\n"

    @property
    def passages(self) -> list[str]:
        """A paragraph of the first chapter and of the last, as they stand in the text."""
        return [wrapped(self.chapters[0][1]), wrapped(self.chapters[-1][-1])]


def write_books(out: Path, world: World, *, megabytes: float) -> list[PlantedDocument]:
    """Writes files with about `megabytes` (10^6 bytes) of different books together, some of them more than once."""
    shelf = _Shelf(out, Author(world, Stream(world.seed, "books")))
    shelf.plant_frames()
    shelf.plant_editions()
    shelf.plant_anthology()
    shelf.plant_others()
    while shelf.text_bytes < megabytes * 1e6:
        novel = shelf.novel()
        shelf.add("ordinary book", framed_2020s(novel.title, novel.author, novel.text).encode(), novel)
    return shelf.planted


class _Shelf:
    """The directory the books are put in, numbered."""

    def __init__(self, out: Path, author: Author) -> None:
        self.out, self.author, self.stream = out, author, author.stream
        self.planted: list[PlantedDocument] = []
        self.text_bytes = 0

    def novel(self, pages: int = NOVEL_PAGES) -> Novel:
        chapters = []
        for number in range(1, pages + 1):
            page = self.author.page(self.stream.pick(KINDS))
            chapters.append([f"CHAPTER {number}. {page.title}", *page.lines])
        person = self.stream.pick(self.author.world.people)
        return Novel(self.author.page("story").title, person.name, chapters)

    def add(
        self,
        case: str,
        data: bytes,
        novel: Novel | None = None,
        *,
        raw: bytes | None = None,
        suffix: str = ".txt",
        outcome: str = KEPT,
        reasons: tuple[str, ...] = (),
        lacks: tuple[str, ...] = CREDITS,
    ) -> None:
        """Writes a file. raw: the book's own bytes in it, where these are not all; `novel` is expected of it."""
        name = f"pg{1000 + len(self.planted)}{suffix}"
        (self.out / name).write_bytes(data)
        identity = f"books/{hashlib.sha1(data if raw is None else raw).hexdigest()}"
        passages = novel.passages if novel and outcome == KEPT else []
        self.planted.append(planted(identity, name, case, outcome, reasons, contains=passages, lacks=lacks))
        if novel:
            self.text_bytes += len(novel.text)

    def plant_frames(self) -> None:
        for case, frame in (
            ("header and licence of the 1990s", framed_1990s),
            ("header, licence and credits of 2004", framed_2004),
            ("header, licence and note of the 2020s", framed_2020s),
        ):
            for _ in range(2):
                novel = self.novel()
                self.add(case, frame(novel.title, novel.author, novel.text).encode(), novel)
        latin = self.novel()
        latin.chapters[0][1] += " The caf\xe9 in the old fa\xe7ade served cr\xe8me br\xfbl\xe9e."
        self.add(
            "ISO-8859-1", framed_2004(latin.title, latin.author, latin.text, "ISO-8859-1").encode("latin-1"), latin
        )
        dos = self.novel()
        self.add("carriage returns", framed_1990s(dos.title, dos.author, dos.text).replace("\n", "\r\n").encode(), dos)
        packed = self.novel()
        raw = framed_2004(packed.title, packed.author, packed.text).encode()
        self.add("zip archive", zipped({"book/10000.txt": raw}), packed, raw=raw, suffix=".zip")
        pages = chapters_of(self.novel(TALE_PAGES).chapters)
        self.add("EPUB", epub("A tale", pages), raw=b"\0".join(pages), suffix=".epub")

    def plant_editions(self) -> None:
        """An edition with a word in two hundred changed and without the last chapter, after the full one."""
        novel = self.novel()
        self.add("the fuller edition", framed_2020s(novel.title, novel.author, novel.text).encode(), novel)
        words = novel.text[: novel.text.rindex(f"CHAPTER {NOVEL_PAGES}")].split(" ")
        for place in range(100, len(words), 200):
            words[place] += "e"
        other = framed_1990s(novel.title, novel.author, " ".join(words)).encode()
        self.add("an edition", other, outcome=DROPPED, reasons=CONTAINED)

    def plant_anthology(self) -> None:
        tales = [self.novel(TALE_PAGES) for _ in range(3)]
        whole = Novel("Three tales", "Several hands", [chapter for tale in tales for chapter in tale.chapters])
        self.add("an anthology", framed_2020s(whole.title, whole.author, whole.text).encode(), whole)
        for tale in tales:
            data = framed_2004(tale.title, tale.author, tale.text).encode()
            self.add("a tale of the anthology", data, outcome=DROPPED, reasons=CONTAINED)
        half = Novel(
            "Half a tale", "One hand", [*tales[0].chapters[: TALE_PAGES // 2], *self.novel(TALE_PAGES).chapters]
        )
        self.add("a book that shares half a tale", framed_2020s(half.title, half.author, half.text).encode(), half)

    def plant_others(self) -> None:
        rows = [" ".join(str(self.stream.between(100, 99999)) for _ in range(9)) for _ in range(400)]
        table = framed_2020s("Tables", "A computer", "\n".join(rows)).encode()
        self.add("a table of numbers", table, outcome=DROPPED, reasons=("prose/few_letters",))
        picture = b"\x89PNG\r\n\x1a\n" + bytes(2000)
        self.add("a picture with a book's name", picture, outcome=UNREADABLE)
        about = self.novel(TALE_PAGES)
        mention = 'Such files, she said, begin with "*** START OF THE PROJECT GUTENBERG EBOOK" and a name.'
        about.chapters[-1].append(mention)
        self.add("a book that speaks of such files", about.text.encode(), about, lacks=())
