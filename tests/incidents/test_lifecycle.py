"""Open, developing, quiet, closed: what time alone does."""

from __future__ import annotations

from datetime import timedelta

from alerter.domain.scales import Phase, Reason
from alerter.incidents import age
from alerter.incidents.lifecycle import next_turn
from tests.builders import NOON, an_incident


def test_a_day_without_news_turns_quiet_and_tells_nobody() -> None:
    """Quiet is for the list, not for the pager."""
    assert age([an_incident()], NOON + timedelta(hours=23)) == ()
    (change,) = age([an_incident()], NOON + timedelta(hours=25))
    assert change.incident.phase is Phase.QUIET
    assert change.reason is None


def test_a_week_without_news_closes_and_tells_who_knew() -> None:
    """Who was told of the event is told that it is over; nobody else is."""
    told = an_incident(told_at=NOON, phase=Phase.QUIET)
    (change,) = age([told], NOON + timedelta(days=8))
    assert change.incident.phase is Phase.CLOSED
    assert change.incident.revision == told.revision + 1
    assert change.reason is Reason.CLOSED
    (silent,) = age([an_incident()], NOON + timedelta(days=8))
    assert (silent.reason, silent.tell) == (None, False)


def test_an_announced_day_keeps_its_incident_open() -> None:
    """A protest in two weeks does not close before it is held."""
    ahead = an_incident(date_ahead=NOON + timedelta(days=14))
    assert age([ahead], NOON + timedelta(days=10)) == ()
    assert age([ahead], NOON + timedelta(days=22))[0].incident.phase is Phase.CLOSED


def test_what_is_closed_or_merged_does_not_age() -> None:
    """Its life is over until news comes."""
    for phase in (Phase.CLOSED, Phase.MERGED):
        assert age([an_incident(phase=phase)], NOON + timedelta(days=99)) == ()
        assert next_turn(an_incident(phase=phase)) is None


def test_the_next_turn_is_when_aging_changes_something() -> None:
    """The store asks again exactly then."""
    incident = an_incident()
    turn = next_turn(incident)
    assert turn is not None
    assert age([incident], turn - timedelta(seconds=1)) == ()
    (change,) = age([incident], turn)
    turn = next_turn(change.incident)
    assert turn is not None
    assert age([change.incident], turn)[0].incident.phase is Phase.CLOSED
