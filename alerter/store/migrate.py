"""Bring a database to the schema of this version by numbered migrations."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Final

from sqlalchemy import inspect, text
from sqlalchemy.engine import Connection, Engine

from alerter.domain.errors import StoreError
from alerter.store.engine import one_at_a_time

if TYPE_CHECKING:
    from alembic.config import Config

HEAD: Final = "0002"  # the newest migration


def migrate(engine: Engine) -> None:
    """Run what is missing, all or nothing. Raises StoreError for a database of a newer version."""
    with engine.begin() as connection:
        if _version(connection) == HEAD:
            return
        one_at_a_time(connection)
        _upgrade(connection)


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _upgrade(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415  (half a second, and seldom needed)
    from alembic.util import CommandError  # noqa: PLC0415

    try:
        command.upgrade(alembic_config(connection), "head")
    except CommandError as error:
        raise StoreError(
            "database: it was made by a newer version of Alerter; upgrade this one"
        ) from error


def alembic_config(connection: Connection | None = None) -> Config:
    """Alembic's settings for our migrations on this connection."""
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(files("alerter.store") / "migrations"))
    config.attributes["connection"] = connection
    return config
