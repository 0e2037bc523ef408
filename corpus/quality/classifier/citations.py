"""What a Wikipedia article cites: the addresses in its `<ref>` elements."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.S)
_NOWIKI, _NOWIKI_END = re.compile(r"<nowiki\s*>", re.I), re.compile(r"</nowiki\s*>", re.I)
_REF, _REF_END = re.compile(r"<ref(?=[\s/>])[^<>]*>", re.I), re.compile(r"</ref\s*>", re.I)
_TOKEN = re.compile(
    r"(?P<open>\{\{)|(?P<close>\}\})|(?P<bar>\|)|"
    r"""(?P<url>(?:\bhttps?:|(?<=\[)|(?<==)|(?<==\ ))//[^\s\[\]<>"{}|\x00-\x1f\x7f]+)""",
    re.I,
)
_PARAMETER = re.compile(r"\s*([^=]*?)\s*=\s*")
_LONGEST_NAME = 200  # of a parameter, with the blanks around it
_ARCHIVE_PARAMETER = re.compile(r"archiv|архив|архів", re.I)
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,30});")
_END = re.compile(r"""[\s<>"\x00-\x1f\x7f]|''""")
_ARCHIVED = re.compile(
    r"(?:https?:)?//(?:(?:(?:web|www|liveweb)\.)?archive\.org/web|archive\.(?:today|is|ph|fo|li|md|vn)"
    r"|webarchive\.org\.uk/wayback/archive|wayback\.archive-it\.org/[0-9]+)/"
    r"(?:[0-9]{1,14}(?:[a-z]{2}_)?\*?|\*)/(https?):?/+(.+)",
    re.I | re.S,
)


def cited_urls(wikitext: str) -> Iterator[str]:
    """Addresses in the `<ref>` elements of a page, as they are written there; some come more than once.

    Every one of a reference counts, bracketed, bare or in a template, whatever the language of its parameters; of a
    template with an address and its copy in an archive only the former. Copies in the best known archives stand for
    what they are copies of. References made by the parser function `{{#tag:ref}}` are not looked for. Time and memory
    grow with the text, however broken its markup is.
    """
    text = _COMMENT.sub("", wikitext)
    if _NOWIKI.search(text):
        text = _without(text, _NOWIKI, _NOWIKI_END)
    for start, end in _elements(text, _REF, _REF_END):
        yield from _urls_of_reference(text[start:end].replace("{{=}}", "=").replace("{{!}}", "|"))


def _elements(text: str, opening: re.Pattern[str], closing: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    """Where the contents of elements begin and end; as for MediaWiki they do not nest, and end or are none."""
    position = 0
    while found := opening.search(text, position):
        position = found.end()
        if found[0].endswith("/>"):
            continue
        end = closing.search(text, position)
        if end is None:
            return
        yield position, end.start()
        position = end.end()


def _without(text: str, opening: re.Pattern[str], closing: re.Pattern[str]) -> str:
    kept, position = [], 0
    for start, end in _elements(text, opening, closing):
        kept.append(text[position:start])
        position = end
    return "".join([*kept, text[position:]])


@dataclass
class _Template:
    """An open template. parameter: where its current one begins. urls: whether each is a copy in an archive."""

    parameter: int
    urls: list[tuple[bool, str]] = field(default_factory=list)

    def cited(self) -> Iterator[str]:
        only_archived = all(archived for archived, _ in self.urls)
        return (url for archived, url in self.urls if only_archived or not archived)


def _urls_of_reference(text: str) -> Iterator[str]:
    templates: list[_Template] = []
    for token in _TOKEN.finditer(text):
        if token["open"]:
            templates.append(_Template(token.end()))
        elif token["close"] and templates:
            yield from templates.pop().cited()
        elif token["bar"] and templates:
            templates[-1].parameter = token.end()
        elif token["url"] and templates:
            name_end = min(token.start(), templates[-1].parameter + _LONGEST_NAME)
            parameter = _PARAMETER.match(text, templates[-1].parameter, name_end)
            archived = parameter is not None and _ARCHIVE_PARAMETER.search(parameter[1]) is not None
            is_value = parameter is not None and parameter.end() == token.start()
            templates[-1].urls.append((archived, _address(text, token, is_value)))
        elif token["url"]:
            yield _address(text, token, False)
    for template in templates:
        yield from template.cited()


def _address(text: str, token: re.Match[str], is_value: bool) -> str:
    """The address a token stands for; `is_value`: it is all of a template's parameter."""
    url = _END.split(_ENTITY.sub(lambda entity: html.unescape(entity[0]), token["url"]), maxsplit=1)[0]
    bracketed = text[token.start() - 1 : token.start()] == "["
    if not bracketed and not is_value:
        # What MediaWiki leaves out of an address without brackets.
        url = url.rstrip(",;.:!?" if "(" in url else ",;.:!?)")
    copy = _ARCHIVED.fullmatch(url)
    return f"{copy[1]}://{copy[2]}" if copy else url
