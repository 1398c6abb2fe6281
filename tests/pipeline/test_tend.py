"""What time itself brings."""

from __future__ import annotations

from alerter.pipeline.tend import tend
from tests.builders import NOON
from tests.pipeline.fakes_notify import Desk


def test_nothing_due_is_nothing_done(each_store, settings) -> None:
    """An idle tick does nothing, and a second one neither."""
    desk = Desk(settings)
    assert tend(store=each_store, settings=settings, sender=desk.sender, now=NOON) == 0
    assert tend(store=each_store, settings=settings, sender=desk.sender, now=NOON) == 0
