"""`alerter check`: every error in the configuration and in the templates; nothing else runs."""

from __future__ import annotations

import sys

import click

from alerter.cli.context import Context
from alerter.notify.render import check_templates


@click.command()
@click.pass_obj
def command(context: Context) -> None:
    """Find every error in the configuration: FILE:LINE:COLUMN: key: what is wrong."""
    settings = context.settings()
    broken = check_templates(settings.templates)
    for message in broken:
        click.echo(message, err=True)
    if broken:
        sys.exit(2)
    click.echo(
        f"{context.config_path()}: ok, {len(settings.feeds)} feeds, "
        f"{len(settings.missions)} missions, {len(settings.receivers)} receivers, "
        f"{len(settings.routes)} routes"
    )
