"""HTML and hostile text to plain text."""

from __future__ import annotations

import html
import re
import unicodedata
from typing import Final

from selectolax.lexbor import LexborHTMLParser

MAX_TITLE: Final = 1_000
MAX_SUMMARY: Final = 5_000
MAX_BODY: Final = 100_000
MAX_HTML: Final = 2_000_000  # what is beyond is not looked at: bounds the HTML parser
MAX_TAGS: Final = 3_000  # the tree of deeply nested tags takes time with the square of the depth
CUT: Final = " […cut]"

_INVISIBLE: Final = ["script", "style", "noscript", "template", "iframe", "object", "svg", "head"]
_BLOCK: Final = re.compile(
    r"</?(?:p|div|br|li|ul|ol|tr|table|td|th|h[1-6]|hr|blockquote|section|article|header|footer|"
    r"figure|figcaption|dd|dt|pre|aside)\b",
    re.IGNORECASE,
)
# C0 and C1 controls but for line feeds and tabs, direction overrides and isolates, zero-width
# spaces and joiners, soft hyphens, tags, lone surrogates and noncharacters: nobody sees them, and
# they hide words, forge file names and break databases.
_HARMFUL: Final = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\ufeff\ufff0-\uffff\ud800-\udfff\U000e0000-\U000e0fff"
)
_UNSEEN: Final = re.compile(f"[{_HARMFUL}]")
# Joiners (U+200C, U+200D) are spelling in Persian, Urdu and Indian scripts, noise elsewhere.
_STRAY_JOINER: Final = re.compile(
    "(?<![\u0600-\u08ff\u0900-\u0dff])[\u200c\u200d]|[\u200c\u200d](?![\u0600-\u08ff\u0900-\u0dff])"
)
_LINE_BREAKS: Final = re.compile("[\r\u2028\u2029]+")
_SUSPECT: Final = re.compile(f"[{_HARMFUL}\u2028\u2029\u200c\u200d]")  # one look at clean text
_HIDDEN: Final = re.compile(
    r"<(?:script|style|noscript|template|iframe|svg|head)\b[^<]*", re.IGNORECASE
)
_TAG: Final = re.compile(r"<[!/?a-zA-Z][^<>]*>")


def plain_text(markup: str, *, limit: int) -> str:
    """Readable text of an HTML fragment or of plain text; at most `limit` characters and a mark.

    Never raises. Scripts and styles vanish, blocks become lines, entities are resolved once.
    """
    given = markup[:MAX_HTML]
    if "<" in given:
        given = _text_of(given)
    elif "&" in given:
        given = html.unescape(given)
    return shorten(tidy(given), limit)


def one_line(markup: str, *, limit: int) -> str:
    """Like `plain_text`, in one line."""
    return shorten(plain_text(markup, limit=MAX_HTML).replace("\n", " "), limit)


def tidy(text: str) -> str:
    """Normal form C, without what cannot be seen, with single spaces and single line feeds."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    if _SUSPECT.search(text):
        text = _UNSEEN.sub("", _LINE_BREAKS.sub("\n", text))
        text = _STRAY_JOINER.sub("", unicodedata.normalize("NFC", text))
    else:
        text = unicodedata.normalize("NFC", text)
    if "\n" not in text:
        return " ".join(text.split())
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters, with a mark where something was cut."""
    return text if len(text) <= limit else text[: limit - len(CUT)].rstrip() + CUT


def _text_of(markup: str) -> str:
    if markup.count("<") > MAX_TAGS:
        return html.unescape(_TAG.sub(" ", _HIDDEN.sub(" ", markup)))
    tree = LexborHTMLParser(_BLOCK.sub(lambda tag: "\n" + tag[0], markup))
    tree.strip_tags(_INVISIBLE)
    root = tree.body
    return root.text(deep=True) if root is not None else ""
