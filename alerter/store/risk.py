"""What counting by place needs: incidents in brief, coverage, tempo alerts, levels of risk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import cache
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import Column, Float, Index, Integer, Row, String, Table, Text, delete, func, select
from sqlalchemy.engine import Connection

from alerter.domain.risk import Area, AreaKind, IncidentPoint, RiskChange, TempoAlert
from alerter.domain.scales import RiskLevel
from alerter.store.engine import METADATA, JsonText, UtcTime, insert
from alerter.store.incidents import INCIDENTS

POINTS: Final = Table(
    "incident_points",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("body", Text, nullable=False),
    Index("ix_incident_points_at", "at"),
)
COVERAGE: Final = Table(
    "coverage_days",
    METADATA,
    Column("day", String(10), primary_key=True),
    Column("host", String(2), primary_key=True),
    Column("feed_hours", Float, nullable=False),
)
TEMPO: Final = Table(
    "tempo_alerts",
    METADATA,
    Column("kind", String(8), primary_key=True),
    Column("key", String(128), primary_key=True),
    Column("raised_at", UtcTime, primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("told_at", UtcTime, nullable=False),
    Column("counted", Integer, nullable=False),
    Column("window_days", Integer, nullable=False),
    Column("expected", Float, nullable=False),
    Column("probability", Float, nullable=False),
    Column("incident_ids", JsonText, nullable=False),
    Column("ended_at", UtcTime),
    Index("ix_tempo_alerts_ended_at", "ended_at"),
)
RISK: Final = Table(
    "risk_changes",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("kind", String(8), nullable=False),
    Column("key", String(128), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("level", String(40), nullable=False),
    Column("before", String(40), nullable=False),
    Column("reason", Text, nullable=False),
    Column("incident_ids", JsonText, nullable=False),
    Index("ix_risk_changes_area", "kind", "key", "id"),
)
RISK_NOW: Final = Table(
    "risk_now",
    METADATA,
    Column("kind", String(8), primary_key=True),
    Column("key", String(128), primary_key=True),
    Column("change_id", Integer, nullable=False),
)


class Risk:
    """Statements about tempo and risk."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def save_points(self, points: Iterable[IncidentPoint]) -> None:
        """Keep incidents in brief as they are now."""
        rows = [{"id": p.id, "at": p.at, "body": _adapter().dump_json(p).decode()} for p in points]
        if rows:
            statement = insert(self._connection, POINTS)
            fresh = {"at": statement.excluded.at, "body": statement.excluded.body}
            self._connection.execute(
                statement.on_conflict_do_update(index_elements=["id"], set_=fresh), rows
            )

    def drop_points(self, ids: Iterable[str]) -> None:
        """Forget incidents that went into others."""
        for each in ids:
            self._connection.execute(delete(POINTS).where(POINTS.c.id == each))

    def points(self, *, since: datetime, until: datetime) -> list[IncidentPoint]:
        """Incidents in brief whose event lies in the window, oldest first."""
        query = (
            select(POINTS.c.body)
            .where(POINTS.c.at > since, POINTS.c.at <= until)
            .order_by(POINTS.c.at, POINTS.c.id)
        )
        return [_adapter().validate_json(b) for b in self._connection.execute(query).scalars()]

    def merged(self, *, since: datetime) -> set[str]:
        """Those among the points since then that have gone into other incidents meanwhile."""
        query = (
            select(POINTS.c.id)
            .join(INCIDENTS, INCIDENTS.c.id == POINTS.c.id)
            .where(POINTS.c.at > since, INCIDENTS.c.merged_into.is_not(None))
        )
        return set(self._connection.execute(query).scalars())

    def add_coverage(self, hours: Mapping[tuple[date, str], float]) -> None:
        """Add hours of living feeds, by day and host state ("" for feeds that cover all)."""
        rows = [
            {"day": day.isoformat(), "host": host, "feed_hours": found}
            for (day, host), found in hours.items()
        ]
        if rows:
            statement = insert(self._connection, COVERAGE)
            total = COVERAGE.c.feed_hours + statement.excluded.feed_hours
            self._connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["day", "host"], set_={"feed_hours": total}
                ),
                rows,
            )

    def coverage(self, *, since: date) -> dict[str, dict[date, float]]:
        """Hours of living feeds by host state and day."""
        query = select(COVERAGE).where(COVERAGE.c.day >= since.isoformat())
        found: dict[str, dict[date, float]] = {}
        for row in self._connection.execute(query):
            found.setdefault(row.host, {})[date.fromisoformat(row.day)] = row.feed_hours
        return found

    def save_tempo(self, alert: TempoAlert) -> None:
        """Keep a tempo alert as it is now; one that was raised at another time stays."""
        values = {
            "revision": alert.revision,
            "told_at": alert.told_at,
            "counted": alert.count,
            "window_days": alert.window_days,
            "expected": alert.expected,
            "probability": alert.probability,
            "incident_ids": list(alert.incident_ids),
            "ended_at": alert.ended_at,
        }
        area = {"kind": alert.area.kind.value, "key": alert.area.key, "raised_at": alert.raised_at}
        statement = insert(self._connection, TEMPO).values(**area, **values)
        self._connection.execute(
            statement.on_conflict_do_update(index_elements=list(area), set_=values)
        )

    def open_tempo(self) -> dict[Area, TempoAlert]:
        """Tempo alerts that have not ended, by area."""
        rows = self._connection.execute(select(TEMPO).where(TEMPO.c.ended_at.is_(None)))
        alerts = [_tempo(row) for row in rows]
        return {alert.area: alert for alert in alerts}

    def tempo_revision(self, area: Area) -> int:
        """The highest revision that was told of an area; 0 when none was."""
        query = select(func.max(TEMPO.c.revision)).where(
            TEMPO.c.kind == area.kind.value, TEMPO.c.key == area.key
        )
        return self._connection.execute(query).scalar() or 0

    def tempo_series(self, area: Area) -> list[TempoAlert]:
        """All tempo alerts of an area, oldest first."""
        query = (
            select(TEMPO)
            .where(TEMPO.c.kind == area.kind.value, TEMPO.c.key == area.key)
            .order_by(TEMPO.c.raised_at)
        )
        return [_tempo(row) for row in self._connection.execute(query)]

    def save_change(self, change: RiskChange) -> None:
        """Add a change of level to the series of its area."""
        row = {
            "kind": change.area.kind.value,
            "key": change.area.key,
            "at": change.at,
            "level": change.level.value,
            "before": change.before.value,
            "reason": change.reason,
            "incident_ids": list(change.incident_ids),
        }
        added = self._connection.execute(RISK.insert().values(**row).returning(RISK.c.id))
        latest = {"change_id": added.scalar_one()}
        area = {"kind": row["kind"], "key": row["key"]}
        statement = insert(self._connection, RISK_NOW).values(**area, **latest)
        self._connection.execute(
            statement.on_conflict_do_update(index_elements=["kind", "key"], set_=latest)
        )

    def latest(self) -> dict[Area, RiskChange]:
        """The last change of every area that ever had one, in order of their names."""
        query = (
            select(RISK)
            .join(RISK_NOW, RISK_NOW.c.change_id == RISK.c.id)
            .order_by(RISK.c.kind, RISK.c.key)
        )
        changes = [_change(row) for row in self._connection.execute(query)]
        return {change.area: change for change in changes}

    def series(self, area: Area, *, since: datetime | None = None) -> list[RiskChange]:
        """The changes of level of an area, oldest first."""
        query = select(RISK).where(RISK.c.kind == area.kind.value, RISK.c.key == area.key)
        if since is not None:
            query = query.where(RISK.c.at >= since)
        return [_change(row) for row in self._connection.execute(query.order_by(RISK.c.id))]

    def forget(self, before: datetime) -> int:
        """Retention: drop points, coverage and ended alerts from before then; levels stay."""
        gone = self._connection.execute(delete(POINTS).where(POINTS.c.at < before)).rowcount
        day = before.date().isoformat()
        self._connection.execute(delete(COVERAGE).where(COVERAGE.c.day < day))
        self._connection.execute(delete(TEMPO).where(TEMPO.c.ended_at < before))
        return gone


@cache
def _adapter() -> TypeAdapter[IncidentPoint]:
    return TypeAdapter(IncidentPoint)


def _area(row: Row[Any]) -> Area:
    return Area(kind=AreaKind(row.kind), key=row.key)


def _tempo(row: Row[Any]) -> TempoAlert:
    return TempoAlert(
        area=_area(row),
        revision=row.revision,
        raised_at=row.raised_at,
        told_at=row.told_at,
        count=row.counted,
        window_days=row.window_days,
        expected=row.expected,
        probability=row.probability,
        incident_ids=tuple(row.incident_ids),
        ended_at=row.ended_at,
    )


def _change(row: Row[Any]) -> RiskChange:
    return RiskChange(
        area=_area(row),
        at=row.at,
        level=RiskLevel(row.level),
        before=RiskLevel(row.before),
        reason=row.reason,
        incident_ids=tuple(row.incident_ids),
    )
