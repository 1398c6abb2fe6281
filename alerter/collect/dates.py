"""Dates as publishers write them. What cannot be trusted is None: never now, never a guess.

A time without a zone is taken as UTC. A date before 1990 is a default (the epoch), and one that
lies more than two days ahead is a mistake or a lie; both count as unknown.
"""

from __future__ import annotations

import contextlib
import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from time import struct_time
from typing import Any, Final

EARLIEST: Final = datetime(1990, 1, 1, tzinfo=UTC)
MAX_AHEAD: Final = timedelta(days=2)
MAX_LENGTH: Final = 100
_BASIC: Final = re.compile(r"\d{14}")


def parse_date(value: Any, *, now: datetime) -> datetime | None:
    """An aware UTC time from ISO 8601, RFC 822, `YYYYMMDDhhmmss` or seconds since 1970."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, datetime):
        return _believable(_in_utc(value), now=now)
    if isinstance(value, int | float):
        return _believable(_from_epoch(float(value)), now=now)
    text = str(value).strip()
    if not text or len(text) > MAX_LENGTH:
        return None
    return _believable(_from_text(text), now=now)


def from_struct(value: struct_time | None, *, now: datetime) -> datetime | None:
    """What feedparser made of a date: always in UTC, a missing zone read as UTC."""
    if value is None:
        return None
    try:
        year, month, day, hour, minute, second = value[:6]
        # A leap second (60) is a real time that datetime does not know.
        found = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    return _believable(found, now=now)


def _believable(found: datetime | None, *, now: datetime) -> datetime | None:
    if found is None or not EARLIEST <= found <= now + MAX_AHEAD:
        return None
    return found


def _from_epoch(seconds: float) -> datetime | None:
    scaled = seconds / 1000 if abs(seconds) > 1e11 else seconds  # JavaScript counts milliseconds
    with contextlib.suppress(ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(scaled, UTC)
    return None


def _from_text(text: str) -> datetime | None:
    for reader in (_iso, parsedate_to_datetime, _basic):
        with contextlib.suppress(ValueError, TypeError, OverflowError, IndexError):
            return _in_utc(reader(text))
    return None


def _iso(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _basic(text: str) -> datetime:
    if not _BASIC.fullmatch(text):
        raise ValueError(text)
    return datetime.strptime(text + "+0000", "%Y%m%d%H%M%S%z")


def _in_utc(found: datetime) -> datetime:
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
