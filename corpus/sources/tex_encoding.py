"""The encoding of TeX files: most say nothing and are UTF-8 or ASCII, older ones declare an 8-bit encoding."""

import re

_DECLARATIONS = (
    re.compile(rb"^[^%\n]*\\usepackage\s*\[\s*([\w-]+)\s*\]\s*\{[^}]*inputenc[^}]*\}", re.MULTILINE),
    re.compile(rb"^[^%\n]*\\inputencoding\s*\{\s*([\w-]+)\s*\}", re.MULTILINE),
    re.compile(rb"^[^%\n]*\\documentstyle\s*\[[^\]]*\b(latin1|isolatin1|isolatin|ansinew|applemac)\b", re.MULTILINE),
    re.compile(rb"^%.{0,80}?coding\s*[:=]\s*([\w-]+)", re.MULTILINE),
    re.compile(rb"^%\s*!\s*TeX\s+encoding\s*=\s*([\w-]+)", re.MULTILINE | re.IGNORECASE),
    re.compile(rb"\\begin\{CJK\*?\}(?:\[[^\]]*\])?\{(\w+)\}"),
)
_DECLARING = (b"inputenc", b"oding", b"documentstyle", b"{CJK")
_NAMES = {
    "latin1": "cp1252",
    "isolatin1": "cp1252",
    "isolatin": "cp1252",
    "iso88591": "cp1252",
    "ansinew": "cp1252",
    "cp1252": "cp1252",
    "windows1252": "cp1252",
    "latin2": "iso8859-2",
    "iso88592": "iso8859-2",
    "latin3": "iso8859-3",
    "latin4": "iso8859-4",
    "latin5": "iso8859-9",
    "latin9": "iso8859-15",
    "latin10": "iso8859-16",
    "iso885915": "iso8859-15",
    "cp1250": "cp1250",
    "cp1251": "cp1251",
    "cp866": "cp866",
    "koi8r": "koi8-r",
    "koi8u": "koi8-u",
    "applemac": "mac-roman",
    "macroman": "mac-roman",
    "cp437": "cp437",
    "cp850": "cp850",
    "cp852": "cp852",
    "gb": "gb18030",
    "gbk": "gb18030",
    "bg5": "big5",
    "sjis": "shift_jis",
    "jis": "euc_jp",
    "ks": "euc_kr",
}
_FALLBACK = "cp1252"


def declared_encoding(source: bytes) -> str | None:
    """The encoding a TeX file declares, as Python names it; None when it declares none, or UTF-8.

    ISO 8859-1 is read as its superset Windows-1252, as web browsers do: papers that declare the one hold the other.
    """
    if not any(word in source for word in _DECLARING):
        return None
    for pattern in _DECLARATIONS:
        for match in pattern.finditer(source):
            name = re.sub(r"[^a-z0-9]", "", match[1].decode("ascii", "replace").lower())
            if name in _NAMES:
                return _NAMES[name]
    return None


def decode_tex(source: bytes, declared: str | None) -> tuple[str, str]:
    """The text of a TeX file, line ends made "\\n", and the encoding it was read in.

    UTF-8 wherever the bytes are, else the encoding that this file or (`declared`) its paper declares, else
    Windows-1252. A byte the encoding does not have is read as ISO 8859-1.
    """
    try:
        text, encoding = source.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError:
        encoding = declared_encoding(source) or declared or _FALLBACK
        try:
            text = source.decode(encoding)
        except UnicodeDecodeError:
            text = source.decode(encoding, "surrogateescape" if encoding.startswith("cp125") else "replace")
            text = "".join(chr(ord(c) - 0xDC00) if "\udc80" <= c <= "\udcff" else c for c in text)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.replace("\0", "") if "\0" in text else text, encoding
