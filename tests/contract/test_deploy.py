"""The service as it is installed."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

DEPLOY = Path(__file__).parents[2] / "deploy"
ANALYZE = shutil.which("systemd-analyze")


@pytest.mark.skipif(ANALYZE is None, reason="systemd-analyze is not installed")
def test_the_unit_is_exposed_to_little() -> None:
    """Systemd rates the unit at 1.5 or lower (0 is best, 10 worst), and understands every line."""
    done = subprocess.run(
        [str(ANALYZE), "security", "--offline=true", "--no-pager", str(DEPLOY / "alerter.service")],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    rating = re.search(r"exposure level for alerter.service: ([\d.]+)", done.stdout)
    assert rating is not None, done.stderr
    assert float(rating[1]) <= 1.5
    assert "Failed to parse" not in done.stderr


def test_the_unit_says_when_it_is_ready_and_is_watched() -> None:
    """Readiness and the watchdog come from the daemon's own progress."""
    unit = (DEPLOY / "alerter.service").read_text(encoding="utf-8")
    assert "Type=notify" in unit
    assert "WatchdogSec=" in unit


def test_the_install_script_is_sound_shell() -> None:
    """At least its syntax is checked everywhere; a whole installation takes a network."""
    subprocess.run(["bash", "-n", str(DEPLOY / "install.sh")], check=True, timeout=10)
