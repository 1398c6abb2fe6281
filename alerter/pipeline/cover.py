"""Tell of blind spots: feeds lost or back, languages and host states gone quiet, our own outage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import structlog

from alerter.config.settings import AlerterSettings
from alerter.domain.feed import OWN_LINK, FeedState, HealthChange
from alerter.domain.notice import Notice
from alerter.domain.scales import FeedHealth, Reason, Severity, Urgency
from alerter.notify.coverage import SMALLEST_GROUP, Gap, gaps, groups
from alerter.pipeline.announce import announce
from alerter.store import Store, Tx

log = structlog.get_logger()

WELL: Final = frozenset({FeedHealth.OK, FeedHealth.NEW})
TOGETHER: Final = 4  # more changes at once than this are one alert
GAP_MARK: Final = "gap:"
LOOKED: Final = "cover"
LOOK_EVERY: Final = timedelta(minutes=1)  # at all feeds; changes of one are told at once


def cover(*, store: Store, settings: AlerterSettings, now: datetime) -> int:
    """Announce what has changed in what we see. Gives how many notices came of it."""
    with store.read() as tx:
        changes = tx.feeds.untold_health_changes()
        looked = tx.vitals.marked(LOOKED)
        if not changes and looked is not None and now - looked.at < LOOK_EVERY:
            return 0
        states = {state.name: state for state in tx.feeds.all()}
        told = tx.vitals.marks(GAP_MARK)
    found = {gap.subject: gap for gap in gaps(settings.feeds, states, now)}
    new = [gap for gap in found.values() if GAP_MARK + gap.subject not in told]
    over = [name for name in told if name.removeprefix(GAP_MARK) not in found]
    only = _only_ones(settings, states)
    with store.begin() as tx:
        tx.vitals.mark(LOOKED, now)
        notices = [
            *_of_changes(changes, only, now),
            *(_of_gap(tx, gap, now) for gap in new),
            *(_gap_over(tx, name, now) for name in over),
        ]
        announce(tx, notices, settings=settings, now=now)
        tx.feeds.mark_told([change.id for change in changes if change.id is not None], now)
    if notices:
        log.info("coverage_told", notices=len(notices))
    return len(notices)


def _only_ones(settings: AlerterSettings, states: Mapping[str, FeedState]) -> dict[str, str]:
    """Feeds that nobody stands in for: the language or host state that goes blind with each."""
    found: dict[str, list[str]] = {}
    for (kind, name), members in groups(settings.feeds, states).items():
        if len(members) < SMALLEST_GROUP:
            found.setdefault(members[0].name, []).append(f"{kind} {name}")
    return {feed: " and ".join(sorted(names)) for feed, names in found.items()}


def _of_changes(
    changes: Sequence[HealthChange], only: dict[str, str], now: datetime
) -> list[Notice]:
    """One notice each, or one for all when many change at once."""
    own = [change for change in changes if change.feed == OWN_LINK]
    feeds = [change for change in changes if change.feed != OWN_LINK]
    notices = [_own_link(change, now) for change in own]
    if len(feeds) > TOGETHER:
        return [*notices, _many(feeds, only, now)]
    return [*notices, *(_one(change, only, now) for change in feeds)]


def _one(change: HealthChange, only: dict[str, str], now: datetime) -> Notice:
    back = change.new in WELL
    blind = only.get(change.feed)
    text = change.reason
    if blind and not back:
        text = f"{text}. It is the only feed for {blind}"
    return Notice(
        subject=f"coverage:feed:{change.feed}",
        revision=change.id or 1,
        reason=Reason.COVERAGE,
        headline=f"Feed {change.feed} is back" if back else f"Feed {change.feed}: {change.new}",
        text=text,
        at=now,
        severity=Severity.MINOR if back else Severity.MODERATE,
        urgency=Urgency.PAST if back else Urgency.EXPECTED,
    )


def _many(changes: Sequence[HealthChange], only: dict[str, str], now: datetime) -> Notice:
    lost = [change for change in changes if change.new not in WELL]
    blind = sorted({only[change.feed] for change in lost if change.feed in only})
    also = f" Without any feed now: {', '.join(blind)}." if blind else ""
    return Notice(
        subject="coverage:feeds",
        revision=max(change.id or 1 for change in changes),
        reason=Reason.COVERAGE,
        headline=f"{len(lost)} feeds lost, {len(changes) - len(lost)} back",
        text=f"The health of {len(changes)} feeds changed.{also}",
        at=now,
        severity=Severity.MODERATE if lost else Severity.MINOR,
        urgency=Urgency.EXPECTED,
        lines=tuple(f"{change.feed}: {change.new}, {change.reason}" for change in changes),
    )


def _own_link(change: HealthChange, now: datetime) -> Notice:
    back = change.new in WELL
    return Notice(
        subject="coverage:own-link",
        revision=change.id or 1,
        reason=Reason.COVERAGE,
        headline="Our own network is back" if back else "Our own network seems to be down",
        text=change.reason,
        at=now,
        severity=Severity.MODERATE if back else Severity.SEVERE,
        urgency=Urgency.PAST if back else Urgency.IMMEDIATE,
    )


def _of_gap(tx: Tx, gap: Gap, now: datetime) -> Notice:
    name = GAP_MARK + gap.subject
    tx.vitals.mark(name, now, gap.text)
    return Notice(
        subject=gap.subject,
        revision=_revision(now),
        reason=Reason.COVERAGE,
        headline=f"Nothing is seen of {gap.kind} {gap.name}",
        text=f"{gap.text[0].upper()}{gap.text[1:]}.",
        at=now,
        severity=Severity.MODERATE,
        urgency=Urgency.EXPECTED,
        host=gap.name if gap.kind == "host" else None,
        lines=gap.feeds,
    )


def _gap_over(tx: Tx, mark: str, now: datetime) -> Notice:
    since = tx.vitals.marked(mark)
    tx.vitals.unmark(mark)
    _, kind, name = mark.removeprefix(GAP_MARK).split(":", 2)
    began = f" since {since.at:%Y-%m-%d %H:%M} UTC" if since else ""
    return Notice(
        subject=mark.removeprefix(GAP_MARK),
        revision=_revision(now),
        reason=Reason.COVERAGE,
        headline=f"{kind.capitalize()} {name} is seen again",
        text=f"It was a blind spot{began}.",
        at=now,
        severity=Severity.MINOR,
        urgency=Urgency.PAST,
        host=name if kind == "host" else None,
    )


def _revision(now: datetime) -> int:
    """Gaps are not counted; the minute they were told in tells them apart."""
    return int(now.timestamp() // 60)
