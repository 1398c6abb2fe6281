"""When to try a delivery again, and when to stop. Pure."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Final

from alerter.domain.errors import DeliveryError

BASE: Final = timedelta(seconds=5)
CEILING: Final = timedelta(minutes=30)
LONGEST_WISH: Final = timedelta(hours=6)  # a receiver may ask for more patience than our ceiling
GIVE_UP_AFTER: Final = timedelta(hours=24)
FALLBACK_AFTER: Final = timedelta(minutes=10)


def next_try(
    error: DeliveryError,
    *,
    attempts: int,
    first_try: datetime,
    now: datetime,
    draw: random.Random,
) -> datetime | None:
    """When to try again after `attempts` failures; None when this delivery is dead.

    Exponential back-off with full jitter over the upper half (so that it never comes at once;
    AWS Architecture Blog, "Exponential Backoff And Jitter", 2015), never sooner than the receiver
    asked. What is retryable is tried for at least 24 hours from its first attempt.
    """
    if not error.retryable or now - first_try >= GIVE_UP_AFTER:
        return None
    doublings = max(0, min(attempts - 1, 16))
    ceiling = min(CEILING, BASE * float(2**doublings))
    wait = ceiling * draw.uniform(0.5, 1.0)
    if error.retry_after is not None:
        wait = max(wait, min(error.retry_after, LONGEST_WISH))
    return now + wait
