"""Plain-Python definitions of the kernels for code: leading comments, licence headers in them, counts."""

import re
import string
from dataclasses import dataclass, field

from kernels import CommentSyntax, LicencePhrases

SPACE = b" \t\r\n\f\v"
DECORATION = b" \t\r\f\v*/#;%!-=|~+_<>"
MOST = 1 << 16
CONTROLS = {chr(code) for code in (*range(32), 127, 0xFFFD)} - set("\t\n\v\f\r\x1b")


@dataclass
class Line:
    """One line of a comment: where it and its newline lie, and the part of it that is words."""

    begin: int
    end: int
    content_begin: int
    content_end: int
    whole: bool  # nothing but the comment stands on it
    gone: bool = False

    def text(self, source: bytes) -> bytes:
        return source[self.content_begin : self.content_end]

    def blank(self) -> bool:
        return self.content_begin == self.content_end


@dataclass
class Block:
    """A comment between delimiters, or a run of line comments and the blank lines between them."""

    begin: int
    end: int
    delimited: bool
    nested: bool = False  # holds comments of its own, so that no line of it can go alone
    lines: list[Line] = field(default_factory=list)

    def too_long(self) -> bool:
        return self.end - self.begin > MOST


def lower(data: bytes) -> bytes:
    return data.lower()


def line_end(source: bytes, at: int) -> int:
    """Behind the newline of the line `at` is in."""
    newline = source.find(b"\n", at)
    return len(source) if newline < 0 else newline + 1


def content(source: bytes, begin: int, end: int) -> tuple[int, int]:
    while begin < end and source[begin] in DECORATION + b"\n":
        begin += 1
    while end > begin and source[end - 1] in DECORATION + b"\n":
        end -= 1
    return begin, end


def line_begin(source: bytes, at: int) -> int:
    """Where the line that `at` is in begins, behind a byte order mark."""
    return max(source.rfind(b"\n", 0, at) + 1, 3 if source.startswith(b"\xef\xbb\xbf") else 0)


def blank_before(source: bytes, at: int) -> bool:
    """Whether only white space stands before `at` on its line."""
    return not source[line_begin(source, at) : at].strip(SPACE)


class Lexer:
    """Finds the comments at the beginning of a text, up to the first code."""

    def __init__(self, source: bytes, syntax: CommentSyntax) -> None:
        self.source, self.syntax, self.blocks = source, syntax, []  # type: tuple[bytes, CommentSyntax, list[Block]]
        self.stopped = False  # at a comment without an end
        self.at = 3 if source.startswith(b"\xef\xbb\xbf") else 0

    def starts(self, marker: str) -> bool:
        return lower(self.source[self.at : self.at + len(marker)]) == marker.encode()

    def line_marker(self) -> int:
        """Length of the line comment marker here; 0 without. One that ends in white space may end the line instead."""
        if self.syntax.at_line_start and line_begin(self.source, self.at) != self.at:
            return 0
        for marker in self.syntax.line:
            if self.starts(marker):
                return len(marker)
            bare = marker.rstrip()
            if len(bare) < len(marker) and self.starts(bare):
                rest = self.source[self.at + len(bare) : line_end(self.source, self.at)]
                if not rest.strip(SPACE):
                    return len(bare)
        return 0

    def run(self) -> int:
        """Fills `blocks`; returns where the first code begins."""
        source = self.source
        while True:
            while self.at < len(source) and source[self.at] in SPACE:
                self.at += 1
            if self.at >= min(len(source), MOST):
                return self.at
            if self.stopped or not (self.prolog() or self.block() or self.line() or self.indented()):
                return self.at

    def prolog(self) -> bool:
        for begin, close in self.syntax.prolog:
            if self.starts(begin) and (begin != "#!" or self.at in (0, 3)):
                found = self.source.find(close.encode(), self.at + len(begin))
                if found < 0:
                    self.stopped = True
                    return True
                self.at = found + len(close)
                return True
        return False

    def block(self) -> bool:
        for begin, close in self.syntax.block:
            if self.starts(begin):
                end = self.closing(begin.encode(), close.encode())
                if end < 0:
                    self.stopped = True
                    return True
                block = Block(self.at, end, True)
                start, stop = self.at + len(begin), end - len(close)
                block.nested = self.syntax.nested and self.source.find(begin.encode(), start, stop) >= 0
                while True:
                    after = min(line_end(self.source, start), stop)
                    block.lines.append(Line(start, after, *content(self.source, start, after), True))
                    start = after
                    if start >= stop:
                        break
                block.lines[0].whole = block.lines[-1].whole = False
                self.blocks.append(block)
                self.at = end
                return True
        return False

    def closing(self, begin: bytes, close: bytes) -> int:
        """Behind the end of the comment that begins here; -1 where it has none. Letter case counts in delimiters."""
        at, depth = self.at + len(begin), 1
        while at < len(self.source):
            if self.source.startswith(close, at):
                at, depth = at + len(close), depth - 1
                if depth == 0:
                    return at
            elif self.syntax.nested and self.source.startswith(begin, at):
                at, depth = at + len(begin), depth + 1
            else:
                at += 1
        return -1

    def line(self) -> bool:
        marker = self.line_marker()
        if not marker:
            return False
        end = line_end(self.source, self.at)
        written = self.source[self.at : end].rstrip(b"\r\n")
        if written.endswith(b"\\") or (self.syntax.line_end and self.syntax.line_end.encode() in written):
            return False
        begin = self.at
        whole = blank_before(self.source, begin)
        start = line_begin(self.source, begin) if whole else begin
        line = Line(start, end, *content(self.source, begin + marker, end), whole)
        last = self.blocks[-1] if self.blocks else None
        if last is not None and not last.delimited and not self.source[last.end : start].strip(SPACE):
            at = last.end
            while at < start:
                after = line_end(self.source, at)
                last.lines.append(Line(at, after, at, at, True))
                at = after
        else:
            last = Block(start, end, False)
            self.blocks.append(last)
        last.lines.append(line)
        last.end = self.at = end
        return True

    def indented(self) -> bool:
        """A comment of reStructuredText: ".. " and the lines indented below it."""
        marker = self.syntax.indented
        if not marker or not self.starts(marker) or line_begin(self.source, self.at) != self.at:
            return False
        end = line_end(self.source, self.at)
        first = self.source[self.at + len(marker) : end]
        if b"::" in first or (first.strip(SPACE) and first[0] not in SPACE) or first.lstrip(SPACE)[:1] in (
            b"_", b"[", b"|"):  # fmt: skip
            return False
        block = Block(self.at, end, False)
        block.lines.append(Line(self.at, end, *content(self.source, self.at + len(marker), end), True))
        at = end
        while at < len(self.source):
            after = line_end(self.source, at)
            written = self.source[at:after]
            if written.strip(SPACE) and written[0] not in b" \t":
                break
            block.lines.append(Line(at, after, *content(self.source, at, after), True))
            at = after
        while len(block.lines) > 1 and block.lines[-1].blank():
            block.lines.pop()
        block.end = self.at = block.lines[-1].end
        self.blocks.append(block)
        return True


def squeezed(data: bytes) -> bytes:
    return b" ".join(lower(data).split())


def paragraphs(block: Block) -> list[list[Line]]:
    found: list[list[Line]] = [[]]
    for line in block.lines:
        if line.blank():
            found.append([])
        else:
            found[-1].append(line)
    return [one for one in found if one]


def marked(source: bytes, lines: list[Line], anywhere: tuple[str, ...], at_start: tuple[str, ...]) -> set[int]:
    """Numbers of the lines that hold a part of one of the phrases."""
    words = [squeezed(line.text(source)) for line in lines]
    starts, at = [], 0
    for one in words:
        starts.append(at)
        at += len(one) + 1
    joined = b" ".join(words)
    found = {n for n, one in enumerate(words) for phrase in at_start if one.startswith(phrase.encode())}
    for phrase in anywhere:
        wanted, begin = phrase.encode(), joined.find(phrase.encode())
        while begin >= 0:
            end = begin + len(wanted)
            found |= {n for n, start in enumerate(starts) if start < end and begin < start + len(words[n])}
            begin = joined.find(wanted, begin + 1)
    return found


def cut_paragraph(source: bytes, lines: list[Line], hits: set[int], phrases: LicencePhrases) -> None:
    """Marks the sentences of a paragraph that the phrases stand in."""
    words = [squeezed(line.text(source)) for line in lines]
    own = [any(one.startswith(phrase.encode()) for phrase in phrases.line) for one in words]
    first, last = min(hits), max(hits)
    if not own[first]:
        for number in range(first, -1, -1):
            if number < first and words[number][-1:] in (b".", b"!", b":"):
                break
            if any(words[number].startswith(opener.encode()) for opener in phrases.openers):
                first = number
                break
    while last + 1 < len(lines):
        if words[last][-1:] in (b".", b"!", b":") or (own[last] and words[last][-1:] != b","):
            break
        last += 1
    for line, one in list(zip(lines, words, strict=True))[first : last + 1]:
        line.gone = not any(phrase.encode() in one for phrase in phrases.directives)


def cut_block(source: bytes, block: Block, phrases: LicencePhrases) -> None:
    """Marks the lines of a block that go."""
    groups = paragraphs(block)
    strong = [marked(source, lines, phrases.strong, phrases.line) for lines in groups]
    if not any(strong):
        return
    for lines, hits in zip(groups, strong, strict=True):
        hits |= marked(source, lines, phrases.weak, ())
        if hits:
            cut_paragraph(source, lines, hits, phrases)
    written = [line for line in block.lines if not line.blank()]
    before: Line | None = None
    for line in block.lines:
        if line.blank():
            line.gone = (before or written[0]).gone
        else:
            before = line


def remove_licence_headers(source: bytes, syntax: CommentSyntax | None, phrases: LicencePhrases) -> bytes:
    if syntax is None:
        return source
    lexer = Lexer(source, syntax)
    lexer.run()
    gaps: list[tuple[int, int]] = []
    for block in lexer.blocks:
        if block.too_long():
            continue
        cut_block(source, block, phrases)
        if all(line.gone for line in block.lines):
            begin, end = block.begin, block.end
            if block.delimited:
                rest = line_end(source, end)
                if blank_before(source, begin) and not source[end:rest].strip(SPACE):
                    begin, end = line_begin(source, begin), rest
            elif not block.lines[0].whole and source[end - 1 : end] == b"\n":
                end -= 1
            while end < len(source) and (end == 0 or source[end - 1] == 0x0A):
                rest = line_end(source, end)
                if source[end:rest].strip(SPACE):
                    break
                end = rest
            gaps.append((begin, end))
            continue
        for line in [] if block.nested else block.lines:
            if line.gone and line.whole:
                gaps.append((line.begin, line.end))
            elif line.gone:
                gaps.append((line.content_begin, line.content_end))
    out, at = b"", 0
    for begin, end in gaps:
        out += source[at:begin]
        if (
            out.removeprefix(b"\xef\xbb\xbf")
            and end < len(source)
            and out[-1] not in SPACE
            and source[end] not in SPACE
        ):
            out += b" "
        at = end
    return out + source[at:]


def leading_comment_words(source: bytes, syntax: CommentSyntax | None, phrases: LicencePhrases) -> bytes:
    if syntax is None:
        return b""
    lexer = Lexer(source, syntax)
    code = lexer.run()
    blocks = [block for block in lexer.blocks if not block.too_long()]
    lines = [line.text(source) for block in blocks for line in block.lines if not line.blank()]
    for quotes in syntax.docstrings:
        begin = code + (source[code : code + 1] in (b"r", b"R", b"u", b"U"))
        if source.startswith(quotes.encode(), begin):
            end = source.find(quotes.encode(), begin + len(quotes))
            if 0 <= end - begin - len(quotes) <= MOST:
                lines.append(source[begin + len(quotes) : end])
    words = b"".join(line + b"\n" for line in lines)
    return words if any(hint.encode() in lower(words) for hint in phrases.hints) else b""


RUN = re.compile(r"[A-Za-z0-9_+/=]+")
WORD = re.compile(r"[A-Za-z0-9_]+")


def data_characters(text: str) -> int:
    """Letters and digits in numbers, in escapes of characters by number, and in what looks encoded."""
    total = 0
    for run in RUN.finditer(text):
        digits = sum(one in string.digits for one in run[0])
        encoded = len(run[0]) >= 64 and digits * 16 >= len(run[0])
        for word in WORD.finditer(run[0]):
            before = text[run.start() + word.start() - 1 : run.start() + word.start()]
            escape = before == "\\" and re.match("[xu][0-9a-fA-F]", word[0])
            if encoded or escape or word[0][0] in string.digits:
                total += sum(one != "_" for one in word[0])
    return total


def code_statistics(text: str) -> dict[str, int]:
    lines = text.splitlines()
    return {
        "characters": len(text),
        "lines": len(lines),
        "longest_line": max(map(len, lines), default=0),
        "alphanumeric": sum(map(str.isalnum, text)),
        "letters": sum(map(str.isalpha, text)),
        "digits": sum(one in string.digits for one in text),
        "controls": sum(one in CONTROLS for one in text),
        "data": data_characters(text),
    }
