"""Which tempo alerts begin, rise further or end now, and how they are worded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from statistics import fmean
from typing import Final

from alerter.domain.mission import Mission
from alerter.domain.notice import Notice
from alerter.domain.risk import Area, AreaKind, IncidentPoint, TempoAlert
from alerter.domain.scales import Certainty, Reason, Severity, Urgency
from alerter.incidents.tempo import (
    AGAIN,
    BASELINE,
    CALM,
    MIN_COUNT,
    WINDOWS,
    Reading,
    is_surprising,
    signals,
    without,
)
from alerter.incidents.widening import widenings

MAX_LINES: Final = 12  # incidents listed in one notice
SHOWN_DAYS: Final = BASELINE + WINDOWS[0]
ORDER: Final = (AreaKind.CITY, AreaKind.HOST, AreaKind.MISSION)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A tempo alert as it is now. `reading` is set when it is to be told."""

    alert: TempoAlert
    reading: Reading | None = None


def turns(
    found: Sequence[Reading],
    open_alerts: Mapping[Area, TempoAlert],
    *,
    now: datetime,
) -> list[Turn]:
    """What changes now: alerts that end, rise further or begin. Told once for one rise.

    Cities come first. Areas overlap: another is told only if the incidents that no open alert
    accounts for are surprising by themselves.
    """
    by_area = {reading.area: reading for reading in found}
    ended = [
        replace(alert, ended_at=now)
        for area, alert in open_alerts.items()
        if _is_over(by_area.get(area))
    ]
    still = {a: alert for a, alert in open_alerts.items() if a not in {e.area for e in ended}}
    changed = [Turn(alert=alert) for alert in ended]
    rising = signals(found)
    told = {area: by_area[area] for area in still if area in by_area}
    for reading in sorted(found, key=lambda r: (ORDER.index(r.area.kind), r.probability)):
        known = still.get(reading.area)
        if known is not None:
            if reading.count >= AGAIN * known.count and is_surprising(reading):
                changed.append(_turn(reading, now=now, raised_at=known.raised_at))
        elif reading.area in rising and not _is_explained(reading, told):
            told[reading.area] = reading
            changed.append(_turn(reading, now=now, raised_at=now))
    return changed


def notice_of(
    turn: Turn,
    points: Sequence[IncidentPoint],
    missions: Sequence[Mission],
    *,
    now: datetime,
) -> Notice:
    """The alert in words, with the incidents it counts. `turn.reading` must be set."""
    alert, reading = turn.alert, turn.reading
    assert reading is not None
    counted = [point for point in points if point.id in set(reading.incident_ids)]
    posts = _posts(alert.area, counted, missions)
    host = _host(alert.area, counted, missions)
    name = _name(alert.area, missions)
    lat, lon = _centre(alert.area, counted)
    return Notice(
        subject=alert.area.subject,
        revision=alert.revision,
        reason=Reason.TEMPO,
        headline=f"Attacks and threats are rising: {name}, {_count(reading)}",
        text=_text(reading, name),
        at=now,
        severity=Severity.SEVERE,
        urgency=Urgency.EXPECTED,
        certainty=Certainty.LIKELY,
        host=host,
        city=_city(alert.area, counted),
        lat=lat,
        lon=lon,
        sending=tuple(dict.fromkeys(s for point in counted for s in point.sending)),
        mission_ids=posts,
        incident_ids=reading.incident_ids,
        lines=_lines(alert.area, counted, points, now),
        series=_series(alert.area, points, now),
    )


def _is_over(reading: Reading | None) -> bool:
    return reading is None or reading.count == 0 or reading.probability > CALM


def _is_explained(reading: Reading, told: Mapping[Area, Reading]) -> bool:
    """Whether what other areas were told of leaves nothing surprising here."""
    known = [r for r in told.values() if set(r.incident_ids) & set(reading.incident_ids)]
    rest = without(reading, known)
    return bool(known) and not (rest.count >= MIN_COUNT and is_surprising(rest))


def _turn(reading: Reading, *, now: datetime, raised_at: datetime) -> Turn:
    alert = TempoAlert(
        area=reading.area,
        revision=0,
        raised_at=raised_at,
        told_at=now,
        count=reading.count,
        window_days=reading.window_days,
        expected=reading.expected,
        probability=reading.probability,
        incident_ids=reading.incident_ids,
    )
    return Turn(alert=alert, reading=reading)


def _count(reading: Reading) -> str:
    return (
        f"{reading.count} in {reading.window_days} days where {reading.expected:.1f} would be usual"
    )


def _text(reading: Reading, name: str) -> str:
    odds = 1 / max(reading.probability, 1e-9)
    chance = "less than 1 in a million" if odds > 1e6 else f"about 1 in {odds:,.0f}"
    return (
        f"{reading.count} incidents in {reading.window_days} days at {name}. Its own last 90 days "
        f"({reading.base_count} incidents in {reading.base_days:.0f} covered days) make "
        f"{reading.expected:.1f} usual. The chance of so many if nothing had changed: {chance}. "
        f"Coverage in the window: {reading.window_covered:.1f} of {reading.window_days} days."
    )


def _lines(
    area: Area, counted: Sequence[IncidentPoint], points: Sequence[IncidentPoint], now: datetime
) -> tuple[str, ...]:
    listed = [f"#{p.number}  {p.at:%d %b %H:%M}  {p.headline}" for p in counted[-MAX_LINES:]]
    if len(counted) > MAX_LINES:
        listed.insert(0, f"{len(counted) - MAX_LINES} earlier ones")
    here = [point for point in points if area in point.areas]
    return (*listed, *(each.text for each in widenings(here, now=now)))


def _series(
    area: Area, points: Sequence[IncidentPoint], now: datetime
) -> tuple[tuple[str, int], ...]:
    """Incidents of each day (UTC) of the baseline and the window, for a chart."""
    days = [now.date() - timedelta(days=back) for back in reversed(range(SHOWN_DAYS))]
    found = Counter(p.at.date() for p in points if p.counts and area in p.areas)
    return tuple((day.isoformat(), found[day]) for day in days)


def _name(area: Area, missions: Sequence[Mission]) -> str:
    if area.kind is AreaKind.MISSION:
        return next((m.name for m in missions if m.id == area.key), area.key)
    host, _, city = area.key.partition("/")
    return f"{city} ({host})" if city else host


def _host(area: Area, counted: Sequence[IncidentPoint], missions: Sequence[Mission]) -> str | None:
    if area.kind is not AreaKind.MISSION:
        return area.key.partition("/")[0]
    configured = next((m.host for m in missions if m.id == area.key), None)
    return configured or next((p.host for p in counted if p.host), None)


def _city(area: Area, counted: Sequence[IncidentPoint]) -> str | None:
    if area.kind is AreaKind.CITY:
        return area.key.partition("/")[2]
    if area.kind is AreaKind.MISSION:
        return next((point.city for point in counted if point.city), None)
    return None


def _posts(
    area: Area, counted: Sequence[IncidentPoint], missions: Sequence[Mission]
) -> tuple[str, ...]:
    """The user's posts that it concerns: those that were hit, and those in the same city.

    The rise at one post concerns another that has as many of its incidents as make a rise.
    """
    hit = {each for point in counted for each in point.mission_ids}
    if area.kind is AreaKind.MISSION:
        shares = Counter(each for point in counted for each in point.mission_ids)
        return tuple(
            dict.fromkeys((area.key, *(m.id for m in missions if shares[m.id] >= MIN_COUNT)))
        )
    host, _, city = area.key.partition("/")
    inside = {
        m.id
        for m in missions
        if m.host == host and (not city or (m.city or "").casefold() == city.casefold())
    }
    return tuple(m.id for m in missions if m.id in hit | inside)


def _centre(
    area: Area, counted: Sequence[IncidentPoint]
) -> tuple[float, float] | tuple[None, None]:
    """The middle of what was counted; a whole state has no point."""
    known = [(p.lat, p.lon) for p in counted if p.lat is not None and p.lon is not None]
    if area.kind is AreaKind.HOST or not known:
        return None, None
    return fmean(lat for lat, _ in known), fmean(lon for _, lon in known)
