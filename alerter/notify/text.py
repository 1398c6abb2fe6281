"""Foreign text made fit for the eye: cleaned here once, escaped later for each channel.

What feeds publish is written by strangers. Characters that cannot be seen, that turn the direction
of the line around them, that break a line or a header, and letters buried under accents have no
place in an alert; addresses are shown only where they lead to the web.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final
from urllib.parse import quote, urlsplit, urlunsplit

MAX_RAW: Final = 50_000  # characters looked at; a longer title or summary is an attack
MAX_NUMBER: Final = 1e9  # no distance and no count is larger; NaN is not smaller either
MAX_URL: Final = 2_000  # longer ones are refused by mail programs and chat services
ELLIPSIS: Final = "\u2026"

_SURROGATES: Final = re.compile("[\ud800-\udfff]")
# Controls, soft hyphen, fillers, direction marks (Unicode UAX 9), zero-width characters,
# invisible operators, annotation anchors, variation selectors of the supplement and tags.
_UNSEEN: Final = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffc\ufffe\uffff"
    "\U000e0000-\U000e0fff]"
)
# The joiners spell words in Persian, Urdu and the scripts of India, and only between their letters.
_JOINING: Final = "\u0600-\u08ff\u0900-\u0dff\u1780-\u17ff\ufb50-\ufdff\ufe70-\ufefc"
_JOINERS: Final = re.compile(f"(?<![{_JOINING}])[\u200c\u200d]+|[\u200c\u200d]+(?![{_JOINING}])")
_PILED_MARKS: Final = re.compile(
    "([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{2})"
    "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+"
)
_HOST: Final = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?|\[[0-9a-f:.]+\]", re.IGNORECASE)
_IN_PATH: Final = "/%:@!$&*+,;=~-._"


def clean(value: object, *, limit: int | None = None) -> str:
    """`value` as one line that shows what it holds, cut to `limit` characters.

    Whatever goes in, what comes out has no control, direction or invisible characters, no line
    breaks, no lone surrogates, and can be encoded as UTF-8.
    """
    if value is None:
        return ""
    most = MAX_RAW if limit is None else min(MAX_RAW, limit * 8 + 500)
    text = str(value)[:most]
    text = _UNSEEN.sub("", _SURROGATES.sub("\ufffd", text))
    text = " ".join(_JOINERS.sub("", text).split())
    text = _PILED_MARKS.sub(r"\1", text)
    return text if limit is None else clip(text, limit)


def clip(text: str, limit: int) -> str:
    """`text` in at most `limit` characters, cut between words where it can be, with an ellipsis."""
    if len(text) <= limit:
        return text
    if limit <= 1:
        return ELLIPSIS[:limit]
    cut = text[: limit - 1]
    space = cut.rfind(" ")
    if space > limit * 0.6:
        cut = cut[:space]
    return cut.rstrip() + ELLIPSIS


def safe_url(value: object) -> str | None:
    """`value` as a link that may be shown, or None.

    Only http and https with a host, without a user name (`https://bank.example@evil.example`),
    and with every character escaped that ends a link in HTML, Slack or Markdown.
    """
    if not isinstance(value, str) or not value or len(value) > MAX_URL or value != clean(value):
        return None
    try:
        parts = urlsplit(value)
        port, host = parts.port, _ascii_host(parts.hostname or "")
    except ValueError:
        return None
    if parts.scheme.lower() not in {"http", "https"} or "@" in parts.netloc or not host:
        return None
    netloc = f"{host}:{port}" if port is not None else host
    path = quote(parts.path, safe=_IN_PATH)
    query = quote(parts.query, safe=_IN_PATH + "?")
    fragment = quote(parts.fragment, safe=_IN_PATH + "?")
    return urlunsplit((parts.scheme.lower(), netloc, path, query, fragment))


def _ascii_host(host: str) -> str | None:
    """A host name as DNS has it, so that look-alike letters are seen. Raises ValueError."""
    if ":" in host:
        host = f"[{host}]"
    plain = host if host.isascii() else host.encode("idna").decode("ascii")
    return plain if _HOST.fullmatch(plain) else None


def finite(value: object) -> float | None:
    """`value` where it is a number that can be shown, else None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) < MAX_NUMBER else None


def fold_ascii(text: str) -> str:
    """`text` in ASCII as far as its letters have a Latin base; what has none is left out."""
    folded = unicodedata.normalize("NFKD", text.translate(_PUNCTUATION))
    return " ".join(folded.encode("ascii", "ignore").decode("ascii").split())


_PUNCTUATION: Final = str.maketrans(
    {
        "\u2018": "'",
        "\u2019": "'",
        "\u201c": '"',
        "\u201d": '"',
        "\u2013": "-",
        "\u2014": "-",
        "\u2026": "...",
        "\u00b7": "-",
        "\u2022": "-",
        "\u00b1": "+/-",
        "\u00d8": "O",
        "\u00f8": "o",
        "\u0141": "L",
        "\u0142": "l",
        "\u00df": "ss",
        "\u0131": "i",
        "\u00e6": "ae",
        "\u00c6": "Ae",
    }
)
