"""Commands that act on alerts: what they do, print and answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from alerter.cli import main
from alerter.config.load import load
from alerter.domain.scales import DeliveryState, Reason, Severity
from alerter.pipeline.announce import announce
from alerter.store import Store
from alerter.store.outbox import Outcome
from tests.acceptance.sink import Sink
from tests.pipeline.fakes_notify import a_change

CONFIG = """
state: sqlite:///{folder}/alerter.db
poll: {{allow_networks: [127.0.0.0/8]}}
missions:
  - {{id: us-baghdad, name: Embassy, sending: US, host: IQ, city: Baghdad, location: [33.3, 44.4]}}
receivers:
  - {{name: desk, console: {{}}}}
  - {{name: hook, webhook: {{url: "{url}/1/hook"}}}}
routes:
  - match: {{host: [IQ], severity: [Severe, Extreme]}}
    receiver: hook
    escalate: [{{after: 10m, receiver: desk}}]
    routes:
      - match: {{within: 5km}}
        remind_every: 1h
  - match: {{host: [SY]}}
    receiver: desk
"""

Run = Callable[..., Result]


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as opened:
        opened.slow = 0.0
        yield opened


@pytest.fixture
def config(tmp_path: Path, sink: Sink) -> Path:
    path = tmp_path / "alerter.yaml"
    path.write_text(CONFIG.format(folder=tmp_path, url=sink.url))
    return path


@pytest.fixture
def run(config: Path) -> Run:
    """`alerter --config ... COMMAND`; checks the exit status."""

    def invoke(*arguments: str, status: int = 0) -> Result:
        result = CliRunner().invoke(main, ["--config", str(config), *arguments])
        assert result.exit_code == status, result.output
        return result

    return invoke


@pytest.fixture
def store(config: Path) -> Iterator[Store]:
    opened = Store.open(load(config).state)
    yield opened
    opened.close()


def tell(store: Store, config: Path, **given: Any) -> None:
    now = datetime.now(UTC)
    given = {"number": 1} | given
    with store.begin() as tx:
        tx.incidents.save(a_change(**given))
        announce(tx, [a_change(**given)], settings=load(config), now=now)


def test_a_test_message_arrives_marked_as_a_test(run: Run, sink: Sink) -> None:
    """And leaves nothing in the outbox."""
    assert "was taken" in run("test-receiver", "hook").stdout
    (arrival,) = sink.arrivals
    assert arrival.key.endswith(":hook:test")
    assert json.loads(run("deliveries", "--json").stdout) == []


def test_a_test_that_fails_says_why_and_exits_with_one(run: Run, sink: Sink) -> None:
    """Without the address, which may be a secret."""
    sink.moods["404"] = 1.0
    result = run("test-receiver", "hook", status=1)
    assert "there is nothing at this address" in result.stderr
    assert sink.url not in result.output
    sink.moods.clear()
    sink.moods["503"] = 1.0
    shown = json.loads(run("test-receiver", "hook", "--json", status=1).stdout)
    assert (shown["ok"], shown["retryable"]) == (False, True)


def test_an_unknown_receiver_is_wrong_usage(run: Run) -> None:
    """Exit status 2, with the names there are."""
    assert "desk, hook" in run("test-receiver", "boss", status=2).stderr
    run("drill", "--receiver", "boss", status=2)


def test_a_drill_goes_through_the_outbox(run: Run, sink: Sink) -> None:
    """And is waited for."""
    (row,) = json.loads(run("drill", "--receiver", "hook", "--json").stdout)
    assert (row["state"], row["reason"]) == ("sent", "drill")
    assert [each.key for each in sink.arrivals] == [row["key"]]


def test_a_drill_that_does_not_arrive_exits_with_one(run: Run, sink: Sink) -> None:
    """It is still tried afterwards."""
    sink.moods["503"] = 1.0
    assert "hook: pending" in run("drill", "--receiver", "hook", "--wait", "0", status=1).stdout


def test_deliveries_are_listed_shown_and_replayed(run: Run, store: Store, config: Path) -> None:
    """Dead letters can be read, and tried again."""
    tell(store, config)
    with store.begin() as tx:
        (row,) = tx.deliveries.newest()
        dead = Outcome(
            id=row.id or 0, state=DeliveryState.DEAD, at=row.created_at, error="HTTP 404"
        )
        tx.deliveries.record([dead])
    assert "HTTP 404" in run("deliveries", "--state", "dead").stdout
    (shown,) = json.loads(run("deliveries", "--incident", "#1", "--json").stdout)
    assert (shown["key"], shown["last_error"]) == ("inc-1:1:hook:first_report", "HTTP 404")
    whole = json.loads(run("deliveries", "show", str(row.id)).stdout)
    assert whole["message"]["incident"]["id"] == "inc-1"
    run("deliveries", "replay", status=2)
    run("deliveries", "replay", "999", status=1)
    assert "1 are tried again" in run("deliveries", "replay", "--all-dead").stdout
    assert json.loads(run("deliveries", "--state", "dead", "--json").stdout) == []


def test_an_incident_is_acknowledged_by_its_number(run: Run, store: Store, config: Path) -> None:
    """Which cancels the step that was to come."""
    tell(store, config)
    shown = json.loads(run("ack", "#1", "--by", "ann", "--for", "2h", "--json").stdout)
    assert (shown["incident"], shown["by"], shown["steps_cancelled"]) == ("inc-1", "ann", 1)
    assert "no incident '99'" in run("ack", "99", status=1).stderr
    run("ack", "1", "--for", "soon", status=2)


def test_silences_are_added_listed_and_ended(run: Run, store: Store, config: Path) -> None:
    """With author, reason and end; what they held is counted."""
    added = ("host=IQ,SY", "not.severity=Extreme", "--for", "4h", "--reason", "exercise")
    run("silence", "add", *added, "--by", "ann")
    tell(store, config)
    (shown,) = json.loads(run("silence", "list", "--json").stdout)
    assert shown["matcher"] == {"host": ["IQ", "SY"], "not": {"severity": ["Extreme"]}}
    assert (shown["author"], shown["reason"], shown["hidden"]) == ("ann", "exercise", 1)
    assert "1 alerts that it held" in run("silence", "expire", "1", "--by", "bob").stdout
    assert "No silence" in run("silence", "list").stdout
    (ended,) = json.loads(run("silence", "list", "--all", "--json").stdout)
    assert ended["ended_by"] == "bob"
    run("silence", "expire", "1", status=1)


@pytest.mark.parametrize(
    "arguments",
    [
        ("host=IQ", "--for", "4h"),
        ("host=IQ", "--reason", "x"),
        ("--for", "4h", "--reason", "x"),
        ("host", "--for", "4h", "--reason", "x"),
        ("colour=red", "--for", "4h", "--reason", "x"),
        ("severity=Awful", "--for", "4h", "--reason", "x"),
        ("host=IQ", "--for", "2y", "--reason", "x"),
        ("host=IQ", "--for", "4h", "--reason", " "),
        ("probability=high", "--for", "4h", "--reason", "x"),
    ],
)
def test_a_silence_without_reason_end_or_sense_is_wrong_usage(
    run: Run, arguments: tuple[str, ...]
) -> None:
    """It would be a zombie, or hide nothing."""
    run("silence", "add", *arguments, status=2)
    assert json.loads(run("silence", "list", "--all", "--json").stdout) == []


def test_the_way_of_an_incident_is_explained(run: Run) -> None:
    """Each route with its answer, each receiver with what would follow."""
    at = ("--host", "IQ", "--severity", "Severe", "--at", "33.31", "44.40")
    (shown,) = json.loads(run("route-test", *at, "--json").stdout)
    assert [(each["route"], each["matched"]) for each in shown["routes"]] == [
        ("routes[0].routes[0]", True)
    ]
    (leg,) = shown["receivers"]
    assert (leg["receiver"], leg["verdict"]) == ("hook", "tell")
    assert [each["what"] for each in leg["then"]] == ["escalate to desk", "remind hook"]
    text = run("route-test", "--host", "IQ", "--severity", "Minor").stdout
    assert "routes[0]: no, severity Minor is not Severe or Extreme" in text
    assert "no route matches; the first receiver hears it" in text


def test_stored_incidents_are_explained_with_what_was_decided(
    run: Run, store: Store, config: Path
) -> None:
    """By number, or the newest so many; and a silence that would hide them."""
    tell(store, config)
    tell(store, config, id="inc-2", number=2, host="SY", severity=Severity.MINOR)
    run("silence", "add", "host=SY", "--for", "1h", "--reason", "x", "--by", "ann")
    found = json.loads(run("route-test", "--last", "10", "--json").stdout)
    said = {each["incident"]: each for each in found}
    assert said["#1"]["decided"][0]["verdict"] == "tell"
    (leg,) = said["#2"]["receivers"]
    assert (leg["receiver"], leg["verdict"], leg["held_by"]) == ("desk", "hold", "silence:1")
    assert "muted by silence 1 of ann" in run("route-test", "2").stdout
    run("route-test", "99", status=1)
    run("route-test", "--mission", "nowhere", status=2)


def test_the_report_is_printed_written_and_sent(run: Run, tmp_path: Path) -> None:
    """As text, as a page, as JSON, into the outbox."""
    assert "NOTHING ABOVE THRESHOLD" in run("digest").stdout.upper()
    assert json.loads(run("digest", "--json").stdout)["nothing"] is True
    run("digest", "--preview", "--out", str(tmp_path / "digest.html"))
    assert "<html" in (tmp_path / "digest.html").read_text()
    assert "on its way to desk" in run("digest", "--send").stdout
    (row,) = json.loads(run("deliveries", "--json").stdout)
    assert (row["reason"], row["receiver"]) == (Reason.DIGEST.value, "desk")
    run("digest", "--receiver", "boss", status=2)


def test_what_was_decided_long_ago_does_not_hide_in_the_list(
    run: Run, store: Store, config: Path
) -> None:
    """The newest first, as many as asked for."""
    for number in range(5):
        tell(store, config, id=f"inc-{number}", number=number + 1)
    rows = json.loads(run("deliveries", "--limit", "2", "--json").stdout)
    assert [row["subject"] for row in rows] == ["inc-4", "inc-3"]
    assert datetime.fromisoformat(rows[0]["created_at"]) > datetime.now(UTC) - timedelta(hours=1)


def test_check_finds_what_only_shows_when_channels_are_built(tmp_path: Path) -> None:
    """One line each with file, line, column and key; nothing of a secret; exit status 2."""
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "sms.j2").write_text(
        "{% block body %}\n  {{ nothing }}{% endblock %}"
    )
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "feeds.yaml").write_text(
        "feeds:\n  - url: https://example.org/a.xml\n    auth: {certificate_file: empty}\n"
    )
    config = tmp_path / "alerter.yaml"
    config.write_text(
        "state: sqlite:///alerter.db\n"
        "templates: templates\n"
        "feeds_from: [feeds.yaml]\n"
        "receivers:\n"
        "  - {name: soc, webhook: {url: 'https://soc example/hush'}}\n"
        "  - {name: desk, slack: {webhook_url_file: empty}}\n"
    )
    result = CliRunner().invoke(main, ["--config", str(config), "check"])
    assert result.exit_code == 2
    first, second, third, fourth = result.stderr.splitlines()
    assert first.startswith(f"{config}:5:32: receivers.0.webhook.url: is not a URL")
    assert second.startswith(f"{config}:6:44: receivers.1.slack.webhook_url_file: webhook_url is")
    assert third.startswith(f"{tmp_path / 'feeds.yaml'}:3:11: feeds.0.auth: the client certificate")
    assert fourth.startswith(f"{tmp_path / 'templates' / 'sms.j2'}:2:3: 'nothing' is undefined")
    assert "hush" not in result.output
    assert not (tmp_path / "alerter.db").exists()


def test_check_says_where_a_folder_of_templates_is_missing(tmp_path: Path) -> None:
    """A typing mistake in the configuration."""
    config = tmp_path / "alerter.yaml"
    config.write_text("state: sqlite:///alerter.db\ntemplates: tmplates\n")
    result = CliRunner().invoke(main, ["--config", str(config), "check"])
    assert result.exit_code == 2
    assert result.stderr.startswith(f"{config}:2:12: templates: there is no folder")
