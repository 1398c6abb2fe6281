"""What every test may ask for: a store, a clock that stands still, settings with two receivers."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, Final

import pytest

from alerter.config.settings import AlerterSettings
from alerter.store import Store
from tests.builders import NOON

POSTGRES_BINARIES: Final = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
_numbers: Final = count(1)


@dataclass
class Clock:
    """A clock that moves only when a test says so."""

    now: datetime = NOON

    def forward(self, **span: float) -> datetime:
        """Let time pass: `forward(minutes=5)`."""
        self.now += timedelta(**span)
        return self.now


@pytest.fixture
def clock() -> Clock:
    """A clock that shows noon on 15 September 2020 (UTC)."""
    return Clock()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty SQLite store."""
    opened = Store.open(f"sqlite:///{tmp_path}/alerter.db")
    yield opened
    opened.close()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def each_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store on SQLite, then one on PostgreSQL: for contracts that both must keep."""
    url = f"sqlite:///{tmp_path}/alerter.db"
    if request.param == "postgres":
        make: Callable[[], str] = request.getfixturevalue("postgres_schema")
        url = make()
    opened = Store.open(url)
    yield opened
    opened.close()


@pytest.fixture
def make_settings(tmp_path: Path) -> Callable[..., AlerterSettings]:
    """Settings from keys as they stand in the YAML; receivers `desk` and `mail` unless given."""

    def make(**given: Any) -> AlerterSettings:
        basic = {
            "state": f"sqlite:///{tmp_path}/alerter.db",
            "receivers": [
                {"name": "desk", "console": {}},
                {"name": "mail", "console": {}},
            ],
        }
        return AlerterSettings.model_validate({**basic, **given})

    return make


@pytest.fixture
def settings(make_settings: Callable[..., AlerterSettings]) -> AlerterSettings:
    """Two receivers, `desk` and `mail`, and no routes."""
    return make_settings()


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL cluster of our own, or the server in $TEST_POSTGRES_URL."""
    given = os.environ.get("TEST_POSTGRES_URL")
    if given:
        yield given
        return
    if not POSTGRES_BINARIES:
        pytest.skip("no PostgreSQL server is installed (apt install postgresql)")
    pytest.importorskip("psycopg", reason="the extra `postgres` is not installed")
    folder = Path("/tmp") / f"alerter-pg-{os.getpid()}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o777)
    folder.chmod(0o777)
    port = _free_port()
    binaries = POSTGRES_BINARIES[-1]
    _as_postgres(f"{binaries}/initdb -D {folder}/data -U alerter -A trust -E UTF8 --no-sync")
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
    _as_postgres(f"{binaries}/pg_ctl -D {folder}/data -w -o '{options}' -l {folder}/log start")
    try:
        yield f"postgresql://alerter@127.0.0.1:{port}/postgres"
    finally:
        _as_postgres(f"{binaries}/pg_ctl -D {folder}/data -m immediate stop")
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_schema(postgres_url: str) -> Callable[[], str]:
    """Makes an empty schema each time it is called, and gives a URL that sees only that."""
    import psycopg  # an optional extra

    def make() -> str:
        name = f"t{os.getpid()}_{next(_numbers)}"
        with psycopg.connect(postgres_url, autocommit=True) as connection:
            connection.execute(f'CREATE SCHEMA "{name}"')
        return f"{postgres_url}?options=-csearch_path%3D{name}"

    return make


def _as_postgres(command: str) -> None:
    """The server refuses to run as root; then its own user runs it."""
    shell = ["su", "postgres", "-c", command] if os.geteuid() == 0 else ["sh", "-c", command]
    subprocess.run(shell, check=True, stdout=subprocess.DEVNULL, cwd="/")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
