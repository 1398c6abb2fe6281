"""Incidents for other programs, from the command line."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from alerter.cli import main
from alerter.config.load import load
from alerter.store import Store
from tests.builders import an_incident
from tests.web.test_console import keep


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A configuration whose store holds one incident with a headline like a formula."""
    path = tmp_path / "a.yaml"
    path.write_text("state: sqlite:///a.db\n", encoding="utf-8")
    store = Store.open(load(path).state)
    keep(store, replace(an_incident(), headline="=cmd|' /C calc'!A0"))
    store.close()
    return path


def printed(config: Path, *options: str) -> str:
    """What `alerter export` prints."""
    result = CliRunner().invoke(main, ["--config", str(config), "export", *options])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_lines_have_the_shape_of_the_webhook(config: Path) -> None:
    """One reader serves both."""
    assert json.loads(printed(config))["headline"].startswith("=cmd")


def test_a_spreadsheet_does_not_run_a_headline(config: Path) -> None:
    """A cell that would be a formula becomes text."""
    rows = list(csv.DictReader(io.StringIO(printed(config, "--format", "csv"))))
    assert rows[0]["headline"].startswith("'=")


def test_a_map_gets_points(config: Path) -> None:
    """A FeatureCollection."""
    assert json.loads(printed(config, "--format", "geojson"))["features"][0]["type"] == "Feature"


def test_old_incidents_can_be_left_out(config: Path) -> None:
    """Nothing is newer than the far future."""
    assert printed(config, "--since", "2999-01-01") == ""
