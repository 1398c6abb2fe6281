"""What a browser, a scanner of links and a monitor get."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from starlette.testclient import TestClient

from alerter.config.settings import AlerterSettings
from alerter.domain.delivery import TargetState
from alerter.domain.incident import Change, Incident
from alerter.domain.scales import Reason
from alerter.notify.ack import KEY_BYTES, KEY_NAME, make_token
from alerter.pipeline.progress import STUCK_AFTER, Progress
from alerter.store import Store
from alerter.web.app import HEADERS, make_app
from alerter.web.view import View, ago
from tests.builders import an_incident

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOSTILE = "<script>alert(1)</script>\"'&"


@pytest.fixture
def progress() -> Progress:
    """Every step ended well just now."""
    return Progress(ended=dict.fromkeys(("poll", "assess", "fold", "deliver", "tend"), NOW))


@pytest.fixture
def browser(store: Store, settings: AlerterSettings, progress: Progress) -> Iterator[TestClient]:
    """A browser on this machine."""
    view = View(store=store, settings=settings, progress=progress, clock=lambda: NOW)
    with TestClient(make_app(view), base_url="http://127.0.0.1") as client:
        yield client


def keep(store: Store, incident: Incident) -> Incident:
    """Store an incident as folding would."""
    with store.begin() as tx:
        incident = replace(incident, number=tx.incidents.next_number())
        change = Change(incident=incident, reason=Reason.FIRST_REPORT, why="first report", at=NOW)
        return tx.incidents.save(change)


def test_an_empty_console_says_that_it_watches(browser: TestClient) -> None:
    """Silence is explained: how many feeds answer, and when the last was polled."""
    assert "No incident so far" in browser.get("/").text


def test_text_from_feeds_cannot_become_markup(browser: TestClient, store: Store) -> None:
    """Headline, source title and URL are hostile; nothing of them is executable."""
    incident = an_incident()
    source = replace(incident.sources[0], title=HOSTILE, url="javascript:alert(1)")
    kept = keep(store, replace(incident, headline=HOSTILE, sources=(source,)))
    for path in ("/", f"/incidents/{kept.id}"):
        page = browser.get(path)
        assert page.status_code == 200
        assert "<script" not in page.text
        assert "javascript:" not in page.text


def test_every_answer_carries_the_strict_headers(browser: TestClient) -> None:
    """Also errors and files: no script, no frame, nothing from elsewhere."""
    for path in ("/", "/nothing", "/static/console.css", "/healthz"):
        found = browser.get(path).headers
        assert {name: found[name] for name in HEADERS} == HEADERS


def test_another_host_name_is_refused(browser: TestClient) -> None:
    """A name that was rebound to this machine does not reach the console."""
    assert browser.get("/", headers={"host": "evil.example"}).status_code == 400


def test_an_incident_is_found_by_its_number(browser: TestClient, store: Store) -> None:
    """People type the number that the message showed."""
    kept = keep(store, an_incident())
    assert kept.headline in browser.get(f"/incidents/{kept.number}").text
    assert browser.get("/incidents/999").status_code == 404


def test_health_is_lost_when_a_step_fails_or_is_stuck(
    browser: TestClient, progress: Progress
) -> None:
    """With the reason, for the monitor's log."""
    assert browser.get("/healthz").status_code == 200
    progress.failed["deliver"] = "database: disk is full"
    answer = browser.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["failed"] == {"deliver": "database: disk is full"}
    progress.failed.clear()
    progress.ended["poll"] = NOW - STUCK_AFTER - timedelta(seconds=1)
    assert browser.get("/healthz").json()["stuck"] == ["poll"]


def test_health_is_lost_when_no_receiver_takes_messages(
    browser: TestClient, store: Store, settings: AlerterSettings
) -> None:
    """Then nobody else can say so."""
    with store.begin() as tx:
        for each in settings.receivers:
            tx.decisions.save_target(TargetState(receiver=each.name, last_error="HTTP 404"))
    answer = browser.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["failed"]["deliver"].startswith("no receiver takes messages")


def test_metrics_are_read_by_prometheus(browser: TestClient, store: Store) -> None:
    """The text format, with feeds by health and steps by name."""
    keep(store, an_incident())
    text = browser.get("/metrics").text
    assert "alerter_incidents 1.0" in text
    assert 'alerter_step_failing{step="poll"} 0.0' in text


def link(store: Store, incident: Incident) -> str:
    """A link as it stands in a message."""
    with store.begin() as tx:
        key = tx.acks.key(KEY_NAME, fresh=b"k" * KEY_BYTES)
    token = make_token(key, subject=incident.id, receiver="desk", delivery="d1", now=NOW)
    return f"/ack/{token}"


def test_opening_the_link_acknowledges_nothing(browser: TestClient, store: Store) -> None:
    """Scanners of mail open every link."""
    kept = keep(store, an_incident())
    page = browser.get(link(store, kept))
    assert page.status_code == 200
    assert "<form" in page.text
    with store.read() as tx:
        assert tx.acks.active(kept.id, now=NOW) is None


def test_the_button_acknowledges_once(browser: TestClient, store: Store) -> None:
    """It is written down who; a second press shows the first."""
    kept = keep(store, an_incident())
    url = link(store, kept)
    assert "Ann" in browser.post(url, data={"who": "Ann"}).text
    again = browser.post(url, data={"who": "Bob"}).text
    assert "Already acknowledged" in again
    assert "Bob" not in again
    with store.read() as tx:
        found = tx.acks.active(kept.id, now=NOW)
    assert found is not None
    assert found.who == "Ann"


@pytest.mark.parametrize("path", ["/ack/x", "/ack/x.y", "/ack/" + "a" * 3000])
def test_a_damaged_link_says_so(browser: TestClient, path: str) -> None:
    """In words for the person who opened it."""
    assert browser.get(path).status_code == 410


def test_nobody_acknowledges_without_a_name(browser: TestClient, store: Store) -> None:
    """The audit must say who."""
    kept = keep(store, an_incident())
    assert browser.post(link(store, kept), data={"who": "  "}).status_code == 400


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0, "0 s ago"), (59, "59 s ago"), (60, "1 min ago"), (7200, "2 h ago")]
)
def test_times_past_are_told_in_one_unit(seconds: int, shown: str) -> None:
    """The largest that is not nought."""
    assert ago(NOW - timedelta(seconds=seconds), NOW) == shown


def test_an_incident_is_told_in_words_and_not_in_codes(browser: TestClient, store: Store) -> None:
    """Names of states, labels of scales, and never certainty that no report gives."""
    kept = keep(store, replace(an_incident(), probability=1.0))
    text = browser.get(f"/incidents/{kept.number}").text + browser.get("/").text
    assert "Iraq" in text
    assert "(IQ)" not in text
    assert "99 %" in text
    assert "indirect_fire" not in text
