"""Delivery keys where not every character may stand."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

_PRINTABLE: Final = "".join(chr(code) for code in range(0x21, 0x7F) if chr(code) != "%")


def header_key(key: str) -> str:
    """A delivery key as a header may carry it: as it is, but for what is not printable ASCII."""
    return quote(key, safe=_PRINTABLE, errors="replace")
