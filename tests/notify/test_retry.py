"""When a delivery is tried again, and when it is given up."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from alerter.domain.errors import DeliveryError
from alerter.notify.retry import CEILING, GIVE_UP_AFTER, next_try
from tests.builders import NOON


def later(
    attempts: int = 1,
    *,
    retryable: bool = True,
    wait: timedelta | None = None,
    first_try: datetime = NOON,
    seed: int = 1,
) -> datetime | None:
    error = DeliveryError("no", retryable=retryable, retry_after=wait)
    draw = random.Random(seed)
    return next_try(error, attempts=attempts, first_try=first_try, now=NOON, draw=draw)


def test_what_cannot_succeed_is_not_tried_again() -> None:
    """A 404 goes to the dead letters at once."""
    assert later(retryable=False) is None


def test_pauses_grow_and_differ() -> None:
    """Twice as long each time up to half an hour, and not all at the same moment."""
    assert later(1) is not None
    pauses = [(later(attempts) or NOON) - NOON for attempts in range(1, 15)]
    assert timedelta(seconds=2.5) <= pauses[0] <= timedelta(seconds=5)
    assert timedelta(seconds=20) <= pauses[3] <= timedelta(seconds=40)
    assert CEILING / 2 <= pauses[-1] <= CEILING
    assert later(5, seed=1) != later(5, seed=2)


def test_the_receiver_may_ask_for_more_patience() -> None:
    """Retry-After is honoured, up to six hours."""
    assert later(wait=timedelta(minutes=2)) == NOON + timedelta(minutes=2)
    assert later(wait=timedelta(days=30)) == NOON + timedelta(hours=6)
    short = later(8, wait=timedelta(seconds=1))
    assert short is not None
    assert short > NOON + timedelta(minutes=5)


@given(attempts=st.integers(1, 10_000), hours=st.floats(0, 23.99), seed=st.integers())
def test_nothing_retryable_is_given_up_within_a_day(attempts: int, hours: float, seed: int) -> None:
    """However many attempts that took."""
    assert later(attempts, first_try=NOON - timedelta(hours=hours), seed=seed) is not None
    assert later(attempts, first_try=NOON - GIVE_UP_AFTER, seed=seed) is None
