"""On real dumps: what mwparserfromhell keeps of an article outside templates and tables, the kernel keeps too."""

import re
from collections import Counter
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

import pytest
from wiki_pages import rendered

from corpus.pipeline.reading import ReadLog
from corpus.sources.wiki_dump import DumpReader

LANGUAGES = ("bg", "cs", "de", "en", "es", "fr", "hr", "it", "nl", "pl", "ro", "ru", "sr", "sv", "uk")
REMOVED_TAGS = frozenset(
    (
        "ref",
        "references",
        "table",
        "gallery",
        "timeline",
        "math",
        "imagemap",
        "syntaxhighlight",
        "source",
        "pre",
        "nowiki",
    )
)


@lru_cache(maxsize=32)
def articles(folder: Path, language: str) -> list[dict]:
    return [
        row
        for path in sorted(folder.glob(f"{language}wiki-*.xml.bz2"))
        for batch in DumpReader()(str(path), ReadLog())
        for row in batch.to_pylist()
        if row["namespace"] == 0 and not row["redirect"]
    ]


def stripped(page: str) -> str:
    """mwparserfromhell's strip_code after removing what is not prose."""
    import mwparserfromhell

    code = mwparserfromhell.parse(page)
    removed = [*code.ifilter_tags(matches=lambda tag: str(tag.tag).strip().lower() in REMOVED_TAGS)]
    removed += code.ifilter_wikilinks(matches=lambda link: ":" in str(link.title))
    removed += code.ifilter_templates()
    removed += code.ifilter_headings()  # those of empty sections go
    for node in removed:
        with suppress(ValueError):  # it went with the node around it
            code.remove(node)
    return code.strip_code()


def words(text: str) -> Counter[str]:
    return Counter(re.findall(r"[^\W\d_]{3,}", text))


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_outside_templates_are_kept(shared_data: Path, language: str) -> None:
    pytest.importorskip("mwparserfromhell")
    chosen = articles(shared_data / "data/wikipedia/xml", language)[::30]
    expected, missing = 0, Counter[str]()
    for row in chosen:
        theirs = words(stripped(row["text"]))
        ours = words(rendered(row["text"], language, row["title"], end_sections=()))
        expected += theirs.total()
        missing += theirs - ours
    # What is left are words that mwparserfromhell glues together, and cells of tables it takes for text.
    assert missing.total() <= 0.006 * expected, missing.most_common(40)
