"""`alerter test-receiver`: send a test message now and say what came of it."""

from __future__ import annotations

import json
from datetime import datetime

import click

from alerter.cli.context import Context
from alerter.domain.delivery import Delivery, Why, delivery_key
from alerter.domain.errors import AlerterError, DeliveryError
from alerter.domain.notice import Notice
from alerter.domain.scales import Reason
from alerter.logs import configure_logs
from alerter.notify.channels import make_channel
from alerter.notify.envelope import message_of
from alerter.notify.payload import about, body
from alerter.reach import Reach


@click.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="The outcome as JSON on standard output.")
@click.pass_obj
def command(context: Context, name: str, *, as_json: bool) -> None:
    """Send a message marked as a test to receiver NAME, once and at once.

    Exit status 1 when it was not taken. Nothing is written to the outbox; `alerter drill` tries
    the whole path.
    """
    settings = context.settings()
    configure_logs(level="warning")
    found = next((each for each in settings.receivers if each.name == name), None)
    if found is None:
        names = ", ".join(each.name for each in settings.receivers)
        raise click.UsageError(f"there is no receiver {name!r}; there are {names}")
    try:
        channel = make_channel(found, settings.templates, Reach.of(settings.poll))
    except AlerterError as error:
        raise click.ClickException(str(error)) from error
    try:
        sent = channel.send(
            message_of(
                _test(name, context.now()),
                thread=None,
                base_url=None,
                ack_key=None,
                now=context.now(),
            )
        )
    except DeliveryError as error:
        if as_json:
            shown = {"receiver": name, "ok": False, "error": str(error)}
            click.echo(json.dumps({**shown, "retryable": error.retryable}))
            raise click.exceptions.Exit(1) from error
        later = "; an alert would be tried again" if error.retryable else ""
        raise click.ClickException(f"{name}: {error}{later}") from error
    finally:
        channel.close()
    if as_json:
        click.echo(json.dumps({"receiver": name, "ok": True, "external_id": sent.external_id}))
    else:
        click.echo(f"{name}: the test message was taken.")


def _test(name: str, now: datetime) -> Delivery:
    notice = Notice(
        subject=f"test:{now:%Y-%m-%dT%H:%M:%S}",
        revision=1,
        reason=Reason.TEST,
        headline="TEST: this message was asked for, nothing has happened",
        text=f"Somebody ran `alerter test-receiver {name}`. If you read this, it works.",
        at=now,
    )
    key = delivery_key(notice.subject, 1, name, Reason.TEST)
    why = Why(route="direct", rule="test", text="asked for on the command line")
    whole = body(key=key, reason=Reason.TEST, about=about(notice), why=why, more={})
    return Delivery(
        key=key,
        subject=notice.subject,
        revision=1,
        receiver=name,
        reason=Reason.TEST,
        why=why,
        payload=json.dumps(whole, ensure_ascii=False),
        created_at=now,
        next_try=now,
    )
