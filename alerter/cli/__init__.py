"""The command line: one small file per group of commands, imported only when it runs."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Final

import click

from alerter import __version__
from alerter.cli.context import Context

# Name, module and what it does in a line, so that --help imports none of them.
_TABLE: Final = (
    ("run", "alerter.cli.run", "The daemon."),
    ("poll", "alerter.cli.poll", "All steps once over what is due, then exit."),
    ("demo", "alerter.cli.demo", "A bundled scenario, with no network at all."),
    ("check", "alerter.cli.check", "Every error in the configuration; nothing else runs."),
    ("score", "alerter.cli.score", "Judge a text, or JSON Lines."),
    ("train", "alerter.cli.train", "Fit the classifier on labelled JSON Lines."),
    ("evaluate", "alerter.cli.evaluate", "Measure the classifier on labelled JSON Lines."),
    ("feeds", "alerter.cli.feeds", "Feeds and their health; add, import, export."),
    ("incidents", "alerter.cli.incidents", "List and show incidents; split and merge them."),
    ("deliveries", "alerter.cli.deliveries", "List deliveries; replay dead letters."),
    ("ack", "alerter.cli.ack", "Take an incident in hand."),
    ("silence", "alerter.cli.silence", "Mute what matches, for a reason, until a time."),
    ("feedback", "alerter.cli.feedback", "Say whether an incident was a threat or noise."),
    ("test-receiver", "alerter.cli.test_receiver", "Send a test to one receiver, now."),
    ("drill", "alerter.cli.drill", "A marked message through the whole path."),
    ("route-test", "alerter.cli.route_test", "Who would be told of an incident, and why."),
    ("digest", "alerter.cli.digest", "The daily report, sent or previewed."),
    ("backtest", "alerter.cli.backtest", "What would this configuration have sent?"),
    ("export", "alerter.cli.export", "Stored incidents as JSON Lines, CSV or GeoJSON."),
)
COMMANDS: Final = {name: module for name, module, _ in _TABLE}


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

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table, from the table."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, _, summary in _TABLE])


@click.command(cls=LazyGroup)
@click.option("--config", type=click.Path(dir_okay=False, path_type=Path), help="Configuration.")
@click.version_option(__version__, prog_name="alerter")
@click.pass_context
def main(ctx: click.Context, config: Path | None) -> None:
    """Alerter warns the people who guard embassies."""
    ctx.obj = Context(config=config)
