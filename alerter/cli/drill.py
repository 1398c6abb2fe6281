"""`alerter drill`: prove that the whole path works, with a message marked as a drill."""

from __future__ import annotations

import json
import time

import click

from alerter.cli.context import Context
from alerter.cli.deliveries import plain
from alerter.config.settings import AlerterSettings
from alerter.domain.errors import AlerterError
from alerter.domain.scales import DeliveryState
from alerter.logs import configure_logs
from alerter.notify.sender import Sender
from alerter.pipeline.deliver import deliver
from alerter.pipeline.drain import waits
from alerter.pipeline.drills import hold_drill

LOOK_EVERY = 0.5  # seconds


@click.command()
@click.option("--receiver", help="To this receiver; default: whoever the routes say.")
@click.option("--wait", type=click.IntRange(0, 600), default=30, show_default=True, help="Seconds.")
@click.option("--json", "as_json", is_flag=True, help="The deliveries as JSON.")
@click.pass_obj
def command(context: Context, receiver: str | None, *, wait: int, as_json: bool) -> None:
    """Send a drill through routes, outbox and channels, and wait until it has arrived.

    Exit status 1 when it has not arrived everywhere within the time to wait; it is still tried.
    """
    settings = context.settings()
    if receiver is not None and receiver not in {each.name for each in settings.receivers}:
        raise click.UsageError(f"there is no receiver {receiver!r}")
    store = context.store()
    try:
        subject = _hold(context, settings, receiver, wait)
    except AlerterError as error:
        raise click.ClickException(str(error)) from error
    with store.read() as tx:
        found = tx.deliveries.of_subject(subject)
    if as_json:
        click.echo(json.dumps([plain(each) for each in found], ensure_ascii=False))
    else:
        for each in found:
            problem = f": {each.last_error}" if each.last_error else ""
            click.echo(f"{each.receiver}: {each.state.value}{problem}")
    if any(each.state is not DeliveryState.SENT for each in found):
        raise click.exceptions.Exit(1)


def _hold(context: Context, settings: AlerterSettings, receiver: str | None, wait: int) -> str:
    configure_logs(level="error")
    store, sender = context.store(), Sender(settings)
    try:
        with store.begin() as tx:
            added = hold_drill(tx, settings=settings, receiver=receiver, now=context.now())
        until = time.monotonic() + wait
        while True:
            deliver(store=store, settings=settings, sender=sender, now=context.now())
            if not waits(store, added[0].subject) or time.monotonic() >= until:
                return added[0].subject
            time.sleep(LOOK_EVERY)
    finally:
        sender.close()
