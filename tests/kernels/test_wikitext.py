"""The wikitext kernel on real kinds of markup: what a person would write."""

import pytest
from wiki_pages import rendered


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("[[London]] and [[Paris|the city]], [[bus]]es", "London and the city, buses"),
        ("[[Mercury (planet)|]], [[:Category:Art]]", "Mercury, Category:Art"),
        ("[[File:A.jpg|thumb|A [[dog]] with [[File:B.png|x]] it]]Text", "Text"),
        ("[[de:Hund]]A dog.[[Category:Dogs|*]]", "A dog."),
        ("[[wikt:dog|dog]] [[:fr:Chien]] [[wikt:hound]]", "dog fr:Chien hound"),
        ("see [http://x.org the site] and [http://y.org]", "see the site and"),
        ("[[a|b [http://x c]]] d", "b c d"),
        ("'''Bold''' ''italic'' '''''both''''' it's l'''amour''", "Bold italic both it's l'amour"),
        ("L''''Autriche'''", "L'Autriche"),
        ("A.<ref>no</ref> B<ref name=x /> C<ref name='y'>\nmany\nlines {{cite|x}}</ref>.", "A. B C."),
        ("A<ref name=x>open, never closed\nnext line", "A\nnext line"),
        ("a fact <ref>x</ref>, another <ref name=y/>.", "a fact, another."),
        ("A<ref>open. <ref>closed</ref> B", "A B"),
        ("one<!-- a [[b]] -->two\n<!-- line -->\nthree", "onetwo\nthree"),
        ("<nowiki>[[not a link]] '''</nowiki> &lt;nowiki&gt;", "[[not a link]] ''' <nowiki>"),
        ("E = <math>\\frac{a}{b}</math>", "E = $\\frac{a}{b}$"),
        ("<math>{{x}}</math>", "${ {x}}$"),
        ("m<sup>2</sup>, H<sub>2</sub>O, 10<sup>−6</sup>", "m², H₂O, 10⁻⁶"),
        ("19<sup>th</sup>, x<sup>n</sup>, a<sub>ij</sub>", "19th, x^n, a_ij"),
        ("the isotope <sup>142</sup>Ce, CO<sub>2,</sub> <sub>low</sub>", "the isotope ¹⁴²Ce, CO₂, low"),
        ("<div class=navbox>[[a</div>\nb]]", "b"),
        ("a&nbsp;b &amp; &#65; &#x42; &eacute; &unknown;", "a b & A B é &unknown;"),
        ("A<br/>B<br>C", "A\nB\nC"),
        ("__NOTOC__Text __init__", "Text __init__"),
        ("Text {{unclosed|a\nMore", "Text\nMore"),
        ("Text }} more [[x", "Text more x"),
        ("a <b>c</b> <span style='x'>d</span> <math.h> 1 < 2", "a c d <math.h> 1 < 2"),
        ("x<div class=\"navbox\">gone <div>also</div></div> y", "x y"),
        ("{{PAGENAME}} is {{lc:ABC}}", "Title is abc"),
    ],
)  # fmt: skip
def test_inline_markup(page: str, text: str) -> None:
    assert rendered(page) == text


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("At {{convert|1300|mi|km}}, it", "At 1,300 miles (2,100 km), it"),
        ("{{convert|5|ft|10|in|m}}", "5 feet 10 inches (1.78 m)"),
        ("{{convert|37|C|F}}", "37 degrees Celsius (99 °F)"),
        ("{{convert|1|mi|km|abbr=on}}", "1 mi (1.6 km)"),
        ("a {{convert|100|m|ft|adj=on}} wall", "a 100-metre (330 ft) wall"),
        ("{{convert|2|to|3|km|mi}}", "2 to 3 kilometres (1.2 to 1.9 mi)"),
        ("{{cvt|10|kg}}", "10 kg (22 lb)"),
        ("{{convert|6|ft|m|2}}", "6 feet (1.83 m)"),
        ("{{convert|180|cm|ftin}}", "180 centimetres (5 ft 11 in)"),
        ("{{convert|12|zorkmids}}", "12 zorkmids"),
        ("{{val|6.241|e=18|u=m}}", "6.241×10¹⁸ m"),
        ("{{formatnum:1234567.5}}", "1,234,567.5"),
        ("{{nowrap|10 kg}} {{abbr|UN|United Nations}}", "10 kg UN"),
        ("({{lang-ru|Москва}})", "(Russian: Москва)"),
        ("{{lang|fr|pain}} {{transl|ru|ISO|Moskva}}", "pain Moskva"),
        ("{{nihongo|'''Anime'''|アニメ|anime}}", "Anime (アニメ, anime)"),
        ("{{circa|1500}} {{frac|1|2}} {{frac|2|1|3}}", "c. 1500 1/2 2 1/3"),
        ("born {{birth date|1990|5|3}}", "born May 3, 1990"),
        ("{{As of|2014|5|lc=y}}", "as of May 2014"),
        ("{{chem|H|2|O}} {{chem2|C6H12O6}}", "H₂O C₆H₁₂O₆"),
        ("{{quote|Be.|Someone}}", "Be.\n— Someone"),
        ("{{USS|Hornet|CV-12}} {{'}} {{ndash}}", "USS Hornet ' –"),
        ("{{#if: x | yes | no}} {{#ifeq: 1 | 01 | same | other}} {{#switch: b | a = 1 | b | c = 2 | 3}}", "yes same 2"),
        ("{{#expr: 2 * (3 + 4) round 0}} {{#ifexpr: 1 > 2 | a | b}}", "14 b"),
        ("{{IPAc-en|æ|l|ˈ|b|iː|d|oʊ}}", "/ælˈbiːdoʊ/"),
        ("{{unknown|prose}} Text", "Text"),
        ("Infobox.{{Infobox\n| a = {{nested|{{deep}}}}\n| b = [[x|y]]\n}}\nText", "Infobox.\nText"),
    ],
)  # fmt: skip
def test_templates_that_carry_prose(page: str, text: str) -> None:
    assert rendered(page) == text


@pytest.mark.parametrize(
    ("page", "language", "text"),
    [
        ("s'élève à {{unité|3797|m}}", "fr", "s'élève à 3 797 m"),
        ("au {{s-|XXI}}, {{heure|4|30}}", "fr", "au XXIe siècle, 4 h 30"),
        ("le {{date-|12 novembre 1918}}", "fr", "le 12 novembre 1918"),
        ("con {{formatnum:3769495}} abitanti a 400 {{m s.l.m.}}", "it", "con 3.769.495 abitanti a 400 m s.l.m."),
        ("{{Höhe|115|DE-NHN}} {{Formatnum|12345}}", "de", "115 m 12.345"),
        ("{{нп5|Баварский квартал|Баварском квартале|de|X}}", "ru", "Баварском квартале"),
        ("({{lang-de|Berlin}})", "ru", "(нем. Berlin)"),
        ("({{нар}} {{ДН|14|3|1854|2}})", "uk", "(нар. 14 березня 1854)"),
        ("# {{PAK}}, 272", "it", "1. Pakistan, 272"),
        ("[[Мец]] ({{FRA}})", "uk", "Мец (Франція)"),
        ("unos 45{{esd}}km", "es", "unos 45 km"),
        ("temperatura {{conversie|22|–|25|C|F}}", "ro", "temperatura 22–25 °C (72–77 °F)"),
        ("-{sr-ec:Берлин;sr-el:Berlin}- и -{R|текст}-", "sr", "Берлин и текст"),
        ("[[Datei:x.jpg|mini|a]]Text [[Bild:y|b]]\n[[Kategorie:Z]]", "de", "Text"),
        ("[[Файл:x.jpg|міні|a]]Текст\n[[Категорія:Z]]", "uk", "Текст"),
        ("__БЕЗ_ОГЛ__Текст", "ru", "Текст"),
    ],
)  # fmt: skip
def test_other_languages(page: str, language: str, text: str) -> None:
    assert rendered(page, language) == text


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("'''A''' ({{x}}) is", "A is"),
        ("A ({{x}}, born 1990) is", "A (born 1990) is"),
        ("A (born 1990; {{x}}) is", "A (born 1990) is"),
        ("A ({{x}}; {{y}}) is", "A is"),
        ("word {{x}} word {{x}}, and {{x}}.", "word word, and."),
        ("* {{x}}. First of a series.\n* Papers:{{x}}. More.", "- First of a series.\n- Papers: More."),
        ("A {{nihongo|Go||go}} {{lang-zh|c=中}} is", "A Go (go) Chinese: 中 is"),
        ("call main() or f( x )", "call main() or f( x )"),
    ],
)
def test_gaps_are_mended(page: str, text: str) -> None:
    assert rendered(page) == text


ARTICLE = """{{Infobox|a=b}}
'''X''' is.

== History ==
Old.
=== Early ===
{| class="wikitable"
| cell || {{x}}
{|
| nested
|}
|}
=== Late ===
* one
** two
# first
# second
; term : meaning
: indented

== See also ==
* [[Y]]
=== Sub ===
gone
== Empty ==
<gallery>
File:A.jpg|caption
</gallery>
== References ==
{{reflist}}
[[Category:X]]
"""


def test_an_article() -> None:
    assert rendered(ARTICLE) == (
        "X is.\n\nHistory\nOld.\n\nLate\n- one\n  - two\n1. first\n2. second\nterm: meaning\nindented"
    )


def test_options() -> None:
    assert rendered("* a\n# b", list_markers=False) == "a\nb"
    assert rendered("{{nowrap|a}} b", render_templates=False) == "b"
    assert rendered("a\n[[Category:Dogs|x]]", category_names=True) == "a\nDogs"


def test_code_keeps_its_lines_and_braces() -> None:
    page = "Code:\n<syntaxhighlight lang=c>\nint a[] = {{1}};\n  // ''x''\n</syntaxhighlight>\nand <code>x</code>"
    assert rendered(page) == "Code:\nint a[] = {{1}};\n  // ''x''\nand x"
