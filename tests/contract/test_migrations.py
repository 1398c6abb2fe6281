"""Numbered migrations and the schema of the topics are the same thing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text

from alerter.domain.errors import StoreError
from alerter.store.engine import METADATA, make_engine
from alerter.store.migrate import HEAD, alembic_config, migrate


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An empty database."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'a.db'}"
    else:
        schema: Callable[[], str] = request.getfixturevalue("postgres_schema")
        url = schema()
    made = make_engine(url)
    yield made
    made.dispose()


def test_all_migrations_together_are_the_schema(engine: Engine) -> None:
    """What a topic declares is what a migration made; twice is the same as once."""
    migrate(engine)
    migrate(engine)
    with engine.begin() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []


def test_a_database_of_a_newer_version_is_refused(engine: Engine) -> None:
    """An older program must not write into what it does not know."""
    migrate(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match="newer version"):
        migrate(engine)


def test_the_newest_migration_is_the_one_that_is_expected() -> None:
    """A start finds by one look that there is nothing to do."""
    scripts = ScriptDirectory.from_config(alembic_config())
    assert scripts.get_current_head() == HEAD
