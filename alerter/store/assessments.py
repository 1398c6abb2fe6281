"""Assessments: to be written by the owner of this topic."""

from __future__ import annotations

from sqlalchemy.engine import Connection


class Assessments:
    """Statements about assessments."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
