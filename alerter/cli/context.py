"""What every command shares: where the configuration is, and what it opens."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click

from alerter.config.load import load
from alerter.config.settings import AlerterSettings
from alerter.domain.errors import ConfigError, StoreError
from alerter.store import Store

SEARCHED: Final = (Path("config/alerter.yaml"), Path("/etc/alerter/alerter.yaml"))


@dataclass(kw_only=True)
class Context:
    """The configuration and the store, opened when first asked for."""

    config: Path | None = None
    _settings: AlerterSettings | None = field(default=None, init=False)
    _store: Store | None = field(default=None, init=False)

    def config_path(self) -> Path:
        """`--config`, `$ALERTER_CONFIG`, or the first of the usual places. Exits 2 without one."""
        given = self.config or (
            Path(os.environ["ALERTER_CONFIG"]) if "ALERTER_CONFIG" in os.environ else None
        )
        if given is not None:
            return given
        for path in SEARCHED:
            if path.exists():
                return path
        places = ", ".join(str(path) for path in SEARCHED)
        raise click.UsageError(f"no configuration: give --config FILE, or put one at {places}")

    def settings(self) -> AlerterSettings:
        """The settings; prints every mistake and exits 2 when there are any."""
        if self._settings is None:
            try:
                self._settings = load(self.config_path())
            except ConfigError as error:
                click.echo(str(error), err=True)
                sys.exit(2)
        return self._settings

    def store(self) -> Store:
        """The store, migrated. Exits 1 when it cannot be opened."""
        if self._store is None:
            try:
                self._store = Store.open(self.settings().state)
            except StoreError as error:
                raise click.ClickException(str(error)) from error
        return self._store

    @staticmethod
    def now() -> datetime:
        """The time, for handing on: nothing below this line asks the clock."""
        return datetime.now(UTC)
