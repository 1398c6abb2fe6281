"""The command line: one small file per group of commands, imported only when it runs."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Final

import click

from alerter import __version__
from alerter.cli.context import Context

COMMANDS: Final = {
    "run": "alerter.cli.run",
    "poll": "alerter.cli.poll",
    "demo": "alerter.cli.demo",
    "check": "alerter.cli.check",
    "score": "alerter.cli.score",
    "train": "alerter.cli.train",
    "evaluate": "alerter.cli.evaluate",
    "feeds": "alerter.cli.feeds",
    "incidents": "alerter.cli.incidents",
    "deliveries": "alerter.cli.deliveries",
    "ack": "alerter.cli.ack",
    "silence": "alerter.cli.silence",
    "feedback": "alerter.cli.feedback",
    "test-receiver": "alerter.cli.test_receiver",
    "drill": "alerter.cli.drill",
    "route-test": "alerter.cli.route_test",
    "digest": "alerter.cli.digest",
    "backtest": "alerter.cli.backtest",
    "export": "alerter.cli.export",
}


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports one when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module of that command."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(COMMANDS[cmd_name]).command
        return command


@click.command(cls=LazyGroup)
@click.option("--config", type=click.Path(dir_okay=False, path_type=Path), help="Configuration.")
@click.version_option(__version__, prog_name="alerter")
@click.pass_context
def main(ctx: click.Context, config: Path | None) -> None:
    """Alerter warns the people who guard embassies."""
    ctx.obj = Context(config=config)
