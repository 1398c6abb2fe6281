"""The store as its callers see it: transactions whose attributes are the topics."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError, OperationalError

from alerter.domain.errors import StoreError
from alerter.store.acks import Acks
from alerter.store.agenda import Agenda
from alerter.store.articles import Articles
from alerter.store.assessments import Assessments
from alerter.store.decisions import Decisions
from alerter.store.deliveries import Deliveries
from alerter.store.engine import make_engine
from alerter.store.feeds import Feeds
from alerter.store.incidents import Incidents
from alerter.store.migrate import migrate
from alerter.store.mutes import Mutes
from alerter.store.risk import Risk
from alerter.store.vitals import Vitals


class Tx:
    """One transaction. Each attribute holds the statements of one topic."""

    def __init__(self, connection: Connection) -> None:
        self.feeds = Feeds(connection)
        self.articles = Articles(connection)
        self.assessments = Assessments(connection)
        self.incidents = Incidents(connection)
        self.deliveries = Deliveries(connection)
        self.decisions = Decisions(connection)
        self.acks = Acks(connection)
        self.mutes = Mutes(connection)
        self.risk = Risk(connection)
        self.vitals = Vitals(connection)
        self.agenda = Agenda(connection)


class Store:
    """A database of Alerter. Safe to share between threads; writes of one process take turns."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._writer = threading.Lock()

    @classmethod
    def open(cls, url: str) -> Self:
        """Connect and bring the schema up to date. Raises StoreError."""
        engine = make_engine(url)
        with _readable_errors():
            migrate(engine)
        return cls(engine)

    @contextmanager
    def begin(self) -> Iterator[Tx]:
        """One write transaction: all of it is kept, or nothing. Raises StoreError."""
        with self._writer, _readable_errors(), self._engine.begin() as connection:
            yield Tx(connection)

    @contextmanager
    def read(self) -> Iterator[Tx]:
        """One consistent read that blocks no writer. Raises StoreError."""
        with _readable_errors(), self._engine.connect() as connection:
            quiet = connection.execution_options(alerter_read=True)
            with quiet.begin():
                yield Tx(quiet)

    @property
    def kind(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._engine.dialect.name

    def close(self) -> None:
        """Give all connections back."""
        self._engine.dispose()


@contextmanager
def _readable_errors() -> Iterator[None]:
    """Turn what the operator can mend (lock, disk, network) into StoreError; bugs pass through."""
    try:
        yield
    except OperationalError as error:
        raise StoreError(f"database: {error.orig}") from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise StoreError(f"database: connection lost: {error.orig}") from error
        raise
