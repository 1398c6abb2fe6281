"""Bytes to UTF-8, whatever the labels say.

The order of belief: a byte order mark; bytes that are valid UTF-8 and use it; what the document
declares; what the HTTP header declares; the usual legacy encoding of the feed's language.
Text in another encoding that happens to be valid UTF-8 with characters beyond ASCII does not occur
in practice, while servers that label UTF-8 as something else are common.
"""

from __future__ import annotations

import codecs
import re
from typing import Final

_DECLARED: Final = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._:-]{1,40})")
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LEGACY: Final = {
    "ar": "cp1256", "fa": "cp1256", "ur": "cp1256", "ru": "cp1251", "uk": "cp1251",
    "bg": "cp1251", "sr": "cp1251", "el": "cp1253", "tr": "cp1254", "az": "cp1254",
    "he": "cp1255", "pl": "cp1250", "cs": "cp1250", "hu": "cp1250", "ro": "cp1250",
    "th": "cp874", "ja": "cp932", "ko": "cp949", "zh": "gb18030", "vi": "cp1258",
}  # fmt: skip
# Codecs of Python that are no character sets, or so stateful that they lie.
_NOT_TEXT: Final = frozenset(
    {"utf-7", "idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined"}
)
MAX_BAD_SHARE: Final = 0.1


def to_utf8(body: bytes, *, charset: str | None = None, lang: str | None = None) -> bytes:
    """`body` as UTF-8 without a byte order mark. Never raises; the worst case is some U+FFFD.

    `charset` is what the HTTP header said, `lang` what is known of the feed. A declaration inside
    the document is left as it stands: tell the parser that it is UTF-8.
    """
    for mark, marked in _BOMS:
        if body.startswith(mark):
            return body.decode(marked, "replace").encode("utf-8", "replace")
    declared = declared_charset(body)
    if body[:4] in (b"<\0?\0", b"\0<\0?"):
        order = "utf-16-le" if body[:1] == b"<" else "utf-16-be"
        return body.decode(order, "replace").encode("utf-8", "replace")
    if _is_utf8(body):
        return body
    text = _mostly_utf8(body) if (declared or charset or "utf-8") in ("utf-8", "utf8") else None
    for name in (declared, charset, _LEGACY.get((lang or "")[:2]), "cp1252"):
        text = text if text is not None else _try(body, name)
    return (text if text is not None else body.decode("latin-1")).encode("utf-8", "replace")


def declared_charset(body: bytes) -> str | None:
    """The encoding in the XML declaration, in lower case."""
    match = _DECLARED.match(body[:400])
    return match[1].decode("ascii").lower() if match else None


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return b"\x1b$" not in body  # ISO-2022-JP is ASCII too


def _mostly_utf8(body: bytes) -> str | None:
    """UTF-8 with a few broken characters: one bad byte must not turn all text into mojibake."""
    text = body.decode("utf-8", "replace")
    beyond_ascii = len(text) - len(text.encode("ascii", "ignore"))
    return text if text.count("\ufffd") <= MAX_BAD_SHARE * beyond_ascii else None


def _try(body: bytes, name: str | None) -> str | None:
    if not name:
        return None
    try:
        codec = codecs.lookup(name)
        if codec.name in _NOT_TEXT:
            return None
        text = body.decode(codec.name)
    except (LookupError, UnicodeError, ValueError):
        return None
    return text if isinstance(text, str) else None
