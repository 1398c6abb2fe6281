"""Until somebody answers: escalation, reminders, acknowledging."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from alerter.domain.scales import Phase, Reason, Severity
from alerter.notify.ack import AckError
from alerter.pipeline.acknowledge import acknowledge, acknowledge_by_link, look_at_link
from tests.builders import NOON
from tests.pipeline.fakes_notify import Desk, a_change

Make = Callable[..., Desk]
STEPS: dict[str, Any] = {
    "receiver": "desk",
    "escalate": [{"after": "10m", "receiver": "mail"}, {"after": "30m", "receiver": "desk"}],
}


def told_incident(desk: Desk, **given: Any) -> None:
    change = a_change(**given)
    desk.save(change)
    desk.announce(change)
    desk.deliver()


def test_without_an_answer_the_next_one_is_told(make_desk: Make) -> None:
    """After ten minutes another receiver, after thirty the first again."""
    desk = make_desk(routes=[STEPS])
    told_incident(desk)
    desk.forward(minutes=9)
    assert desk["mail"].told() == []
    desk.forward(minutes=1)
    assert desk["mail"].told() == [("inc-1", "first_report")]
    assert desk["mail"].messages[0].why.text.startswith("nobody acknowledged within 10 minutes")
    desk.forward(minutes=20)
    assert desk["desk"].told() == [("inc-1", "first_report"), ("inc-1", "reminder")]
    desk.forward(hours=9)
    assert len(desk["desk"].messages) == 2


def test_steps_survive_a_restart(make_desk: Make) -> None:
    """They are rows, not timers."""
    told_incident(make_desk(routes=[STEPS]))
    again = make_desk(routes=[STEPS])
    again.forward(minutes=10)
    assert again["mail"].told() == [("inc-1", "first_report")]


def test_an_acknowledgement_cancels_what_was_to_come(make_desk: Make) -> None:
    """By number or id; written down in the audit."""
    desk = make_desk(routes=[STEPS])
    told_incident(desk)
    with desk.store.read() as tx:
        number = tx.incidents.page()[0].number
    done = acknowledge(desk.store, f"#{number}", who="ann", now=desk.clock.now, note="on it")
    assert (done.fresh, done.steps_cancelled) == (True, 2)
    desk.forward(hours=1)
    assert desk["mail"].told() == []
    with desk.store.read() as tx:
        (act,) = tx.acks.acts(subject="inc-1")
    assert (act.who, act.action, act.detail) == ("ann", "acknowledge", "command; on it")


def test_getting_worse_ends_an_acknowledgement(make_desk: Make) -> None:
    """Whoever had it in hand is asked again."""
    desk = make_desk(routes=[STEPS])
    told_incident(desk)
    acknowledge(desk.store, "inc-1", who="ann", now=desk.clock.now)
    desk.announce(a_change(Reason.ESCALATED, revision=2, severity=Severity.EXTREME))
    desk.deliver()
    desk.forward(minutes=10)
    assert [reason for _, reason in desk["mail"].told()] == ["escalated"]


def test_a_closed_incident_is_not_escalated(make_desk: Make) -> None:
    """There is nothing to answer any more."""
    desk = make_desk(routes=[STEPS])
    told_incident(desk)
    desk.announce(a_change(Reason.CLOSED, revision=2, phase=Phase.CLOSED))
    desk.forward(hours=1)
    assert desk["mail"].told() == []


def test_steps_count_from_when_it_was_told(make_desk: Make) -> None:
    """Not from when it was held."""
    desk = make_desk(routes=[{**STEPS, "quiet_hours": {"from": "11:00", "to": "13:00"}}])
    change = a_change()
    desk.save(change)
    desk.announce(change)
    desk.forward(hours=1)
    assert desk["mail"].told() == []
    desk.forward(minutes=10)
    assert desk["mail"].told() == [("inc-1", "first_report")]


def test_an_open_incident_is_told_again_until_somebody_has_it(make_desk: Make) -> None:
    """Every two hours; each reminder with a key of its own."""
    desk = make_desk(routes=[{"remind_every": "2h"}])
    told_incident(desk)
    for _ in range(5):
        desk.forward(hours=1)
    keys = [each.key for each in desk["desk"].messages]
    assert keys == [
        "inc-1:1:desk:first_report",
        "inc-1:1:desk:reminder",
        "inc-1:1:desk:reminder.2",
    ]
    acknowledge(desk.store, "inc-1", who="ann", now=desk.clock.now)
    desk.forward(hours=6)
    assert len(desk["desk"].messages) == 3
    desk.forward(hours=19)  # the acknowledgement has ended, and it is open still
    assert len(desk["desk"].messages) == 4


def test_reminders_respect_quiet_hours_without_piling_up(make_desk: Make) -> None:
    """One when they end, not one for each that was put off."""
    desk = make_desk(
        routes=[{"remind_every": "1h", "quiet_hours": {"from": "12:30", "to": "18:00"}}]
    )
    told_incident(desk)
    for _ in range(6):
        desk.forward(hours=1)
    assert desk["desk"].told() == [("inc-1", "first_report"), ("inc-1", "reminder")]


def test_a_closed_incident_is_not_reminded_of(make_desk: Make) -> None:
    """Nor one that is gone."""
    desk = make_desk(routes=[{"remind_every": "1h"}])
    told_incident(desk)
    closed = a_change(Reason.CLOSED, revision=2, phase=Phase.CLOSED)
    desk.save(closed)
    desk.announce(closed)
    desk.forward(hours=3)
    assert [reason for _, reason in desk["desk"].told()] == ["first_report"]


def a_link(desk: Desk) -> str:
    url = desk["desk"].messages[0].ack_url
    assert url is not None
    return url.rpartition("/")[2]


def test_a_link_shows_without_acting_and_acts_once(make_desk: Make) -> None:
    """Opened by a scanner ten times, it acknowledges nothing; the second click changes nothing."""
    desk = make_desk(routes=[STEPS], web={"url": "https://alerter.example"})
    told_incident(desk)
    token = a_link(desk)
    for _ in range(10):
        assert look_at_link(desk.store, token, now=desk.clock.now).open
    desk.forward(minutes=10)
    assert len(desk["mail"].messages) == 1
    done = acknowledge_by_link(desk.store, token, who=" ann\n", now=desk.clock.now)
    assert done.fresh
    assert (done.ack.who, done.ack.via) == ("ann", "link to desk")
    again = acknowledge_by_link(desk.store, token, who="eve", now=desk.clock.now)
    assert (again.fresh, again.ack.who) == (False, "ann")
    shown = look_at_link(desk.store, token, now=desk.clock.now)
    assert not shown.open
    assert "acknowledged by ann" in shown.text
    desk.forward(hours=1)
    assert len(desk["desk"].messages) == 1


def test_what_does_not_exist_cannot_be_acknowledged(make_desk: Make) -> None:
    """It says so."""
    desk = make_desk()
    with pytest.raises(AckError, match="no incident 'inc-9'"):
        acknowledge(desk.store, "inc-9", who="ann", now=NOON)
    with pytest.raises(AckError, match="not complete"):
        acknowledge_by_link(desk.store, "nonsense", who="ann", now=NOON)
