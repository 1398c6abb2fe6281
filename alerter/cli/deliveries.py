"""`alerter deliveries`: what was decided, what became of it; replay dead letters."""

from __future__ import annotations

import json
from typing import Any

import click

from alerter.cli.context import Context
from alerter.domain.ack import Act
from alerter.domain.delivery import Delivery
from alerter.domain.scales import DeliveryState
from alerter.notify.payload import rfc3339


@click.group(invoke_without_command=True)
@click.option("--state", type=click.Choice([state.value for state in DeliveryState]))
@click.option("--receiver", help="Only those to this receiver.")
@click.option("--incident", help="Everything about one incident: id, number or subject.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=50, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="As JSON on standard output.")
@click.pass_context
def command(
    ctx: click.Context,
    *,
    state: str | None,
    receiver: str | None,
    incident: str | None,
    limit: int,
    as_json: bool,
) -> None:
    """List deliveries, the newest first."""
    if ctx.invoked_subcommand is not None:
        return
    context: Context = ctx.obj
    wanted = None if state is None else DeliveryState(state)
    with context.store().read() as tx:
        if incident is None:
            found = tx.deliveries.newest(state=wanted, receiver=receiver, limit=limit)
        else:
            known = tx.incidents.get(incident)
            found = tx.deliveries.of_subject(known.id if known else incident)
            found = [each for each in found if _asked(each, wanted, receiver)][:limit]
    if as_json:
        click.echo(json.dumps([plain(each) for each in found], ensure_ascii=False))
    elif not found:
        click.echo("There are none.")
    else:
        for each in found:
            click.echo(_line(each))


@command.command()
@click.argument("number", type=int)
@click.pass_obj
def show(context: Context, number: int) -> None:
    """Show delivery NUMBER whole, with its message, as JSON."""
    with context.store().read() as tx:
        found = tx.deliveries.get(number)
    if found is None:
        raise click.ClickException(f"there is no delivery {number}")
    whole = {**plain(found), "message": json.loads(found.payload)}
    click.echo(json.dumps(whole, ensure_ascii=False, indent=2))


@command.command()
@click.argument("numbers", type=int, nargs=-1)
@click.option("--all-dead", is_flag=True, help="Every dead letter.")
@click.option("--by", "who", default="command line", help="Who wants it, for the audit.")
@click.pass_obj
def replay(context: Context, numbers: tuple[int, ...], *, all_dead: bool, who: str) -> None:
    """Try dead letters again, under their old key; give NUMBERS or --all-dead."""
    if bool(numbers) == all_dead:
        raise click.UsageError("give the numbers of dead letters, or --all-dead")
    now = context.now()
    with context.store().begin() as tx:
        again = tx.deliveries.replay(None if all_dead else numbers, now=now)
        for number in again:
            act = Act(at=now, who=who, action="replay", subject=f"delivery:{number}")
            tx.acks.audit(act)
    missing = sorted(set(numbers) - set(again))
    if missing:
        listed = ", ".join(str(number) for number in missing)
        raise click.ClickException(f"no dead letters: {listed}; {len(again)} are tried again")
    click.echo(f"{len(again)} are tried again at once.")


def plain(delivery: Delivery) -> dict[str, Any]:
    """A delivery as JSON, without its message."""
    return {
        "id": delivery.id,
        "key": delivery.key,
        "subject": delivery.subject,
        "revision": delivery.revision,
        "receiver": delivery.receiver,
        "reason": delivery.reason.value,
        "severity": delivery.severity.value,
        "state": delivery.state.value,
        "why": {
            "route": delivery.why.route,
            "rule": delivery.why.rule,
            "text": delivery.why.text,
        },
        "attempts": delivery.attempts,
        "last_error": delivery.last_error,
        "created_at": rfc3339(delivery.created_at),
        "next_try": rfc3339(delivery.next_try),
        "first_try": rfc3339(delivery.first_try),
        "sent_at": rfc3339(delivery.sent_at),
        "held_until": rfc3339(delivery.held_until),
        "held_by": delivery.held_by,
        "fallback": delivery.fallback,
        "external_id": delivery.external_id,
    }


def _asked(delivery: Delivery, state: DeliveryState | None, receiver: str | None) -> bool:
    return state in {None, delivery.state} and receiver in {None, delivery.receiver}


def _line(delivery: Delivery) -> str:
    when = f"{delivery.created_at:%Y-%m-%d %H:%M}"
    text = f"{delivery.id}  {when}  {delivery.state.value:10}  {delivery.receiver}  {delivery.key}"
    if delivery.state is DeliveryState.HELD and delivery.held_until is not None:
        return f"{text}  until {delivery.held_until:%Y-%m-%d %H:%M} UTC ({delivery.held_by})"
    if delivery.last_error:
        return f"{text}  after {delivery.attempts} attempts: {delivery.last_error}"
    return text
