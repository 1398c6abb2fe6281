"""Mutes: to be written by the owner of this topic."""

from __future__ import annotations

from sqlalchemy.engine import Connection


class Mutes:
    """Statements about mutes."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
