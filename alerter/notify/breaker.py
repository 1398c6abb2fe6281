"""A circuit breaker per target that never drops anything: it only makes the outbox wait. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from alerter.domain.delivery import TargetState

TRIPS_AFTER: Final = 5  # failures in a row; one bad message among good ones never trips it
SHORTEST: Final = timedelta(seconds=15)
LONGEST: Final = timedelta(minutes=5)
LONGEST_WISH: Final = timedelta(minutes=15)  # one answer may not stop a target for a day
TELL_AGAIN_AFTER: Final = timedelta(hours=1)
TELL_AFTER: Final = timedelta(minutes=5)
NOTE_EVERY: Final = timedelta(minutes=1)  # how exact `last_ok` is: one write for many messages


def allowed(state: TargetState | None, wanted: int, flying: int, now: datetime) -> int:
    """How many messages may go now: all, one probe after a pause, or none during it.

    `flying` are on their way already: one of them is the probe.
    """
    if state is None:
        return wanted
    if is_paused(state, now):
        return 0
    return wanted if state.failures < TRIPS_AFTER else min(wanted, max(0, 1 - flying))


def is_paused(state: TargetState, now: datetime) -> bool:
    """Whether the target gets nothing now, not even a probe."""
    return state.paused_until is not None and now < state.paused_until


def after_success(state: TargetState, now: datetime) -> TargetState:
    """The target answers: all is forgiven. Unchanged where that is known and not long ago."""
    fresh = state.last_ok is not None and now - state.last_ok < NOTE_EVERY
    if fresh and not state.failures and not state.last_error:
        return state
    return TargetState(receiver=state.receiver, last_ok=now, told=state.told, told_at=state.told_at)


def after_failure(
    state: TargetState, error: str, now: datetime, *, wait: timedelta | None = None
) -> TargetState:
    """One more failure in a row. `wait` is what the target asked for, if it did.

    A target that names its own pause (Retry-After) gets it at once, for everything.
    """
    failures = state.failures + 1
    paused_until = state.paused_until
    if failures >= TRIPS_AFTER:
        paused_until = now + min(LONGEST, SHORTEST * 2 ** min(failures - TRIPS_AFTER, 8))
    if wait is not None:
        paused_until = max(paused_until or now, now + min(wait, LONGEST_WISH))
    return replace(
        state,
        failures=failures,
        failing_since=state.failing_since or now,
        paused_until=paused_until,
        last_error=error,
    )


def must_tell(state: TargetState, *, dead: bool, now: datetime) -> bool:
    """Whether somebody else must hear that this target fails.

    At once for a dead letter, after five minutes of failures otherwise; then once an hour.
    """
    if state.told_at is not None and now - state.told_at < TELL_AGAIN_AFTER:
        return False
    failing = state.failing_since
    return dead or (failing is not None and now - failing >= TELL_AFTER)


def told(state: TargetState, now: datetime) -> TargetState:
    """Somebody has been told."""
    return replace(state, told=state.told + 1, told_at=now)


def nobody_reached(
    targets: Mapping[str, TargetState], receivers: Iterable[str], now: datetime
) -> str | None:
    """Why no alert reaches anybody now, or None while one receiver at least is not known to fail.

    A receiver fails when it refused its last message for good, or has taken none for five minutes.
    """
    problems = []
    for name in receivers:
        state = targets.get(name)
        if state is None or not _fails(state, now):
            return None
        problems.append(f"{name}: {state.last_error}")
    return f"no receiver takes messages: {'; '.join(problems)}" if problems else None


def _fails(state: TargetState, now: datetime) -> bool:
    since = state.failing_since
    return bool(state.last_error) and (since is None or now - since >= TELL_AFTER)
