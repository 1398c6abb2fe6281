"""Run the whole flow over the scenario on a clock that jumps from item to item."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Network
from typing import Final

from alerter.config.feeds import FeedSettings, PollSettings
from alerter.config.missions import MissionSettings
from alerter.config.settings import AlerterSettings, WebSettings
from alerter.demo.scenario import Item, Scenario
from alerter.domain.scales import Trust
from alerter.pipeline.flow import Flow

EVERY: Final = timedelta(minutes=5)
# The incidents' own time passes too: quiet and closed incidents, reminders, tempo.
IDLE_STEP: Final = timedelta(hours=6)


@dataclass(slots=True)
class Clock:
    """The time of the replay."""

    now: datetime


def demo_settings(scenario: Scenario, base_url: str, state: str) -> AlerterSettings:
    """A configuration for the scenario: its feeds, two posts in Baghdad, the console receiver."""
    return AlerterSettings(
        state=state,
        feeds=tuple(
            FeedSettings(
                url=f"{base_url}/{outlet.name}.xml",
                name=outlet.name,
                lang=outlet.lang,
                trust=Trust(outlet.trust),
                covers=outlet.covers,
            )
            for outlet in scenario.outlets
        ),
        poll=PollSettings(every=EVERY, ceiling=EVERY, allow_networks=(IPv4Network("127.0.0.0/8"),)),
        missions=(
            MissionSettings(
                id="us-baghdad",
                name="Embassy of the United States, Baghdad",
                sending="US",
                host="IQ",
                city="Baghdad",
                location=(33.299, 44.387),
                aliases=("Green Zone compound",),
            ),
            MissionSettings(
                id="gb-baghdad",
                name="British Embassy, Baghdad",
                sending="GB",
                host="IQ",
                city="Baghdad",
                location=(33.302, 44.392),
            ),
        ),
        web=WebSettings(listen="127.0.0.1:0"),
    )


def replay(flow: Flow, scenario: Scenario, clock: Clock, shown: Callable[[Item], None]) -> None:
    """Publish item after item, and let every step do what is due at its time."""
    for item in scenario.items:
        while item.at - clock.now > IDLE_STEP:
            clock.now += IDLE_STEP
            flow.once(clock.now)
        clock.now = max(clock.now, item.at)
        shown(item)
        clock.now += EVERY
        flow.once(clock.now)
