"""`alerter feeds`: what is polled, how it is, what is not seen; and adding feeds."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO, Final

import click

from alerter.cli.context import Context
from alerter.cli.subscribe import Subscription, append, as_yaml, find_feeds
from alerter.collect.coverage import Coverage, coverage
from alerter.collect.health import words
from alerter.collect.urls import without_secrets
from alerter.config.feeds import FeedSettings
from alerter.config.opml import OpmlFeed, read_opml, write_opml
from alerter.domain.errors import AlerterError
from alerter.domain.feed import FeedState
from alerter.domain.scales import FeedHealth

HEALTHS: Final = [health.value for health in FeedHealth]
NOT_POLLED: Final = "not polled yet"


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="A JSON array on standard output.")
@click.option("--health", type=click.Choice(HEALTHS), multiple=True, help="Only feeds like this.")
@click.option("--coverage", "show_coverage", is_flag=True, help="Per host state and language.")
@click.pass_context
def command(
    ctx: click.Context, *, as_json: bool, health: tuple[str, ...], show_coverage: bool
) -> None:
    """List feeds with their health; with --coverage, what is seen and what is not."""
    if ctx.invoked_subcommand is not None:
        return
    context: Context = ctx.obj
    feeds = context.settings().feeds
    states = _states(context, feeds)
    if show_coverage:
        _print_coverage(coverage(feeds, states, now=context.now()), as_json=as_json)
        return
    shown = [
        (feed, states[feed.name])
        for feed in feeds
        if not health or states[feed.name].health.value in health
    ]
    if as_json:
        click.echo(json.dumps([_as_json(feed, state) for feed, state in shown], indent=1))
    else:
        _print_feeds([state for _, state in shown], now=context.now())


@command.command()
@click.argument("url")
@click.option("--name", help="Its name; the default is made from the URL.")
@click.option("--to", "file", type=click.Path(path_type=Path), help="Append to this YAML file.")
@click.pass_obj
def add(context: Context, url: str, name: str | None, file: Path | None) -> None:
    """Find the feeds at URL (a feed, or a page that announces feeds) and print them as YAML."""
    try:
        found = find_feeds(url, context.settings().poll, now=context.now())
    except AlerterError as error:
        raise click.ClickException(str(error)) from error
    _add(context, [each.named(name) for each in found], file)


@command.command("import")
@click.argument("opml", type=click.File("rb"))
@click.option("--to", "file", type=click.Path(path_type=Path), help="Append to this YAML file.")
@click.pass_obj
def import_(context: Context, opml: BinaryIO, file: Path | None) -> None:
    """Print the subscriptions of an OPML file as YAML, or append them to a feeds file."""
    try:
        found = read_opml(opml.read())
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    feeds = [Subscription(url=each.url, name=each.title, lang=each.lang) for each in found]
    _add(context, feeds, file)


@command.command()
@click.argument("opml", type=click.File("wb"), default="-")
@click.pass_obj
def export(context: Context, opml: BinaryIO) -> None:
    """Write the configured feeds as OPML, for any feed reader. Passwords in URLs are left out."""
    feeds = [
        OpmlFeed(url=without_secrets(feed.url), title=feed.name, lang=feed.lang)
        for feed in context.settings().feeds
        if feed.kind == "feed"
    ]
    opml.write(write_opml(feeds, title="Alerter"))


def _add(context: Context, found: Sequence[Subscription], file: Path | None) -> None:
    """Print what is new, or append it to a file with which the configuration still loads."""
    known = {feed.url for feed in context.settings().feeds}
    new = [each for each in found if each.url not in known]
    if not new:
        raise click.ClickException("nothing to add: every feed found is configured already")
    if file is None:
        click.echo(as_yaml(new))
        return
    try:
        append(new, file, config=context.config_path())
    except (AlerterError, OSError) as error:
        raise click.ClickException(f"{file} is unchanged: {error}") from error
    click.echo(f"{len(new)} added to {file}", err=True)


def _states(context: Context, feeds: Iterable[FeedSettings]) -> dict[str, FeedState]:
    """What is known of each configured feed; nothing yet of those that were never polled."""
    with context.store().read() as tx:
        known = {state.name: state for state in tx.feeds.all()}
    return {
        feed.name: known.get(feed.name)
        or FeedState(name=feed.name, url=feed.url, configured_url=feed.url)
        for feed in feeds
    }


def _as_json(feed: FeedSettings, state: FeedState) -> dict[str, Any]:
    return {
        "name": state.name,
        "url": without_secrets(state.url),
        "configured_url": without_secrets(feed.url),
        "health": state.health.value,
        "reason": _reason(state),
        "since": _time(state.health_since),
        "last_polled": _time(state.last_polled),
        "last_ok": _time(state.last_ok),
        "last_changed": _time(state.last_changed),
        "last_entry": _time(state.last_entry),
        "next_poll": _time(state.next_poll),
        "failures": state.failures,
        "polls": state.polls,
        "entries": state.entries_last,
        "rhythm_seconds": state.rhythm.total_seconds() if state.rhythm else None,
        "took_ms": state.took_ms,
        "title": state.title,
        "lang": feed.lang or state.lang,
        "covers": list(feed.covers),
        "trust": feed.trust.value,
    }


def _reason(state: FeedState) -> str:
    return state.health_reason or (NOT_POLLED if state.health is FeedHealth.NEW else "")


def _time(when: datetime | None) -> str | None:
    return when.isoformat(timespec="seconds").replace("+00:00", "Z") if when else None


def _print_feeds(states: Sequence[FeedState], *, now: datetime) -> None:
    width = max((len(state.name) for state in states), default=4)
    click.echo(f"{'feed':{width}}  {'health':7}  {'last ok':10}  {'next':10}  reason")
    for state in sorted(states, key=lambda state: (state.health is FeedHealth.OK, state.name)):
        ago = _ago(state.last_ok, now)
        due = words(state.next_poll - now) if state.next_poll and state.next_poll > now else "now"
        row = f"{state.name:{width}}  {state.health.value:7}  {ago:10}  {due:10}  {_reason(state)}"
        click.echo(row.rstrip())
    well = sum(state.health is FeedHealth.OK for state in states)
    click.echo(f"{well} of {len(states)} are ok", err=True)


def _print_coverage(rows: Sequence[Coverage], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps([_coverage_json(row) for row in rows], indent=1))
        return
    click.echo("host  lang  live/feeds  answered    brought news  not seen")
    for row in rows:
        live = f"{row.live}/{row.feeds}"
        blind = ", ".join(row.blind[:5]) + (", ..." if len(row.blind) > 5 else "")
        answered, brought = _span(row.stale), _span(row.silent)
        click.echo(f"{row.host:4}  {row.lang:4}  {live:10}  {answered:10}  {brought:12}  {blind}")


def _coverage_json(row: Coverage) -> dict[str, Any]:
    return {
        "host": row.host,
        "lang": row.lang,
        "feeds": row.feeds,
        "live": row.live,
        "stale_seconds": row.stale.total_seconds() if row.stale is not None else None,
        "silent_seconds": row.silent.total_seconds() if row.silent is not None else None,
        "blind": list(row.blind),
    }


def _ago(when: datetime | None, now: datetime) -> str:
    return _span(now - when if when else None)


def _span(span: timedelta | None) -> str:
    return f"{words(span)}" if span is not None else "never"
