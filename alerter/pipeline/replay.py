"""What would this configuration have sent? The flow over old news, on a clock of its own.

The very steps of the daemon run over a store that is thrown away: `fold`, `announce`, `tend`'s
parts and `deliver`, at the times at which they would have been due. Only the sender is another:
it takes every message at once and keeps it. Daily reports, drills and feed health are left out:
they come by the clock, whatever the news.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Final, Self

from alerter.config.settings import AlerterSettings
from alerter.domain.article import Article
from alerter.domain.assessment import Assessment
from alerter.domain.incident import Incident
from alerter.domain.scales import Reason
from alerter.notify.message import Channel, Limits, Message, Sent
from alerter.notify.sender import Sender
from alerter.pipeline.deliver import deliver
from alerter.pipeline.fold import age, fold
from alerter.pipeline.insist import escalate, remind
from alerter.pipeline.release import release
from alerter.pipeline.tempo import add_living_hours, watch_tempo
from alerter.store import Store, Tx
from alerter.store.incidents import Wanted

ALIVE: Final = timedelta(days=3)  # a feed lives so long after each of its items
COUNT_EVERY: Final = timedelta(hours=6)  # which feeds were alive
LOOK_EVERY: Final = timedelta(days=1)  # at the tempo, beside every time that an incident opens
AFTER: Final = timedelta(days=60)  # what an incident leads to by time alone has come by then
RUN_ON: Final = timedelta(days=1)  # after the last item: what quiet hours held is told
ROUNDS: Final = 20  # of what one moment may give rise to
PAGE: Final = 200

Part = Callable[..., int]
PARTS: Final[Mapping[str, Part]] = {
    "escalate": escalate,
    "release": release,
    "remind": remind,
    "age": age,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One message that would have gone out. `items` are the ids of the items that made it.

    For an incident that is the report which made its revision (for a first report, all that led
    to it; none where time made it), for a notice that counts incidents (tempo, a summary) the
    first report of each. `incident` is None for a notice.
    """

    at: datetime
    reason: Reason
    receiver: str
    incident: str | None
    number: int | None
    items: tuple[str, ...]
    headline: str
    severity: str
    why: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """An incident as it stood at the end, with the ids of all items that told of it."""

    incident: Incident
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """All incidents by their first report, all alerts by time, and the span of the news."""

    incidents: tuple[Story, ...]
    alerts: tuple[Alert, ...]
    items: int
    since: datetime | None
    until: datetime | None


@dataclass(slots=True)
class _Tape:
    """A channel that takes everything and keeps it."""

    receiver: str
    messages: list[tuple[str, Message]]
    lock: threading.Lock
    limits: ClassVar[Limits] = Limits()
    rate_per_second: ClassVar[float | None] = None
    burst: ClassVar[int] = 1
    concurrency: ClassVar[int] = 1

    def send(self, message: Message) -> Sent:
        with self.lock:
            self.messages.append((self.receiver, message))
        return Sent(external_id=message.key)

    def close(self) -> None:
        """There is nothing to give back."""


@dataclass(slots=True)
class _Living:
    """Which feeds were alive: told by their items, since nobody polled them."""

    last: dict[str, datetime] = field(default_factory=dict)
    counted: datetime | None = None

    def note(self, article: Article) -> None:
        self.last[article.feed] = article.first_seen
        self.counted = self.counted or article.first_seen

    def is_due(self, now: datetime) -> bool:
        return self.counted is not None and now - self.counted >= COUNT_EVERY

    def count(self, tx: Tx, settings: AlerterSettings, now: datetime) -> None:
        """Write the hours since the last count down as covered."""
        since, self.counted = self.counted or now, max(now, self.counted or now)
        ends: dict[datetime, list[str]] = {}
        for name, seen in list(self.last.items()):
            ends.setdefault(min(now, seen + ALIVE), []).append(name)
            if seen + ALIVE <= now:
                del self.last[name]
        for end, names in ends.items():
            add_living_hours(tx, settings, names, since, end)


class Replay:
    """Give it judged articles in order of time with `take`, then ask for the `result`."""

    def __init__(self, settings: AlerterSettings, store: Store) -> None:
        self._settings, self._store = settings, store
        self._messages: list[tuple[str, Message]] = []
        lock = threading.Lock()
        tapes: dict[str, Channel] = {
            each.name: _Tape(each.name, self._messages, lock) for each in settings.receivers
        }
        self._sender = Sender(settings, channels=tapes, monotonic=lambda: 0.0)
        self._living = _Living()
        self._dues: dict[str, datetime] = {}
        self._looked: datetime | None = None
        self._opened = 0
        self._stirred: datetime | None = None
        self._since: datetime | None = None
        self._now: datetime | None = None
        self._items = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._sender.close()

    def take(self, article: Article, assessment: Assessment | None) -> None:
        """The next article; `assessment` is None where it is not to be folded.

        The clock is turned to the article's time, and all that comes due before is done.
        """
        at = article.first_seen
        self._advance(at)
        self._since = self._since or at
        self._now = at
        self._items += 1
        if self._living.is_due(at):
            with self._store.begin() as tx:
                self._living.count(tx, self._settings, at)
        self._living.note(article)
        if assessment is not None:
            self._fold(article, assessment)
            self._step(at)

    def result(self) -> Replayed:
        """Let the last day pass and gather what came of it."""
        end = self._now
        if end is not None:
            self._advance(end + RUN_ON)
        with self._store.read() as tx:
            stories = _stories(tx)
            alerts = _alerts(tx, self._messages)
        return Replayed(
            incidents=tuple(stories),
            alerts=tuple(alerts),
            items=self._items,
            since=self._since,
            until=end,
        )

    def _fold(self, article: Article, assessment: Assessment) -> None:
        with self._store.begin() as tx:
            tx.articles.add_many([article])
            review = self._settings.thresholds.review
            tx.assessments.save_many([(assessment, article)], review=review, now=article.first_seen)
        fold(store=self._store, settings=self._settings, now=article.first_seen, limit=1)
        self._stirred = article.first_seen

    def _advance(self, until: datetime) -> None:
        """Do what comes due before `until`, each at its time."""
        due = self._next()
        while due is not None and due < until:
            self._step(due)
            later = self._next()
            # What could not be done at its time is not asked for again until something changes.
            due = later if later is None or later > due else self._after(due)

    def _next(self) -> datetime | None:
        return min(self._dues.values(), default=None)

    def _after(self, moment: datetime) -> datetime | None:
        return min((due for due in self._dues.values() if due > moment), default=None)

    def _step(self, now: datetime) -> None:
        """All that is due at `now`, until nothing more comes of it."""
        self._look(now)
        before: dict[str, datetime] = {}
        for _ in range(ROUNDS):
            with self._store.read() as tx:
                dues = tx.agenda.dues()
            due = {name for name, at in dues.items() if at <= now}
            if not due or dues == before:  # what could not be done now waits for a change
                break
            self._do(due, now)
            before = dues
        self._dues = {name: at for name, at in dues.items() if at > now}
        if self._stirred is not None and now - self._stirred < AFTER:
            self._dues["look"] = (self._looked or now) + LOOK_EVERY

    def _do(self, due: set[str], now: datetime) -> None:
        """The parts of tending first: what they make is sent in the next round."""
        parts = [part for name, part in PARTS.items() if name in due]
        for part in parts:
            part(store=self._store, settings=self._settings, now=now)
        if not parts:
            deliver(store=self._store, settings=self._settings, sender=self._sender, now=now)

    def _look(self, now: datetime) -> None:
        """At the tempo: once a day, and when an incident was opened."""
        opened = self._opened
        if self._stirred == now:
            with self._store.read() as tx:
                opened = tx.incidents.count()
        if self._looked and opened == self._opened and now - self._looked < LOOK_EVERY:
            return
        with self._store.begin() as tx:
            self._living.count(tx, self._settings, now)
        watch_tempo(store=self._store, settings=self._settings, now=now, living=())
        self._looked, self._opened = now, opened


def _stories(tx: Tx) -> list[Story]:
    stories: list[Story] = []
    page: Sequence[Incident] = tx.incidents.page(Wanted(), limit=PAGE)
    while page:
        for incident in page:
            items = tuple(sighting.article_id for sighting in tx.incidents.sightings(incident.id))
            stories.append(Story(incident=incident, items=items))
        page = tx.incidents.page(Wanted(), limit=PAGE, after=page[-1]) if len(page) == PAGE else ()
    return sorted(stories, key=lambda story: (story.incident.first_seen, story.incident.number))


def _alerts(tx: Tx, messages: Iterable[tuple[str, Message]]) -> list[Alert]:
    return [
        _alert(tx, receiver, message)
        for receiver, message in sorted(messages, key=lambda m: (m[1].now, m[1].key))
    ]


def _alert(tx: Tx, receiver: str, message: Message) -> Alert:
    about = message.incident
    incident = tx.incidents.get(message.subject)
    items = _firsts(tx, about["incident_ids"]) if incident is None else _reports(tx, message)
    return Alert(
        at=message.now.astimezone(UTC),
        reason=message.reason,
        receiver=receiver,
        incident=None if incident is None else incident.id,
        number=None if incident is None else incident.number,
        items=items,
        headline=about["headline"],
        severity=about["severity"],
        why=message.why.text,
        text=_words(about),
    )


def _words(about: Mapping[str, Any]) -> str:
    return "\n".join([str(about["summary"]), *(str(line) for line in about["lines"])])


def _reports(tx: Tx, message: Message) -> tuple[str, ...]:
    """The item behind the revision that is told; before a first report, all that led to it."""
    made = tuple(
        revision.article_id
        for revision in tx.incidents.revisions(message.subject)
        if revision.article_id is not None
        and (
            revision.incident.revision == message.revision
            or (
                message.reason is Reason.FIRST_REPORT
                and revision.incident.revision < message.revision
            )
        )
    )
    return tuple(dict.fromkeys(made))


def _firsts(tx: Tx, incident_ids: Sequence[str]) -> tuple[str, ...]:
    """The first report of each incident."""
    firsts = []
    for incident_id in incident_ids:
        incident = tx.incidents.get(incident_id)
        if incident is not None and incident.sources:
            firsts.append(min(incident.sources, key=lambda source: source.when).article_id)
    return tuple(dict.fromkeys(firsts))
