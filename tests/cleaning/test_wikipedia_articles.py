"""Real dumps through `filter wikipedia`: no markup left in any article, and what templates say is there."""

import re
from pathlib import Path

import pyarrow.dataset as ds
import pytest

from corpus.filter import filter_source


@pytest.fixture(scope="module")
def documents(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], str]:
    """(language, title) -> text of every article of the real dumps; where two dumps have one, the longer."""
    out = tmp_path_factory.mktemp("wikipedia") / "out"
    filter_source("wikipedia", [str(shared_data / "data/wikipedia/xml")], out, recipe="llama1", workers=2)
    rows = ds.dataset(out / "documents").to_table(columns=["language", "title", "text"]).to_pylist()
    return {(row["language"], row["title"]): row["text"] for row in sorted(rows, key=lambda row: len(row["text"]))}


def test_no_markup_is_left_in_any_article(documents: dict[tuple[str, str], str]) -> None:
    marks = ("[[", "{{", "{|", "<ref", "|thumb|", "|міні|", "|mini|", "'''", "&nbsp;", "__NOTOC__", "|-\n", "</")
    for title, text in documents.items():
        for mark in marks:
            place = text.find(mark)
            assert place < 0, (title, mark, text[max(place - 60, 0) : place + 60])


def test_every_language_is_there(documents: dict[tuple[str, str], str]) -> None:
    languages = {language for language, _ in documents}
    assert len(languages) == 15


@pytest.mark.parametrize(
    ("language", "title", "sentence"),
    [
        ("en", "Alabama", "At 1,300 miles (2,100 km), Alabama has one of the longest navigable inland waterways"),
        ("en", "Albedo", "Albedo (/ælˈbiːdoʊ/) or reflection coefficient, derived from Latin albedo"),
        ("en", "Achilles", "Achilles (/əˈkɪliːz/; Ancient Greek: Ἀχιλλεύς, Akhilleus, [akʰilːéu̯s]) was"),
        ("fr", "Autriche", "le Grossglockner, qui s'élève à 3 797 m."),
        ("fr", "Autriche", "Austria (dès le XIIe siècle), a donné"),
        ("it", "Berlino", "dell'Unione europea, con 3.769.495 abitanti."),
        ("it", "Berlino", "raggiunge un'altezza di 114,7 m s.l.m."),
        ("de", "Berlin", "der Große Müggelberg (115 m) im Bezirk Treptow-Köpenick"),
        ("es", "Berlín", "este-oeste es de unos 45 km, y"),
        ("ru", "Берлин", "Берли́н (нем. Berlin [bɛɐ̯ˈliːn]) — столица"),
        ("uk", "Берлін", "Шпандау вона впадає до Гафелю"),
        ("bg", "Берлин", "Берлѝн (Berlin [bɛɐ̯ˈliːn]) е столицата"),
        ("sr", "Берлин", "Берлин (нем. Berlin; доњолужичкосрпски: Barliń) је главни град"),
        ("sv", "Berlin", "Berlin är huvudstad i Tyskland"),
        ("pl", "Berlin", "Zajmuje powierzchnię ok. 892 km²"),
    ],
)  # fmt: skip
def test_measures_names_and_dates_are_in_their_sentences(
    documents: dict[tuple[str, str], str], language: str, title: str, sentence: str
) -> None:
    assert sentence in documents[language, title]


def test_sections_that_end_the_prose_are_gone(documents: dict[tuple[str, str], str]) -> None:
    for heading in ("\nReferences\n", "\nExternal links\n", "\nEinzelnachweise\n", "\nПримечания\n", "\nПримітки\n"):
        assert not [title for title, text in documents.items() if heading in text]


def test_nothing_that_is_left_shows_a_hole(documents: dict[tuple[str, str], str]) -> None:
    """Brackets with nothing but a separator, or a comma behind a space, are what a removed template leaves."""
    holes = [
        (title, found.group())
        for title, text in documents.items()
        for found in re.finditer(r".{20}(?:\( ?[,;] |, ?,|\(\s*\)(?=[ ,.]) [a-z]).{20}", text)
    ]
    assert len(holes) <= len(documents) // 50, holes[:20]
