"""Who is told of what: decisions and promises, written down together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from alerter.domain.notice import Notice
from alerter.domain.scales import DeliveryState, Phase, Reason, Severity
from alerter.pipeline.announce import announce
from alerter.store import Store
from tests.builders import NOON
from tests.pipeline.fakes_notify import Desk, a_change

Make = Callable[..., Desk]


def test_without_routes_the_first_receiver_hears_it(make_desk: Make) -> None:
    """Nothing is lost for want of a route; the key is what the contract says."""
    (added,) = make_desk().announce(a_change())
    assert added.key == "inc-1:1:desk:first_report"
    assert (added.state, added.why.route) == (DeliveryState.PENDING, "default")


def test_the_same_telling_again_adds_nothing(make_desk: Make) -> None:
    """A crash before the mark that an article is folded repeats it."""
    desk = make_desk()
    assert len(desk.announce(a_change())) == 1
    assert desk.announce(a_change()) == []


def _announce_and_fail(desk: Desk) -> None:
    with desk.store.begin() as tx:
        announce(tx, [a_change()], settings=desk.settings, now=NOON)
        raise RuntimeError("folding failed")


def test_decision_and_promise_stand_or_fall_with_the_callers_transaction(make_desk: Make) -> None:
    """When folding fails, nobody is told of what was not kept."""
    desk = make_desk()
    with pytest.raises(RuntimeError, match="folding failed"):
        _announce_and_fail(desk)
    assert desk.outbox() == []
    assert desk.decided() == []


def test_every_decision_is_written_down_with_its_reason(make_desk: Make) -> None:
    """Told, held and not told alike."""
    desk = make_desk(
        routes=[
            {"receiver": "desk", "continue": True},
            {"receiver": "mail", "quiet_hours": {"from": "11:00", "to": "13:00"}},
        ]
    )
    desk.announce(a_change())
    desk.announce(a_change(Reason.CLOSED, id="inc-2", phase=Phase.CLOSED))
    assert desk.decided() == [
        ("tell", "desk", "a new incident"),
        ("hold", "mail", "a new incident; held until 2020-09-15 13:00 UTC by quiet hours"),
    ]
    assert desk.decided("inc-2") == [
        ("silent", "desk", "closed before this receiver heard of it"),
        ("silent", "mail", "closed before this receiver heard of it"),
    ]


def test_backlog_is_told_nobody(make_desk: Make) -> None:
    """And it says so."""
    desk = make_desk()
    assert desk.announce(replace(a_change(), tell=False)) == []
    assert desk.decided() == [
        (
            "withhold",
            "",
            "a new incident; nobody is told: it was old when its feed was first polled",
        )
    ]


def test_a_second_report_adds_no_delivery(make_desk: Make) -> None:
    """Once for each event."""
    desk = make_desk()
    desk.announce(a_change())
    assert desk.announce(a_change(None, revision=2)) == []


def test_two_routes_to_one_receiver_make_one_delivery(make_desk: Make) -> None:
    """The one that tells soonest."""
    night = {"from": "11:00", "to": "13:00"}
    desk = make_desk(
        routes=[
            {"receiver": "desk", "continue": True, "quiet_hours": night},
            {"receiver": "desk"},
        ]
    )
    (added,) = desk.announce(a_change())
    assert (added.state, added.why.route) == (DeliveryState.PENDING, "routes[1]")


def test_whoever_heard_of_it_hears_the_correction(make_desk: Make) -> None:
    """Even where their route no longer matches, because it is no longer severe."""
    desk = make_desk(
        routes=[{"match": {"severity": ["Extreme"]}, "receiver": "mail"}, {"receiver": "desk"}]
    )
    desk.announce(a_change(severity=Severity.EXTREME))
    added = desk.announce(a_change(Reason.CORRECTED, revision=2, severity=Severity.MINOR))
    assert [(each.receiver, each.reason) for each in added] == [
        ("mail", Reason.CORRECTED),
        ("desk", Reason.CORRECTED),
    ]


def test_an_end_is_told_to_who_keeps_it_open_or_asks_for_it(make_desk: Make) -> None:
    """A program closes its ticket; a person is not told a week later that nothing happened."""
    webhook = {"url": "https://soc.example/in"}
    desk = make_desk(
        receivers=[
            {"name": "desk", "console": {}},
            {"name": "mail", "console": {}},
            {"name": "soc", "webhook": webhook},
        ],
        routes=[
            {"receiver": "desk", "continue": True},
            {"receiver": "soc", "continue": True},
            {"match": {"reason": ["first_report", "closed"]}, "receiver": "mail"},
        ],
    )
    desk.announce(a_change())
    added = desk.announce(a_change(Reason.CLOSED, revision=2, phase=Phase.CLOSED))
    assert [each.receiver for each in added] == ["soc", "mail"]


def test_an_update_replaces_what_is_held_and_is_still_the_first_report(make_desk: Make) -> None:
    """What the receiver was spared is not told twice later."""
    desk = make_desk(routes=[{"quiet_hours": {"from": "11:00", "to": "13:00"}}])
    desk.announce(a_change())
    (newer,) = desk.announce(a_change(Reason.CORROBORATED, revision=2))
    first, second = desk.outbox()
    assert (first.state, first.last_error) == (DeliveryState.DROPPED, "replaced by revision 2")
    assert (second.key, second.state) == (newer.key, DeliveryState.HELD)
    assert newer.reason is Reason.FIRST_REPORT


def test_a_worse_turn_is_told_at_once_and_replaces_what_is_held(make_desk: Make) -> None:
    """Extreme is no matter of quiet hours."""
    desk = make_desk(routes=[{"quiet_hours": {"from": "11:00", "to": "13:00"}}])
    desk.announce(a_change())
    (worse,) = desk.announce(a_change(Reason.ESCALATED, revision=2, severity=Severity.EXTREME))
    assert (worse.state, worse.reason) == (DeliveryState.PENDING, Reason.FIRST_REPORT)
    assert [each.state for each in desk.outbox()] == [DeliveryState.DROPPED, DeliveryState.PENDING]


def test_a_silence_counts_what_it_hides(store: Store, make_desk: Make) -> None:
    """So that the digest can say it."""
    desk = make_desk()
    with store.begin() as tx:
        silence = tx.mutes.add_silence(
            {}, author="ann", reason="x", starts_at=NOON, until=desk.clock.now.replace(hour=14)
        )
    (held,) = desk.announce(a_change())
    assert (held.state, held.held_by) == (DeliveryState.HELD, f"silence:{silence.id}")
    with store.read() as tx:
        assert tx.mutes.silences(now=NOON)[0].hidden == 1


def test_a_page_inhibits_lesser_alerts_and_the_state_is_on_disk(make_desk: Make) -> None:
    """A restart does not forget it: a second desk on the same store holds too."""
    rules: dict[str, Any] = {
        "inhibit": [
            {"source": {"severity": ["Extreme"]}, "target": {"severity": ["Minor"]}, "for": "2h"}
        ]
    }
    make_desk(**rules).announce(a_change(severity=Severity.EXTREME, number=12))
    (held,) = make_desk(**rules).announce(a_change(id="inc-2", severity=Severity.MINOR))
    assert held.held_by == "inhibit:inc-1"
    assert held.why.text.endswith("inhibited by #12")
    assert held.held_until == NOON.replace(hour=14)


def test_a_held_page_inhibits_nothing(store: Store, make_desk: Make) -> None:
    """Nobody was told of it yet: what is lesser must not wait for it."""
    desk = make_desk(
        inhibit=[{"source": {"severity": ["Severe"]}, "target": {"severity": ["Minor"]}}],
        routes=[
            {"match": {"severity": ["Severe"]}, "quiet_hours": {"from": "11:00", "to": "13:00"}}
        ],
    )
    desk.announce(a_change())
    (lesser,) = desk.announce(a_change(id="inc-2", severity=Severity.MINOR))
    assert lesser.state is DeliveryState.PENDING


def test_a_notice_with_a_receiver_goes_there(make_desk: Make) -> None:
    """A test, or the failure of somebody else."""
    notice = Notice(
        subject="delivery:desk",
        revision=1,
        reason=Reason.COVERAGE,
        headline="x",
        text="y",
        at=NOON,
        receiver="mail",
    )
    (added,) = make_desk().announce(notice)
    assert (added.receiver, added.why.route) == ("mail", "direct")


def test_a_notice_without_one_follows_the_routes(make_desk: Make) -> None:
    """As an incident would."""
    desk = make_desk(
        routes=[
            {"match": {"reason": ["tempo"], "host": ["IQ"]}, "receiver": "mail"},
            {"match": {"category": ["bombing"]}, "receiver": "desk"},
        ]
    )
    notice = Notice(
        subject="tempo:host:IQ",
        revision=1,
        reason=Reason.TEMPO,
        headline="x",
        text="y",
        at=NOON,
        host="IQ",
    )
    assert [each.receiver for each in desk.announce(notice)] == ["mail"]
