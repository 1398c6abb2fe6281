"""A target that fails is left alone for a while, and nothing is dropped."""

from __future__ import annotations

from datetime import timedelta

from alerter.domain.delivery import TargetState
from alerter.notify.breaker import (
    TELL_AFTER,
    TRIPS_AFTER,
    after_failure,
    after_success,
    allowed,
    is_paused,
    must_tell,
    nobody_reached,
    told,
)
from tests.builders import NOON

FRESH = TargetState(receiver="desk")
MINUTE = timedelta(minutes=1)


def failed(times: int) -> TargetState:
    state = FRESH
    for _ in range(times):
        state = after_failure(state, "HTTP 500", NOON)
    return state


def test_a_few_failures_stop_nothing() -> None:
    """One bad message among good ones is no outage."""
    assert allowed(None, 8, 0, NOON) == 8
    assert allowed(failed(TRIPS_AFTER - 1), 8, 0, NOON) == 8


def test_after_five_in_a_row_it_pauses_then_probes_with_one() -> None:
    """Until one answer comes, nothing else is tried."""
    state = failed(TRIPS_AFTER)
    assert allowed(state, 8, 0, NOON) == 0
    assert is_paused(state, NOON)
    after = NOON + timedelta(seconds=15)
    assert allowed(state, 8, 0, after) == 1
    assert allowed(state, 8, 1, after) == 0  # the probe is on its way


def test_pauses_grow_to_five_minutes_and_no_further() -> None:
    """A target is never switched off."""
    assert failed(60).paused_until == NOON + 5 * MINUTE


def test_one_success_forgives_everything() -> None:
    """But remembers when somebody was told, so that a flapping target is no storm of its own."""
    state = after_success(told(failed(60), NOON), NOON + MINUTE)
    assert allowed(state, 8, 0, NOON + MINUTE) == 8
    assert (state.failures, state.failing_since, state.told, state.told_at) == (0, None, 1, NOON)


def test_a_wished_pause_is_kept_at_once() -> None:
    """Retry-After of one message is a pause for all, but not for a day."""
    assert allowed(after_failure(FRESH, "429", NOON, wait=MINUTE), 8, 0, NOON) == 0
    day = after_failure(FRESH, "429", NOON, wait=timedelta(days=1))
    assert day.paused_until == NOON + 15 * MINUTE


def test_somebody_else_is_told_after_five_minutes_or_at_the_first_dead_letter() -> None:
    """And then once an hour."""
    state = failed(3)
    assert not must_tell(state, dead=False, now=NOON + 4 * MINUTE)
    assert must_tell(state, dead=False, now=NOON + 5 * MINUTE)
    assert must_tell(FRESH, dead=True, now=NOON)
    once = told(state, NOON + 5 * MINUTE)
    assert not must_tell(once, dead=True, now=NOON + 64 * MINUTE)
    assert must_tell(once, dead=False, now=NOON + 65 * MINUTE)


def test_nobody_is_reached_when_every_receiver_fails() -> None:
    """One that refused for good counts at once, one that stumbles after five minutes."""
    refused = TargetState(receiver="a", last_error="HTTP 404")
    stumbles = TargetState(receiver="b", last_error="HTTP 500", failures=1, failing_since=NOON)
    targets = {"a": refused, "b": stumbles}
    assert nobody_reached(targets, ["a", "b"], NOON + TELL_AFTER / 2) is None
    why = nobody_reached(targets, ["a", "b"], NOON + TELL_AFTER)
    assert why == "no receiver takes messages: a: HTTP 404; b: HTTP 500"
    assert nobody_reached(targets, ["a", "b", "never tried"], NOON + TELL_AFTER) is None
    assert nobody_reached({}, [], NOON) is None
