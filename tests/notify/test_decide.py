"""Tell, hold or stay silent, and why."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerter.config.routes import QuietHours
from alerter.domain.mute import Silence
from alerter.domain.scales import Phase, Reason, Severity
from alerter.notify.decide import ALWAYS, Mutes, Outcome, Past, Told, Verdict, decide, group_of
from alerter.notify.matter import Matter
from alerter.notify.route import Way
from tests.builders import NOON
from tests.notify.builders import a_matter, a_way

HOUR = timedelta(hours=1)
NIGHT = QuietHours.model_validate({"from": "22:00", "to": "06:00"})
SILENCE = Silence(id=3, matcher={}, author="ann", reason="noise", starts_at=NOON, until=NOON + HOUR)


def told(at: datetime = NOON - HOUR, **given: Any) -> Told:
    values: dict[str, Any] = {
        "at": at,
        "revision": 1,
        "reason": Reason.FIRST_REPORT,
        "severity": Severity.SEVERE,
    }
    return Told(**(values | given))


def verdict(
    matter: Matter | None = None,
    way: Way | None = None,
    *,
    past: Past | None = None,
    mutes: Mutes | None = None,
    now: datetime = NOON,
) -> Verdict:
    return decide(
        matter or a_matter(),
        way or a_way(),
        past=past or Past(),
        mutes=mutes or Mutes(),
        now=now,
    )


def test_news_is_told_at_once() -> None:
    """With the reason and the words of whoever noticed it."""
    found = verdict()
    assert (found.outcome, found.reason) == (Outcome.TELL, Reason.FIRST_REPORT)
    assert found.text == "a new incident"


def test_a_second_report_is_not_told() -> None:
    """Once for each event, not once for each article."""
    again = a_matter(reason=None, why="another report")
    assert verdict(again, past=Past(last=told())).outcome is Outcome.SILENT


def test_reports_that_go_on_are_told_again_after_the_interval() -> None:
    """As a reminder, where the route asks for it; not earlier."""
    again, way = a_matter(reason=None, why="another report"), a_way(repeat_every=HOUR)
    late = verdict(again, way, past=Past(last=told(NOON - HOUR)))
    early = verdict(again, way, past=Past(last=told(NOON - HOUR + timedelta(seconds=1))))
    assert (late.outcome, late.reason) == (Outcome.TELL, Reason.REMINDER)
    assert early.outcome is Outcome.SILENT


@pytest.mark.parametrize("phase", [Phase.QUIET, Phase.CLOSED])
def test_a_late_recall_reminds_nobody(phase: Phase) -> None:
    """The hundredth article that recalls an old attack is not news."""
    recall = a_matter(reason=None, phase=phase)
    found = verdict(recall, a_way(repeat_every=HOUR), past=Past(last=told(NOON - 9 * HOUR)))
    assert found.outcome is Outcome.SILENT


def test_who_has_it_in_hand_is_not_reminded() -> None:
    """An acknowledgement stops paging."""
    past = Past(last=told(NOON - 9 * HOUR), acknowledged=True)
    found = verdict(a_matter(reason=None), a_way(repeat_every=HOUR), past=past)
    assert found.outcome is Outcome.SILENT


@pytest.mark.parametrize("reason", [Reason.ESCALATED, Reason.CORRECTED, Reason.CLOSED])
def test_a_changed_picture_breaks_through_the_interval(reason: Reason) -> None:
    """One minute after the last message, and although it is acknowledged."""
    past = Past(last=told(NOON - timedelta(minutes=1)), acknowledged=True)
    found = verdict(a_matter(reason=reason), a_way(repeat_every=4 * HOUR), past=past)
    assert (found.outcome, found.reason) == (Outcome.TELL, reason)


def test_corroboration_waits_for_the_interval_and_is_not_lost() -> None:
    """It is held until the interval is over."""
    past = Past(last=told(NOON - HOUR))
    found = verdict(a_matter(reason=Reason.CORROBORATED), a_way(repeat_every=4 * HOUR), past=past)
    assert (found.outcome, found.until, found.by) == (Outcome.HOLD, NOON + 3 * HOUR, "repeat")


def test_what_replaces_a_held_first_report_is_the_first_report() -> None:
    """Whoever was spared it has not heard of it."""
    past = Past(held=Reason.FIRST_REPORT)
    assert verdict(a_matter(reason=Reason.CORROBORATED), past=past).reason is Reason.FIRST_REPORT


def test_an_end_is_not_told_to_who_never_heard_the_beginning() -> None:
    """There is nothing to end for them."""
    assert verdict(a_matter(reason=Reason.CLOSED)).outcome is Outcome.SILENT
    closed = verdict(a_matter(reason=Reason.CLOSED), past=Past(held=Reason.FIRST_REPORT))
    assert (closed.outcome, closed.reason) == (Outcome.TELL, Reason.FIRST_REPORT)


def test_everything_that_holds_is_named_and_the_last_to_end_counts() -> None:
    """Nobody must wonder why it is still quiet."""
    late = NOON.replace(hour=23)
    silence = Silence(
        id=3, matcher={}, author="ann", reason="noise", starts_at=NOON, until=late + HOUR
    )
    found = verdict(way=a_way(quiet_hours=NIGHT), mutes=Mutes(silences=[silence]), now=late)
    assert found.outcome is Outcome.HOLD
    assert found.until == NOON.replace(day=16, hour=6)
    assert (found.by, found.holders) == ("quiet", ("silence:3", "quiet"))
    assert "silence 3 of ann" in found.text
    assert "until 2020-09-16 06:00 UTC by quiet hours" in found.text


@pytest.mark.parametrize("reason", sorted(ALWAYS))
def test_drills_and_tests_are_never_held(reason: Reason) -> None:
    """They prove a path; a mute must not make it look broken."""
    now = NOON.replace(hour=23)
    silence = Silence(
        id=1, matcher={}, author="a", reason="b", starts_at=NOON, until=NOON + 24 * HOUR
    )
    way = a_way(quiet_hours=NIGHT, storm=2)
    mutes = Mutes(silences=[silence])
    found = verdict(a_matter(reason=reason), way, past=Past(in_group=9), mutes=mutes, now=now)
    assert found.outcome is Outcome.TELL


def test_a_storm_is_told_in_summaries_a_window_apart() -> None:
    """The first one at once."""
    way = a_way(storm=3, window=HOUR, updates=HOUR)
    assert verdict(way=way, past=Past(in_group=2)).outcome is Outcome.TELL
    first = verdict(way=way, past=Past(in_group=3))
    assert (first.outcome, first.until) == (Outcome.HOLD, NOON)
    later = verdict(way=way, past=Past(in_group=3, summary_at=NOON - timedelta(minutes=20)))
    assert later.until == NOON + timedelta(minutes=40)
    assert first.by == f"storm:{group_of(a_matter(), way)}" == "storm:desk|host=IQ"


def test_the_gravest_alert_waits_for_no_summary() -> None:
    """Extreme is told by itself in the middle of a storm."""
    extreme = a_matter(severity=Severity.EXTREME)
    found = verdict(extreme, a_way(storm=2), past=Past(in_group=40, summary_at=NOON))
    assert found.outcome is Outcome.TELL


REASONS = st.sampled_from([*Reason, None])


@given(
    reason=REASONS,
    severity=st.sampled_from(list(Severity)),
    hour=st.integers(0, 23),
    storm=st.sampled_from([None, 2]),
    in_group=st.integers(0, 3),
    repeat=st.sampled_from([None, HOUR]),
    last=st.sampled_from([None, told()]),
    held=REASONS,
    silenced=st.booleans(),
    quiet=st.booleans(),
)
def test_news_is_never_dropped(
    *,
    reason: Reason | None,
    severity: Severity,
    hour: int,
    storm: int | None,
    in_group: int,
    repeat: timedelta | None,
    last: Told | None,
    held: Reason | None,
    silenced: bool,
    quiet: bool,
) -> None:
    """Whatever mutes there are: told now, or held with an end in sight; always with a reason."""
    now = NOON.replace(hour=hour)
    found = decide(
        a_matter(reason=reason, severity=severity),
        a_way(storm=storm, repeat_every=repeat, quiet_hours=NIGHT if quiet else None),
        past=Past(last=last, held=held, in_group=in_group),
        mutes=Mutes(silences=[SILENCE] if silenced else []),
        now=now,
    )
    assert found.text
    if found.outcome is Outcome.HOLD:
        assert found.until is not None
        assert now <= found.until <= now + timedelta(hours=24)
        assert found.by
    if reason not in {None, Reason.CLOSED}:
        assert found.outcome is not Outcome.SILENT
        assert found.reason is not None


def test_an_end_is_told_only_where_it_is_wanted() -> None:
    """A week of silence is no news, unless the receiver keeps the incident open until then."""
    past = Past(last=told(NOON - HOUR))
    found = verdict(a_matter(reason=Reason.CLOSED), a_way(closings=False), past=past)
    assert found.outcome is Outcome.SILENT
