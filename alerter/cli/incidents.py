"""`alerter incidents`: list, show, and tell apart or join by hand."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import click

from alerter.cli.ack import DurationType
from alerter.cli.context import Context
from alerter.domain.errors import AlerterError
from alerter.domain.incident import Incident, Sighting
from alerter.domain.scales import Category, Phase, Severity
from alerter.notify.payload import incident_json, rfc3339
from alerter.pipeline.by_hand import merge_incidents, split_incident
from alerter.store.incidents import Feedback, Revision, Wanted

PHASES: Final = [phase.value for phase in Phase]
SEVERITIES: Final = [severity.value for severity in Severity]
CATEGORIES: Final = [category.value for category in Category]


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="A JSON array on standard output.")
@click.option("--phase", type=click.Choice(PHASES), multiple=True)
@click.option("--host", multiple=True, help="Host state, such as IQ.")
@click.option("--category", type=click.Choice(CATEGORIES), multiple=True)
@click.option("--severity", type=click.Choice(SEVERITIES), multiple=True)
@click.option("--since", type=DurationType(), help="With news within this time, such as 7d.")
@click.option("--told/--not-told", "told", default=None, help="Whether anybody was told.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@click.pass_context
def command(ctx: click.Context, /, *, as_json: bool, limit: int, **filters: Any) -> None:
    """List incidents, newest news first."""
    if ctx.invoked_subcommand is not None:
        return
    context: Context = ctx.obj
    wanted = _wanted(filters, context.now())
    with context.store().read() as tx:
        found = tx.incidents.page(wanted, limit=limit)
    if as_json:
        click.echo(json.dumps([_as_json(context, each) for each in found], indent=1))
        return
    for incident in found:
        click.echo(_line(incident))
    if not found:
        click.echo("no incidents", err=True)


@command.command()
@click.argument("incident")
@click.option("--json", "as_json", is_flag=True, help="A JSON object on standard output.")
@click.pass_obj
def show(context: Context, incident: str, *, as_json: bool) -> None:
    """Show INCIDENT, given by id or number: what is known, who says so, and how that changed."""
    with context.store().read() as tx:
        found = tx.incidents.get(incident)
        if found is None:
            raise click.ClickException(f"there is no incident {incident!r}")
        sightings = tx.incidents.sightings(found.id)
        revisions = tx.incidents.revisions(found.id)
        said = tx.incidents.feedback(found.id)
    if as_json:
        shown = _as_json(context, found)
        shown["sightings"] = [_sighting_json(each) for each in sightings]
        shown["revisions"] = [_revision_json(each) for each in revisions]
        shown["feedback"] = [_feedback_json(each) for each in said]
        click.echo(json.dumps(shown, indent=1))
        return
    for line in (*_story(found), *_sources(found, sightings), *_history(revisions, said)):
        click.echo(line)


@command.command()
@click.argument("incident")
@click.argument("articles", nargs=-1, required=True)
@click.pass_obj
def split(context: Context, incident: str, articles: tuple[str, ...]) -> None:
    """Take ARTICLES (ids, see `show`) out of INCIDENT into a new one. Alerts nobody."""
    try:
        rest, other = split_incident(
            context.store(), context.settings(), incident, articles, now=context.now()
        )
    except AlerterError as error:
        raise click.ClickException(str(error)) from error
    click.echo(_line(rest))
    click.echo(_line(other))


@command.command()
@click.argument("incident")
@click.argument("other")
@click.pass_obj
def merge(context: Context, incident: str, other: str) -> None:
    """Put OTHER into INCIDENT; its id and number lead there from then on. Alerts nobody."""
    try:
        united = merge_incidents(
            context.store(), context.settings(), incident, other, now=context.now()
        )
    except AlerterError as error:
        raise click.ClickException(str(error)) from error
    click.echo(_line(united))


def _wanted(filters: dict[str, Any], now: datetime) -> Wanted:
    since = filters["since"]
    return Wanted(
        phases=tuple(Phase(each) for each in filters["phase"]),
        hosts=tuple(each.upper() for each in filters["host"]),
        categories=tuple(Category(each) for each in filters["category"]),
        severities=tuple(Severity(each) for each in filters["severity"]),
        since=None if since is None else now - since,
        told=filters["told"],
    )


def _as_json(context: Context, incident: Incident) -> dict[str, Any]:
    settings = context.settings()
    missions = [each.mission() for each in settings.missions]
    return incident_json(incident, missions=missions, base_url=settings.web.url)


def _line(incident: Incident) -> str:
    where = incident.place.city if incident.place and incident.place.city else None
    place = ", ".join(part for part in (where, incident.host) if part) or "place unknown"
    told = "" if incident.told_at else " (nobody told)"
    return (
        f"#{incident.number:<5} {incident.last_seen:%Y-%m-%d %H:%M}  {incident.severity!s:8}"
        f" {incident.certainty!s:8} {incident.phase.value:10} {incident.category.value:16}"
        f" {place}: {_plain(incident.headline)}{told}"
    )


def _story(incident: Incident) -> list[str]:
    happened = rfc3339(incident.event_time) or "not known"
    lines = [
        _line(incident),
        f"  id {incident.id}, revision {incident.revision}, probability {incident.probability:.2f}",
        f"  happened {happened}; first seen {rfc3339(incident.first_seen)}",
    ]
    if incident.date_ahead:
        lines.append(f"  announced for {rfc3339(incident.date_ahead)}")
    lines += [f"  {mission}: {km:g} km away" for mission, km in incident.distances_km]
    lines += [f"  {rule.name}: {rule.text}" for rule in incident.rules]
    lines += [f"  note: {note}" for note in incident.notes]
    lines += [f'  "{_plain(proof.text)}" ({proof.weight:.2f})' for proof in incident.evidence]
    for fact in incident.facts:
        denied = "denied: " if fact.denied else ""
        said = rfc3339(fact.said_at)
        lines.append(
            f"  {denied}{fact.kind} {_plain(fact.value)}, says {_plain(fact.source)} ({said})"
        )
    return lines


def _sources(incident: Incident, sightings: Sequence[Sighting]) -> list[str]:
    why = {each.article_id: f"{each.score:.1f}: {each.why}" for each in sightings}
    count = incident.independent_sources
    lines = [f"sources: {len(incident.sources)}, independent: {count}"]
    for source in incident.sources:
        kind = "independent" if source.independent else "copy"
        lines.append(f"  {source.article_id}  {source.feed} ({source.trust.value}, {kind})")
        lines.append(f"    {_plain(source.title)}")
        lines.append(f"    {source.url or 'no link'}")
        lines.append(f"    {why.get(source.article_id, '')}")
    return lines


def _history(revisions: Sequence[Revision], said: Sequence[Feedback]) -> list[str]:
    lines = ["history:"]
    for each in revisions:
        reason = f" [{each.reason.value}]" if each.reason else ""
        scales = f"{each.incident.severity}/{each.incident.urgency}/{each.incident.certainty}"
        number = each.incident.revision
        lines.append(f"  {number:>3} {each.at:%Y-%m-%d %H:%M} {scales}{reason} {each.why}")
    lines += [f"feedback: {each.verdict} by {each.who} {each.note}".rstrip() for each in said]
    return lines


def _plain(text: str) -> str:
    """Foreign text on one line and without control characters: a terminal obeys those."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _sighting_json(sighting: Sighting) -> dict[str, Any]:
    return {
        "article": sighting.article_id,
        "score": sighting.score,
        "why": sighting.why,
        "at": rfc3339(sighting.at),
    }


def _revision_json(revision: Revision) -> dict[str, Any]:
    incident = revision.incident
    return {
        "revision": incident.revision,
        "at": rfc3339(revision.at),
        "reason": revision.reason.value if revision.reason else None,
        "why": revision.why,
        "article": revision.article_id,
        "phase": incident.phase.value,
        "severity": incident.severity.value,
        "urgency": incident.urgency.value,
        "certainty": incident.certainty.value,
        "probability": incident.probability,
    }


def _feedback_json(feedback: Feedback) -> dict[str, Any]:
    return {
        "verdict": feedback.verdict,
        "by": feedback.who,
        "note": feedback.note,
        "at": rfc3339(feedback.at),
    }
