"""`alerter run`: the daemon."""

from __future__ import annotations

import ctypes
from typing import Final

import click

from alerter.cli.context import Context
from alerter.daemon import Daemon
from alerter.domain.errors import AlerterError
from alerter.logs import configure_logs

ARENAS: Final = 2
LARGE: Final = 2**20  # bytes: a block of this size goes back to the system when it is freed
_M_ARENA_MAX: Final = -8  # of mallopt(3)
_M_MMAP_THRESHOLD: Final = -3


@click.command()
@click.option("--log-level", default="info", type=click.Choice(["debug", "info", "warning"]))
@click.pass_obj
def command(context: Context, log_level: str) -> None:
    """Watch the feeds until told to stop (SIGTERM); SIGHUP reloads the configuration."""
    _share_memory()
    context.settings()
    configure_logs(level=log_level)
    try:
        Daemon(context.config_path()).run()
    except AlerterError as error:
        raise click.ClickException(str(error)) from error


def _share_memory() -> None:
    """Let all threads take memory from few pools, and large blocks from the system itself.

    glibc gives each thread a pool of its own and hands nothing back from it: with 48 threads they
    held 372 of the daemon's 720 MB. It also learns to keep large blocks for next time, which
    after a busy first poll is never. Other C libraries know no such setting and need none.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, ARENAS)
        mallopt(_M_MMAP_THRESHOLD, LARGE)
