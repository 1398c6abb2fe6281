"""`alerter feedback`: a person's word on an incident, kept for the next training."""

from __future__ import annotations

import getpass

import click

from alerter.cli.context import Context
from alerter.store.incidents import Feedback


@click.command()
@click.argument("incident")
@click.argument("verdict", type=click.Choice(["threat", "noise"]))
@click.option("--note", default="", help="Why, in a few words.")
@click.option("--by", default=getpass.getuser, help="Who says so; default: your login.")
@click.pass_obj
def command(context: Context, incident: str, verdict: str, note: str, by: str) -> None:
    """Say whether INCIDENT (id or number) was a `threat` or `noise`.

    Every word is kept with who said it and when. What is called noise no longer counts for tempo
    and risk.
    """
    with context.store().begin() as tx:
        found = tx.incidents.get(incident)
        if found is None:
            raise click.ClickException(f"there is no incident {incident!r}")
        said = Feedback(incident_id=found.id, verdict=verdict, who=by, note=note, at=context.now())
        tx.incidents.add_feedback(said)
    click.echo(f"#{found.number} is {verdict}: noted")
