"""Who is told of what, as rows of the outbox."""

from __future__ import annotations

from alerter.domain.incident import Change
from alerter.domain.scales import DeliveryState, Reason
from alerter.pipeline.announce import announce
from tests.builders import NOON, an_incident


def a_change(reason=Reason.FIRST_REPORT, **given):
    return Change(incident=an_incident(**given), reason=reason, why="a new incident", at=NOON)


def test_without_routes_the_first_receiver_hears_it(store, settings) -> None:
    """Nothing is lost for want of a route."""
    with store.begin() as tx:
        added = announce(tx, [a_change()], settings=settings, now=NOON)
        again = announce(tx, [a_change()], settings=settings, now=NOON)
    assert [(d.receiver, d.reason, d.state) for d in added] == [
        ("desk", Reason.FIRST_REPORT, DeliveryState.PENDING)
    ]
    assert again == []
