"""`alerter run`: the daemon."""

from __future__ import annotations

import click

from alerter.cli.context import Context
from alerter.daemon import Daemon
from alerter.domain.errors import AlerterError
from alerter.logs import configure_logs


@click.command()
@click.option("--log-level", default="info", type=click.Choice(["debug", "info", "warning"]))
@click.pass_obj
def command(context: Context, log_level: str) -> None:
    """Watch the feeds until told to stop (SIGTERM); SIGHUP reloads the configuration."""
    context.settings()
    configure_logs(level=log_level)
    try:
        Daemon(context.config_path()).run()
    except AlerterError as error:
        raise click.ClickException(str(error)) from error
