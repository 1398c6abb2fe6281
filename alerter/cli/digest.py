"""`alerter digest`: the daily report as it stands now, on paper, in a browser, or on its way."""

from __future__ import annotations

import json
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

import click

from alerter.cli.context import Context
from alerter.config.routes import DigestSettings
from alerter.config.settings import AlerterSettings
from alerter.logs import configure_logs
from alerter.notify.envelope import message_of
from alerter.notify.mail import preview
from alerter.notify.message import Message
from alerter.notify.render import compose_text
from alerter.notify.report import DigestReport
from alerter.notify.templates import Templates
from alerter.pipeline.digests import digest_delivery
from alerter.pipeline.report import Period, gather

DAY = timedelta(days=1)


@click.command()
@click.option("--preview", "as_page", is_flag=True, help="As the HTML of the mail.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file.")
@click.option("--receiver", help="As this receiver would get it; default: the first digest.")
@click.option("--send", is_flag=True, help="Put it into the outbox of that receiver now.")
@click.option("--json", "as_json", is_flag=True, help="The report as JSON on standard output.")
@click.pass_obj
def command(
    context: Context,
    *,
    as_page: bool,
    out: Path | None,
    receiver: str | None,
    send: bool,
    as_json: bool,
) -> None:
    """Make the daily report over the last 24 hours, as of now.

    Without options it is printed as text. `--preview` writes the page that mail shows to a file,
    and opens it in a browser unless `--out` says where to write.
    """
    settings, now = context.settings(), context.now()
    configure_logs(level="warning")
    plan = _plan(settings, receiver)
    period = Period(start=now - DAY, end=now, zone=plan.zone)
    with context.store().read() as tx:
        report = gather(tx, settings, period)
    if send:
        _send(context, plan, report, now)
    elif as_json:
        _write(json.dumps(report.as_json(), ensure_ascii=False, indent=2), out)
    elif as_page:
        _page(_message(plan, report, now), settings, out)
    else:
        _write(_text(_message(plan, report, now), settings), out)


def _plan(settings: AlerterSettings, receiver: str | None) -> DigestSettings:
    """The digest that is asked for; where none is configured, one for the first receiver."""
    names = [each.name for each in settings.receivers]
    if receiver is not None and receiver not in names:
        raise click.UsageError(f"there is no receiver {receiver!r}; there are {', '.join(names)}")
    for plan in settings.digest:
        if receiver in {None, plan.receiver}:
            return plan
    return DigestSettings.model_validate({"receiver": receiver or names[0], "at": "06:00"})


def _message(plan: DigestSettings, report: DigestReport, now: datetime) -> Message:
    delivery = digest_delivery(plan, report, now=now)
    return message_of(delivery, thread=None, base_url=None, ack_key=None, now=now)


def _send(context: Context, plan: DigestSettings, report: DigestReport, now: datetime) -> None:
    delivery = digest_delivery(plan, report, now=now, extra=f"+{now:%H%M%S}")
    with context.store().begin() as tx:
        tx.deliveries.enqueue([delivery])
    click.echo(f"The report is on its way to {plan.receiver}.")


def _text(message: Message, settings: AlerterSettings) -> str:
    return compose_text(
        message,
        templates=Templates(settings.templates),
        name="digest.txt.j2",
        part="body",
        plain=lambda _, text: text,
        fits=lambda _: True,
    )


def _page(message: Message, settings: AlerterSettings, out: Path | None) -> None:
    page = preview(message, Templates(settings.templates))
    if out is not None:
        _write(page, out)
        return
    with tempfile.NamedTemporaryFile("w", suffix=".html", delete=False, encoding="utf-8") as file:
        file.write(page)
    click.echo(f"Written to {file.name}", err=True)
    click.launch(file.name)


def _write(text: str, out: Path | None) -> None:
    if out is None:
        click.echo(text)
        return
    try:
        out.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise click.ClickException(f"{out}: {error.strerror}") from error
    click.echo(f"Written to {out}", err=True)
