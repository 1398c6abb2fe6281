"""What our words mean to a reader: labels, colours and the sentences behind the scales."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Final

REASONS: Final[Mapping[str, str]] = {
    "first_report": "First report",
    "escalated": "Escalated",
    "corroborated": "Corroborated",
    "corrected": "Correction",
    "reminder": "Reminder",
    "closed": "Closed",
    "tempo": "Rising tempo",
    "posture": "Posture signal",
    "coverage": "Coverage",
    "drill": "Drill",
    "test": "Test",
    "digest": "Daily digest",
}
CATEGORIES: Final[Mapping[str, str]] = {
    "bombing": "Bombing",
    "indirect_fire": "Rocket or mortar fire",
    "armed_attack": "Armed attack",
    "kidnapping": "Kidnapping",
    "unrest": "Unrest",
    "arson_vandalism": "Arson or vandalism",
    "threat_warning": "Threat or warning",
    "security_measure": "Security measure",
    "state_harassment": "Harassment by the state",
    "espionage_cyber": "Espionage or cyber attack",
}
STATUSES: Final[Mapping[str, str]] = {
    "occurred": "has happened",
    "warning": "threatened or announced",
    "aftermath": "what followed an event",
    "retrospective": "looks back at an old event",
    "none": "no event",
}
PHASES: Final[Mapping[str, str]] = {
    "open": "open",
    "developing": "developing",
    "quiet": "quiet",
    "closed": "closed",
    "merged": "merged into another incident",
}
TARGETS: Final[Mapping[str, str]] = {
    "premises": "premises",
    "people": "people",
    "vehicle": "vehicle or convoy",
    "io": "international organisation",
    "several": "several targets",
}
FACTS: Final[Mapping[str, str]] = {
    "killed": "Killed",
    "injured": "Injured",
    "weapon": "Weapon",
    "claim": "Claimed by",
    "target": "Target",
    "place": "Place",
    "time": "Time",
    "date_ahead": "Announced for",
    "denial": "Denied",
}
# OASIS CAP 1.2, section 3.2.2, `certainty`, shortened.
CERTAINTIES: Final[Mapping[str, str]] = {
    "Observed": "it has happened, or is going on",
    "Likely": "more likely than not",
    "Possible": "possible, not confirmed",
    "Unlikely": "not expected",
    "Unknown": "not known",
}
# The Admiralty scale of sources (NATO AJP-2.1).
TRUST: Final[Mapping[str, str]] = {
    "A": "completely reliable",
    "B": "usually reliable",
    "C": "fairly reliable",
    "D": "not usually reliable",
    "E": "unreliable",
    "F": "reliability unknown",
}


LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"  # of my posts, on the map and beside it


@dataclass(frozen=True, slots=True, kw_only=True)
class Tint:
    """How a severity looks.

    White text is readable on `strong` and dark text on `pale` (WCAG 2.2, contrast AA); `sign` is
    for where there are no colours.
    """

    strong: str
    pale: str
    sign: str


TINTS: Final[Mapping[str, Tint]] = {
    "Extreme": Tint(strong="#7a0c20", pale="#fbe9ec", sign="\U0001f534"),
    "Severe": Tint(strong="#b3261e", pale="#fdeceb", sign="\U0001f534"),
    "Moderate": Tint(strong="#8a5200", pale="#fff4e0", sign="\U0001f7e0"),
    "Minor": Tint(strong="#1f5c8b", pale="#e8f2fa", sign="\U0001f535"),
    "Unknown": Tint(strong="#4a5560", pale="#eef1f4", sign="\u26aa"),
}
DRILL_TINT: Final = Tint(strong="#5b2a86", pale="#f2ebf9", sign="\U0001f7e3")


def label(table: Mapping[str, str], word: object) -> str:
    """The label of `word`, or the word itself with its underscores as spaces."""
    text = str(word or "")
    return table.get(text) or text.replace("_", " ")


@lru_cache(maxsize=1)
def _countries() -> dict[str, str]:
    """Names by code from the IANA time zone database (iso3166.tab)."""
    table = resources.files("tzdata").joinpath("zoneinfo/iso3166.tab").read_text(encoding="utf-8")
    lines = (line.split("\t") for line in table.splitlines() if not line.startswith("#"))
    return {code: name for code, name, *_ in lines}


_OTHERS: Final = {
    "UN": "United Nations",
    "EU": "European Union",
    "XX": "an unnamed state",
    "GB": "United Kingdom",
}


def country(code: object) -> str:
    """The English name of a state by its code, or the code where it has none."""
    text = str(code or "")
    return _OTHERS.get(text) or _countries().get(text, text)
