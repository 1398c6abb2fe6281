"""The step that watches the tempo, over a real store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from alerter.config.settings import AlerterSettings
from alerter.domain.incident import Change, Incident
from alerter.domain.risk import Area, AreaKind
from alerter.domain.scales import FeedHealth, Phase, Reason, RiskLevel
from alerter.pipeline.tempo import add_living_hours, watch_tempo
from alerter.store import Store
from alerter.store.incidents import Feedback
from tests.builders import NOON, a_source, an_incident

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
BAGHDAD = Area(kind=AreaKind.CITY, key="IQ/Baghdad")
POST = Area(kind=AreaKind.MISSION, key="us-baghdad")
POSTS = [
    {
        "id": "us-baghdad", "name": "Embassy, Baghdad", "sending": "US", "host": "IQ",
        "city": "Baghdad", "location": [33.299, 44.387],
    }
]  # fmt: skip


def happened(store: Store, name: str, at: datetime, **given: Any) -> Incident:
    """An incident that was reported when it happened."""
    source = a_source(name, published=at, first_seen=at)
    incident = an_incident(
        name, number=0, event_time=at, first_seen=at, last_seen=at, sources=(source,), **given
    )
    with store.begin() as tx:
        return tx.incidents.save(Change(incident=incident, reason=None, why="", at=at))


def covered(store: Store, settings: AlerterSettings, days: int) -> None:
    """One feed was alive all the time before noon."""
    with store.begin() as tx:
        add_living_hours(tx, settings, ["daily-post"], NOON - days * DAY, NOON)


def campaign(store: Store) -> list[Incident]:
    """A quiet quarter with one attack, then five in five days."""
    quiet = happened(store, "old", NOON - 40 * DAY)
    return [quiet, *(happened(store, f"new-{n}", NOON - (n + 0.5) * DAY) for n in range(5))]


def told(store: Store) -> list[tuple[str, Reason, int]]:
    """What the outbox holds."""
    with store.read() as tx:
        return [(d.receiver, d.reason, d.revision) for d in tx.deliveries.of_subject(
            BAGHDAD.subject)]  # fmt: skip


def test_a_campaign_is_told_once_through_the_outbox(
    store: Store, make_settings: Callable[..., AlerterSettings]
) -> None:
    """However often the step runs; and the risk of the post rises with it."""
    settings = make_settings(missions=POSTS)
    covered(store, settings, 100)
    campaign(store)
    assert watch_tempo(store=store, settings=settings, now=NOON, living=["daily-post"]) == 1
    assert watch_tempo(store=store, settings=settings, now=NOON, living=["daily-post"]) == 0
    assert watch_tempo(store=store, settings=settings, now=NOON + HOUR, living=()) == 0
    assert told(store) == [("desk", Reason.TEMPO, 1)]
    with store.read() as tx:
        assert tx.risk.open_tempo()[BAGHDAD].count == 5
        level = tx.risk.latest()[POST]
    assert level.level is RiskLevel.RECONSIDER
    assert level.reason.startswith("tempo: 5 incidents in 7 days")


def test_without_coverage_nothing_is_usual_or_unusual(
    store: Store, make_settings: Callable[..., AlerterSettings]
) -> None:
    """A store that was never watched tells no tempo."""
    settings = make_settings(missions=POSTS)
    campaign(store)
    assert watch_tempo(store=store, settings=settings, now=NOON, living=["daily-post"]) == 0


def test_a_new_incident_is_looked_at_within_the_hour(
    store: Store, make_settings: Callable[..., AlerterSettings]
) -> None:
    """The alert does not wait for the next full hour."""
    settings = make_settings(missions=POSTS)
    covered(store, settings, 100)
    for n in range(4):
        happened(store, f"new-{n}", NOON - (n + 0.5) * DAY)
    happened(store, "old-1", NOON - 40 * DAY)
    happened(store, "old-2", NOON - 60 * DAY)
    happened(store, "old-3", NOON - 80 * DAY)
    happened(store, "old-4", NOON - 90 * DAY)
    assert watch_tempo(store=store, settings=settings, now=NOON, living=()) == 0
    happened(store, "new-5", NOON + timedelta(minutes=4))
    soon = NOON + timedelta(minutes=5)
    assert watch_tempo(store=store, settings=settings, now=soon, living=()) == 1


def test_merged_incidents_and_noise_are_not_counted(
    store: Store, make_settings: Callable[..., AlerterSettings]
) -> None:
    """Two of the five were one event, and one was noise: three are no campaign here."""
    settings = make_settings(missions=POSTS)
    covered(store, settings, 100)
    incidents = campaign(store)
    for n, days in enumerate((45, 60, 75, 85)):
        happened(store, f"older-{n}", NOON - days * DAY)
    alias = replace(incidents[5], revision=2, phase=Phase.MERGED, merged_into=incidents[4].id)
    noise = Feedback(
        incident_id=incidents[3].id, verdict="noise", who="me", note="", at=NOON - HOUR
    )
    with store.begin() as tx:
        tx.incidents.save(Change(incident=alias, reason=None, why="", at=NOON))
        tx.incidents.add_feedback(noise)
    assert watch_tempo(store=store, settings=settings, now=NOON, living=()) == 0
    with store.read() as tx:
        counted = [p.id for p in tx.risk.points(since=NOON - 7 * DAY, until=NOON) if p.counts]
    assert sorted(counted) == ["new-0", "new-1", "new-3"]


def test_hours_count_for_what_a_feed_covers_and_a_pause_is_an_outage(
    store: Store, make_settings: Callable[..., AlerterSettings]
) -> None:
    """Feeds that answered cover their hosts; while nobody looked, nothing was covered."""
    feeds = [
        {"url": "https://a.example/rss", "name": "a", "covers": ["IQ"]},
        {"url": "https://b.example/rss", "name": "b"},
        {"url": "https://c.example/rss", "name": "c"},
    ]
    settings = make_settings(feeds=feeds)
    with store.begin() as tx:
        tx.feeds.sync(settings.feeds)
        states = {state.name: state for state in tx.feeds.all()}
        tx.feeds.save(
            replace(states[name], health=FeedHealth.OK, last_ok=NOON) for name in ("a", "b")
        )
    for now in (NOON, NOON + HOUR, NOON + 9 * HOUR):
        watch_tempo(store=store, settings=settings, now=now)
    with store.read() as tx:
        hours = tx.risk.coverage(since=NOON.date())
    assert hours == {"IQ": {NOON.date(): 1.0}, "": {NOON.date(): 1.0}}
