"""A telling as JSON: one shape for everything, as the contract has it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from alerter.domain.delivery import Why
from alerter.domain.incident import Change
from alerter.domain.notice import Notice
from alerter.domain.scales import Reason, Severity
from alerter.notify.matter import matter_of, matter_of_payload
from alerter.notify.payload import MAX_SOURCES, about, body
from tests.builders import NOON, a_mission, a_source, an_incident

CONTRACT = {
    "id", "revision", "headline", "summary", "category", "status", "severity", "urgency",
    "certainty", "probability", "missions", "place", "first_seen", "last_seen", "event_time",
    "sources", "evidence", "facts", "url",
}  # fmt: skip
SOURCE = {"feed", "title", "url", "published", "trust", "independent"}


def a_change(**given: Any) -> Change:
    return Change(incident=an_incident(**given), reason=Reason.FIRST_REPORT, why="new", at=NOON)


def a_notice() -> Notice:
    return Notice(
        subject="tempo:city:IQ/Baghdad",
        revision=2,
        reason=Reason.TEMPO,
        headline="Attacks in Baghdad come faster",
        text="Four in six days.",
        at=NOON,
        severity=Severity.SEVERE,
        host="IQ",
        city="Baghdad",
        lat=33.34,
        lon=44.4,
        lines=("14 Sep: rockets",),
    )


def test_the_body_holds_what_the_contract_says() -> None:
    """Version 1, with every key."""
    why = Why(route="routes[0]", rule="first_report", text="new")
    whole = body(key="k", reason=Reason.FIRST_REPORT, about=about(a_change()), why=why, more={})
    assert set(whole) == {"version", "key", "reason", "sent_at", "incident", "why"}
    assert whole["version"] == 1
    assert whole["why"] == {"route": "routes[0]", "rule": "first_report", "text": "new"}
    assert set(whole["incident"]) >= CONTRACT
    assert set(whole["incident"]["place"]) >= {"country", "city", "lat", "lon", "radius_km"}
    assert set(whole["incident"]["sources"][0]) >= SOURCE
    assert json.loads(json.dumps(whole)) == whole


def test_a_notice_has_the_same_keys_as_an_incident() -> None:
    """One reader is enough."""
    shown = about(a_notice())
    assert set(shown) == set(about(a_change()))
    assert (shown["id"], shown["revision"]) == ("tempo:city:IQ/Baghdad", 2)
    assert shown["lines"] == ["14 Sep: rockets"]


def test_times_are_utc_and_places_have_their_local_zone() -> None:
    """RFC 3339; the zone is a name."""
    shown = about(a_change())
    assert shown["first_seen"] == "2020-09-15T12:00:00Z"
    assert shown["event_time"] == "2020-09-15T10:00:00Z"
    assert shown["time_zone"] == "Asia/Baghdad"


def test_my_posts_are_named_with_distance_and_direction() -> None:
    """The nearest first."""
    change = a_change(distances_km=(("us-erbil", 321.4), ("us-baghdad", 4.72)))
    erbil = a_mission("us-erbil", name="Consulate General, Erbil", lat=36.19, lon=44.01)
    shown = about(change, missions=[a_mission(), erbil])
    assert [(row["name"], row["km"], row["bearing"]) for row in shown["distances"]] == [
        ("Embassy of the United States, Baghdad", 4.7, "N"),
        ("Consulate General, Erbil", 321.4, "S"),
    ]


def test_a_much_reported_event_makes_no_endless_message() -> None:
    """Sources that stand alone come first; the rest is counted."""
    copies = [a_source(f"c{number}", independent=False) for number in range(60)]
    change = a_change(sources=(*copies, a_source("own", title="Our own report")))
    shown = about(change)
    assert len(shown["sources"]) == MAX_SOURCES
    assert shown["sources"][0]["title"] == "Our own report"
    assert (shown["source_count"], shown["independent_sources"]) == (61, 1)


def test_the_page_of_the_incident_where_people_can_reach_it() -> None:
    """Else null, never an address on loopback."""
    assert about(a_change())["url"] is None
    linked = about(a_change(), base_url="https://alerter.example/")
    assert linked["url"] == "https://alerter.example/incidents/inc-1"


def test_a_payload_is_matched_as_what_it_was_made_of() -> None:
    """So that a hold is asked again on the same grounds."""
    missions = [a_mission()]
    change = a_change(mission_ids=("us-baghdad",), event_time=NOON - timedelta(hours=1))
    first = matter_of(change, missions)
    again = matter_of_payload(about(change, missions=missions))
    for field in ("severity", "category", "host", "sending", "cities", "mission_ids", "langs",
                  "feeds", "probability", "point", "phase", "label", "subject"):  # fmt: skip
        assert getattr(again, field) == getattr(first, field), field
