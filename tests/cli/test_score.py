"""`alerter score`: lines in, lines out, in the same order, whatever is in them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from alerter.cli import main

NO_EMBEDDER = "state: sqlite:///alerter.db\nembedder: {use: none}\n"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "alerter.yaml"
    path.write_text(NO_EMBEDDER)
    return path


def score(config: Path, lines: str, *options: str) -> tuple[int, list[dict[str, Any]]]:
    args = ["--config", str(config), "score", "--jsonl", *options]
    result = CliRunner().invoke(main, args, input=lines)
    return result.exit_code, [json.loads(line) for line in result.stdout.splitlines()]


def test_each_line_has_its_answer_in_its_place(config: Path) -> None:
    """Bad lines get an error there, good ones their assessment, and the status is 1."""
    lines = [
        json.dumps({"id": "a", "title": "Car bomb explodes outside US embassy in Kabul"}),
        "no json",
        json.dumps(["a", "list"]),
        json.dumps({"id": "b"}),
        json.dumps({"id": "c", "title": 7}),
        json.dumps({"id": 5, "title": "Cup final ends in a draw", "lang": "en"}),
        '{"id": "s\\ud800", "title": "half a pair \\ud800 here"}',
    ]
    status, rows = score(config, "\n".join(lines))
    assert status == 1
    assert [row["id"] for row in rows] == ["a", None, None, "b", "c", "5", "s?"]
    assert ["error" in row for row in rows] == [False, True, True, True, True, False, False]
    assert rows[0]["probability"] > rows[5]["probability"]


def test_a_clean_file_ends_with_zero(config: Path) -> None:
    """And the line has every key of the contract."""
    status, rows = score(
        config, '{"id": "a", "title": "Mob storms the French embassy in Niamey"}\n'
    )
    assert status == 0
    keys = {
        "id", "probability", "threat", "status", "category", "categories", "severity", "urgency",
        "certainty", "missions", "places", "lang", "evidence", "model",
    }  # fmt: skip
    assert keys <= set(rows[0])
    assert rows[0]["missions"][0]["sending"] == "FR"
    assert rows[0]["missions"][0]["host"] == "NE"
    assert rows[0]["evidence"][0].keys() == {"text", "weight"}


def test_explain_says_what_is_missing(config: Path) -> None:
    """A low score has its reason too."""
    _, rows = score(config, '{"id": "a", "title": "Cup final ends in a draw"}\n', "--explain")
    assert "no mission" in rows[0]["why"]


def test_a_text_is_answered_for_people(config: Path) -> None:
    """Title in the first line, the rest is the body."""
    text = "Gunmen attack the Turkish consulate in Basra\nTwo guards were hurt."
    result = CliRunner().invoke(main, ["--config", str(config), "score"], input=text)
    assert result.exit_code == 0
    assert "probability" in result.stdout
    assert "consulate" in result.stdout


def test_an_altered_model_is_refused(tmp_path: Path) -> None:
    """With one line on what is wrong, and status 1."""
    (tmp_path / "plain.npz").write_bytes(b"PK nothing")
    path = tmp_path / "alerter.yaml"
    path.write_text(NO_EMBEDDER + f"model: {tmp_path}\n")
    result = CliRunner().invoke(main, ["--config", str(path), "score", "--jsonl"], input="{}")
    assert result.exit_code == 1
    assert "no model file" in result.stderr
