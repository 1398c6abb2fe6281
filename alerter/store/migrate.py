"""Bring a database to the schema of this version."""

from __future__ import annotations

from sqlalchemy.engine import Engine

from alerter.store.engine import METADATA


def migrate(engine: Engine) -> None:
    """Create what is missing. (Numbered migrations are frozen from this before the first release.)"""
    METADATA.create_all(engine)
