"""When the new fact happened, or is announced for, as far as the title and the lead say.

Weekdays, 'yesterday', 'three hours ago' and dates are read relative to the day of publication in
the host state (`zones`): what is Tuesday night in UTC is Wednesday morning in Baghdad.
Sentences that point to older events ('last month', 'in January') are background and are not
read. Times of day are not: an answer is noon (UTC) of the day, or publication if that is sooner.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from typing import Final

from alerter.understand.text import fold, sentences
from alerter.understand.zones import LocalDay, local_day

LEAD_CHARS: Final = 1_500
LEAD_SENTENCES: Final = 6
OLD: Final = timedelta(days=45)  # a date further back is background, except in the first sentence
FAR: Final = timedelta(days=120)  # nothing is announced for longer ahead than that
NOON: Final = time(12, tzinfo=UTC)
_CLITICS: Final = "(?:[وبلف]|ול|ו|ב|ה)?"  # what Arabic and Hebrew write onto a word
_EDGES: Final = (rf"(?:(?<= ){_CLITICS}|(?<=[\u3040-\u9fff]))", r"(?=[ \u3040-\u9fff])")
_YEAR: Final = r"(?:19|20)\d\d"
NEAR: Final = 24  # characters before a time in which 'said on' or 'since' belongs to it


@dataclass(frozen=True, slots=True, kw_only=True)
class _Time:
    """A day that a sentence names, where it does so, and whether it dates a statement."""

    day: date
    place: int
    of_statement: bool = False


def event_time(
    text: str, lang: str | None, published: datetime | None, host: str | None = None
) -> datetime | None:
    """When the new fact happened, or None where the lead does not say.

    Never later than `published`. Without `published` only dates with a year are understood. `host`
    is the state whose day it is told in.
    """
    local = None if published is None else local_day(published, host)
    for position, folded in enumerate(_lead(text, lang)):
        if is_background(folded):
            continue
        announced = _table().ahead.search(folded) is not None
        times = _dates(folded, local)
        if published is not None and local is not None and not announced:
            since = [*_days(folded, published, local), *_weekdays(folded, local, -1)]
            times = [*since, *times]
        past = [t for t in times if _happened(t.day, local, first=position == 0)]
        if past:
            ordered = sorted(past, key=lambda t: (t.of_statement, t.place))
            return _noon(ordered[0].day, published)
    return None


def date_ahead(
    text: str, lang: str | None, published: datetime | None, host: str | None = None
) -> datetime | None:
    """The day (noon UTC) for which something is announced, or None. `host` as in `event_time`."""
    if published is None:
        return None
    local = local_day(published, host)
    for folded in _lead(text, lang):
        if not _table().ahead.search(folded):
            continue
        times = [
            *_days(folded, published, local),
            *_weekdays(folded, local, +1),
            *_dates(folded, local),
        ]
        until = local.today + FAR
        coming = [t for t in times if local.today <= t.day <= until and not t.of_statement]
        if coming:
            first = min(coming, key=lambda t: t.place)
            return datetime.combine(first.day, NOON)
    return None


def is_background(folded: str) -> bool:
    """Whether a folded sentence points to other, older events ('last month', 'in January')."""
    return _table().background.search(folded) is not None


def _lead(text: str, lang: str | None) -> Iterator[str]:
    """The first sentences, folded and with a space at both ends."""
    for sentence in sentences(text[:LEAD_CHARS], lang)[:LEAD_SENTENCES]:
        yield f" {' '.join(fold(sentence.text).split())} "


def _happened(day: date, local: LocalDay | None, *, first: bool) -> bool:
    if local is None:
        return True
    return day <= local.latest and (first or local.today - day <= OLD)


def _noon(day: date, published: datetime | None) -> datetime:
    noon = datetime.combine(day, NOON)
    return noon if published is None else min(noon, published)


def _days(folded: str, published: datetime, local: LocalDay) -> list[_Time]:
    """'Yesterday', 'tonight', 'three hours ago'."""
    table = _table()
    today = local.today
    found = [
        _time(folded, match.start(), today + timedelta(days=table.offsets[match["word"]]))
        for match in table.days.finditer(folded)
    ]
    found += [
        _time(folded, match.start(), _hours_before(published, match["n"], local))
        for match in table.hours_ago.finditer(folded)
    ]
    found += [
        _time(folded, match.start(), today - timedelta(days=int(match["n"])))
        for match in table.days_ago.finditer(folded)
    ]
    return found


def _hours_before(published: datetime, hours: str, local: LocalDay) -> date:
    return (published + local.offset - timedelta(hours=int(hours))).date()


def _weekdays(folded: str, local: LocalDay, direction: int) -> list[_Time]:
    """The nearest such weekday before (-1) or after (+1) today, today included.

    Looking back, a day that has only just begun counts: nobody calls a day of last week by its
    bare name when it has come again.
    """
    found = []
    origin = local.latest if direction < 0 else local.today
    for match in _table().weekdays.finditer(folded):
        if _is_bound(folded, match.start()):
            continue
        distance = (_table().numbers[match["word"]] - origin.weekday()) * direction % 7
        found.append(_time(folded, match.start(), origin + timedelta(days=direction * distance)))
    return found


def _dates(folded: str, local: LocalDay | None) -> list[_Time]:
    found = []
    for match in _table().dates.finditer(folded):
        if _is_bound(folded, match.start()):
            continue
        day = _date_of(match.groupdict(), local)
        if day is not None:
            found.append(_time(folded, match.start(), day))
    return found


def _date_of(parts: dict[str, str | None], local: LocalDay | None) -> date | None:
    day = next(int(v) for k, v in parts.items() if k.startswith("d") and v)
    name = next((v for k, v in parts.items() if k.startswith("m") and v), "")
    month = int(name) if name.isdigit() else _table().month_numbers[name]
    year = next((int(v) for k, v in parts.items() if k.startswith("y") and v), None)
    if year is None and local is None:
        return None
    try:
        if year is not None:
            return date(year, month, day)
        assert local is not None
        return _nearest_year(month, day, local.today)
    except ValueError:
        return None


def _nearest_year(month: int, day: int, today: date) -> date:
    """The year that brings a day without one nearest to publication."""
    around = (date(today.year + step, month, day) for step in (-1, 0, 1))
    return min(around, key=lambda candidate: abs(candidate - today))


def _time(folded: str, place: int, day: date) -> _Time:
    before = folded[max(0, place - NEAR) : place]
    said = _table().statement.search(before) is not None
    return _Time(day=day, place=place, of_statement=said)


def _is_bound(folded: str, place: int) -> bool:
    """Whether 'since' or 'until' stands right before it."""
    return _table().bound.search(folded[max(0, place - NEAR) : place]) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    weekdays: re.Pattern[str]
    numbers: dict[str, int]
    days: re.Pattern[str]
    offsets: dict[str, int]
    dates: re.Pattern[str]
    month_numbers: dict[str, int]
    hours_ago: re.Pattern[str]
    days_ago: re.Pattern[str]
    background: re.Pattern[str]
    ahead: re.Pattern[str]
    statement: re.Pattern[str]
    bound: re.Pattern[str]


@cache
def _table() -> _Table:
    text = files("alerter.understand").joinpath("data/when.toml").read_text(encoding="utf-8")
    raw = tomllib.loads(text)
    numbers, offsets, months = (_inverted(raw[k]) for k in ("weekdays", "days", "months"))
    background, said = raw["background"], raw["statement"]
    return _Table(
        weekdays=re.compile(f"(?P<word>{_any(numbers)})".join(_EDGES)),
        numbers=numbers,
        days=re.compile(f"(?P<word>{_any(offsets)})".join(_EDGES)),
        offsets=offsets,
        dates=re.compile(_date_patterns(_any(months))),
        month_numbers=months,
        hours_ago=_span(raw["ago"]["hours"]),
        days_ago=_span(raw["ago"]["days"]),
        background=re.compile(
            f"(?:{_any(background['phrases'])})".join(_EDGES)
            + f"| (?:{_any(background['month_prefixes'])}) (?:{_any(months)})(?= (?!\\d))"
            + f"| (?:{_any(background['month_prefixes'])}) {_YEAR} "
        ),
        ahead=re.compile(
            f" (?:{_any(raw['ahead']['phrases'])})"
            f"| (?:{_any(raw['ahead']['towards'])}) (?:{_any(numbers)})(?= )(?! s | attack| bomb)"
        ),
        statement=re.compile(f"(?:{_any(said['phrases'])})(?: (?:{_any(said['little'])}))? ?$"),
        bound=re.compile(f" (?:{_any(said['bounds'])}) ?$"),
    )


def _inverted(table: dict[str, list[str]]) -> dict[str, int]:
    return {fold(word): int(number) for number, words in table.items() for word in words}


def _any(words: Iterable[str]) -> str:
    """An alternation, longest first; each phrase folded as the text is."""
    folded = sorted({fold(word) for word in words}, key=lambda word: (-len(word), word))
    return "|".join(re.escape(word) for word in folded)


def _span(units: list[str]) -> re.Pattern[str]:
    after = _any(units)
    return re.compile(rf" (?P<n>\d{{1,3}}) ?(?:{after})")


def _date_patterns(month: str) -> str:
    """'14 September 2020', 'September 14, 2020', '2020 09 14', '9月14日'."""
    year = rf"(?: (?:de |del )?(?P<y{{0}}>{_YEAR}))?"
    return "|".join(
        (
            rf"(?<= )(?P<d1>\d{{1,2}})(?:st|nd|rd|th|er)? (?:of |de )?{_CLITICS}(?P<m1>{month})"
            rf"(?= )" + year.format(1),
            rf"(?<= )(?P<m2>{month}) (?P<d2>\d{{1,2}})(?:st|nd|rd|th)?(?= )" + year.format(2),
            rf"(?<= )(?P<y3>{_YEAR}) (?P<m3>\d{{1,2}}) (?P<d3>\d{{1,2}})(?= )",
            r"(?:(?P<y4>\d{4})年)?(?P<m4>\d{1,2})月(?P<d4>\d{1,2})[日号]",
        )
    )
