"""`alerter silence`: hold back what matches, for a reason and until a time."""

from __future__ import annotations

import getpass
import json
from datetime import timedelta
from typing import Any, Final

import click
from pydantic import ValidationError

from alerter.cli.ack import DurationType
from alerter.cli.context import Context
from alerter.config.routes import Match
from alerter.domain.ack import Act
from alerter.domain.mute import Silence
from alerter.notify.payload import rfc3339

LONGEST: Final = timedelta(days=365)
SINGLE: Final = ("within", "probability")  # keys of a match that take one value


@click.group()
def command() -> None:
    """Hold back alerts that match, with a reason and an end.

    What a silence holds is counted, stands in the digest, and is told when the silence ends.
    """


@command.command()
@click.argument("matcher", nargs=-1, metavar="KEY=VALUE...")
@click.option("--reason", required=True, help="Why; it is shown wherever the silence is.")
@click.option("--for", "lasting", type=DurationType(), required=True, help="Such as 4h or 2d.")
@click.option("--by", "who", default=getpass.getuser, help="Who wants it; default: your login.")
@click.option("--everything", is_flag=True, help="Silence all alerts: no KEY=VALUE is needed.")
@click.option("--json", "as_json", is_flag=True, help="The silence as JSON on standard output.")
@click.pass_obj
def add(
    context: Context,
    matcher: tuple[str, ...],
    *,
    reason: str,
    lasting: timedelta,
    who: str,
    everything: bool,
    as_json: bool,
) -> None:
    """Begin a silence, for instance: add host=IQ category=unrest,bombing --for 4h --reason ...

    Keys are those of a route's `match`; several values are given with commas, and `not.KEY=VALUE`
    leaves something out.
    """
    if not reason.strip():
        raise click.UsageError("a silence needs a reason")
    if lasting > LONGEST:
        raise click.UsageError("a silence lasts at most 365d; it must end")
    if not matcher and not everything:
        raise click.UsageError("give KEY=VALUE, or --everything to silence all alerts")
    wanted = read_matcher(matcher)
    now = context.now()
    with context.store().begin() as tx:
        silence = tx.mutes.add_silence(
            wanted, author=who, reason=reason, starts_at=now, until=now + lasting
        )
        detail = f"{json.dumps(wanted, ensure_ascii=False)} until {rfc3339(silence.until)}"
        tx.acks.audit(
            Act(at=now, who=who, action="silence", subject=f"silence:{silence.id}", detail=detail)
        )
    _show([silence], as_json=as_json)


@command.command("list")
@click.option("--all", "everything", is_flag=True, help="Those that have ended too.")
@click.option("--json", "as_json", is_flag=True, help="As JSON on standard output.")
@click.pass_obj
def list_silences(context: Context, *, everything: bool, as_json: bool) -> None:
    """Show silences in force, what they hold and when they end."""
    with context.store().read() as tx:
        known = tx.mutes.all_silences() if everything else tx.mutes.silences(now=context.now())
    _show(known, as_json=as_json)


@command.command()
@click.argument("number", type=int)
@click.option("--by", "who", default=getpass.getuser, help="Who ends it; default: your login.")
@click.pass_obj
def expire(context: Context, number: int, *, who: str) -> None:
    """End silence NUMBER now; what it held is told in a moment."""
    now = context.now()
    with context.store().begin() as tx:
        ended = tx.mutes.end_silence(number, who=who, now=now)
        if ended is None:
            raise click.ClickException(f"there is no silence {number} in force")
        held = tx.deliveries.release_held_by(f"silence:{number}", now=now)
        subject = f"silence:{number}"
        tx.acks.audit(Act(at=now, who=who, action="end silence", subject=subject))
    click.echo(f"Silence {number} has ended; {held} alerts that it held will be told now.")


def read_matcher(pairs: tuple[str, ...]) -> dict[str, Any]:
    """`host=IQ category=unrest,bombing not.severity=Minor` as the `match` of a route."""
    found: dict[str, Any] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not value:
            raise click.UsageError(f"{pair!r} is not KEY=VALUE")
        into = found
        if key.startswith("not."):
            key = key.removeprefix("not.")
            into = found.setdefault("not", {})
        into[key] = value if key in SINGLE else [part.strip() for part in value.split(",")]
    if "probability" in found:
        found["probability"] = _number(found["probability"])
    try:
        Match.model_validate(found)
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(str(part) for part in each['loc'])}: {each['msg']}"
            for each in error.errors()
        )
        raise click.UsageError(problems) from error
    return found


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise click.UsageError(f"probability {text!r} is not a number") from error


def _show(silences: list[Silence], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps([_plain(each) for each in silences], ensure_ascii=False))
        return
    if not silences:
        click.echo("No silence is in force.")
    for each in silences:
        matcher = json.dumps(each.matcher, ensure_ascii=False) if each.matcher else "everything"
        click.echo(
            f"{each.id}  until {each.until:%Y-%m-%d %H:%M} UTC  by {each.author}  "
            f"held {each.hidden}  {matcher}  ({each.reason})"
        )


def _plain(silence: Silence) -> dict[str, Any]:
    return {
        "id": silence.id,
        "matcher": dict(silence.matcher),
        "author": silence.author,
        "reason": silence.reason,
        "starts_at": rfc3339(silence.starts_at),
        "until": rfc3339(silence.until),
        "hidden": silence.hidden,
        "ended_by": silence.ended_by,
    }
