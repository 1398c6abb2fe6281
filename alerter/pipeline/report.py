"""Gather the daily report: what was seen, what was not, and proof that the watch was kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from alerter.config.settings import AlerterSettings
from alerter.domain.feed import FeedState
from alerter.domain.incident import Incident
from alerter.domain.risk import AreaKind, RiskChange
from alerter.domain.scales import DeliveryState, FeedHealth, Phase, RiskLevel
from alerter.notify.coverage import gaps, groups
from alerter.notify.payload import incident_url
from alerter.notify.report import (
    AheadLine,
    Arrow,
    BlindSpot,
    DigestReport,
    IncidentLine,
    RiskLine,
    SilenceLine,
    TargetLine,
    stamp,
)
from alerter.notify.words import country
from alerter.pipeline.drills import last_drill
from alerter.store import Tx
from alerter.store.incidents import Wanted

EXPIRES_SOON: Final = timedelta(hours=24)
MAX_INCIDENTS: Final = 100
MAX_AHEAD: Final = 30
CHART_DAYS: Final = 30
WELL: Final = frozenset({FeedHealth.OK, FeedHealth.NEW})
ALIVE: Final = (Phase.OPEN, Phase.DEVELOPING, Phase.QUIET)


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """The time that a report covers, and whose clocks it is written for."""

    start: datetime
    end: datetime
    zone: ZoneInfo


def gather(tx: Tx, settings: AlerterSettings, period: Period) -> DigestReport:
    """The report of a period, from what the store says at its end."""
    names = [feed.name for feed in settings.feeds]
    known = {state.name: state for state in tx.feeds.all()}
    states = {name: known[name] for name in names if name in known}
    counts = tx.vitals.articles_by_feed(start=period.start, end=period.end)
    told = tx.incidents.page(
        Wanted(since=period.start, until=period.end, told=True), limit=MAX_INCIDENTS
    )
    silent = tx.incidents.page(
        Wanted(since=period.start, until=period.end, told=False), limit=MAX_INCIDENTS
    )
    sent = tx.deliveries.counts(start=period.start, end=period.end)
    waiting = tx.deliveries.waiting_counts()
    held = tx.deliveries.held()
    drill = last_drill(tx)
    newest = [state.last_entry for state in states.values() if state.last_entry]
    return DigestReport(
        day=f"{period.end.astimezone(period.zone):%Y-%m-%d}",
        start=stamp(period.start) or "",
        end=stamp(period.end) or "",
        zone=period.zone.key,
        nothing=not told,
        feeds_total=len(names),
        feeds_polled=sum(_polled(state, period) for state in states.values()),
        feeds_ok=sum(state.health in WELL for state in states.values()),
        articles_new=sum(counts.values()),
        oldest_item=stamp(min(newest, default=None)),
        newest_item=stamp(max(newest, default=None)),
        languages=_covered(settings, states, "language"),
        hosts=_covered(settings, states, "host"),
        blind_spots=_blind_spots(settings, states, period.end),
        incidents=tuple(_line(tx, settings, each) for each in _worst_first(told)),
        review_queue=len(silent),
        alerts_sent=sent.get(DeliveryState.SENT, 0) + sent.get(DeliveryState.SUMMARISED, 0),
        held=len(held),
        silenced=sum(each.held_by.startswith("silence:") for each in held),
        dead=sent.get(DeliveryState.DEAD, 0),
        silences=_silences(tx, period),
        targets=_targets(tx, waiting),
        risks=_risks(tx, settings, period),
        ahead=_ahead(tx, period),
        series=_series(tx, period),
        last_drill=stamp(drill.at) if drill else None,
        last_drill_ok=drill.arrived if drill else None,
    )


def _polled(state: FeedState, period: Period) -> bool:
    return state.last_polled is not None and state.last_polled >= period.start


def _covered(
    settings: AlerterSettings, states: Mapping[str, FeedState], kind: str
) -> tuple[str, ...]:
    """The groups of which at least one feed is well."""
    found = groups(settings.feeds, states)
    return tuple(
        sorted(
            name
            for (each, name), members in found.items()
            if each == kind and any(state.health in WELL for state in members)
        )
    )


def _blind_spots(
    settings: AlerterSettings, states: Mapping[str, FeedState], now: datetime
) -> tuple[BlindSpot, ...]:
    wide = [
        BlindSpot(kind=gap.kind, name=gap.name, reason=gap.text)
        for gap in gaps(settings.feeds, states, now)
    ]
    missing = [
        BlindSpot(kind="feed", name=feed.name, reason="it has not been polled yet")
        for feed in settings.feeds
        if feed.name not in states
    ]
    lost = [
        BlindSpot(
            kind="feed",
            name=state.name,
            reason=f"{state.health.value}: {state.health_reason}",
            since=stamp(state.health_since),
        )
        for state in states.values()
        if state.health not in WELL
    ]
    return (*wide, *missing, *lost)


def _worst_first(incidents: Sequence[Incident]) -> list[Incident]:
    return sorted(incidents, key=lambda each: (-each.severity.rank, each.first_seen))


def _line(tx: Tx, settings: AlerterSettings, incident: Incident) -> IncidentLine:
    ack = tx.acks.latest([incident.id]).get(incident.id)
    return IncidentLine(
        id=incident.id,
        number=incident.number,
        headline=incident.headline,
        category=incident.category.value,
        severity=incident.severity.value,
        certainty=incident.certainty.value,
        phase=incident.phase.value,
        host=incident.host,
        city=incident.place.city if incident.place else None,
        sources=incident.independent_sources,
        acknowledged_by=ack.who if ack else None,
        url=incident_url(settings.web.url, incident.id),
        first_seen=stamp(incident.first_seen),
    )


def _silences(tx: Tx, period: Period) -> tuple[SilenceLine, ...]:
    return tuple(
        SilenceLine(
            id=each.id,
            matcher=_words(each.matcher) or "everything",
            author=each.author,
            reason=each.reason,
            until=stamp(each.until) or "",
            hidden=each.hidden,
            expires_soon=period.end < each.until <= period.end + EXPIRES_SOON,
        )
        for each in tx.mutes.silences_between(period.start, period.end)
    )


def _words(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_words(inner)}" for key, inner in value.items())
    if isinstance(value, list | tuple):
        return " or ".join(str(each) for each in value)
    return str(value)


def _targets(tx: Tx, waiting: Mapping[tuple[str, DeliveryState], int]) -> tuple[TargetLine, ...]:
    return tuple(
        TargetLine(
            receiver=state.receiver,
            since=stamp(state.failing_since) or "",
            error=state.last_error,
            waiting=waiting.get((state.receiver, DeliveryState.PENDING), 0),
        )
        for state in tx.decisions.targets().values()
        if state.failing_since is not None
    )


def _risks(tx: Tx, settings: AlerterSettings, period: Period) -> tuple[RiskLine, ...]:
    """Posts and host states above the lowest level, and those that moved in the period."""
    names = {mission.id: mission.name for mission in settings.missions}
    lines = []
    for area, change in tx.risk.latest().items():
        moved = change.at >= period.start
        if area.kind is AreaKind.CITY or not (moved or change.level > RiskLevel.NORMAL):
            continue
        lines.append(
            RiskLine(
                scope=names.get(area.key) or country(area.key),
                level=change.level.value,
                before=change.before.value,
                arrow=_arrow(change) if moved else "same",
                reason=change.reason,
            )
        )
    return tuple(lines)


def _arrow(change: RiskChange) -> Arrow:
    if change.level == change.before:
        return "same"
    return "up" if change.level > change.before else "down"


def _series(tx: Tx, period: Period) -> tuple[tuple[str, int], ...]:
    """Incidents of each of the last days, in the reader's zone, for a chart."""
    last = period.end.astimezone(period.zone).date()
    days = [last - timedelta(days=back) for back in reversed(range(CHART_DAYS))]
    since = period.end - timedelta(days=CHART_DAYS)
    points = [each for each in tx.risk.points(since=since, until=period.end) if each.counts]
    found = Counter(each.at.astimezone(period.zone).date() for each in points)
    return tuple((day.isoformat(), found[day]) for day in days)


def _ahead(tx: Tx, period: Period) -> tuple[AheadLine, ...]:
    """What is announced for days to come, the nearest first."""
    alive = tx.incidents.page(Wanted(phases=ALIVE), limit=500)
    coming = [
        (each.date_ahead, each)
        for each in alive
        if each.date_ahead is not None and each.date_ahead >= period.end - timedelta(days=1)
    ]
    coming.sort(key=lambda pair: (pair[0], pair[1].number))
    return tuple(
        AheadLine(
            day=f"{day:%Y-%m-%d}",
            headline=each.headline,
            host=each.host,
            city=each.place.city if each.place else None,
            number=each.number,
        )
        for day, each in coming[:MAX_AHEAD]
    )
