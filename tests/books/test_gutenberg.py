import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.cleaning.gutenberg import read_header, strip_gutenberg

STORY = "A TALE\n\nby Nobody\n\n\nIt was a dark night.\n\nThe rain fell.\n\nThey lived happily ever after.\n\nTHE END"

LICENCE = (
    "This file should be named 1234.txt or 1234.zip\n\n" + "Redistribution is subject to the trademark license.\n" * 300
)

SMALL_PRINT_FIRST = f"""Project Gutenberg's Etext of A Tale, by Nobody
#8 in our series by Nobody

June, 1998  [Etext #1234]

***START**THE SMALL PRINT!**FOR PUBLIC DOMAIN ETEXTS**START***
Why is this "Small Print!" statement here?  You know: lawyers.

*END*THE SMALL PRINT! FOR PUBLIC DOMAIN ETEXTS*Ver.04.29.93*END*





This etext was prepared by Someone, Atlanta, GA.


{STORY}





End of Project Gutenberg's Etext of A Tale, by Nobody
"""

SMALL_PRINT_LAST = f"""The Project Gutenberg EBook of A Tale, by Nobody

Title: A Tale

*** START OF THE PROJECT GUTENBERG EBOOK, A TALE ***


{STORY}


*** END OF THE PROJECT GUTENBERG EBOOK, A TALE ***

This file should be named tale12.txt or tale12.zip

{"Most people start at our Web sites." * 60}

***START**THE SMALL PRINT!**FOR PUBLIC DOMAIN EBOOKS**START***
Why is this "Small Print!" statement here?
*END THE SMALL PRINT! FOR PUBLIC DOMAIN EBOOKS*Ver.02/11/02*END*
"""

MODERN = f"""\ufeffThe Project Gutenberg eBook of A Tale, by Nobody

This eBook is for the use of anyone anywhere.

Title: A Tale
       of Two Lines

Author: Nobody

Release Date: June, 1998 [EBook #1234]

Language: English

Character set encoding: ISO-8859-1

*** START OF THIS PROJECT GUTENBERG EBOOK A TALE
OF TWO LINES ***

Produced by Someone and the Online Distributed Proofreading
Team at http://www.pgdp.net (This file was produced from
images generously made available by a library.)


[Transcriber's Note: Spelling is as printed.

Footnotes were moved to the end.]

{STORY}


End of the Project Gutenberg EBook of A Tale, by Nobody

*** END OF THIS PROJECT GUTENBERG EBOOK A TALE
OF TWO LINES ***

***** {LICENCE}"""


@pytest.mark.parametrize("text", [SMALL_PRINT_FIRST, SMALL_PRINT_LAST, MODERN], ids=["1998", "2002", "2010"])
def test_every_era(text: str) -> None:
    assert strip_gutenberg(text) == STORY


@pytest.mark.parametrize(
    "end",
    [
        "End of The Project Gutenberg Etext of A Tale",
        "Ende dieses Projekt Gutenberg Etextes A Tale",
        "Fin de Project Gutenberg's A Tale",
        "***END OF THE PROJECT GUTENBERG EBOOK A TALE***",
    ],
)
def test_end_marks(end: str) -> None:
    text = f"***START OF THE PROJECT GUTENBERG EBOOK A TALE***\n\n{STORY}\n\n\n{end}\n{LICENCE}"
    assert strip_gutenberg(text) == STORY


def test_technical_notes_go_with_all_that_is_under_them() -> None:
    notes = (
        "TECHNICAL NOTES\n\n\nThis edition is in 7-bit ASCII.\n\n  à   a grave accent\n\nSee the HTML of this e-text."
    )
    end = "End of The Project Gutenberg Etext of A Tale"
    assert strip_gutenberg(f"{STORY}\n\n\n{notes}\n\n\n{end}\n") == STORY
    of_the_book = f"{STORY}\n\n\nTECHNICAL NOTES\n\nThe mill had two wheels."
    assert strip_gutenberg(f"{of_the_book}\n\n\n{end}\n") == of_the_book


def test_header_fields() -> None:
    header = read_header(MODERN)
    assert (header.title, header.author, header.language) == ("A Tale", "Nobody", "English")
    assert (header.encoding, header.number) == ("ISO-8859-1", 1234)
    assert read_header(STORY).title == ""


def test_a_book_about_gutenberg_keeps_its_middle() -> None:
    about = "\n\n".join(f"Paragraph {n} on Project Gutenberg and its etexts." for n in range(200))
    text = (
        f"*** START OF THE PROJECT GUTENBERG EBOOK X ***\n\n{about}\n\n*** END OF THE PROJECT GUTENBERG EBOOK X ***\n"
    )
    kept = strip_gutenberg(text)
    assert all(f"Paragraph {n} " in kept for n in range(40, 160))


def test_a_collection_is_cut_at_its_last_end() -> None:
    part = f"{STORY}\n\nEnd of Project Gutenberg's A Tale\n\n"
    text = f"*** START OF THE PROJECT GUTENBERG EBOOK X ***\n\n{part}{'More of the story. ' * 2000}\n\n{part}"
    kept = strip_gutenberg(text)
    assert kept.count("It was a dark night.") == 2
    assert kept.endswith("THE END")


@given(st.text(alphabet=st.sampled_from("ab .\n*"), max_size=400))
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert strip_gutenberg(text) == text


@given(st.lists(st.sampled_from(["A line of the story.", "", "Produced by X", "***", "Michael S. Hart"]), max_size=60))
def test_stripping_twice_changes_nothing_and_removes_only(lines: list[str]) -> None:
    body = "\n".join(lines)
    text = f"*** START OF THE PROJECT GUTENBERG EBOOK X ***\n{body}\n*** END OF THE PROJECT GUTENBERG EBOOK X ***\n"
    once = strip_gutenberg(text)
    assert strip_gutenberg(once) == once
    assert len(once) <= len(body)
