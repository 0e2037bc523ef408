"""The tables of the twenty languages: each wiki's own names for files, categories, redirects, sections, numbers."""

from pathlib import Path

import pytest
from wiki_pages import dump, page_xml, rendered, written

from corpus.cleaning.wiki_site import own_table, redirect_words, site
from corpus.pipeline.reading import ReadLog
from corpus.recipes.load import load_recipe
from corpus.sources.wiki_dump import DumpReader

LANGUAGES = load_recipe("llama1")["wikipedia"]["articles"]["languages"]
NUMBERS = {
    "bg": "1 234 567,5", "ca": "1.234.567,5", "cs": "1 234 567,5", "da": "1.234.567,5", "de": "1.234.567,5",
    "en": "1,234,567.5", "es": "1 234 567,5", "fr": "1 234 567,5", "hr": "1.234.567,5", "hu": "1 234 567,5",
    "it": "1.234.567,5", "nl": "1.234.567,5", "pl": "1 234 567,5", "pt": "1.234.567,5", "ro": "1.234.567,5",
    "ru": "1 234 567,5", "sl": "1.234.567,5", "sr": "1.234.567,5", "sv": "1 234 567,5", "uk": "1 234 567,5",
}  # fmt: skip
DATES = {
    "bg": "3 май 1990", "ca": "3 de maig de 1990", "cs": "3. května 1990", "da": "3. maj 1990", "de": "3. Mai 1990",
    "en": "May 3, 1990", "es": "3 de mayo de 1990", "fr": "3 mai 1990", "hr": "3. svibnja 1990.",
    "hu": "1990. május 3.",
    "it": "3 maggio 1990", "nl": "3 mei 1990", "pl": "3 maja 1990", "pt": "3 de maio de 1990", "ro": "3 mai 1990",
    "ru": "3 мая 1990", "sl": "3. maj 1990", "sr": "3. мај 1990.", "sv": "3 maj 1990", "uk": "3 травня 1990",
}  # fmt: skip


def test_the_paper_names_twenty() -> None:
    assert len(LANGUAGES) == len(set(LANGUAGES)) == 20
    assert all(own_table(language) for language in LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_name_of_a_language_means_what_it_says(language: str) -> None:
    tables = site(language, {})
    files = [name for name, kind in tables["prefixes"].items() if kind == "file"]
    categories = [name for name, kind in tables["prefixes"].items() if kind == "category"]
    assert len(files) > 2
    for name in [*files, *map(str.lower, files)]:
        assert rendered(f"[[{name}:A b.jpg|thumb|A [[link]].]]Text", language) == "Text"
    for name in categories:
        assert rendered(f"Text\n[[{name}:Things]]", language) == "Text"
    for heading in tables["end_sections"]:
        assert rendered(f"Text\n== {heading.capitalize()} ==\ngone\n=== Sub ===\ngone", language) == "Text"
    for switch in tables["switches"]:
        assert rendered(f"__{switch}__\nText", language) == "Text"


@pytest.mark.parametrize("language", LANGUAGES)
def test_numbers_and_dates(language: str) -> None:
    assert rendered("{{formatnum:1234567.5}}", language) == NUMBERS[language]
    assert rendered("{{start date|1990|5|3}}", language) == DATES[language]
    assert len(own_table(language)["months"]) == 12


@pytest.mark.parametrize("language", LANGUAGES)
def test_redirects_and_disambiguations(tmp_path: Path, language: str) -> None:
    pages = [page_xml(i, f"R{i}", f"{word} [[X]]") for i, word in enumerate(redirect_words(language))]
    path = written(tmp_path, dump(pages, database=f"{language}wiki", language=language))
    rows = [row for batch in DumpReader()(path, ReadLog()) for row in batch.to_pylist()]
    assert rows
    assert all(row["redirect"] and row["language"] == language for row in rows)
    assert "@disambiguation" in own_table(language)["templates"]
