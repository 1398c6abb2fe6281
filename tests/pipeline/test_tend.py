"""What time itself brings: blind spots, drills, the daily report, the sign of life, retention."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from alerter.config.routes import UTC_ZONE
from alerter.config.settings import AlerterSettings
from alerter.domain.errors import StoreError
from alerter.domain.feed import OWN_LINK, HealthChange
from alerter.domain.scales import FeedHealth, Severity
from alerter.notify.report import DigestReport
from alerter.pipeline import tend as tend_module
from alerter.pipeline.drills import last_drill
from alerter.pipeline.report import Period, gather
from alerter.pipeline.tend import heartbeat
from alerter.store import Store
from tests.builders import NOON
from tests.conftest import Clock
from tests.pipeline.fakes_notify import Desk, a_change

Make = Callable[..., Desk]
FEEDS = [
    {"url": f"https://{name}.example/rss", "name": name, "lang": "ar", "covers": ["IQ"]}
    for name in ("one", "two")
]


def a_health(feed: str, new: FeedHealth = FeedHealth.FAILING, **given: Any) -> HealthChange:
    return HealthChange(feed=feed, at=NOON, old=FeedHealth.OK, new=new, reason="HTTP 500", **given)


def report_health(desk: Desk, *changes: HealthChange) -> None:
    with desk.store.begin() as tx:
        tx.feeds.add_health_changes(changes)


def know_feeds(desk: Desk, **given: Any) -> None:
    """The store knows the configured feeds, all of them as given."""
    with desk.store.begin() as tx:
        tx.feeds.sync(desk.settings.feeds)
        known: dict[str, Any] = {
            "last_polled": NOON,
            "last_ok": NOON,
            "last_entry": NOON,
            "health": FeedHealth.OK,
        }
        tx.feeds.save([replace(each, **(known | given)) for each in tx.feeds.all()])


def test_nothing_due_is_nothing_done(
    each_store: Store, settings: AlerterSettings, clock: Clock
) -> None:
    """An idle tick does nothing, and a second one neither; on both databases."""
    desk = Desk(each_store, settings, clock)
    assert (desk.tend(), desk.tend()) == (0, 0)
    desk.close()


def test_a_lost_feed_is_told_once_and_so_is_its_return(make_desk: Make) -> None:
    """With the reason, and with what is blind without it."""
    desk = make_desk(feeds=FEEDS[:1])
    know_feeds(desk)
    report_health(desk, a_health("one"))
    desk.tend()
    desk.tend()
    (message,) = desk["desk"].messages
    assert message.incident["headline"] == "Feed one: failing"
    only = "HTTP 500. It is the only feed for host IQ and language ar"
    assert message.incident["summary"] == only
    report_health(desk, a_health("one", FeedHealth.OK))
    desk.tend()
    assert desk["desk"].messages[1].incident["headline"] == "Feed one is back"


def test_many_lost_feeds_are_one_alert(make_desk: Make) -> None:
    """Not a storm of their own."""
    desk = make_desk()
    report_health(desk, *(a_health(f"feed-{number}") for number in range(9)))
    desk.tend()
    (message,) = desk["desk"].messages
    assert message.incident["headline"] == "9 feeds lost, 0 back"
    assert len(message.incident["lines"]) == 9


def test_our_own_outage_is_told_as_ours(make_desk: Make) -> None:
    """No feed is blamed."""
    desk = make_desk()
    report_health(desk, a_health(OWN_LINK))
    desk.tend()
    assert desk["desk"].messages[0].incident["headline"] == "Our own network seems to be down"


def test_a_language_gone_quiet_is_told_and_so_is_its_return(make_desk: Make) -> None:
    """Against its own rhythm; once each."""
    desk = make_desk(feeds=FEEDS)
    quiet = {"last_entry": NOON - timedelta(hours=30), "rhythm": timedelta(hours=1)}
    know_feeds(desk, **quiet)
    for _ in range(3):
        desk.forward(minutes=2)
    assert [subject for subject, _ in desk["desk"].told()] == [
        "coverage:host:IQ",
        "coverage:language:ar",
    ]
    know_feeds(desk, last_entry=desk.clock.now, last_ok=desk.clock.now)
    for _ in range(3):
        desk.forward(minutes=2)
    headlines = [each.incident["headline"] for each in desk["desk"].messages[2:]]
    assert headlines == ["Host IQ is seen again", "Language ar is seen again"]


def test_a_drill_is_held_on_its_day_and_marked(make_desk: Make) -> None:
    """The first at the next hour set for it, then every week."""
    desk = make_desk(drill={"receiver": "mail", "every": "7d", "at": "10:00"})
    for _ in range(24 * 16):
        desk.forward(hours=1)
    drills = desk["mail"].messages
    assert [f"{each.now:%d %H:%M}" for each in drills] == ["16 10:00", "23 10:00", "30 10:00"]
    assert all(each.drill for each in drills)
    assert drills[0].incident["headline"].startswith("DRILL")
    with desk.store.read() as tx:
        last = last_drill(tx)
    assert last is not None
    assert last.arrived is True


DIGEST = {"digest": [{"receiver": "mail", "at": "06:00", "zone": "Asia/Baghdad"}]}


def reports(desk: Desk) -> list[DigestReport]:
    return [DigestReport.from_json(each.payload["digest"]) for each in desk["mail"].messages]


def test_a_quiet_day_is_reported_with_proof(make_desk: Make) -> None:
    """At six in Baghdad: nothing above threshold, and what was watched."""
    desk = make_desk(feeds=FEEDS, **DIGEST)
    desk.tend()
    desk.clock.forward(hours=15)
    know_feeds(desk, last_polled=desk.clock.now)
    desk.tend()
    (report,) = reports(desk)
    assert desk["mail"].told() == [("digest:2020-09-16T06:00", "digest")]
    assert report.nothing
    assert report.headline == "2020-09-16: nothing above threshold; 2 of 2 feeds polled"
    assert (report.languages, report.hosts, report.blind_spots) == (("ar",), ("IQ",), ())
    desk.forward(hours=23)
    assert len(desk["mail"].messages) == 1
    desk.forward(hours=1)
    assert len(desk["mail"].messages) == 2


def test_a_busy_day_is_reported_with_what_was_held_and_hidden(make_desk: Make) -> None:
    """Incidents worst first, silences with what they hid, receivers that fail."""
    desk = make_desk(feeds=FEEDS, **DIGEST)
    desk.tend()
    with desk.store.begin() as tx:
        tx.mutes.add_silence(
            {"host": ["IQ"], "not": {"severity": ["Extreme"]}},
            author="ann",
            reason="exercise",
            starts_at=NOON,
            until=NOON + timedelta(hours=20),
        )
    for number, severity in ((1, Severity.SEVERE), (2, Severity.EXTREME)):
        change = a_change(id=f"inc-{number}", number=number, severity=severity, told_at=NOON)
        desk.save(change)
        desk.announce(change)
    desk.forward(hours=15)
    (report,) = reports(desk)
    assert not report.nothing
    assert [each.severity for each in report.incidents] == ["Extreme", "Severe"]
    assert (report.held, report.silenced) == (1, 1)
    (silence,) = report.silences
    assert (silence.hidden, silence.expires_soon) == (1, True)
    assert silence.matcher == "host IQ, not severity Extreme"
    assert {each.name for each in report.blind_spots} == {"one", "two"}


def test_a_missed_digest_comes_late_and_covers_all_since(make_desk: Make) -> None:
    """The daemon was down for two days."""
    desk = make_desk(**DIGEST)
    desk.tend()
    desk.forward(hours=50)
    (report,) = reports(desk)
    assert (report.start, report.end) == ("2020-09-15T03:00:00Z", "2020-09-17T14:00:00Z")


def test_a_report_survives_its_way_through_the_outbox(make_desk: Make) -> None:
    """JSON and back."""
    desk = make_desk(feeds=FEEDS)
    period = Period(start=NOON - timedelta(days=1), end=NOON, zone=UTC_ZONE)
    with desk.store.read() as tx:
        report = gather(tx, desk.settings, period)
    assert DigestReport.from_json(json.loads(json.dumps(report.as_json()))) == report


def test_a_part_that_fails_costs_no_other_part(
    make_desk: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bug in coverage does not stop the digest."""

    def broken(**_: Any) -> int:
        raise KeyError("x")

    monkeypatch.setattr(tend_module, "cover", broken)
    desk = make_desk(**DIGEST)
    desk.tend()
    desk.forward(hours=15)
    assert len(desk["mail"].messages) == 1


def test_a_database_that_refuses_is_said_at_once(
    make_desk: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That is no failure of one part."""

    def refused(**_: Any) -> int:
        raise StoreError("database: disk is full")

    monkeypatch.setattr(tend_module, "cover", refused)
    with pytest.raises(StoreError, match="disk is full"):
        make_desk().tend()


class _Watcher:
    """Counts signs of life."""

    def __init__(self) -> None:
        self.beats = 0

    def send(self) -> None:
        self.beats += 1

    def close(self) -> None:
        """Nothing to give back."""


def test_the_watcher_hears_from_us_only_while_all_steps_work(make_desk: Make) -> None:
    """Once a minute; not while one is stuck."""
    desk = make_desk(heartbeat={"url": "https://watcher.example/secret", "every": "1m"})
    assert desk.sender.heartbeat is not None
    desk.sender.heartbeat.close()
    watcher = _Watcher()
    desk.sender.heartbeat = watcher  # type: ignore[assignment]

    def beat() -> str | None:
        return heartbeat(
            store=desk.store, settings=desk.settings, sender=desk.sender, now=desk.clock.now
        )

    assert beat() == "poll has not run yet"
    for _ in range(5):
        desk.clock.forward(seconds=30)
        with desk.store.begin() as tx:
            for step in ("poll", "assess", "fold", "deliver"):
                tx.vitals.beat(step, desk.clock.now)
        beat()
    assert watcher.beats == 2
    desk.clock.forward(minutes=10)
    why = beat()
    assert why is not None
    assert "poll has made no progress" in why
    assert watcher.beats == 2


def test_retention_keeps_what_waits(make_desk: Make) -> None:
    """Settled deliveries and decisions go with their incidents, after their time."""
    desk = make_desk(retention={"articles": "90d", "incidents": "1y"})
    desk.announce(a_change())
    desk.deliver()
    desk.clock.forward(days=366)
    desk.announce(a_change(id="inc-2"))
    desk.tend()
    assert [each.subject for each in desk.outbox()] == ["inc-2"]
    assert desk.decided("inc-1") == []
