"""Incidents, their revisions, sightings and the keys by which the next report finds them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import (
    Column,
    ColumnElement,
    Float,
    Index,
    Integer,
    Row,
    String,
    Table,
    Text,
    and_,
    bindparam,
    delete,
    or_,
    select,
    update,
)
from sqlalchemy.engine import Connection

from alerter.domain.incident import Change, Incident, Sighting
from alerter.domain.scales import Category, Phase, Reason, Severity, Status
from alerter.store.engine import METADATA, UtcTime, insert

NEAR_LIMIT: Final = 24  # candidates by each kind of key: bounds what one report can cost
ALIAS_DEPTH: Final = 8
MOST_NAMED: Final = 5  # a text that names more states is a survey
NOWHERE: Final = "-"
ANNOUNCED_BY: Final = ("h:", "s:", "m:")
DAY: Final = timedelta(days=1)

INCIDENTS: Final = Table(
    "incidents",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("number", Integer, nullable=False, unique=True),
    Column("revision", Integer, nullable=False),
    Column("phase", String(16), nullable=False),
    Column("host", String(2)),
    Column("category", String(32), nullable=False),
    Column("severity", String(16), nullable=False),
    Column("probability", Float, nullable=False),
    Column("first_seen", UtcTime, nullable=False),
    Column("last_seen", UtcTime, nullable=False),
    Column("event_time", UtcTime),
    Column("told_at", UtcTime),
    Column("next_turn", UtcTime),
    Column("merged_into", String(32)),
    Column("headline", Text, nullable=False),
    Column("body", Text, nullable=False),
    Index("ix_incidents_last_seen", "last_seen", "id"),
    Index("ix_incidents_host", "host", "last_seen"),
    Index("ix_incidents_event_time", "event_time"),
    Index("ix_incidents_next_turn", "next_turn"),
)
KEYS: Final = Table(
    "incident_keys",
    METADATA,
    Column("key", String(64), primary_key=True),
    Column("incident_id", String(32), primary_key=True),
    Column("news_at", UtcTime, nullable=False),
    Index("ix_incident_keys_key", "key", "news_at"),
    Index("ix_incident_keys_incident_id", "incident_id"),
)
REVISIONS: Final = Table(
    "incident_revisions",
    METADATA,
    Column("incident_id", String(32), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("reason", String(16)),
    Column("why", Text, nullable=False),
    Column("article_id", String(64)),
    Column("body", Text, nullable=False),
)
SIGHTINGS: Final = Table(
    "sightings",
    METADATA,
    Column("article_id", String(64), primary_key=True),
    Column("incident_id", String(32), nullable=False),
    Column("score", Float, nullable=False),
    Column("why", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Index("ix_sightings_incident_id", "incident_id", "at"),
)
FEEDBACK: Final = Table(
    "feedback",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("incident_id", String(32), nullable=False),
    Column("verdict", String(8), nullable=False),
    Column("note", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Index("ix_feedback_incident_id", "incident_id"),
)
COUNTERS: Final = Table(
    "counters",
    METADATA,
    Column("name", String(32), primary_key=True),
    Column("value", Integer, nullable=False),
)


# Built once: building a statement costs more than asking SQLite for two dozen rows.
_UNDER_KEY: Final = (
    select(KEYS.c.incident_id)
    .where(
        KEYS.c.key == bindparam("key"),
        KEYS.c.news_at >= bindparam("since"),
        KEYS.c.news_at <= bindparam("until"),
    )
    .order_by(KEYS.c.news_at.desc())
    .limit(NEAR_LIMIT)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """An incident as it was, with what made it so."""

    incident: Incident
    reason: Reason | None
    why: str
    at: datetime
    article_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """What a person said of an incident: `threat` or `noise`."""

    incident_id: str
    verdict: str
    who: str
    note: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which incidents a list shows; what is None or empty does not restrict."""

    phases: tuple[Phase, ...] = ()
    hosts: tuple[str, ...] = ()
    categories: tuple[Category, ...] = ()
    severities: tuple[Severity, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    told: bool | None = None
    aliases: bool = False


EVERYTHING: Final = Wanted()


class Incidents:
    """Statements about incidents."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def take_turn(self) -> None:
        """Hold the right to fold until this transaction ends: one fold at a time.

        On PostgreSQL the row is locked by its update and a second daemon waits here; on SQLite
        the transaction itself is exclusive. A crash lets go.
        """
        self._count("fold")

    def next_number(self) -> int:
        """The next short number. Numbers of transactions that fail are given again."""
        return self._count("incident")

    def get(self, reference: str) -> Incident | None:
        """By id or by number (`214`, `#214`); an alias leads to the incident it went into."""
        row = self._row(reference)
        for _ in range(ALIAS_DEPTH):
            if row is None or row.merged_into is None:
                break
            row = self._row(row.merged_into)
        return None if row is None else _incident(row.body)

    def exactly(self, incident_id: str) -> Incident | None:
        """By id, not following aliases."""
        row = self._row(incident_id)
        return None if row is None else _incident(row.body)

    def near(
        self,
        *,
        host: str | None,
        sending: Sequence[str],
        named: Collection[str] = (),
        mission_ids: Sequence[str] = (),
        since: datetime,
        until: datetime,
        day: datetime | None = None,
    ) -> list[Incident]:
        """Incidents that a report may be about, newest first: at most a few dozen.

        By host state and sending state, by host state, by other states that the report names
        (one may be taken for the other), by configured mission, and those whose host is unknown;
        each within the window and bounded, so that the cost does not grow with history. With
        `day` also those that were announced for it, however long ago.
        """
        keys = _search_keys(host, sending, named, mission_ids)
        found: dict[str, None] = {}
        for key in keys:
            found.update(self._under(key, since, until))
        if day is not None:
            for key in _announcing((*keys, f"h:{NOWHERE}")):
                found.update(self._under(key, day - DAY, day + DAY))
        return self.many(found)

    def _under(self, key: str, since: datetime, until: datetime) -> dict[str, None]:
        given = {"key": key, "since": since, "until": until}
        return dict.fromkeys(self._connection.execute(_UNDER_KEY, given).scalars())

    def many(self, ids: Iterable[str]) -> list[Incident]:
        """Those that exist, in the order given; aliases are not followed."""
        wanted = list(ids)
        statement = select(INCIDENTS.c.id, INCIDENTS.c.body).where(INCIDENTS.c.id.in_(wanted))
        rows = {row.id: row.body for row in self._connection.execute(statement)}
        return [_incident(rows[each]) for each in wanted if each in rows]

    def of_article(self, article_id: str) -> Incident | None:
        """The incident that the article is a sighting of."""
        statement = select(SIGHTINGS.c.incident_id).where(SIGHTINGS.c.article_id == article_id)
        found = self._connection.execute(statement).scalar()
        return None if found is None else self.get(found)

    def save(self, change: Change, *, turn: datetime | None = None) -> Incident:
        """Keep an incident as it is now, and its revision. Gives it with its number.

        `turn` is when time alone will change it next. Saving a revision twice keeps the first.
        """
        incident = change.incident
        if incident.number == 0:
            known = self._row(incident.id)
            number = known.number if known is not None else self.next_number()
            incident = replace(incident, number=number)
        self._put(incident, turn)
        self._put_keys(incident)
        statement = insert(self._connection, REVISIONS).values(
            incident_id=incident.id,
            revision=incident.revision,
            at=change.at,
            reason=None if change.reason is None else change.reason.value,
            why=change.why,
            article_id=change.article_id,
            body=_lean(incident),
        )
        self._connection.execute(statement.on_conflict_do_nothing())
        return incident

    def cited(self, article_ids: Iterable[str]) -> set[str]:
        """Those of the articles that are sightings of an incident."""
        wanted = SIGHTINGS.c.article_id.in_(list(article_ids))
        return set(self._connection.execute(select(SIGHTINGS.c.article_id).where(wanted)).scalars())

    def save_sighting(self, sighting: Sighting) -> None:
        """Keep why an article was taken for a report of an incident; the latest word counts."""
        values = {
            "incident_id": sighting.incident_id,
            "score": sighting.score,
            "why": sighting.why,
            "at": sighting.at,
        }
        statement = insert(self._connection, SIGHTINGS).values(
            article_id=sighting.article_id, **values
        )
        self._connection.execute(
            statement.on_conflict_do_update(index_elements=["article_id"], set_=values)
        )

    def move_sightings(self, old: str, new: str) -> None:
        """What was a sighting of one incident becomes one of another (a merge)."""
        self._connection.execute(
            update(SIGHTINGS).where(SIGHTINGS.c.incident_id == old).values(incident_id=new)
        )

    def sightings(self, incident_id: str) -> list[Sighting]:
        """The reports of an incident, oldest first."""
        statement = (
            select(SIGHTINGS)
            .where(SIGHTINGS.c.incident_id == incident_id)
            .order_by(SIGHTINGS.c.at, SIGHTINGS.c.article_id)
        )
        return [Sighting(**row) for row in self._connection.execute(statement).mappings()]

    def revisions(self, incident_id: str) -> list[Revision]:
        """Everything that was known, in order. Fingerprints and vectors are not kept in it."""
        statement = (
            select(REVISIONS)
            .where(REVISIONS.c.incident_id == incident_id)
            .order_by(REVISIONS.c.revision)
        )
        return [_revision(row) for row in self._connection.execute(statement)]

    def page(
        self, wanted: Wanted = EVERYTHING, *, limit: int = 100, after: Incident | None = None
    ) -> list[Incident]:
        """Incidents by `last_seen`, newest first; `after` is the last one of the page before."""
        conditions = _conditions(wanted)
        if after is not None:
            last = INCIDENTS.c.last_seen
            same_time = and_(last == after.last_seen, INCIDENTS.c.id < after.id)
            conditions.append(or_(last < after.last_seen, same_time))
        statement = (
            select(INCIDENTS.c.body)
            .where(*conditions)
            .order_by(INCIDENTS.c.last_seen.desc(), INCIDENTS.c.id.desc())
            .limit(limit)
        )
        return [_incident(body) for body in self._connection.execute(statement).scalars()]

    def happened(self, since: datetime, until: datetime) -> list[Incident]:
        """Incidents (no aliases) whose event lies in the window, oldest first."""
        time = INCIDENTS.c.event_time
        statement = (
            select(INCIDENTS.c.body)
            .where(time >= since, time < until, INCIDENTS.c.merged_into.is_(None))
            .order_by(time, INCIDENTS.c.id)
        )
        return [_incident(body) for body in self._connection.execute(statement).scalars()]

    def turning(self, now: datetime, limit: int) -> list[Incident]:
        """Incidents that time alone has changed by `now`, longest overdue first."""
        statement = (
            select(INCIDENTS.c.body)
            .where(INCIDENTS.c.next_turn <= now)
            .order_by(INCIDENTS.c.next_turn, INCIDENTS.c.id)
            .limit(limit)
        )
        return [_incident(body) for body in self._connection.execute(statement).scalars()]

    def set_turn(self, incident_id: str, at: datetime | None) -> None:
        """When `turning` shall next give the incident; None for never."""
        self._connection.execute(
            update(INCIDENTS).where(INCIDENTS.c.id == incident_id).values(next_turn=at)
        )

    def add_feedback(self, feedback: Feedback) -> None:
        """Keep what a person said; every word is kept, the latest counts."""
        values = {
            "incident_id": feedback.incident_id,
            "verdict": feedback.verdict,
            "who": feedback.who,
            "note": feedback.note,
            "at": feedback.at,
        }
        self._connection.execute(FEEDBACK.insert().values(**values))

    def feedback(self, incident_id: str | None = None) -> list[Feedback]:
        """What people said, oldest first, of one incident or of all."""
        statement = select(
            FEEDBACK.c.incident_id,
            FEEDBACK.c.verdict,
            FEEDBACK.c.who,
            FEEDBACK.c.note,
            FEEDBACK.c.at,
        ).order_by(FEEDBACK.c.id)
        if incident_id is not None:
            statement = statement.where(FEEDBACK.c.incident_id == incident_id)
        return [Feedback(**row) for row in self._connection.execute(statement).mappings()]

    def hot_hosts(self, since: datetime) -> set[str]:
        """Host states of incidents with news since then that are not over."""
        statement = (
            select(INCIDENTS.c.host)
            .where(INCIDENTS.c.last_seen >= since, INCIDENTS.c.host.is_not(None))
            .where(INCIDENTS.c.phase.in_([Phase.OPEN.value, Phase.DEVELOPING.value]))
            .distinct()
        )
        return set(self._connection.execute(statement).scalars())

    def count(self) -> int:
        """How many numbers have been given: incidents ever opened here."""
        statement = select(COUNTERS.c.value).where(COUNTERS.c.name == "incident")
        return self._connection.execute(statement).scalar() or 0

    def drop_older(self, before: datetime, limit: int = 500) -> int:
        """Retention: forget incidents without news since `before`, and all that hangs on them."""
        statement = select(INCIDENTS.c.id).where(INCIDENTS.c.last_seen < before).limit(limit)
        ids = list(self._connection.execute(statement).scalars())
        for table in (KEYS, REVISIONS, SIGHTINGS, FEEDBACK):
            self._connection.execute(delete(table).where(table.c.incident_id.in_(ids)))
        self._connection.execute(delete(INCIDENTS).where(INCIDENTS.c.id.in_(ids)))
        return len(ids)

    def _count(self, name: str) -> int:
        statement = insert(self._connection, COUNTERS).values(name=name, value=1)
        counted = statement.on_conflict_do_update(
            index_elements=["name"], set_={"value": COUNTERS.c.value + 1}
        ).returning(COUNTERS.c.value)
        return int(self._connection.execute(counted).scalar_one())

    def _row(self, reference: str) -> Any:
        bare = reference.strip().removeprefix("#")
        column: ColumnElement[Any] = INCIDENTS.c.id
        by_number = bare.isascii() and bare.isdigit() and len(bare) <= 9
        value: str | int = bare
        if by_number:
            column, value = INCIDENTS.c.number, int(bare)
        columns = (INCIDENTS.c.number, INCIDENTS.c.merged_into, INCIDENTS.c.body)
        return self._connection.execute(select(*columns).where(column == value)).one_or_none()

    def _put(self, incident: Incident, turn: datetime | None) -> None:
        values = {
            "number": incident.number,
            "revision": incident.revision,
            "phase": incident.phase.value,
            "host": incident.host,
            "category": incident.category.value,
            "severity": incident.severity.value,
            "probability": incident.probability,
            "first_seen": incident.first_seen,
            "last_seen": incident.last_seen,
            "event_time": incident.event_time,
            "told_at": incident.told_at,
            "next_turn": turn,
            "merged_into": incident.merged_into,
            "headline": incident.headline,
            "body": _adapter().dump_json(incident).decode(),
        }
        statement = insert(self._connection, INCIDENTS).values(id=incident.id, **values)
        self._connection.execute(
            statement.on_conflict_do_update(index_elements=["id"], set_=values)
        )

    def _put_keys(self, incident: Incident) -> None:
        if incident.merged_into is not None:
            gone = delete(KEYS).where(KEYS.c.incident_id == incident.id)
            self._connection.execute(gone)
            return
        rows = [
            {"key": key, "incident_id": incident.id, "news_at": incident.last_news}
            for key in _own_keys(incident)
        ]
        if incident.status is Status.WARNING and incident.date_ahead is not None:
            rows += [
                {"key": key, "incident_id": incident.id, "news_at": incident.date_ahead}
                for key in _announcing(_own_keys(incident))
            ]
        statement = insert(self._connection, KEYS)
        changed = statement.on_conflict_do_update(
            index_elements=["key", "incident_id"],
            set_={"news_at": statement.excluded.news_at},
        )
        self._connection.execute(changed, rows)


def _own_keys(incident: Incident) -> list[str]:
    host = incident.host or NOWHERE
    pairs = [f"{host}:{state}" for state in incident.sending]
    loose = [] if incident.host else [f"*:{state}" for state in incident.sending]
    from_anywhere = [f"s:{state}" for state in incident.sending]
    posts = [f"m:{mission}"[:64] for mission in incident.mission_ids]
    return list(dict.fromkeys((f"h:{host}", *pairs, *loose, *from_anywhere, *posts)))


def _announcing(keys: Iterable[str]) -> list[str]:
    """The keys under which an incident stands at the time that it is announced for."""
    return list(dict.fromkeys(f"a{key}"[:64] for key in keys if key[:2] in ANNOUNCED_BY))


def _search_keys(
    host: str | None, sending: Sequence[str], named: Collection[str], mission_ids: Sequence[str]
) -> list[str]:
    """The keys to look under, the most telling first."""
    posts = [f"m:{mission}"[:64] for mission in mission_ids]
    others = [f"h:{state}" for state in sorted(named)[:MOST_NAMED]]
    if host is None:
        loose = [f"s:{state}" for state in sending] or [f"h:{NOWHERE}"]
        return list(dict.fromkeys((*posts, *loose, *others)))
    pairs = [f"{host}:{state}" for state in sending]
    homeless = [f"*:{state}" for state in sending] or [f"h:{NOWHERE}"]
    return list(dict.fromkeys((*posts, *pairs, f"h:{host}", *others, *homeless)))


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    lists = (
        (INCIDENTS.c.phase, [phase.value for phase in wanted.phases]),
        (INCIDENTS.c.host, list(wanted.hosts)),
        (INCIDENTS.c.category, [category.value for category in wanted.categories]),
        (INCIDENTS.c.severity, [severity.value for severity in wanted.severities]),
    )
    conditions += [column.in_(values) for column, values in lists if values]
    if wanted.since is not None:
        conditions.append(INCIDENTS.c.last_seen >= wanted.since)
    if wanted.until is not None:
        conditions.append(INCIDENTS.c.last_seen < wanted.until)
    if wanted.told is not None:
        told = INCIDENTS.c.told_at
        conditions.append(told.is_not(None) if wanted.told else told.is_(None))
    if not wanted.aliases:
        conditions.append(INCIDENTS.c.merged_into.is_(None))
    return conditions


@cache
def _adapter() -> TypeAdapter[Incident]:
    return TypeAdapter(Incident)


def _incident(body: str) -> Incident:
    return _adapter().validate_json(body)


def _lean(incident: Incident) -> str:
    """Without what is only for comparing: it would be most of the bytes of every revision."""
    sources = tuple(replace(source, fingerprint=()) for source in incident.sources)
    lean = replace(incident, sources=sources, terms=(), vector=())
    return _adapter().dump_json(lean).decode()


def _revision(row: Row[Any]) -> Revision:
    return Revision(
        incident=_incident(row.body),
        reason=None if row.reason is None else Reason(row.reason),
        why=row.why,
        at=row.at,
        article_id=row.article_id,
    )
