"""`alerter backtest`: tells what this configuration would have sent."""

from __future__ import annotations

import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from alerter.cli.context import Context
from alerter.config.load import load
from alerter.config.settings import AlerterSettings
from alerter.domain.errors import AlerterError, ConfigError
from alerter.logs import configure_logs
from alerter.notify.payload import rfc3339
from alerter.pipeline.judging import Judged, judged
from alerter.pipeline.replay import Alert, Replay, Replayed, Story
from alerter.pipeline.timeline import ItemsFile, News, StoredNews
from alerter.store import Store

WEEK: Final = timedelta(days=7)


@click.command()
@click.option(
    "--items",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="JSON Lines of items to replay instead of the stored history.",
)
@click.option(
    "--against",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Another configuration: show what it would have sent otherwise.",
)
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Of the stored history: from.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Of the stored history: before.")
@click.option("--json", "as_json", is_flag=True, help="Incidents and alerts as JSON.")
@click.pass_obj
def command(
    context: Context,
    items: Path | None,
    against: Path | None,
    since: datetime | None,
    until: datetime | None,
    *,
    as_json: bool,
) -> None:
    """Replay old news through the configuration on a virtual clock. Nothing is sent."""
    settings = context.settings()
    other = None if against is None else _other(against)
    configure_logs(level="error")
    news = _news(context, items, since, until)
    numbers = news.numbers if isinstance(news, ItemsFile) else set()
    try:
        ours = run(news, settings, label="replaying")
        theirs = None if other is None else run(news, other, label=f"against {against}")
    except AlerterError as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        found = _json(ours, numbers)
        if theirs is not None:
            found = {**found, "against": _json(theirs, numbers)}
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
    else:
        _print_summary(ours)
        if theirs is not None:
            _print_difference(ours, theirs, str(against))
    _exit_with(news)


def run(news: News, settings: AlerterSettings, *, label: str) -> Replayed:
    """One replay over a store that is thrown away afterwards."""
    with tempfile.TemporaryDirectory(prefix="alerter-backtest-") as folder:
        store = Store.open(f"sqlite:///{Path(folder) / 'replay.db'}")
        try:
            with Replay(settings, store) as replay:
                for article, assessment in _shown(
                    judged(news, settings, count=len(news)), len(news), label
                ):
                    replay.take(article, assessment)
                return replay.result()
        finally:
            store.close()


def _other(path: Path) -> AlerterSettings:
    try:
        return load(path)
    except ConfigError as error:
        click.echo(str(error), err=True)
        sys.exit(2)


def _news(
    context: Context, items: Path | None, since: datetime | None, until: datetime | None
) -> News:
    if items is None:
        return StoredNews.open(context.store(), since=_utc(since), until=_utc(until))
    if since or until:
        raise click.UsageError("--since and --until are for the stored history, not for --items")
    try:
        return ItemsFile.open(items, now=context.now())
    except OSError as error:
        raise click.ClickException(f"{items}: {error.strerror}") from error


def _utc(day: datetime | None) -> datetime | None:
    return None if day is None else day.replace(tzinfo=UTC)


def _shown(pairs: Iterable[Judged], total: int, label: str) -> Iterator[Judged]:
    """The same, with a progress bar on a terminal."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield from pairs
        return
    columns = (TextColumn(label), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        yield from progress.track(pairs, total=total)


def _exit_with(news: News) -> None:
    """Lines that were no items are named, and make the status 1."""
    problems = news.problems if isinstance(news, ItemsFile) else []
    for problem in problems[:20]:
        click.echo(f"left out: {problem}", err=True)
    if len(problems) > 20:
        click.echo(f"left out: {len(problems) - 20} more lines", err=True)
    if problems:
        sys.exit(1)


def _json(replayed: Replayed, numbers: set[str]) -> dict[str, Any]:
    return {
        "incidents": [_story_json(story, numbers) for story in replayed.incidents],
        "alerts": [_alert_json(alert, numbers) for alert in replayed.alerts],
    }


def _ids(items: Iterable[str], numbers: set[str]) -> list[str | int]:
    return [int(each) if each in numbers else each for each in items]


def _story_json(story: Story, numbers: set[str]) -> dict[str, Any]:
    incident = story.incident
    place = incident.place
    return {
        "id": incident.id,
        "number": incident.number,
        "items": _ids(story.items, numbers),
        "headline": incident.headline,
        "category": incident.category.value,
        "status": incident.status.value,
        "phase": incident.phase.value,
        "severity": incident.severity.value,
        "urgency": incident.urgency.value,
        "certainty": incident.certainty.value,
        "probability": round(incident.probability, 4),
        "host": incident.host,
        "city": None if place is None else place.city,
        "sending": list(incident.sending),
        "missions": list(incident.mission_ids),
        "event_time": rfc3339(incident.event_time),
        "first_seen": rfc3339(incident.first_seen),
        "last_seen": rfc3339(incident.last_seen),
    }


def _alert_json(alert: Alert, numbers: set[str]) -> dict[str, Any]:
    return {
        "at": rfc3339(alert.at),
        "reason": alert.reason.value,
        "receiver": alert.receiver,
        "incident": alert.incident,
        "items": _ids(alert.items, numbers),
        "headline": alert.headline,
        "severity": alert.severity,
        "why": alert.why,
        "text": alert.text,
    }


def _print_summary(replayed: Replayed) -> None:
    if replayed.since is None or replayed.until is None:
        click.echo("There is no news to replay.")
        return
    span = f"{replayed.since:%Y-%m-%d} to {replayed.until:%Y-%m-%d}"
    click.secho(
        f"{replayed.items} items, {span}: {len(replayed.incidents)} incidents, "
        f"{len(replayed.alerts)} alerts",
        bold=True,
    )
    for monday, (stories, alerts) in _weeks(replayed).items():
        if not stories and not alerts:
            continue
        click.echo()
        click.secho(f"Week of {monday:%Y-%m-%d}", bold=True, nl=False)
        click.echo(f": {_plural(len(stories), 'new incident')}, {_plural(len(alerts), 'alert')}")
        for line in _week_lines(alerts):
            click.echo(f"  {line}")


def _weeks(replayed: Replayed) -> dict[datetime, tuple[list[Story], list[Alert]]]:
    weeks: dict[datetime, tuple[list[Story], list[Alert]]] = {}
    times = [(story.incident.first_seen, story, None) for story in replayed.incidents]
    told = [(alert.at, None, alert) for alert in replayed.alerts]
    for at, story, alert in sorted([*times, *told], key=lambda each: each[0]):
        stories, alerts = weeks.setdefault(_monday(at), ([], []))
        if story is not None:
            stories.append(story)
        if alert is not None:
            alerts.append(alert)
    return weeks


def _monday(at: datetime) -> datetime:
    day = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return day - timedelta(days=day.weekday())


def _week_lines(alerts: list[Alert]) -> Iterator[str]:
    by_receiver = Counter(alert.receiver for alert in alerts)
    if by_receiver:
        yield "to " + ", ".join(f"{name} {count}" for name, count in sorted(by_receiver.items()))
    told: dict[tuple[datetime, str, str | None, str], list[str]] = {}
    for alert in alerts:
        key = (alert.at, alert.reason.value, alert.incident, alert.headline)
        told.setdefault(key, []).append(alert.receiver)
    numbers = {alert.incident: alert.number for alert in alerts}
    for (at, reason, incident, headline), receivers in told.items():
        number = "" if incident is None else f"#{numbers[incident]} "
        names = ", ".join(receivers)
        yield f"{at:%d %b %H:%M}  {reason:13} {number}{_one_line(headline)}  -> {names}"


def _print_difference(ours: Replayed, theirs: Replayed, other: str) -> None:
    mine, yours = _told(ours), _told(theirs)
    click.echo()
    click.secho(
        f"Against {other}: {sum(yours.values())} alerts instead of {sum(mine.values())}", bold=True
    )
    for sign, difference in (("-", mine - yours), ("+", yours - mine)):
        for (at, reason, receiver, headline), count in sorted(difference.items()):
            times = "" if count == 1 else f"  ({count} times)"
            click.echo(
                f"{sign} {at:%Y-%m-%d %H:%M}  {reason:13} {receiver}: {_one_line(headline)}{times}"
            )
    if mine == yours:
        click.echo("Both would have sent the same.")


def _told(replayed: Replayed) -> Counter[tuple[datetime, str, str, str]]:
    return Counter(
        (alert.at, alert.reason.value, alert.receiver, alert.headline) for alert in replayed.alerts
    )


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _one_line(text: str) -> str:
    """A headline is foreign text: no line breaks, nothing that steers the terminal."""
    return "".join(c if c.isprintable() else " " for c in text)[:120]
