"""`alerter poll`: every step once over what is due, deliveries included."""

from __future__ import annotations

import json
from datetime import timedelta

import click

from alerter.cli.context import Context
from alerter.domain.errors import AlerterError
from alerter.logs import configure_logs
from alerter.pipeline.drain import drain
from alerter.pipeline.flow import Flow

DRAIN_WITHIN = timedelta(seconds=60)  # Slack takes one message a second


@click.command()
@click.option("--feed", help="Poll this feed now, due or not.")
@click.option("--json", "as_json", is_flag=True, help="Counts as JSON on standard output.")
@click.pass_obj
def command(context: Context, feed: str | None, *, as_json: bool) -> None:
    """Poll, assess, fold and deliver what is due, then exit."""
    settings = context.settings()
    if feed is not None and feed not in {known.name for known in settings.feeds}:
        raise click.UsageError(f"there is no feed '{feed}'; alerter feeds lists them")
    configure_logs(level="warning")
    now = context.now()
    try:
        flow = Flow.open(settings, context.store())
        try:
            if feed is not None:
                with flow.store.begin() as tx:
                    tx.feeds.make_due(feed, now)
            counts = flow.once(now)
            counts["deliver"] += drain(
                store=flow.store,
                settings=settings,
                sender=flow.sender,
                clock=context.now,
                within=DRAIN_WITHIN,
            )
        finally:
            flow.close()
    except AlerterError as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(json.dumps(counts))
    else:
        click.echo(", ".join(f"{step} {count}" for step, count in counts.items()))
