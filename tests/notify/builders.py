"""Matters and ways for tests of deciding: valid by default."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from alerter.config.routes import Match, RouteSettings
from alerter.domain.scales import Category, Certainty, Phase, Reason, Severity, Urgency
from alerter.notify.matter import Matter
from alerter.notify.route import Way


def a_matter(subject: str = "inc-1", **given: Any) -> Matter:
    """A first report of rockets at the US embassy in Baghdad."""
    matter = Matter(
        subject=subject,
        revision=1,
        label="#214",
        reason=Reason.FIRST_REPORT,
        why="a new incident",
        severity=Severity.SEVERE,
        urgency=Urgency.IMMEDIATE,
        certainty=Certainty.LIKELY,
        category=Category.INDIRECT_FIRE,
        probability=0.95,
        host="IQ",
        sending=("US",),
        cities=("Baghdad",),
        point=(33.34, 44.40),
        mission_ids=("us-baghdad",),
        distances={"us-baghdad": 4.7},
        langs=("en", "ar"),
        feeds=("daily-post",),
        phase=Phase.OPEN,
    )
    return replace(matter, **given)


def a_way(receiver: str = "desk", **given: Any) -> Way:
    """The plainest way to a receiver."""
    return replace(Way(route="routes[0]", receiver=receiver, text="matches everything"), **given)


def a_match(**given: Any) -> Match:
    """A match from keys as they stand in the YAML."""
    return Match.model_validate(given)


def a_route(**given: Any) -> RouteSettings:
    """A route from keys as they stand in the YAML."""
    return RouteSettings.model_validate(given)
