"""Bytes to UTF-8, whatever the labels say."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerter.collect.charset import to_utf8

ARABIC = "انفجار قرب السفارة في بغداد"
RUSSIAN = "Взрыв у посольства в Багдаде"


def declared(text: str, label: str, encoding: str) -> bytes:
    """A document in `encoding` that says it is in `label`."""
    return f'<?xml version="1.0" encoding="{label}"?><t>{text}</t>'.encode(encoding)


def read(body: bytes, **hints: str) -> str:
    """The text that comes out."""
    return to_utf8(body, **hints).decode("utf-8")


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (ARABIC, "windows-1256"),
        (RUSSIAN, "windows-1251"),
        (RUSSIAN, "koi8-r"),
        ("大使館の近くで爆発", "shift_jis"),
        ("使馆附近发生爆炸", "gb18030"),
        ("대사관 근처 폭발", "euc-kr"),
        ("Attentat près de l'ambassade", "iso-8859-1"),
        (ARABIC, "utf-8"),
    ],
)
def test_a_true_declaration_is_followed(text: str, encoding: str) -> None:
    """In the document or, where it says nothing, in the header."""
    assert text in read(declared(text, encoding, encoding))
    assert text in read(f"<t>{text}</t>".encode(encoding), charset=encoding)


@pytest.mark.parametrize("label", ["iso-8859-1", "windows-1251", "us-ascii", "utf-16", "nonsense"])
def test_valid_utf8_beats_every_label(label: str) -> None:
    """The commonest wrong label of all."""
    assert ARABIC in read(declared(ARABIC, label, "utf-8"), charset=label)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig"])
def test_marks_and_wide_encodings_are_seen(encoding: str) -> None:
    """By their byte order mark, or by the zeros in `<?`."""
    assert ARABIC in read(declared(ARABIC, "utf-16", encoding))


def test_one_broken_character_does_not_spoil_the_text() -> None:
    """A headline cut in the middle of a character leaves one question mark, not mojibake."""
    body = declared(ARABIC * 5, "utf-8", "utf-8").replace(b"</t>", b"\xd8</t>")
    assert ARABIC in read(body)


def test_without_a_true_label_the_language_decides() -> None:
    """Windows-1256 labelled as UTF-8 on an Arabic feed, 1251 on a Russian one."""
    assert ARABIC in read(declared(ARABIC, "utf-8", "windows-1256"), lang="ar")
    assert RUSSIAN in read(f"<t>{RUSSIAN}</t>".encode("windows-1251"), lang="ru-RU")


@pytest.mark.parametrize("label", ["utf-7", "idna", "unicode_escape", "rot13", "base64", "zip"])
def test_codecs_that_are_no_character_sets_are_not_used(label: str) -> None:
    """Python knows codecs that unpack and rewrite."""
    assert "abc \\u0041" in read(declared("abc \\u0041", label, "latin-1") + b"\xff")


@given(st.binary(max_size=200), st.sampled_from(["", "utf-8", "utf-16", "gbk", "x\0y", "é"]))
def test_it_never_raises_and_is_always_utf8(body: bytes, charset: str) -> None:
    """Whatever comes."""
    to_utf8(body, charset=charset).decode("utf-8")
    to_utf8(codecs.BOM_UTF16_LE + body, charset=charset).decode("utf-8")
