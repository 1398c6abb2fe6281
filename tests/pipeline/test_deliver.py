"""Emptying the outbox: once, in order, at the right pace, whatever the receivers do."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from itertools import count

import pytest

from alerter.config.settings import AlerterSettings
from alerter.domain.errors import DeliveryError
from alerter.domain.scales import DeliveryState, Reason
from alerter.notify.breaker import nobody_reached
from alerter.notify.message import Message
from alerter.pipeline.drain import drain
from alerter.store import Store
from tests.builders import NOON
from tests.conftest import Clock
from tests.pipeline.fakes_notify import Desk, RecordingChannel, a_change, fails

Make = Callable[..., Desk]
TO_BOTH = [{"receiver": "desk", "continue": True}, {"receiver": "mail"}]


def test_what_was_decided_is_sent_once(
    each_store: Store, settings: AlerterSettings, clock: Clock
) -> None:
    """A second round finds nothing to do; on both databases."""
    desk = Desk(each_store, settings, clock)
    desk.announce(a_change(), a_change(id="inc-2"))
    assert (desk.deliver(), desk.deliver()) == (2, 0)
    assert sorted(desk["desk"].told()) == [("inc-1", "first_report"), ("inc-2", "first_report")]
    assert {each.state for each in desk.outbox()} == {DeliveryState.SENT}
    assert {each.sent_at for each in desk.outbox()} == {NOON}
    desk.close()


def test_the_message_says_what_was_decided(make_desk: Make) -> None:
    """The payload of then, the time of now."""
    desk = make_desk(web={"url": "https://alerter.example"})
    desk.announce(a_change())
    desk.clock.forward(minutes=3)
    desk.deliver()
    (message,) = desk["desk"].messages
    assert message.key == message.payload["key"] == "inc-1:1:desk:first_report"
    assert message.payload["sent_at"] == "2020-09-15T12:03:00Z"
    assert message.payload["why"]["text"] == "a new incident"
    assert message.zone.key == "Asia/Baghdad"
    assert message.ack_url is not None
    assert message.ack_url.startswith("https://alerter.example/ack/")


def test_order_within_an_incident_holds_when_the_first_fails(make_desk: Make) -> None:
    """The second waits for the first."""
    desk = make_desk()
    desk["desk"].answer = fails()
    desk.announce(a_change())
    desk.announce(a_change(Reason.ESCALATED, revision=2))
    desk.deliver()
    assert desk["desk"].attempts == ["inc-1:1:desk:first_report"]
    desk["desk"].answer = None
    desk.clock.forward(seconds=6)
    desk.deliver()
    assert desk["desk"].told() == [("inc-1", "first_report"), ("inc-1", "escalated")]


def test_later_messages_join_the_thread_of_the_first(make_desk: Make) -> None:
    """Each receiver has its own."""
    desk = make_desk(routes=TO_BOTH)
    desk["desk"].answer = lambda message: f"ts-{message.revision}"
    for revision, reason in (
        (1, Reason.FIRST_REPORT),
        (2, Reason.ESCALATED),
        (3, Reason.CORRECTED),
    ):
        desk.announce(a_change(reason, revision=revision))
        desk.deliver()
    assert [each.thread for each in desk["desk"].messages] == [None, "ts-1", "ts-1"]
    assert [each.thread for each in desk["mail"].messages] == [None, None, None]


def test_what_fails_is_tried_for_a_day_and_then_told_as_dead(make_desk: Make) -> None:
    """Nothing retryable is given up within 24 hours."""
    desk = make_desk()
    desk["desk"].answer = fails()
    desk.announce(a_change())
    start = desk.clock.now
    while desk.outbox()[0].state is DeliveryState.PENDING:
        desk.clock.forward(minutes=1)
        desk.deliver()
        assert desk.clock.now - start < timedelta(hours=26)
    assert desk.clock.now - start >= timedelta(hours=24)
    dead = desk.outbox()[0]
    assert (dead.state, dead.last_error) == (DeliveryState.DEAD, "HTTP 500")
    assert 40 < dead.attempts < 400


def test_what_cannot_succeed_is_dead_at_once_and_the_fallback_hears_it(make_desk: Make) -> None:
    """With the reason; and the failure is an alert of its own."""
    desk = make_desk(routes=[{"receiver": "desk", "fallback": "mail"}])
    desk["desk"].answer = fails(retryable=False, text="HTTP 404")
    desk.announce(a_change())
    desk.deliver()
    assert desk.outbox()[0].state is DeliveryState.DEAD
    assert sorted(desk["mail"].told()) == [("delivery:desk", "coverage"), ("inc-1", "first_report")]
    alert = next(each for each in desk["mail"].messages if each.subject == "inc-1")
    assert alert.why.text == "a new incident (instead of desk: HTTP 404)"
    assert alert.payload["key"] == "inc-1:1:mail:first_report"


def test_the_fallback_hears_it_after_ten_minutes_of_failures(make_desk: Make) -> None:
    """Although the receiver is still tried: nobody waits a day for a page."""
    desk = make_desk(routes=[{"receiver": "desk", "fallback": "mail"}])
    desk["desk"].answer = fails()
    desk.announce(a_change())
    for _ in range(20):  # the attempts lie apart by chance
        desk.deliver()
        desk.clock.forward(minutes=1)
    assert ("inc-1", "first_report") in desk["mail"].told()
    assert desk.outbox()[0].state is DeliveryState.PENDING
    desk["desk"].answer = None
    desk.clock.forward(hours=1)
    desk.deliver()
    assert desk["desk"].told() == [("inc-1", "first_report")]


def test_a_failing_receiver_is_told_to_another_once_an_hour(make_desk: Make) -> None:
    """Not for each message."""
    desk = make_desk()
    desk["desk"].answer = fails(retryable=False, text="HTTP 404")
    for number in range(20):
        desk.announce(a_change(id=f"inc-{number}"))
        desk.deliver()
        desk.clock.forward(minutes=5)
    assert desk["mail"].told() == [("delivery:desk", "coverage")] * 2
    assert "HTTP 404" in desk["mail"].messages[0].payload["incident"]["summary"]


def test_a_dead_receiver_delays_nobody_else(make_desk: Make) -> None:
    """And is left alone for a while, with everything kept."""
    desk = make_desk(routes=TO_BOTH)
    desk["desk"].answer = fails()
    desk.announce(*(a_change(id=f"inc-{number}") for number in range(40)))
    desk.deliver()
    assert len(desk["mail"].messages) == 40
    assert len(desk["desk"].attempts) < 12
    desk.deliver()
    assert len(desk["desk"].attempts) < 12  # the breaker has tripped
    desk["desk"].answer = None
    for _ in range(100):
        desk.clock.forward(seconds=30)
        desk.deliver()
    assert len(desk["desk"].messages) == 40


def test_a_receiver_gets_messages_at_its_own_pace(make_desk: Make) -> None:
    """One a second; the rest waits in the outbox."""
    desk = make_desk()
    slack = desk.receiver("desk", RecordingChannel(rate_per_second=1))
    desk.announce(*(a_change(id=f"inc-{number}") for number in range(5)))
    counts = []
    for _ in range(6):
        desk.deliver()
        counts.append(len(slack.messages))
        desk.clock.forward(seconds=1)
    assert counts == [1, 2, 3, 4, 5, 5]


def test_a_pause_that_is_asked_for_is_kept_for_all_messages(make_desk: Make) -> None:
    """Retry-After."""

    def busy(_: Message) -> None:
        raise DeliveryError("HTTP 429", retryable=True, retry_after=timedelta(seconds=60))

    desk = make_desk()
    desk.receiver("desk", RecordingChannel(busy)).concurrency = 1
    desk.announce(*(a_change(id=f"inc-{number}") for number in range(5)))
    desk.deliver()
    asked = len(desk["desk"].attempts)
    desk["desk"].answer = None
    desk.clock.forward(seconds=59)
    desk.deliver()
    assert len(desk["desk"].attempts) == asked
    desk.clock.forward(seconds=2)
    desk.deliver()
    assert len(desk["desk"].messages) == 5


def test_a_bug_in_a_channel_costs_neither_the_alert_nor_the_others(make_desk: Make) -> None:
    """It is tried again, and no secret of the error is kept."""

    def broken(_: Message) -> None:
        raise KeyError("token xoxb-secret")

    desk = make_desk(routes=TO_BOTH)
    desk["desk"].answer = broken
    desk.announce(a_change())
    desk.deliver()
    assert len(desk["mail"].messages) == 1
    (row,) = [each for each in desk.outbox() if each.receiver == "desk"]
    assert row.state is DeliveryState.PENDING
    assert "KeyError at fakes_notify.py" in row.last_error or "test_deliver.py" in row.last_error
    assert "secret" not in row.last_error


def test_a_receiver_that_left_the_configuration_gives_its_alerts_to_the_first(
    make_desk: Make,
) -> None:
    """A reload must not strand what was decided before it."""
    make_desk(routes=[{"receiver": "mail"}]).announce(a_change())
    desk = make_desk(receivers=[{"name": "desk", "console": {}}])
    desk.deliver()
    assert ("inc-1", "first_report") in desk["desk"].told()


def test_a_stop_finishes_what_is_in_hand_and_gives_back_the_rest(make_desk: Make) -> None:
    """No lease is left behind that would make the next start wait."""
    desk = make_desk()
    desk.receiver("desk", RecordingChannel()).concurrency = 1

    def stop(_: Message) -> None:
        desk.sender.stop()

    desk["desk"].answer = stop
    desk.announce(*(a_change(id=f"inc-{number}") for number in range(5)))
    assert desk.deliver() == 1
    with desk.store.read() as tx:
        assert tx.deliveries.leaseholders() == []
    assert [each.attempts for each in desk.outbox()].count(0) == 4


def test_what_a_killed_process_had_taken_is_free_at_once(make_desk: Make) -> None:
    """Its lease does not have to end."""
    desk = make_desk()
    desk.announce(a_change())
    place, _, _ = desk.sender.owner.rpartition("/")
    with desk.store.begin() as tx:
        tx.deliveries.claim(
            "desk", limit=1, now=NOON, lease_until=NOON + timedelta(hours=1), owner=f"{place}/0:1"
        )
    assert desk.deliver() == 1


def test_what_another_living_process_has_taken_is_left_alone(make_desk: Make) -> None:
    """Until its lease ends; of other hosts nothing is known."""
    desk = make_desk()
    desk.announce(a_change())
    with desk.store.begin() as tx:
        tx.deliveries.claim(
            "desk", limit=1, now=NOON, lease_until=NOON + timedelta(minutes=1), owner="far/x/1:1"
        )
    assert desk.deliver() == 0
    desk.clock.forward(minutes=1)
    assert desk.deliver() == 1


@pytest.mark.postgres
def test_two_daemons_share_the_work_without_sending_twice(
    postgres_schema: Callable[[], str], settings: AlerterSettings, clock: Clock
) -> None:
    """At the same time, on one PostgreSQL."""
    url = postgres_schema()
    desks = [Desk(Store.open(url), settings, clock) for _ in range(2)]
    desks[0].announce(*(a_change(id=f"inc-{number}") for number in range(60)))
    threads = [threading.Thread(target=desk.deliver) for desk in desks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    keys = [key for desk in desks for key in desk["desk"].attempts]
    assert len(keys) == len(set(keys)) == 60
    for desk in desks:
        desk.close()
        desk.store.close()


def test_a_command_waits_for_a_slow_receiver_before_it_ends(make_desk: Make) -> None:
    """Five alerts for a receiver that takes fifty a second; none for one that is down."""
    desk = make_desk(routes=TO_BOTH)
    desk.receiver("desk", RecordingChannel(rate_per_second=50))
    desk["mail"].answer = fails()
    desk.announce(*(a_change(id=f"inc-{number}") for number in range(5)))
    ticks = count()
    sent = drain(
        store=desk.store,
        settings=desk.settings,
        sender=desk.sender,
        clock=lambda: NOON + timedelta(milliseconds=20) * next(ticks),
        within=timedelta(seconds=30),
    )
    assert sent == 5
    assert len(desk["desk"].messages) == 5


def test_when_every_receiver_refuses_nothing_circles_and_nothing_is_silent(
    make_desk: Make,
) -> None:
    """Dead letters that can be read, one notice an hour to each, and a reason for the watcher."""
    desk = make_desk(routes=[{"receiver": "desk", "fallback": "mail"}])
    for name in ("desk", "mail"):
        desk[name].answer = fails(retryable=False, text="HTTP 404")
    desk.announce(*(a_change(id=f"inc-{n}", number=n) for n in range(5)))
    for _ in range(60):
        desk.forward(minutes=1)
    states = [each.state for each in desk.outbox()]
    assert set(states) == {DeliveryState.DEAD}
    alerts = [each for each in desk.outbox() if each.reason is Reason.FIRST_REPORT]
    assert sorted(each.receiver for each in alerts) == ["desk"] * 5 + ["mail"] * 5
    assert len(states) - len(alerts) <= 2 * 2  # a notice about each to the other, once an hour
    with desk.store.read() as tx:
        targets = tx.decisions.targets()
    why = nobody_reached(targets, ["desk", "mail"], desk.clock.now)
    assert why == "no receiver takes messages: desk: HTTP 404; mail: HTTP 404"
    desk["mail"].answer = None
    with desk.store.begin() as tx:
        tx.deliveries.replay(None, now=desk.clock.now)
    desk.deliver()
    with desk.store.read() as tx:
        assert nobody_reached(tx.decisions.targets(), ["desk", "mail"], desk.clock.now) is None
