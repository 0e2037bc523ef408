"""Generated dumps of Stack Exchange: two sites as `.7z`, and so many small ones that not all are among the largest."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

from demo.english import Author
from demo.planted import DROPPED, KEPT, SKIPPED, UNREADABLE, PlantedDocument, planted
from demo.sources.post_rows import Row, posts_xml, write_archive
from demo.stream import Stream
from demo.world import World

SITES = ("workshops.stackexchange.com", "kitchens.stackexchange.com")
TAKEN = 28
SMALL_POSTS = (8, 12)
LEFT_OUT = 2
KIND = {SITES[0]: ("machine_page", "repair_howto"), SITES[1]: ("recipe", "kitchen_blog")}


def write_stackexchange(out: Path, world: World, *, megabytes: float) -> list[PlantedDocument]:
    """Writes about `megabytes` (10^6 bytes) of questions and answers on two sites, and 28 sites of a few posts each, of
    which the last two are the smallest, for which there is no place among the 28 largest."""
    author = Author(world, Stream(world.seed, "stackexchange"))
    found = []
    for name in SITES:
        site = _Site(name, author)
        site.plant()
        while site.text_bytes < megabytes * 1e6 / len(SITES):
            site.thread()
        write_archive(out / f"{name}.7z", posts_xml(site.rows))
        found += site.planted
    words = sorted(set(world.grammar.words("trade")))[: TAKEN - len(SITES) + LEFT_OUT]
    for number, word in enumerate(words):
        site = _Site(f"{word.replace(' ', '-')}.stackexchange.com", author)
        last = number >= len(words) - LEFT_OUT
        while len(site.rows) < (2 if last else author.stream.between(*SMALL_POSTS)):
            site.thread("site beyond the 28 largest" if last else None, taken=not last)
        (out / site.name).mkdir()
        (out / site.name / "Posts.xml").write_bytes(posts_xml(site.rows))
        found += site.planted
    return found


@dataclass
class _Site:
    """The posts of a site, in the order of their numbers."""

    name: str
    author: Author
    rows: list[Row] = field(default_factory=list)
    planted: list[PlantedDocument] = field(default_factory=list)
    text_bytes: int = 0

    def ask(self, title: str, body: str, **more: object) -> int:
        """Adds a question; its number."""
        return self._add(1, Title=title, Body=body, Tags="<wood><oil-lamps>", AnswerCount=2, **more)

    def answer(self, question: int, body: str, score: int = 1, day: int = 2) -> int:
        return self._add(2, Body=body, ParentId=question, Score=score, CreationDate=f"2015-03-{day:02}T10:00:00.000")

    def expect(
        self, question: int, case: str, outcome: str = KEPT, reasons: tuple[str, ...] = (), **found: Sequence[str]
    ) -> None:
        file = f"{self.name}.7z" if self.name in SITES else "Posts.xml"
        identity = f"stackexchange/{self.name}/{question}"
        self.planted.append(planted(identity, file, case, outcome, reasons, **found))

    def thread(self, case: str | None = None, *, taken: bool = True) -> None:
        """A question with two or three answers, numbered in another order than that of their scores."""
        stream = self.author.stream
        title, asked = self.author.page("forum").title, self._paragraphs()
        question = self.ask(title, _html(asked))
        answers = [self._paragraphs() for _ in range(stream.between(2, 3) if taken else 1)]
        scores = [9, 100, -1][: len(answers)]
        stream.shuffle(scores)
        for body, score in zip(answers, scores, strict=True):
            self.answer(question, _html(body), score)
        ranked = [body for _, body in sorted(zip(scores, answers, strict=True), reverse=True)]
        whole = "\n\n".join([f"Q: {title}", *asked, *("A: " + "\n\n".join(body) for body in ranked)])
        self.text_bytes += len(whole)
        if case and taken:
            self.expect(question, case, contains=[whole])
        elif case:
            self.expect(question, case, SKIPPED, ("site_not_taken",))

    def plant(self) -> None:
        for _ in range(8):
            self.thread("answers from the highest score")
        self._plant_order()
        self._plant_markup()
        self._plant_odd()

    def _plant_order(self) -> None:
        title, told = self.author.page("forum").title, [self.author.paragraph() for _ in range(4)]
        question = self.ask(title, _html(told[:1]))
        later = self.answer(question, _html(told[1:2]), 5, day=9)
        self.answer(question, _html(told[2:3]), 5, day=3)
        self.expect(question, "the earlier of two equal answers", contains=[f"A: {told[2]}\n\nA: {told[1]}"])
        question = self.ask(title, _html(told[:1]), AcceptedAnswerId=later + 2)
        self.answer(question, _html(told[1:2]), 2)
        self.answer(question, _html(told[2:3]), 30)
        self.expect(question, "accepted answer of a lower score", contains=[f"A: {told[2]}\n\nA: {told[1]}"])
        question = self.ask(title, _html(told[3:]))
        self.expect(question, "question without answer", contains=[f"Q: {title}\n\n{told[3]}"], lacks=["A: "])

    def _plant_markup(self) -> None:
        told = self.author.paragraph()
        code = "for row in rows:\n    if row < 3 and row > 1:\n        print(row)"
        for case, html, text in (
            ("code", f"<p>{escape(told)}</p>\n\n<pre><code>{escape(code)}\n</code></pre>\n", code),
            ("link", f'<p>{escape(told)} <a href="https://hidden.example/">this page</a></p>', f"{told} this page"),
            ("entities", "<p>a &lt; b &amp;&amp; c &gt; d, 5 &euro;</p>", "a < b && c > d, 5 \u20ac"),
            ("emphasis", "<p>It is <strong>never</strong> <em>ever</em> so.</p>", "It is never ever so."),
            ("list", "<ul>\n<li>first of two</li>\n<li>second of two</li>\n</ul>", "first of two"),
            ("formula", "<p>Then $a_1 &lt; \\frac{1}{2}$ holds.</p>", "Then $a_1 < \\frac{1}{2}$ holds."),
            ("title with marks", f"<p>{escape(told)}</p>", 'Why "a" & <b>?'),
        ):
            title = 'Why "a" & <b>?' if case == "title with marks" else f"About a {case}"
            question = self.ask(title, html)
            self.expect(question, case, contains=[text], lacks=["<p>", "href", "hidden.example", "&lt;", "&amp;"])

    def _plant_odd(self) -> None:
        lost = len(self.rows) + 5000
        self.answer(lost, _html(["Nobody asked."]))
        self.expect(lost, "answer to a question that is gone", SKIPPED, ("orphan_answer",))
        excerpt = self._add(4, Body="About oil lamps.")
        self.expect(excerpt, "excerpt of a tag", SKIPPED, ("tag_wiki_excerpt",))
        wiki = self._add(5, Body="<p>All about oil lamps.</p>")
        self.expect(wiki, "page of a tag", SKIPPED, ("tag_wiki",))
        empty = self.ask("", '<img src="https://hidden.example/a.png">')
        self.expect(empty, "question without text", DROPPED, ("text/empty",))
        broken = len(self.rows) + 1
        self.rows.append(Row({"Id": broken, "PostTypeId": 1, "Title": "Broken"}, damaged=True))
        self.expect(broken, "row that is no XML", UNREADABLE)

    def _paragraphs(self) -> list[str]:
        page = self.author.page(self.author.stream.pick(KIND.get(self.name, ("forum",))))
        return [line for line in page.lines if len(line) > 60][: self.author.stream.between(1, 3)]

    def _add(self, kind: int, **attributes: object) -> int:
        number = len(self.rows) + 1
        dates = {"CreationDate": "2015-03-01T09:00:00.000", "LastActivityDate": "2015-04-01T00:00:00.000"}
        self.rows.append(Row({"Id": number, "PostTypeId": kind, "Score": 1, **dates, **attributes}))
        return number


def _html(paragraphs: Sequence[str]) -> str:
    return "\n\n".join(f"<p>{escape(paragraph, quote=False)}</p>" for paragraph in paragraphs) + "\n"
