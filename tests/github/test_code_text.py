"""Bytes of source files as text: each rule, at its edge."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.sources.code_text import BinaryFileError, UndecodableError, decode_code

RUSSIAN = "// Проверяет, что файл можно прочитать, и возвращает его размер в байтах.\nint size(void);\n" * 4
JAPANESE = "/* このファイルは文字コードの判定を試すためのものです。関数の説明を日本語で書く。 */\nint f(void);\n" * 4


@pytest.mark.parametrize(
    ("content", "text", "encoding"),
    [
        (b"int x;\r\n", "int x;\r\n", "utf-8"),
        ("é = 1\n".encode(), "é = 1\n", "utf-8"),
        (b"\xef\xbb\xbfusing System;\n", "using System;\n", "utf-8"),
        ("\ufeffGO\r\n".encode("utf-16-le"), "GO\r\n", "utf-16-le"),
        ("\ufeffGO\r\n".encode("utf-16-be"), "GO\r\n", "utf-16-be"),
        (b"# -*- coding: latin-1 -*-\nname = 'Andr\xe9'\n", "# -*- coding: latin-1 -*-\nname = 'André'\n", "cp1252"),
        (
            b"/* vim: fileencoding=cp1251 */\nchar c = '\xff';\n",
            "/* vim: fileencoding=cp1251 */\nchar c = 'я';\n",
            "cp1251",
        ),
        (b"# coding: no-such-thing\n\xe9\n", "# coding: no-such-thing\né\n", "cp1252"),
        (b"# coding: unicode_escape\n\xe9 = '\\u0041'\n", "# coding: unicode_escape\né = '\\u0041'\n", "cp1252"),
        (b"// \xa9 1999 Jos\xe9 \x93quoted\x94\n", "// © 1999 José “quoted”\n", "cp1252"),
        ("// é é".encode() + b" \xe9\n", "// é é é\n", "utf-8+cp1252"),
        (RUSSIAN.encode("cp1251"), RUSSIAN, "cp1251"),
        (RUSSIAN.encode("koi8-r"), RUSSIAN, "koi8_r"),
        (JAPANESE.encode("euc-jp"), JAPANESE, "euc_jp"),
        (JAPANESE.encode("shift-jis"), JAPANESE, "cp932"),
        (b"", "", "utf-8"),
    ],
)
def test_text(content: bytes, text: str, encoding: str) -> None:
    decoded = decode_code(content)
    assert (decoded.text.decode(), decoded.encoding) == (text, encoding)


@pytest.mark.parametrize(
    "content",
    [
        b"int x;\0",
        b"\xff\xfe\x00",
        b"\xff\xfe\x00\xd8",
        "\ufeffa\0".encode("utf-16-le"),
        b"\x89PNG\x01\x02\x03",
        b"\xe9\x01" + b"a" * 97,
    ],
)
def test_binary(content: bytes) -> None:
    with pytest.raises(BinaryFileError):
        decode_code(content)


def test_a_stray_control_character_is_not_binary() -> None:
    assert decode_code(b"\xe9\x01" + b"a" * 98).encoding == "cp1252"
    assert decode_code(b"\x01\x02\x03").encoding == "utf-8"


def test_what_fits_nothing() -> None:
    with pytest.raises(UndecodableError):
        decode_code(b"a \x81 b \x8d c \x9d d \xff\n")


@given(st.binary(max_size=300) | st.text(max_size=100).map(str.encode))
def test_any_bytes_give_text_or_a_reason(content: bytes) -> None:
    try:
        decoded = decode_code(content)
    except (BinaryFileError, UndecodableError):
        return
    text = decoded.text.decode()
    assert "\0" not in text
    if decoded.encoding == "utf-8":
        assert decoded.text in (content, content[3:])


@given(st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0\ufeff")))
def test_utf8_is_itself(text: str) -> None:
    assert decode_code(text.encode()).text == text.encode()
