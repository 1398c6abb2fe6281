"""`alerter incidents` and `alerter feedback`: what they show, do and refuse."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from alerter.cli import main
from alerter.config.settings import AlerterSettings
from alerter.pipeline.fold import fold
from alerter.store import Store
from tests.builders import NOON, an_article, an_assessment

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """The program on a store with one incident of three reports; one title is hostile."""
    state = f"sqlite:///{tmp_path}/alerter.db"
    config = tmp_path / "alerter.yaml"
    config.write_text(f"state: {state}\nreceivers:\n  - {{name: desk, console: {{}}}}\n")
    titles = {
        "a1": "Rockets hit US embassy in Baghdad",
        "a2": "Rocket fire at American embassy\x1b[2J in Baghdad",
        "a3": "Sirens at US embassy in Iraqi capital after rocket attack",
    }
    store = Store.open(state)
    with store.begin() as tx:
        articles = [an_article(each, feed=f"feed-{each}", title=t) for each, t in titles.items()]
        tx.articles.add_many(articles)
        pairs = [(an_assessment(article.id), article) for article in articles]
        tx.assessments.save_many(pairs, review=0.5, now=NOON)
    fold(store=store, settings=AlerterSettings(state=state), now=NOON, limit=10)
    store.close()

    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(main, ["--config", str(config), *arguments])

    return invoke


def test_a_list_shows_number_scales_and_headline(run: Run) -> None:
    """One line each, and the same as JSON in the shape of the webhook contract."""
    shown = run("incidents")
    assert shown.exit_code == 0
    assert shown.stdout.startswith("#1 ")
    assert "Rockets hit US embassy" in shown.stdout
    (found,) = json.loads(run("incidents", "--json", "--host", "iq").stdout)
    assert found["number"] == 1
    assert json.loads(run("incidents", "--json", "--host", "KE").stdout) == []
    assert json.loads(run("incidents", "--json", "--not-told").stdout) == []


def test_show_explains_every_source_and_revision(run: Run) -> None:
    """Why each article belongs here, without what a terminal would obey."""
    shown = run("incidents", "show", "#1")
    assert shown.exit_code == 0
    assert "both in IQ" in shown.stdout
    assert "[first_report]" in shown.stdout
    assert "\x1b" not in shown.stdout
    whole = json.loads(run("incidents", "show", "1", "--json").stdout)
    assert len(whole["sightings"]) == 3
    assert whole["revisions"][0]["reason"] == "first_report"


def test_split_and_merge(run: Run) -> None:
    """By article id, and back."""
    assert run("incidents", "split", "1", "a3").exit_code == 0
    assert len(json.loads(run("incidents", "--json").stdout)) == 2
    assert run("incidents", "merge", "1", "2").exit_code == 0
    assert len(json.loads(run("incidents", "--json").stdout)) == 1
    refused = run("incidents", "split", "1", "zz")
    assert refused.exit_code == 1
    assert "not among the sources" in refused.stderr


def test_feedback_is_kept_and_shown(run: Run) -> None:
    """Threat or noise, and nothing else."""
    said = run("feedback", "1", "noise", "--by", "ann", "--note", "fireworks")
    assert said.exit_code == 0
    whole = json.loads(run("incidents", "show", "1", "--json").stdout)
    assert [(word["verdict"], word["by"]) for word in whole["feedback"]] == [("noise", "ann")]
    assert run("feedback", "1", "maybe").exit_code == 2
    assert run("feedback", "99", "noise").exit_code == 1
    assert run("incidents", "show", "99").exit_code == 1
