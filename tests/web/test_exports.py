"""Incidents for other programs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest
from starlette.testclient import TestClient

from alerter.config.settings import AlerterSettings
from alerter.pipeline.progress import Progress
from alerter.store import Store
from alerter.web.api import PATHS
from alerter.web.app import make_app
from alerter.web.exports import ATOM, CAP
from alerter.web.view import View
from tests.builders import an_incident
from tests.web.test_console import keep

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.fixture
def browser(store: Store, settings: AlerterSettings) -> Iterator[TestClient]:
    """A program on this machine, and one stored incident."""
    view = View(store=store, settings=settings, progress=Progress(), clock=lambda: NOW)
    with TestClient(make_app(view), base_url="http://127.0.0.1") as client:
        yield client


def test_every_path_of_the_description_answers(browser: TestClient, store: Store) -> None:
    """OpenAPI names what is there."""
    kept = keep(store, an_incident())
    described = browser.get("/api/openapi.json").json()["paths"]
    assert list(described) == list(PATHS)
    for path in described:
        assert browser.get(path.replace("{id}", kept.id)).status_code == 200, path


def test_an_incident_has_the_shape_of_the_webhook(browser: TestClient, store: Store) -> None:
    """One reader serves both."""
    kept = keep(store, an_incident())
    shown = browser.get("/api/v1/incidents").json()
    assert shown[0]["id"] == kept.id
    assert shown[0]["severity"] == kept.severity.value
    assert browser.get("/api/v1/incidents/nope").status_code == 404


def test_cap_has_its_elements_in_the_order_of_the_standard(
    browser: TestClient, store: Store
) -> None:
    """CAP 1.2: order matters, times have a numeric offset, scope Restricted has a restriction."""
    kept = keep(store, an_incident())
    answer = browser.get(f"/cap/{kept.id}.xml")
    assert answer.headers["content-type"].startswith("application/cap+xml")
    root = ElementTree.fromstring(answer.content)
    names = [child.tag.removeprefix(f"{{{CAP}}}") for child in root]
    assert names == [
        "identifier",
        "sender",
        "sent",
        "status",
        "msgType",
        "scope",
        "restriction",
        "info",
    ]
    info = root[-1]
    found = {child.tag.removeprefix(f"{{{CAP}}}"): child.text for child in info}
    assert found["category"] == "Security"
    assert found["severity"] == kept.severity.value
    assert str(found["expires"]).endswith("+00:00")


def test_atom_lists_incidents(browser: TestClient, store: Store) -> None:
    """Any feed reader can follow."""
    kept = keep(store, an_incident())
    root = ElementTree.fromstring(browser.get("/incidents.atom").content)
    titles = [entry.findtext(f"{{{ATOM}}}title") for entry in root.iter(f"{{{ATOM}}}entry")]
    assert titles == [f"[{kept.severity}] {kept.headline}"]


def test_geojson_puts_longitude_first(browser: TestClient, store: Store) -> None:
    """RFC 7946, section 3.1.1."""
    kept = keep(store, an_incident())
    assert kept.place is not None
    shown = browser.get("/incidents.geojson").json()
    assert shown["features"][0]["geometry"]["coordinates"] == [kept.place.lon, kept.place.lat]
