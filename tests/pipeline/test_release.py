"""What was held comes out when its time has come: alone, or as one catch-up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from alerter.domain.scales import DeliveryState, Reason, Severity
from tests.pipeline.fakes_notify import Desk, a_change

Make = Callable[..., Desk]
NOON_REST: dict[str, Any] = {"quiet_hours": {"from": "11:00", "to": "13:00"}}


def test_a_single_alert_comes_by_itself(make_desk: Make) -> None:
    """When quiet hours end, with its own reason and a word on why so late."""
    desk = make_desk(routes=[NOON_REST])
    desk.announce(a_change())
    desk.forward(minutes=59)
    assert desk["desk"].told() == []
    desk.forward(minutes=1)
    assert desk["desk"].told() == [("inc-1", "first_report")]
    assert "by quiet hours; told now" in desk["desk"].messages[0].why.text


def test_several_come_as_one_catch_up_with_the_worst_first(make_desk: Make) -> None:
    """One message for each receiver, in which nothing is missing."""
    desk = make_desk(
        routes=[{**NOON_REST, "receiver": "desk", "continue": True}, {"receiver": "mail"}]
    )
    desk.announce(a_change(id="inc-1", number=1, severity=Severity.MINOR))
    desk.announce(a_change(id="inc-2", number=2, severity=Severity.SEVERE))
    desk.announce(a_change(Reason.CORROBORATED, id="inc-1", number=1, revision=2))
    desk.forward(hours=1)
    (message,) = desk["desk"].messages
    assert message.reason is Reason.FIRST_REPORT
    assert message.incident["headline"] == "2 alerts were held and are told now"
    assert message.incident["severity"] == "Severe"
    assert [row["id"] for row in message.payload["incidents"]] == ["inc-2", "inc-1"]
    assert message.incident["lines"][0].startswith("#2 Severe:")
    assert len(desk["mail"].messages) == 3
    states = [each.state for each in desk.outbox() if each.receiver == "desk"]
    assert sorted(states) == [
        DeliveryState.DROPPED,
        DeliveryState.SENT,
        DeliveryState.SUMMARISED,
        DeliveryState.SUMMARISED,
    ]


def test_what_came_in_a_catch_up_counts_as_told(make_desk: Make) -> None:
    """What is corrected later is corrected there too."""
    desk = make_desk(routes=[NOON_REST])
    desk.announce(a_change(id="inc-1"), a_change(id="inc-2"))
    desk.forward(hours=1)
    (later,) = desk.announce(a_change(Reason.CORRECTED, id="inc-1", revision=2))
    assert later.reason is Reason.CORRECTED


def test_a_hold_that_ends_in_another_goes_on(make_desk: Make) -> None:
    """The silence ends at 12:30, quiet hours at 13:00."""
    desk = make_desk(routes=[{"quiet_hours": {"from": "12:20", "to": "13:00"}}])
    with desk.store.begin() as tx:
        tx.mutes.add_silence(
            {},
            author="ann",
            reason="x",
            starts_at=desk.clock.now,
            until=desk.clock.now + timedelta(minutes=30),
        )
    desk.announce(a_change())
    desk.forward(minutes=30)
    assert desk["desk"].told() == []
    assert desk.decided()[-1][:2] == ("hold", "desk")
    desk.forward(minutes=30)
    assert desk["desk"].told() == [("inc-1", "first_report")]


def test_a_silence_ended_by_hand_lets_out_what_it_held(make_desk: Make) -> None:
    """At once."""
    desk = make_desk()
    with desk.store.begin() as tx:
        silence = tx.mutes.add_silence(
            {}, author="ann", reason="x", starts_at=desk.clock.now,
            until=desk.clock.now + timedelta(hours=9),
        )  # fmt: skip
    desk.announce(a_change())
    with desk.store.begin() as tx:
        tx.mutes.end_silence(silence.id, who="bob", now=desk.clock.now)
        assert tx.deliveries.release_held_by(f"silence:{silence.id}", now=desk.clock.now) == 1
    desk.tend()
    assert desk["desk"].told() == [("inc-1", "first_report")]


def test_an_inhibited_alert_is_told_when_the_page_has_passed(make_desk: Make) -> None:
    """Held back, not swallowed."""
    desk = make_desk(
        inhibit=[{"source": {"severity": ["Extreme"]}, "target": {"severity": ["Minor"]}}]
    )
    desk.announce(a_change(severity=Severity.EXTREME))
    desk.announce(a_change(id="inc-2", severity=Severity.MINOR))
    desk.tend()
    assert desk["desk"].told() == [("inc-1", "first_report")]
    desk.forward(hours=2)
    assert desk["desk"].told()[1:] == [("inc-2", "first_report")]


def test_updates_are_spaced_and_the_newest_is_told(make_desk: Make) -> None:
    """Three corroborations within the interval are one message."""
    desk = make_desk(routes=[{"repeat_every": "1h"}])
    desk.announce(a_change())
    desk.deliver()
    for revision in (2, 3, 4):
        desk.clock.forward(minutes=10)
        desk.announce(a_change(Reason.CORROBORATED, revision=revision))
    desk.tend()
    assert desk["desk"].told() == [("inc-1", "first_report")]
    desk.forward(minutes=30)
    assert desk["desk"].told()[1:] == [("inc-1", "corroborated")]
    assert desk["desk"].messages[1].revision == 4


def test_a_storm_becomes_one_summary_then_updates(make_desk: Make) -> None:
    """Three alone, the rest together: at once, and then a window apart, as one subject."""
    desk = make_desk(routes=[{"storm": 3, "group_wait": "10m", "group_by": ["host"]}])
    for number in range(8):
        desk.announce(a_change(id=f"inc-{number}", number=number))
    desk.tend()
    assert [subject for subject, _ in desk["desk"].told()[3:]] == ["storm:desk|host=IQ"]
    assert desk["desk"].messages[3].incident["headline"] == "5 more alerts for host IQ"
    for number in range(8, 12):
        desk.announce(a_change(id=f"inc-{number}", number=number))
        desk.forward(minutes=1)
    assert len(desk["desk"].messages) == 4
    desk.forward(minutes=6)
    summaries = [each for each in desk["desk"].messages if each.subject.startswith("storm:")]
    assert [each.revision for each in summaries] == [1, 2]
    assert summaries[1].incident["headline"] == "4 more alerts for host IQ"


def test_a_storm_that_drips_is_still_told_in_summaries(make_desk: Make) -> None:
    """One alert a minute must not pass as one message a minute."""
    desk = make_desk(routes=[{"storm": 2, "group_wait": "10m"}])
    for number in range(40):
        desk.announce(a_change(id=f"inc-{number}", number=number))
        desk.forward(minutes=1)
    assert len(desk["desk"].messages) <= 2 * 4 + 5
    desk.forward(minutes=10)
    held = [each for each in desk.outbox() if each.state is DeliveryState.HELD]
    assert held == []


def test_another_group_is_not_part_of_the_storm(make_desk: Make) -> None:
    """What happens in Jordan is told at once."""
    desk = make_desk(routes=[{"storm": 2, "group_by": ["host"]}])
    for number in range(5):
        desk.announce(a_change(id=f"inc-{number}", number=number))
    desk.announce(a_change(id="inc-jo", host="JO"))
    desk.deliver()
    assert ("inc-jo", "first_report") in desk["desk"].told()


def a_mailbox(**route: Any) -> dict[str, Any]:
    """Settings with one receiver whom people read, and a program."""
    mail = {"to": ["duty@example.org"], "from": "alerter@example.org"}
    return {
        "receivers": [
            {"name": "desk", "email": mail},
            {"name": "soc", "webhook": {"url": "https://soc.example.org/in"}},
        ],
        "routes": [{"receiver": "desk", "continue": True, **route}, {"receiver": "soc"}],
    }


def test_people_are_never_told_more_than_twenty_times_in_ten_minutes(make_desk: Make) -> None:
    """Without a word in the configuration: the rest comes in summaries, each with all its alerts.

    A program gets every alert by itself, and what is Extreme is told by itself to everybody.
    """
    desk = make_desk(**a_mailbox())
    for number in range(30):
        host, grave = ("IQ", "LB")[number % 2], number == 27
        severity = Severity.EXTREME if grave else Severity.SEVERE
        desk.announce(a_change(id=f"inc-{number}", number=number, host=host, severity=severity))
    desk.tend()
    subjects = [subject for subject, _ in desk["desk"].told()]
    assert subjects[:20] == [f"inc-{number}" for number in range(20)]
    assert sorted(subjects[20:]) == ["inc-27", "storm:desk|"]
    (whole,) = [each for each in desk["desk"].messages if each.subject == "storm:desk|"]
    assert whole.incident["headline"] == "9 more alerts"
    assert len(whole.payload["incidents"]) == 9
    assert len(desk["soc"].messages) == 30
    desk.announce(a_change(id="inc-30", number=30), a_change(id="inc-31", number=31))
    desk.forward(minutes=1)
    assert len(desk["desk"].messages) == 22
    desk.forward(minutes=1)
    assert desk["desk"].messages[-1].incident["headline"] == "2 more alerts"
    assert not [each for each in desk.outbox() if each.state is DeliveryState.HELD]


def test_a_route_may_want_each_alert_by_itself(make_desk: Make) -> None:
    """`storm: off`, also where a route above names a number."""
    below = {"routes": [{"storm": "off"}], "storm": 2}
    for route in ({"storm": "off"}, below):
        desk = make_desk(**a_mailbox(**route))
        for number in range(30):
            desk.announce(a_change(id=f"{len(route)}-{number}", number=number))
        desk.tend()
        assert len(desk["desk"].messages) == 30


def test_letting_out_twice_tells_once(make_desk: Make) -> None:
    """The second time there is nothing held."""
    desk = make_desk(routes=[NOON_REST])
    desk.announce(a_change(id="inc-1"), a_change(id="inc-2"))
    desk.forward(hours=1)
    desk.tend()
    assert len(desk["desk"].messages) == 1
