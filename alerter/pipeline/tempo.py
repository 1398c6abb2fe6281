"""Watch how fast incidents come: tempo alerts, hours of coverage and levels of risk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

import structlog

from alerter.config.settings import AlerterSettings
from alerter.domain.incident import Incident
from alerter.domain.mission import Mission
from alerter.domain.risk import Area, AreaKind, IncidentPoint, TempoAlert
from alerter.domain.scales import Phase
from alerter.incidents.coverage import WORLD, Coverage, coverage_of, spread_hours
from alerter.incidents.points import point_of
from alerter.incidents.rising import Turn, notice_of, turns
from alerter.incidents.risk import risk_change
from alerter.incidents.tempo import BASELINE, WINDOWS, by_areas, may_rise, readings
from alerter.pipeline.announce import announce
from alerter.store import Store, Tx
from alerter.store.incidents import Wanted

log = structlog.get_logger()

MARK: Final = "tempo"
EVERY: Final = timedelta(hours=1)
ALIVE: Final = timedelta(hours=2)  # a feed that answered within it is alive
GAP: Final = timedelta(hours=2)  # after a longer pause nobody knows what was alive meanwhile
HISTORY: Final = timedelta(days=BASELINE + max(WINDOWS) + 2)
PAGE: Final = 200
OVERLAP: Final = timedelta(hours=1)  # of two looks, against clocks that differ a little


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What one look works with."""

    points: Sequence[IncidentPoint]
    missions: Sequence[Mission]
    settings: AlerterSettings


def watch_tempo(
    *,
    store: Store,
    settings: AlerterSettings,
    now: datetime,
    living: Iterable[str] | None = None,
) -> int:
    """Look once an hour, and at once when an incident was opened. Gives how much was told.

    `living` names the feeds that are alive, for callers without a poller; by default those that
    answered lately. Idempotent: a second call at the same time finds nothing new.
    """
    with store.read() as tx:
        last = tx.vitals.marked(MARK)
        opened = str(tx.incidents.count())
    if last is not None and last.value == opened and now - last.at < EVERY:
        return 0
    with store.begin() as tx:
        tx.incidents.take_turn()  # one look at a time, also on PostgreSQL
        last = tx.vitals.marked(MARK)
        if last is not None and (last.at > now or (last.at == now and last.value == opened)):
            return 0
        if living is None:
            living = [f.name for f in tx.feeds.all() if f.last_ok and now - f.last_ok <= ALIVE]
        since = None if last is None else last.at
        _cover(tx, settings, living, since, now)
        _learn(tx, settings, since, now)
        told = _look(tx, settings, now)
        tx.risk.forget(now - 2 * HISTORY)
        tx.vitals.mark(MARK, now, opened)
    return told


def add_living_hours(
    tx: Tx, settings: AlerterSettings, living: Iterable[str], since: datetime, until: datetime
) -> None:
    """Count the hours between two times as covered by these feeds."""
    covers = {feed.name: feed.covers for feed in settings.feeds}
    hosts: Counter[str] = Counter()
    for name in living:
        hosts.update(covers.get(name, ()) or (WORLD,))
    hours: dict[tuple[date, str], float] = {
        (day, host): span * feeds
        for day, span in spread_hours(since, until).items()
        for host, feeds in hosts.items()
    }
    tx.risk.add_coverage(hours)


def _cover(
    tx: Tx,
    settings: AlerterSettings,
    living: Iterable[str],
    since: datetime | None,
    now: datetime,
) -> None:
    """A pause of ours is an outage of everything: it is not covered afterwards."""
    if since is not None and now - since <= GAP:
        add_living_hours(tx, settings, living, since, now)


def _learn(tx: Tx, settings: AlerterSettings, since: datetime | None, now: datetime) -> None:
    """Take over incidents that changed since the last look; at the first look, all there are."""
    start = (now - HISTORY) if since is None else since - OVERLAP
    noise = _noise(tx)
    wanted = Wanted(since=start, aliases=True)
    page: Sequence[Incident] = tx.incidents.page(wanted, limit=PAGE)
    while page:
        merged = [each.id for each in page if each.phase is Phase.MERGED]
        tx.risk.drop_points(merged)
        tx.risk.save_points(
            point_of(each, threshold=settings.thresholds.alert, noise=each.id in noise)
            for each in page
            if each.phase is not Phase.MERGED
        )
        page = tx.incidents.page(wanted, limit=PAGE, after=page[-1]) if len(page) == PAGE else ()


def _noise(tx: Tx) -> set[str]:
    verdicts = {each.incident_id: each.verdict for each in tx.incidents.feedback()}
    return {incident_id for incident_id, verdict in verdicts.items() if verdict == "noise"}


def _look(tx: Tx, settings: AlerterSettings, now: datetime) -> int:
    points = _standing(tx, tx.risk.points(since=now - HISTORY, until=now), now)
    missions = tuple(each.mission() for each in settings.missions)
    known = _Known(points=points, missions=missions, settings=settings)
    tempo = tx.risk.open_tempo()
    told = 0
    if tempo or may_rise(points, now=now):
        found = readings(points, _coverage(tx, now), now=now)
        told = sum(_save(tx, turn, known, now) for turn in turns(found, tempo, now=now))
        tempo = tx.risk.open_tempo()
    _rate(tx, known, tempo, now)
    return told


def _standing(tx: Tx, points: Sequence[IncidentPoint], now: datetime) -> list[IncidentPoint]:
    """Without those that a person, or a late report, has merged into others meanwhile."""
    gone = tx.risk.merged(since=now - HISTORY)
    tx.risk.drop_points(gone)
    noise = _noise(tx)
    return [
        replace(point, counts=point.counts and point.id not in noise)
        for point in points
        if point.id not in gone
    ]


def _coverage(tx: Tx, now: datetime) -> dict[str | None, Coverage]:
    """By host state: the hours of feeds that cover it and of those that cover all."""
    hours = tx.risk.coverage(since=(now - HISTORY).date())
    world = hours.pop(WORLD, {})
    found: dict[str | None, Coverage] = {None: coverage_of(world, now=now)}
    for host, own in hours.items():
        days = {day: own.get(day, 0.0) + world.get(day, 0.0) for day in own.keys() | world.keys()}
        found[host] = coverage_of(days, now=now)
    return found


def _save(tx: Tx, turn: Turn, known: _Known, now: datetime) -> int:
    if turn.reading is None:
        tx.risk.save_tempo(turn.alert)
        log.info("tempo_ended", area=turn.alert.area.subject)
        return 0
    revision = tx.risk.tempo_revision(turn.alert.area) + 1
    turn = replace(turn, alert=replace(turn.alert, revision=revision))
    tx.risk.save_tempo(turn.alert)
    notice = notice_of(turn, known.points, known.missions, now=now)
    announce(tx, [notice], settings=known.settings, now=now)
    log.info(
        "tempo_rising",
        area=turn.alert.area.subject,
        count=turn.alert.count,
        expected=round(turn.alert.expected, 2),
        probability=turn.alert.probability,
    )
    return 1


def _rate(tx: Tx, known: _Known, tempo: Mapping[Area, TempoAlert], now: datetime) -> None:
    """Levels of risk of missions and host states: of ours, and wherever there was an incident."""
    latest = tx.risk.latest()
    here = by_areas(known.points)
    areas = dict.fromkeys(
        [Area(kind=AreaKind.MISSION, key=each.id) for each in known.missions]
        + [Area(kind=AreaKind.HOST, key=each.host) for each in known.missions]
        + list(here)
        + list(latest)
    )
    for area in areas:
        if area.kind is AreaKind.CITY:
            continue
        rising = tempo.get(area) or _tempo_around(area, tempo, known.missions)
        change = risk_change(area, here.get(area, ()), rising, latest.get(area), now=now)
        if change is not None:
            tx.risk.save_change(change)
            log.info("risk_changed", area=area.key, risk=change.level.value, why=change.reason)


def _tempo_around(
    area: Area, tempo: Mapping[Area, TempoAlert], missions: Sequence[Mission]
) -> TempoAlert | None:
    """The alert that speaks for an area too: of a city for its posts and for its state."""
    if area.kind is AreaKind.HOST:
        cities = (t for a, t in tempo.items() if a.key.startswith(f"{area.key}/"))
        return next(cities, None)
    post = next((m for m in missions if m.id == area.key), None)
    if post is None:
        return None
    city = Area(kind=AreaKind.CITY, key=f"{post.host}/{post.city}")
    return tempo.get(city)
