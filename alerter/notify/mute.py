"""Silences and inhibition: what holds an alert back, and until when. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import ValidationError

from alerter.config.routes import InhibitSettings, Match
from alerter.domain.geo import distance_km
from alerter.domain.mute import Inhibitor, Silence
from alerter.notify.match import matches
from alerter.notify.matter import Matter


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """One thing that holds an alert back: `by` for the machine, `text` for people."""

    by: str
    until: datetime
    text: str


def silenced(matter: Matter, silences: Sequence[Silence], now: datetime) -> Hold | None:
    """The silence that hides this matter longest, if one does."""
    hiding = [
        each for each in silences if each.starts_at <= now < each.until and _hides(each, matter)
    ]
    if not hiding:
        return None
    longest = max(hiding, key=lambda silence: silence.until)
    return Hold(
        by=f"silence:{longest.id}",
        until=longest.until,
        text=f"muted by silence {longest.id} of {longest.author}: {longest.reason}",
    )


def _hides(silence: Silence, matter: Matter) -> bool:
    """A silence that can no longer be read hides nothing."""
    try:
        return matches(Match.model_validate(silence.matcher), matter)
    except ValidationError:
        return False


def inhibited(
    matter: Matter,
    rules: Sequence[InhibitSettings],
    inhibitors: Sequence[Inhibitor],
    now: datetime,
) -> Hold | None:
    """The graver alert that holds this one back longest, if one does.

    An alert never holds back itself, nor one that is more severe than it.
    """
    holding = [
        each
        for each in inhibitors
        if each.rule < len(rules)
        and now < each.until
        and each.subject != matter.subject
        and not matter.severity > each.severity
        and matches(rules[each.rule].target, matter)
        and _like(rules[each.rule], each, matter)
    ]
    if not holding:
        return None
    longest = max(holding, key=lambda inhibitor: inhibitor.until)
    return Hold(
        by=f"inhibit:{longest.subject}",
        until=longest.until,
        text=f"inhibited by {longest.label}",
    )


def inhibitors_of(
    matter: Matter, rules: Sequence[InhibitSettings], now: datetime
) -> tuple[Inhibitor, ...]:
    """What this alert, once told, holds back."""
    return tuple(
        Inhibitor(
            rule=index,
            subject=matter.subject,
            label=matter.label,
            severity=matter.severity,
            values=tuple(value_of(matter, field) for field in rule.equal),
            until=now + rule.for_,
            lat=matter.point[0] if matter.point else None,
            lon=matter.point[1] if matter.point else None,
        )
        for index, rule in enumerate(rules)
        if matches(rule.source, matter)
    )


def _like(rule: InhibitSettings, inhibitor: Inhibitor, matter: Matter) -> bool:
    """Equal in every field asked for, and near enough. What is unknown is not equal."""
    values = tuple(value_of(matter, field) for field in rule.equal)
    if values != inhibitor.values or "" in values:
        return False
    if rule.within is None:
        return True
    if matter.point is None or inhibitor.lat is None or inhibitor.lon is None:
        return False
    return distance_km(matter.point, (inhibitor.lat, inhibitor.lon)) <= rule.within


def value_of(matter: Matter, field: str) -> str:
    """The value of a field by which alerts are grouped; empty when it is not known."""
    found: object = {
        "host": matter.host,
        "city": ",".join(city.casefold() for city in matter.cities),
        "category": matter.category,
        "mission": ",".join(sorted(matter.mission_ids)),
        "sending": ",".join(sorted(matter.sending)),
        "severity": matter.severity,
        "reason": matter.reason,
    }[field]
    return "" if found is None else str(found)
