"""Imports point one way."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_imports_keep_to_the_layers() -> None:
    """The contracts in pyproject.toml hold."""
    done = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout


def test_help_does_not_pay_for_what_only_some_commands_need() -> None:
    """`alerter --help` answers without scikit-learn, the store or the web server."""
    code = (
        "import sys; import alerter.cli; "
        "heavy = {'sklearn', 'scipy', 'numpy', 'starlette', 'feedparser', 'apscheduler'}; "
        "sys.exit(', '.join(sorted(heavy & set(sys.modules))) or None)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
