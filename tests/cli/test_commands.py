"""The command line as a whole."""

from __future__ import annotations

import importlib
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from alerter.cli import COMMANDS, main


@pytest.mark.parametrize("name", list(COMMANDS))
def test_each_command_explains_itself(name: str) -> None:
    """`--help` works and has a sentence."""
    command = importlib.import_module(COMMANDS[name]).command
    assert isinstance(command, click.Command)
    assert command.help
    assert CliRunner().invoke(main, [name, "--help"]).exit_code == 0


def test_an_unknown_command_is_wrong_usage() -> None:
    """Exit status 2, as for every wrong use."""
    assert CliRunner().invoke(main, ["pol"]).exit_code == 2


def test_help_lists_every_command_without_loading_any() -> None:
    """It is the first thing that people type."""
    code = (
        "import sys; from click.testing import CliRunner; from alerter.cli import COMMANDS, main; "
        "text = CliRunner().invoke(main, ['--help']).output; "
        "assert all(name in text for name in COMMANDS); "
        "assert not set(COMMANDS.values()) & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
