"""The daily report as a value: proof that the watch was kept, and what it saw.

`pipeline.report` gathers it, `notify.digest` renders it. It travels in a payload under `digest`
(see `as_json` and `from_json`), so that a digest survives a crash like any other delivery.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any, Literal, Self

from alerter.notify.payload import rfc3339

Arrow = Literal["up", "down", "same"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BlindSpot:
    """Something that is not seen now: a feed, a language or a host state, and why."""

    kind: str
    name: str
    reason: str
    since: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentLine:
    """One incident of the day in one line."""

    id: str
    number: int
    headline: str
    category: str
    severity: str
    certainty: str
    phase: str
    host: str | None = None
    city: str | None = None
    sources: int = 0
    acknowledged_by: str | None = None
    url: str | None = None
    first_seen: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskLine:
    """The risk level of one mission or state, where it came from, and why."""

    scope: str
    level: str
    before: str
    arrow: Arrow
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AheadLine:
    """Something announced for a day to come."""

    day: str
    headline: str
    host: str | None = None
    city: str | None = None
    number: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SilenceLine:
    """A silence, what it hid since it began, and when it ends."""

    id: int
    matcher: str
    author: str
    reason: str
    until: str
    hidden: int
    expires_soon: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetLine:
    """A receiver that cannot be reached now, and what waits for it."""

    receiver: str
    since: str
    error: str
    waiting: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestReport:
    """One day for one receiver. Times are RFC 3339 in UTC; `zone` is the reader's.

    `nothing` is True when no alert above the threshold was decided in the period. `held` and
    `silenced` count alerts that wait now; `dead` are dead letters of the period. `series` holds
    (day, incidents) for a chart.
    """

    day: str
    start: str
    end: str
    zone: str
    nothing: bool
    feeds_total: int
    feeds_polled: int
    feeds_ok: int
    articles_new: int
    oldest_item: str | None
    newest_item: str | None
    languages: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    blind_spots: tuple[BlindSpot, ...] = ()
    incidents: tuple[IncidentLine, ...] = ()
    review_queue: int = 0
    alerts_sent: int = 0
    held: int = 0
    silenced: int = 0
    dead: int = 0
    silences: tuple[SilenceLine, ...] = ()
    targets: tuple[TargetLine, ...] = ()
    risks: tuple[RiskLine, ...] = ()
    ahead: tuple[AheadLine, ...] = ()
    last_drill: str | None = None
    last_drill_ok: bool | None = None
    series: tuple[tuple[str, int], ...] = ()

    @property
    def headline(self) -> str:
        """The report in one sentence, as a subject line."""
        feeds = f"{self.feeds_polled} of {self.feeds_total} feeds polled"
        if self.nothing:
            return f"{self.day}: nothing above threshold; {feeds}"
        count = len(self.incidents)
        return f"{self.day}: {count} incident{'s' * (count != 1)}; {feeds}"

    def as_json(self) -> dict[str, Any]:
        """Plain lists, dicts, strings and numbers."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """The inverse of `as_json`. Raises TypeError where a value is missing or unknown."""
        lines = {
            "blind_spots": BlindSpot,
            "incidents": IncidentLine,
            "silences": SilenceLine,
            "targets": TargetLine,
            "risks": RiskLine,
            "ahead": AheadLine,
        }
        known = {field.name for field in fields(cls)}
        read: dict[str, Any] = {
            name: tuple(lines[name](**row) for row in value) if name in lines else _frozen(value)
            for name, value in values.items()
            if name in known
        }
        return cls(**read)


def _frozen(value: Any) -> Any:
    return tuple(_frozen(each) for each in value) if isinstance(value, list | tuple) else value


def stamp(moment: datetime | None) -> str | None:
    """A time as the report writes it."""
    return rfc3339(moment)
