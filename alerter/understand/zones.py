"""What day it is where the news happens: the time zones of a state, as the tz database has them.

`zone.tab` of the IANA time zone database names the zones of every state. A state with several has
a range of local days at one moment; without a state the range is that of the whole earth.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files
from statistics import median_low
from typing import Final
from zoneinfo import ZoneInfo

EAST: Final = timedelta(hours=14)  # the farthest ahead of UTC that any place is (Kiribati)
ASTRAY: Final = timedelta(hours=3)  # a newsroom in a neighbouring zone writes of its own day


@dataclass(frozen=True, slots=True)
class LocalDay:
    """`today` where the news happens, and the `latest` day that a text of that moment can mean.

    `offset` is that place's time less UTC.
    """

    today: date
    latest: date
    offset: timedelta


def local_day(moment: datetime, host: str | None) -> LocalDay:
    """The day of `moment` in the state `host` (ISO 3166-1 alpha-2), with a tolerance.

    Without a state, or with one that is in no zone (a body such as UN), today is the day in UTC and
    the latest is any that has begun somewhere on earth.
    """
    zones = _zones().get(host or "", ())
    offsets = [zone.utcoffset(moment) or timedelta() for zone in zones]
    if not offsets:
        return LocalDay(moment.date(), (moment + EAST).date(), timedelta())
    middle, eastern = median_low(offsets), max(offsets)
    return LocalDay((moment + middle).date(), (moment + eastern + ASTRAY).date(), middle)


@cache
def _zones() -> dict[str, tuple[ZoneInfo, ...]]:
    """The zones of each state; those that the machine does not know are left out."""
    text = files("tzdata").joinpath("zoneinfo/zone.tab").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines() if not line.startswith("#"))
    zones: dict[str, tuple[ZoneInfo, ...]] = {}
    for state, _point, name, *_comment in rows:
        zones[state] = (*zones.get(state, ()), ZoneInfo(name))
    return zones
