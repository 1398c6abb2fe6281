"""Counting incidents by place: how fast they come, and the level of risk that follows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from alerter.domain.scales import Category, RiskLevel, Severity, Status, Target


class AreaKind(StrEnum):
    """What incidents are counted by."""

    CITY = "city"
    HOST = "host"
    MISSION = "mission"


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """A host state (`IQ`), a city in it (`IQ/Baghdad`) or one of the user's posts (its id)."""

    kind: AreaKind
    key: str

    @property
    def subject(self) -> str:
        """How a notice names it: `tempo:city:IQ/Baghdad`."""
        return f"tempo:{self.kind.value}:{self.key}"


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentPoint:
    """What counting asks of an incident: when, where, what and how bad.

    `at` is the time of the event, or of the first report where that is all that is known.
    `counts` is False for what is no act against a mission: a measure of protection, a statement,
    a summary of many events, and what is below the alert threshold.
    """

    id: str
    number: int
    at: datetime
    headline: str
    host: str | None = None
    city: str | None = None
    mission_ids: tuple[str, ...] = ()
    sending: tuple[str, ...] = ()
    lat: float | None = None
    lon: float | None = None
    category: Category
    target: Target | None = None
    status: Status
    severity: Severity
    counts: bool = True

    @property
    def areas(self) -> tuple[Area, ...]:
        """Every place that it is counted in."""
        found = [Area(kind=AreaKind.MISSION, key=each) for each in self.mission_ids]
        if self.host is not None:
            found.append(Area(kind=AreaKind.HOST, key=self.host))
            if self.city is not None:
                found.append(Area(kind=AreaKind.CITY, key=f"{self.host}/{self.city}"))
        return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class TempoAlert:
    """A rising tempo that was told, until it ends. `count` is what was told last.

    `revision` grows with every telling about the area, over all its alerts.
    """

    area: Area
    revision: int
    raised_at: datetime
    told_at: datetime
    count: int
    window_days: int
    expected: float
    probability: float
    incident_ids: tuple[str, ...] = ()
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskChange:
    """From `at` on the level of an area is `level`, because of `reason`."""

    area: Area
    at: datetime
    level: RiskLevel
    before: RiskLevel
    reason: str
    incident_ids: tuple[str, ...] = ()
