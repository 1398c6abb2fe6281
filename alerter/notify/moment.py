"""One point in time as an officer reads it: UTC, local time, and how long ago."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final, Self
from zoneinfo import ZoneInfo

DAY_ONLY: Final = "time of day not known"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """The forms of one time.

    `iso` is RFC 3339; `local` is empty where the local time is not known or is UTC; `text` holds
    UTC and local time together; `ago` is counted from when the message is sent.
    """

    iso: str
    utc: str
    local: str
    text: str
    ago: str

    @classmethod
    def nothing(cls) -> Self:
        """A moment that is not known."""
        return cls(iso="", utc="", local="", text="", ago="")


def moment(value: object, zone: ZoneInfo, now: datetime) -> Moment | None:
    """`value` (a time, or RFC 3339) as seen in `zone` at `now`, or None where it is no time."""
    try:
        when = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
        return _moment(when.astimezone(UTC), zone, now)
    except (ValueError, OverflowError):
        return None


def day_or_moment(value: object, zone: ZoneInfo, now: datetime) -> Moment | None:
    """The same for what may be known by its day alone: then no hour is made up.

    Noon sharp, UTC, is how articles that name only a day are read (`understand.when`).
    """
    found = moment(value, zone, now)
    if found is None or not found.iso.endswith("T12:00:00Z"):
        return found
    when = datetime.fromisoformat(found.iso)
    return replace(
        found,
        utc=_day(when),
        local=DAY_ONLY,
        text=f"{_day(when)} ({DAY_ONLY})",
        ago=_days_ago((now.astimezone(zone).date() - when.date()).days),
    )


def _days_ago(days: int) -> str:
    near = {0: "today", 1: "yesterday", -1: "tomorrow"}
    return near.get(days) or (f"{days} days ago" if days > 0 else f"in {-days} days")


def _moment(when: datetime, zone: ZoneInfo, now: datetime) -> Moment:
    utc = f"{_day(when)}, {when:%H:%M} UTC"
    local = _local(when, zone)
    return Moment(
        iso=when.isoformat(timespec="seconds").replace("+00:00", "Z"),
        utc=utc,
        local=local,
        text=f"{utc} ({local})" if local else utc,
        ago=_ago(now - when),
    )


def _day(when: datetime) -> str:
    return f"{when.day} {_MONTHS[when.month - 1]} {when.year}"


# Not from the C library: a message reads the same whatever the locale of the machine.
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _local(when: datetime, zone: ZoneInfo) -> str:
    name = str(zone.key or "")
    there = when.astimezone(zone)
    offset = there.utcoffset() or timedelta()
    if name in {"UTC", "Etc/UTC", ""}:
        return ""
    day = "" if there.date() == when.date() else f"{_day(there)}, "
    city = name.rpartition("/")[2].replace("_", " ")
    return f"{day}{there:%H:%M} {city} time, UTC{_offset(offset)}"


def _offset(offset: timedelta) -> str:
    minutes = round(offset.total_seconds() / 60)
    hours, rest = divmod(abs(minutes), 60)
    return f"{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02d}" if rest else "")


def _ago(span: timedelta) -> str:
    minutes = abs(span) // timedelta(minutes=1)
    if not minutes:
        return "now"
    if minutes < 120:
        text = f"{minutes} min"
    elif minutes < 48 * 60:
        text = f"{minutes // 60} h"
    else:
        text = f"{minutes // (24 * 60)} days"
    return f"{text} ago" if span > timedelta() else f"in {text}"
