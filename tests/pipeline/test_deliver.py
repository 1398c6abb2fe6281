"""Emptying the outbox."""

from __future__ import annotations

from alerter.domain.scales import DeliveryState
from alerter.pipeline.announce import announce
from alerter.pipeline.deliver import deliver
from tests.builders import NOON
from tests.pipeline.fakes_notify import Desk
from tests.pipeline.test_announce import a_change


def test_what_was_decided_is_sent_once(each_store, settings) -> None:
    """A second round finds nothing to do."""
    desk = Desk(settings)
    with each_store.begin() as tx:
        announce(tx, [a_change()], settings=settings, now=NOON)
    first = deliver(store=each_store, settings=settings, sender=desk.sender, now=NOON)
    second = deliver(store=each_store, settings=settings, sender=desk.sender, now=NOON)
    assert (first, second) == (1, 0)
    assert desk["desk"].told() == [("inc-1", "first_report")]
    with each_store.read() as tx:
        assert tx.deliveries.newest()[0].state is DeliveryState.SENT
