"""Explain the way of an incident through the routes: who would hear, and why. Changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from alerter.config.settings import AlerterSettings
from alerter.domain.delivery import Decision
from alerter.notify.decide import Mutes, Outcome, Past, Verdict, decide
from alerter.notify.matter import Matter
from alerter.notify.route import Step, Way, trace
from alerter.store import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One receiver: what it would be told, and what would follow unless somebody acknowledges."""

    way: Way
    verdict: Verdict
    then: tuple[tuple[datetime, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Every route that was asked, what each receiver would hear, and what was decided before."""

    label: str
    steps: tuple[Step, ...]
    legs: tuple[Leg, ...]
    decided: tuple[Decision, ...] = ()


def explain(tx: Tx, matter: Matter, *, settings: AlerterSettings, now: datetime) -> Explanation:
    """What this matter would do if it came as news now, with the mutes that are in force."""
    mutes = Mutes(
        silences=tx.mutes.silences(now=now),
        rules=settings.inhibit,
        inhibitors=tx.mutes.inhibitors(now=now),
    )
    steps = trace(settings.routes, matter, default=settings.receivers[0].name)
    legs = tuple(_leg(matter, step.way, mutes, now) for step in steps if step.way is not None)
    decided = tuple(tx.decisions.of_subject(matter.subject))
    return Explanation(label=matter.label, steps=steps, legs=legs, decided=decided)


def _leg(matter: Matter, way: Way, mutes: Mutes, now: datetime) -> Leg:
    verdict = decide(matter, way, past=Past(), mutes=mutes, now=now)
    start = verdict.until or now
    then = [(start + step.after, f"escalate to {step.receiver}") for step in way.escalate]
    if way.remind_every is not None:
        then.append((start + way.remind_every, f"remind {way.receiver}"))
    told = verdict.outcome is not Outcome.SILENT
    return Leg(way=way, verdict=verdict, then=tuple(sorted(then)) if told else ())
