"""What one article says, with probability and evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from alerter.domain.mission import MissionMention, Place
from alerter.domain.scales import Category, Certainty, Severity, Status, Target, Urgency

CASUALTIES: Final = ("killed", "injured", "taken")
ANY: Final = "any"  # value of a denial that takes back all casualties of its kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A sentence of the article that carried the decision.

    `weight` is how far the probability falls when the sentence is taken away (0 to 1).
    """

    text: str
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One value that somebody states about the incident: who says it, and when.

    `kind` is one of killed, injured, weapon, claim, target, place, time, date_ahead, denial.
    Conflicting values of one kind stand side by side.
    """

    kind: str
    value: str
    source: str
    said_at: datetime
    denied: bool = False

    @property
    def takes_back(self) -> bool:
        """Whether it denies a casualty or the event, which an officer was perhaps told of."""
        return self.kind == "denial" or (self.denied and self.kind in CASUALTIES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule that fired: its name in the table of rules, and the sentence that explains it."""

    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """What one article says about threats to missions, and how sure we are.

    `probability` is calibrated: of items given 0.8, eight in ten are threats. `categories` holds
    the probability of each category given a threat; `category` and `target` are None when the
    article is no threat. `host` and `sending` are the states of the main event (ISO 3166-1
    alpha-2; UN, EU, XX as in the guidelines). `missions` and `places` are in order of weight.
    `event_time` is when the new fact happened, if the text says so; `date_ahead` is the day for
    which something is announced. `rules` are the rules of `grade` that gave the CAP scales.
    `vector` is a short unit vector of the text for comparing reports, or () without one.
    """

    article_id: str
    probability: float
    threat: bool
    status: Status
    category: Category | None = None
    categories: Mapping[Category, float] = field(default_factory=dict)
    target: Target | None = None
    severity: Severity = Severity.UNKNOWN
    urgency: Urgency = Urgency.UNKNOWN
    certainty: Certainty = Certainty.UNKNOWN
    missions: tuple[MissionMention, ...] = ()
    places: tuple[Place, ...] = ()
    host: str | None = None
    sending: tuple[str, ...] = ()
    lang: str | None = None
    event_time: datetime | None = None
    date_ahead: datetime | None = None
    facts: tuple[Fact, ...] = ()
    rules: tuple[Rule, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    why: str = ""
    model: str = ""
    vector: tuple[float, ...] = ()

    @property
    def takes_back(self) -> bool:
        """Whether a toll or the event itself is denied, of a state or mission that is named.

        Such a report may correct what was told, however little of a threat it speaks of itself.
        """
        named = bool(self.host or self.sending or self.missions)
        return named and any(fact.takes_back for fact in self.facts)
