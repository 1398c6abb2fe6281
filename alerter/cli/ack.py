"""`alerter ack`: take an incident in hand, so that nobody else is paged about it."""

from __future__ import annotations

import getpass
import json
from datetime import timedelta
from typing import Any

import click

from alerter.cli.context import Context
from alerter.config.base import parse_duration
from alerter.domain.errors import AlerterError
from alerter.notify.payload import rfc3339
from alerter.pipeline.acknowledge import acknowledge


class DurationType(click.ParamType[timedelta]):
    """`30m`, `4h`, `2d`, as in the configuration."""

    name = "duration"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> timedelta:
        """Read it, or say what is allowed."""
        try:
            return parse_duration(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


@click.command()
@click.argument("incident")
@click.option("--by", "who", default=getpass.getuser, help="Who takes it; default: your login.")
@click.option("--note", default="", help="A word for those who read it later.")
@click.option("--for", "lasting", type=DurationType(), default="24h", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="The result as JSON on standard output.")
@click.pass_obj
def command(
    context: Context, incident: str, *, who: str, note: str, lasting: Any, as_json: bool
) -> None:
    """Acknowledge INCIDENT, given by its id or its number (214 or #214).

    Escalation steps that were to come are cancelled and reminders stop, until the time is over or
    the incident gets worse. It is written down who did it.
    """
    try:
        done = acknowledge(
            context.store(), incident, who=who, note=note, lasting=lasting, now=context.now()
        )
    except AlerterError as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        ack = done.ack
        shown = {"incident": ack.subject, "by": ack.who, "until": rfc3339(ack.until)}
        click.echo(json.dumps({**shown, "steps_cancelled": done.steps_cancelled}))
    else:
        click.echo(done.text)
