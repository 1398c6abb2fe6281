"""Feeds: to be written by the owner of this topic."""

from __future__ import annotations

from sqlalchemy.engine import Connection


class Feeds:
    """Statements about feeds."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
