"""A target gets messages at its own pace."""

from __future__ import annotations

from datetime import timedelta

from alerter.notify.bucket import Bucket
from tests.builders import NOON


def test_one_a_second_after_a_burst() -> None:
    """As Slack asks for."""
    bucket, sent = Bucket(per_second=1, burst=3), 0
    for second in range(10):
        count = bucket.available(100, NOON + timedelta(seconds=second))
        bucket.take(count)
        sent += count
    assert sent == 3 + 9


def test_rest_fills_it_to_the_burst_and_no_further() -> None:
    """A quiet night does not allow a flood in the morning."""
    bucket = Bucket(per_second=1, burst=3)
    bucket.take(bucket.available(9, NOON))
    assert bucket.available(9, NOON + timedelta(hours=9)) == 3


def test_without_a_pace_everything_goes() -> None:
    """A webhook takes what it can."""
    assert Bucket(per_second=None, burst=1).available(10_000, NOON) == 10_000


def test_a_clock_that_goes_back_gives_nothing() -> None:
    """And takes nothing away."""
    bucket = Bucket(per_second=1, burst=1)
    bucket.take(bucket.available(1, NOON))
    assert bucket.available(1, NOON - timedelta(hours=1)) == 0
    assert bucket.available(1, NOON + timedelta(seconds=1)) == 1
