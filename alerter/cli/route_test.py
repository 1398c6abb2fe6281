"""`alerter route-test`: which receivers an incident like this would reach, and why."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import click

from alerter.cli.context import Context
from alerter.config.settings import AlerterSettings
from alerter.domain.geo import distance_km
from alerter.domain.incident import Change, Incident
from alerter.domain.scales import Category, Certainty, Phase, Reason, Severity, Urgency
from alerter.notify.matter import Matter, matter_of
from alerter.notify.payload import rfc3339
from alerter.pipeline.explain import Explanation, Leg, explain
from alerter.store import Tx


def _words(scale: Any) -> click.Choice[str]:
    return click.Choice([member.value for member in scale], case_sensitive=False)


@click.command()
@click.argument("incidents", nargs=-1)
@click.option("--last", type=click.IntRange(1, 10_000), help="The newest so many stored incidents.")
@click.option("--host", help="Host state, such as IQ.")
@click.option("--sending", multiple=True, help="Sending state; may be repeated.")
@click.option("--city")
@click.option("--mission", multiple=True, help="Id of a configured post; may be repeated.")
@click.option("--at", "point", type=float, nargs=2, help="Latitude and longitude of the event.")
@click.option("--category", type=_words(Category))
@click.option("--severity", type=_words(Severity), default="Severe", show_default=True)
@click.option("--urgency", type=_words(Urgency), default="Immediate", show_default=True)
@click.option("--certainty", type=_words(Certainty), default="Likely", show_default=True)
@click.option("--probability", type=click.FloatRange(0, 1), default=0.95, show_default=True)
@click.option("--reason", type=_words(Reason), default="first_report", show_default=True)
@click.option("--language", multiple=True, help="Language of a report; may be repeated.")
@click.option("--feed", multiple=True, help="Feed that reports it; may be repeated.")
@click.option("--json", "as_json", is_flag=True, help="As JSON on standard output.")
@click.pass_obj
def command(context: Context, /, *, as_json: bool, **asked: Any) -> None:
    """Explain the way of stored INCIDENTS (ids or numbers), or of one given by options.

    Names every route that is asked with its answer, then every receiver with what it would be
    told, what would hold it back and until when, and what would follow unless it is acknowledged.
    Nothing is sent and nothing is changed.
    """
    settings, now = context.settings(), context.now()
    with context.store().read() as tx:
        matters = _matters(tx, settings, asked)
        found = [explain(tx, matter, settings=settings, now=now) for matter in matters]
    if as_json:
        click.echo(json.dumps([_plain(each) for each in found], ensure_ascii=False))
        return
    for each in found:
        _print(each)


def _matters(tx: Tx, settings: AlerterSettings, asked: dict[str, Any]) -> list[Matter]:
    missions = [each.mission() for each in settings.missions]
    reason = Reason(asked["reason"])
    stored = _stored(tx, asked["incidents"], asked["last"])
    if stored is None:
        return [_hypothetical(settings, asked)]
    return [
        matter_of(
            Change(incident=each, reason=reason, why="as if it were news", at=each.last_seen),
            missions,
        )
        for each in stored
    ]


def _stored(tx: Tx, references: Sequence[str], last: int | None) -> list[Incident] | None:
    if last is not None:
        return tx.incidents.page(limit=last)
    if not references:
        return None
    found = []
    for reference in references:
        incident = tx.incidents.get(reference)
        if incident is None:
            raise click.ClickException(f"there is no incident {reference!r}")
        found.append(incident)
    return found


def _hypothetical(settings: AlerterSettings, asked: dict[str, Any]) -> Matter:
    point = tuple(asked["point"]) if asked["point"] else None
    missions = {each.id: each for each in settings.missions}
    unknown = [name for name in asked["mission"] if name not in missions]
    if unknown:
        raise click.UsageError(f"there is no mission {', '.join(unknown)}")
    near = {
        name: distance_km(point, each.location)
        for name, each in missions.items()
        if point is not None and each.location is not None
    }
    named = dict.fromkeys(asked["mission"], 0.0)
    return Matter(
        subject="route-test",
        revision=1,
        label="an incident like this",
        reason=Reason(asked["reason"]),
        why="as if it were news",
        severity=Severity(asked["severity"]),
        urgency=Urgency(asked["urgency"]),
        certainty=Certainty(asked["certainty"]),
        category=Category(asked["category"]) if asked["category"] else None,
        probability=asked["probability"],
        host=asked["host"],
        sending=asked["sending"],
        cities=(asked["city"],) if asked["city"] else (),
        point=point,
        mission_ids=asked["mission"],
        distances={**named, **near},
        langs=asked["language"],
        feeds=asked["feed"],
        phase=Phase.OPEN,
    )


def _print(each: Explanation) -> None:
    click.secho(each.label, bold=True)
    for step in each.steps:
        click.echo(f"  {step.route}: {'yes' if step.matched else 'no'}, {step.text}")
    for leg in each.legs:
        click.echo(f"  -> {leg.way.receiver}: {_said(leg)}")
        for at, what in leg.then:
            click.echo(f"       {at:%Y-%m-%d %H:%M} UTC: {what}, unless acknowledged")
    for decision in each.decided:
        when = f"{decision.at:%Y-%m-%d %H:%M}"
        who = decision.receiver or "nobody"
        click.echo(f"  decided {when}: {decision.verdict} {who}: {decision.text}")


def _said(leg: Leg) -> str:
    verdict = leg.verdict
    until = f" until {verdict.until:%Y-%m-%d %H:%M} UTC" if verdict.until else ""
    return f"{verdict.outcome.value}{until}: {verdict.text}"


def _plain(each: Explanation) -> dict[str, Any]:
    return {
        "incident": each.label,
        "routes": [
            {"route": step.route, "matched": step.matched, "text": step.text} for step in each.steps
        ],
        "receivers": [
            {
                "receiver": leg.way.receiver,
                "route": leg.way.route,
                "verdict": leg.verdict.outcome.value,
                "reason": leg.verdict.reason.value if leg.verdict.reason else None,
                "text": leg.verdict.text,
                "until": rfc3339(leg.verdict.until),
                "held_by": leg.verdict.by,
                "then": [{"at": rfc3339(at), "what": what} for at, what in leg.then],
            }
            for leg in each.legs
        ],
        "decided": [
            {
                "at": rfc3339(decision.at),
                "revision": decision.revision,
                "receiver": decision.receiver,
                "route": decision.route,
                "verdict": decision.verdict,
                "text": decision.text,
                "key": decision.delivery_key,
            }
            for decision in each.decided
        ],
    }
