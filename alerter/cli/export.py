"""`alerter export`: stored incidents for other programs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

import click

from alerter.cli.context import Context
from alerter.domain.incident import Incident
from alerter.notify.payload import incident_json
from alerter.store import Store
from alerter.web.exports import feature, has_point

PAGE: Final = 500
COLUMNS: Final = (
    "number",
    "id",
    "headline",
    "category",
    "status",
    "severity",
    "urgency",
    "certainty",
    "probability",
    "host",
    "event_time",
    "first_seen",
    "last_seen",
    "phase",
)
FORMULA: Final = ("=", "+", "-", "@", "\t")


@click.command()
@click.option(
    "--format",
    "kind",
    type=click.Choice(["jsonl", "csv", "geojson"]),
    default="jsonl",
    show_default=True,
)
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Only those with news since then.")
@click.pass_obj
def command(context: Context, kind: str, since: datetime | None) -> None:
    """Print stored incidents, newest first, on standard output."""
    after = since.replace(tzinfo=UTC) if since else datetime.min.replace(tzinfo=UTC)
    found = _incidents(context.store(), after)
    if kind == "jsonl":
        for incident in found:
            click.echo(json.dumps(incident_json(incident), ensure_ascii=False))
    elif kind == "csv":
        _print_csv(found)
    else:
        features = [feature(incident) for incident in found if has_point(incident)]
        whole = {"type": "FeatureCollection", "features": features}
        click.echo(json.dumps(whole, ensure_ascii=False))


def _incidents(store: Store, since: datetime) -> Iterator[Incident]:
    last: Incident | None = None
    while True:
        with store.read() as tx:
            page = tx.incidents.page(limit=PAGE, after=last)
        for incident in page:
            if incident.last_seen < since:
                return
            yield incident
        if len(page) < PAGE:
            return
        last = page[-1]


def _print_csv(incidents: Iterator[Incident]) -> None:
    click.echo(_row(COLUMNS), nl=False)
    for incident in incidents:
        shown = incident_json(incident)
        click.echo(_row(tuple(_cell(shown[column]) for column in COLUMNS)), nl=False)


def _row(cells: tuple[str, ...]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.getvalue()


def _cell(value: object) -> str:
    """Text for a spreadsheet, which must not take a headline for a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text
