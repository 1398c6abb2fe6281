"""Connections, column types and the few places where SQLite and PostgreSQL differ."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final

from sqlalchemy import BigInteger, Dialect, Insert, MetaData, Text, create_engine, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.schema import Table
from sqlalchemy.types import TypeDecorator

BUSY_TIMEOUT_MS: Final = 10_000
MIGRATION_LOCK: Final = 0x414C4552  # any number of our own
METADATA: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def stored_time(value: datetime | None) -> int | None:
    """A time as it is stored. Raises ValueError for a naive one."""
    if value is None:
        return None
    if value.tzinfo is None:
        raise ValueError("a time without a zone cannot be stored")
    return (value - _EPOCH) // _MICROSECOND


class UtcTime(TypeDecorator[datetime]):
    """An aware datetime, kept as whole microseconds since 1970: exact and sortable."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Refuse naive datetimes; they are always a mistake."""
        return stored_time(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Back to an aware UTC datetime."""
        return None if value is None else _EPOCH + timedelta(microseconds=value)


class Span(TypeDecorator[timedelta]):
    """A timedelta, kept as whole microseconds."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: timedelta | None, dialect: Dialect) -> int | None:
        """To microseconds."""
        return None if value is None else value // timedelta(microseconds=1)

    def process_result_value(self, value: int | None, dialect: Dialect) -> timedelta | None:
        """Back to a timedelta."""
        return None if value is None else timedelta(microseconds=value)


class JsonText(TypeDecorator[Any]):
    """A JSON value, kept as text on both databases: we never query inside it."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """To compact JSON."""
        if value is None:
            return None
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """Back to plain lists, dicts, strings and numbers."""
        return None if value is None else json.loads(value)


def make_engine(url: str) -> Engine:
    """An engine for `sqlite:///FILE`, `sqlite://` (in memory) or `postgresql://...`.

    Creates the folder of a SQLite file. Transactions on SQLite begin immediately, so that two
    writers wait for each other instead of failing half-way.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql":
        return create_engine(parsed.set(drivername="postgresql+psycopg"), pool_pre_ping=True)
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(parsed, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, see _begin_sqlite
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
        f"busy_timeout={BUSY_TIMEOUT_MS}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    read_only = connection.get_execution_options().get("alerter_read", False)
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")


def insert(connection: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """The dialect's own INSERT, which both give `on_conflict_do_nothing` and `..._do_update`."""
    return insert_into(connection.dialect.name, table)


def insert_many(connection: Connection, statement: Insert, rows: list[dict[str, Any]]) -> int:
    """Insert rows with a value for each column, as the database keeps it (`stored_time`).

    Answers how many were inserted or changed.

    Past SQLAlchemy's handling of each parameter, which costs more than the insert. Keep the
    statement: what the driver is told is made once for each.
    """
    text, order = _for_driver(statement, connection.dialect)
    given = [tuple(row[name] for name in order) for row in rows] if order else rows
    return connection.exec_driver_sql(text, given).rowcount


@cache
def _for_driver(statement: Insert, dialect: Dialect) -> tuple[str, tuple[str, ...]]:
    """The statement as the driver reads it, and the order of its parameters if they have none."""
    compiled = statement.compile(dialect=dialect)
    return str(compiled), tuple(compiled.positiontup or ())


def insert_into(dialect: str, table: Table) -> postgresql.Insert | sqlite.Insert:
    """The same by the name of the dialect, for statements that are built once and kept."""
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


def one_at_a_time(connection: Connection) -> None:
    """Hold back other programs that would migrate at the same time, until this transaction ends.

    On SQLite a write transaction is exclusive anyway.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")
