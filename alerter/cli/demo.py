"""`alerter demo`: six weeks in Baghdad within a minute, with no network at all."""

from __future__ import annotations

import sys
import tempfile
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import Final

import click

from alerter.demo.replay import Clock, demo_settings, replay
from alerter.demo.scenario import Item, load_scenario
from alerter.demo.server import serve
from alerter.domain.errors import AlerterError
from alerter.logs import configure_logs
from alerter.pipeline.flow import Flow
from alerter.pipeline.progress import Progress
from alerter.store import Store
from alerter.web.server import WebServer

PAUSE_S: Final = 0.4  # slow enough to be watched, quick enough for a minute


@click.command()
@click.option("--fast", is_flag=True, help="Do not wait between items.")
@click.option("--stay/--no-stay", default=None, help="Keep the console up afterwards.")
def command(*, fast: bool, stay: bool | None) -> None:
    """Replay a bundled scenario: articles come in, incidents form, alerts arrive."""
    configure_logs(level="error")
    scenario = load_scenario()
    clock = Clock(scenario.items[0].at - timedelta(minutes=10))

    def shown(item: Item) -> None:
        when = item.at.strftime("%d %b %H:%M")
        click.secho(f"{when}  {item.outlet:17} {item.title}", dim=True)
        time.sleep(0 if fast else PAUSE_S)

    with (
        tempfile.TemporaryDirectory(prefix="alerter-demo-") as folder,
        serve(scenario, lambda: clock.now) as base_url,
    ):
        settings = demo_settings(scenario, base_url, f"sqlite:///{Path(folder) / 'demo.db'}")
        try:
            store = Store.open(settings.state)
            flow = Flow.open(settings, store)
        except AlerterError as error:
            raise click.ClickException(str(error)) from error
        web = WebServer(settings, store, Progress(), clock=lambda: clock.now)
        web.start()
        try:
            click.echo(f"The console of this demo: {web.url}\n")
            replay(flow, scenario, clock, shown)
            _summary(store)
            if stay if stay is not None else sys.stdout.isatty():
                click.echo(f"\nLook around at {web.url}; Ctrl-C ends the demo.")
                _until_interrupted()
        finally:
            web.stop()
            flow.close()
            store.close()


def _summary(store: Store) -> None:
    with store.read() as tx:
        articles = tx.articles.count()
        incidents = tx.incidents.count()
        told = tx.deliveries.count()
    click.secho(
        f"\n{articles} articles came in, {incidents} incidents formed, {told} alerts were sent.",
        bold=True,
    )


def _until_interrupted() -> None:
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        click.echo()
