"""Vitals: to be written by the owner of this topic."""

from __future__ import annotations

from sqlalchemy.engine import Connection


class Vitals:
    """Statements about vitals."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
