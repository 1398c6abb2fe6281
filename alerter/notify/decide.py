"""Tell, hold or stay silent: one matter, one way, one answer with its reason. Pure.

Asked in this order, and everything that holds is named: is there anything to tell this receiver;
silences; inhibition; the interval between updates; storms; quiet hours. Nothing is thrown away:
what is held is told when the last hold ends (`pipeline.release`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from alerter.config.routes import InhibitSettings
from alerter.domain.mute import Inhibitor, Silence
from alerter.domain.scales import Phase, Reason, Severity
from alerter.notify.matter import Matter
from alerter.notify.mute import Hold, inhibited, silenced, value_of
from alerter.notify.quiet import quiet_until
from alerter.notify.route import Way

ALWAYS: Final = frozenset({Reason.TEST, Reason.DRILL, Reason.DIGEST})
"""Asked for by a person or a plan: no mute may make them look like a broken path."""
SPACED: Final = frozenset({Reason.CORROBORATED, Reason.REMINDER})
"""May wait for the interval between updates; a worse or corrected picture never does."""


class Outcome(StrEnum):
    """What becomes of one matter for one receiver."""

    TELL = "tell"
    HOLD = "hold"
    SILENT = "silent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The last alert about the same subject that was let through to the same receiver."""

    at: datetime
    revision: int
    reason: Reason
    severity: Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What this receiver has heard already, and how busy its group is.

    `held` is the reason of an alert of the same subject that still waits. `in_group` counts the
    alerts of the group in its window; `summary_at` is when its last summary was made.
    """

    last: Told | None = None
    held: Reason | None = None
    acknowledged: bool = False
    in_group: int = 0
    summary_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutes:
    """Everything that may hold alerts back now."""

    silences: Sequence[Silence] = ()
    rules: Sequence[InhibitSettings] = ()
    inhibitors: Sequence[Inhibitor] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The answer. `rule` and `text` say why.

    For a hold `until` is when the last thing that holds it ends, `by` names that one and
    `holders` all of them.
    """

    outcome: Outcome
    reason: Reason | None
    rule: str
    text: str
    until: datetime | None = None
    by: str = ""
    holders: tuple[str, ...] = ()


def decide(matter: Matter, way: Way, *, past: Past, mutes: Mutes, now: datetime) -> Verdict:
    """Whether this receiver is told now, later or not at all."""
    reason, text = reason_for(matter, way, past, now)
    if reason is None:
        return Verdict(outcome=Outcome.SILENT, reason=None, rule="nothing new", text=text)
    if reason in ALWAYS:
        return Verdict(outcome=Outcome.TELL, reason=reason, rule=reason.value, text=text)
    holds = [*mute_holds(matter, way, mutes, now), *_pace_holds(matter, way, reason, past, now)]
    if not holds:
        return Verdict(outcome=Outcome.TELL, reason=reason, rule=reason.value, text=text)
    last = max(holds, key=lambda hold: hold.until)
    return Verdict(
        outcome=Outcome.HOLD,
        reason=reason,
        rule=reason.value,
        text="; ".join((text, *(hold.text for hold in holds))),
        until=last.until,
        by=last.by,
        holders=tuple(hold.by for hold in holds),
    )


def reason_for(matter: Matter, way: Way, past: Past, now: datetime) -> tuple[Reason | None, str]:
    """What this receiver would be told, if it is anything at all."""
    if past.held is Reason.FIRST_REPORT and matter.reason is not None:
        return Reason.FIRST_REPORT, matter.why
    if matter.reason is Reason.CLOSED and past.last is None:
        return None, "closed before this receiver heard of it"
    if matter.reason is Reason.CLOSED and not way.closings and past.held is None:
        return None, f"{matter.why}; an end is told where a route asks for the reason closed"
    if matter.reason is not None:
        return matter.reason, matter.why
    if past.last is None or way.repeat_every is None:
        return None, matter.why
    return _repeat(matter, way, past, past.last, now)


def _repeat(
    matter: Matter, way: Way, past: Past, last: Told, now: datetime
) -> tuple[Reason | None, str]:
    """Reports keep coming: say so, but only so often, and not once somebody has it in hand."""
    if matter.phase not in {Phase.OPEN, Phase.DEVELOPING}:
        return None, f"{matter.why}; it is no longer developing"
    if past.acknowledged:
        return None, f"{matter.why}; acknowledged"
    if way.repeat_every is None or now - last.at < way.repeat_every:
        return None, f"{matter.why}; last told {_clock(last.at)}"
    return Reason.REMINDER, f"{matter.why}; reports continue, last told {_clock(last.at)}"


def mute_holds(matter: Matter, way: Way, mutes: Mutes, now: datetime) -> tuple[Hold, ...]:
    """Silences, inhibition and quiet hours: asked again when a hold ends."""
    quiet = quiet_until(way.quiet_hours, matter.severity, now)
    found = (
        silenced(matter, mutes.silences, now),
        inhibited(matter, mutes.rules, mutes.inhibitors, now),
        None
        if quiet is None
        else Hold(by="quiet", until=quiet, text=f"held until {_clock(quiet)} by quiet hours"),
    )
    return tuple(hold for hold in found if hold is not None)


def _pace_holds(
    matter: Matter, way: Way, reason: Reason, past: Past, now: datetime
) -> tuple[Hold, ...]:
    holds = (_spaced(way, reason, past, now), _storm(matter, way, past, now))
    return tuple(hold for hold in holds if hold is not None)


def _spaced(way: Way, reason: Reason, past: Past, now: datetime) -> Hold | None:
    if reason not in SPACED or way.repeat_every is None or past.last is None:
        return None
    until = past.last.at + way.repeat_every
    if until <= now:
        return None
    return Hold(
        by="repeat",
        until=until,
        text=f"held until {_clock(until)}: last told {_clock(past.last.at)}",
    )


def _storm(matter: Matter, way: Way, past: Past, now: datetime) -> Hold | None:
    """Over the limit: the first summary goes out at once, the next ones at their distance.

    The gravest alerts never wait for a summary.
    """
    if way.storm is None or past.in_group < way.storm or matter.severity is Severity.EXTREME:
        return None
    until = now if past.summary_at is None else max(now, past.summary_at + way.updates)
    return Hold(
        by=f"storm:{group_of(matter, way)}",
        until=until,
        text=f"{past.in_group} alerts of this group within {_span(way)}: told in a summary",
    )


def group_of(matter: Matter, way: Way) -> str:
    """The group that an alert is counted with: its receiver and the values the route groups by."""
    values = (f"{field}={value_of(matter, field) or 'unknown'}" for field in way.group_by)
    return f"{way.receiver}|{','.join(values)}"


def _clock(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _span(way: Way) -> str:
    return f"{way.window.total_seconds() / 60:g} minutes"
