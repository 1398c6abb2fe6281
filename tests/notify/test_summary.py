"""Many alerts in one message."""

from __future__ import annotations

from alerter.domain.delivery import Delivery
from alerter.domain.incident import Change
from alerter.domain.scales import Reason, Severity
from alerter.notify.payload import about
from alerter.notify.summary import MAX_LINES, MAX_MEMBERS, Member, members_json, summary
from tests.builders import NOON, a_delivery, an_incident


def a_member(number: int, severity: Severity, reason: Reason = Reason.FIRST_REPORT) -> Member:
    incident = an_incident(
        f"inc-{number}", number=number, severity=severity, headline=f"Event {number}"
    )
    change = Change(incident=incident, reason=reason, why="", at=NOON)
    delivery: Delivery = a_delivery(f"inc-{number}", reason=reason, severity=severity, id=number)
    return delivery, about(change)


def test_the_worst_comes_first() -> None:
    """An officer reads from the top."""
    members = [
        a_member(1, Severity.MODERATE),
        a_member(2, Severity.EXTREME),
        a_member(3, Severity.MODERATE),
    ]
    notice = summary(members, subject="s", revision=1, headline="3 alerts", now=NOON)
    assert notice.lines == (
        "#2 Extreme: Event 2", "#1 Moderate: Event 1", "#3 Moderate: Event 3",
    )  # fmt: skip
    assert (notice.severity, notice.text) == (Severity.EXTREME, "1 Extreme, 2 Moderate")
    assert notice.host == "IQ"
    assert [row["id"] for row in members_json(members)] == ["inc-2", "inc-1", "inc-3"]


def test_it_is_told_for_the_weightiest_reason() -> None:
    """A first report among updates is a first report."""
    members = [
        a_member(1, Severity.SEVERE, Reason.CORROBORATED),
        a_member(2, Severity.MINOR, Reason.FIRST_REPORT),
    ]
    notice = summary(members, subject="s", revision=1, headline="2", now=NOON)
    assert notice.reason is Reason.FIRST_REPORT
    assert {row["reason"] for row in members_json(members)} == {"corroborated", "first_report"}


def test_a_great_storm_makes_no_endless_message() -> None:
    """The rest is counted."""
    members = [a_member(number, Severity.MINOR) for number in range(MAX_LINES + 5)]
    notice = summary(members, subject="s", revision=1, headline="many", now=NOON)
    assert len(notice.lines) == MAX_LINES + 1
    assert notice.lines[-1] == "and 5 more"
    assert len(notice.incident_ids) == MAX_LINES + 5
    assert len(members_json(members)) == MAX_MEMBERS
