"""A wheel, installed in an empty place elsewhere, is a whole Alerter."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `alerter` command of a fresh environment that holds the wheel and sees our libraries.

    Dependencies come from the environment of the tests by a .pth file: what is tested is what the
    wheel brings, and the tests reach no package server.
    """
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        timeout=120,
    )
    place = folder / "elsewhere"
    venv.create(place, with_pip=False, symlinks=True)
    site = next((place / "lib").glob("python3*")) / "site-packages"
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
        wheel.extractall(site)
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return place / "bin" / "python"


def run(python: Path, *arguments: str, text: str | None = None, folder: Path) -> str:
    """What `alerter` prints, run from a folder that is not the checkout."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONWARNINGS": "error"}
    done = subprocess.run(
        [str(python), "-c", "from alerter.cli import main; main()", *arguments],
        cwd=folder,
        env=environment,
        input=text,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_brings_what_it_needs(installed: Path, tmp_path: Path) -> None:
    """Code comes from the wheel, and with it templates and the starter configuration."""
    code = "import alerter; print(alerter.__file__)"
    where = subprocess.run(
        [str(installed), "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout
    assert str(installed.parents[1]) in where
    package = Path(where.strip()).parent
    assert (package / "_bundled/config/alerter.yaml").exists()
    assert any((package / "_bundled/templates").iterdir())


def test_it_scores(installed: Path, tmp_path: Path) -> None:
    """Model, lexicons and gazetteer are inside."""
    line = json.dumps({"id": "x1", "title": "Rocket hits the US embassy in Baghdad, two injured"})
    scored = json.loads(run(installed, "score", "--jsonl", text=line + "\n", folder=tmp_path))
    assert scored["threat"] is True
    assert scored["missions"][0]["host"] == "IQ"


def test_it_checks_a_configuration(installed: Path, tmp_path: Path) -> None:
    """Templates are found and render."""
    (tmp_path / "a.yaml").write_text("feeds: [{url: 'https://example.org/rss'}]\n", "utf-8")
    assert "ok, 1 feeds" in run(installed, "--config", "a.yaml", "check", folder=tmp_path)
