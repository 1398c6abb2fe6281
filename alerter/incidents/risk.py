"""The level of risk of a mission or host: four levels by stated rules, each with its reason.

A level rises at once and falls one step at a time, when nothing has asked for it for three days:
that a week was quiet, or that a government gave its word, lowers nothing by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from alerter.domain.risk import Area, IncidentPoint, RiskChange, TempoAlert
from alerter.domain.scales import Category, RiskLevel, Severity, Status
from alerter.incidents.widening import widenings

STAYS: Final = timedelta(days=3)
FRESH: Final = timedelta(days=3)
FORTNIGHT: Final = timedelta(days=14)
MONTH: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one rule says."""

    level: RiskLevel
    reason: str
    incident_ids: tuple[str, ...] = ()


def risk_change(
    area: Area,
    points: Iterable[IncidentPoint],
    tempo: TempoAlert | None,
    last: RiskChange | None,
    *,
    now: datetime,
) -> RiskChange | None:
    """The change of level that is due now, or None. `points` are those of the area."""
    here = [p for p in points if p.at <= now]
    found = finding(here, tempo, now=now)
    before = RiskLevel.NORMAL if last is None else last.level
    if found.level is before:
        return None
    level, reason = found.level, found.reason
    if found.level < before:
        if last is not None and now - last.at < STAYS:
            return None
        level = list(RiskLevel)[before.rank - 1]
        reason = f"what raised it has passed; now: {found.reason}"
    return RiskChange(
        area=area,
        at=now,
        level=level,
        before=before,
        reason=reason,
        incident_ids=found.incident_ids,
    )


def finding(here: Sequence[IncidentPoint], tempo: TempoAlert | None, *, now: datetime) -> Finding:
    """The highest level that a rule asks for now."""
    acts = [p for p in here if p.counts]
    rules = (
        _extreme(acts, now),
        _leaving(here, tempo, now),
        _rising(tempo),
        _repeated(acts, now),
        _measures(here, now),
        _widening(acts, now),
        _recent(acts, now),
    )
    found = [rule for rule in rules if rule is not None]
    calm = Finding(level=RiskLevel.NORMAL, reason="no incident in the last 30 days")
    return max(found, key=lambda rule: rule.level.rank, default=calm)


def _extreme(acts: Sequence[IncidentPoint], now: datetime) -> Finding | None:
    worst = [p for p in _within(acts, now, FORTNIGHT) if p.severity is Severity.EXTREME]
    if not worst:
        return None
    fresh = _within(worst, now, FRESH)
    level = RiskLevel.CRITICAL if fresh else RiskLevel.RECONSIDER
    span = "3 days" if fresh else "14 days"
    return _finding(level, f"an incident of extreme severity within {span}", fresh or worst)


def _leaving(
    here: Sequence[IncidentPoint], tempo: TempoAlert | None, now: datetime
) -> Finding | None:
    """Missions leave while attacks rise: the strongest word that others can give."""
    gone = [
        p
        for p in _within(here, now, FORTNIGHT)
        if p.category is Category.SECURITY_MEASURE and p.status is Status.OCCURRED
    ]
    if not gone or tempo is None:
        return None
    return _finding(RiskLevel.CRITICAL, "missions close or leave while attacks rise", gone)


def _rising(tempo: TempoAlert | None) -> Finding | None:
    if tempo is None:
        return None
    reason = (
        f"tempo: {tempo.count} incidents in {tempo.window_days} days, {tempo.expected:.1f} usual"
    )
    return Finding(level=RiskLevel.RECONSIDER, reason=reason, incident_ids=tempo.incident_ids)


def _repeated(acts: Sequence[IncidentPoint], now: datetime) -> Finding | None:
    grave = [p for p in _within(acts, now, FORTNIGHT) if p.severity >= Severity.SEVERE]
    if len(grave) < 2:
        return None
    reason = f"{len(grave)} severe incidents within 14 days"
    return _finding(RiskLevel.RECONSIDER, reason, grave)


def _measures(here: Sequence[IncidentPoint], now: datetime) -> Finding | None:
    measures = [p for p in _within(here, now, FORTNIGHT) if p.category is Category.SECURITY_MEASURE]
    if not measures:
        return None
    reason = "a mission changed its posture, or spoke of it, within 14 days"
    return _finding(RiskLevel.RECONSIDER, reason, measures)


def _widening(acts: Sequence[IncidentPoint], now: datetime) -> Finding | None:
    found = widenings(acts, now=now)
    if not found:
        return None
    latest = found[-1]
    return _finding(RiskLevel.RECONSIDER, latest.text, [latest.incident])


def _recent(acts: Sequence[IncidentPoint], now: datetime) -> Finding | None:
    recent = [p for p in _within(acts, now, MONTH) if p.severity >= Severity.MODERATE]
    if not recent:
        return None
    count = len(recent)
    noun = "incident" if count == 1 else "incidents"
    return _finding(RiskLevel.CAUTION, f"{count} {noun} within 30 days", recent)


def _within(points: Sequence[IncidentPoint], now: datetime, span: timedelta) -> list[IncidentPoint]:
    return [p for p in points if timedelta() <= now - p.at <= span]


def _finding(level: RiskLevel, reason: str, points: Sequence[IncidentPoint]) -> Finding:
    return Finding(level=level, reason=reason, incident_ids=tuple(p.id for p in points))
