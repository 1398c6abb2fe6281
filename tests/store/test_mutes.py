"""Silences, inhibitors, storms, acknowledgements, marks: kept on disk, on both databases."""

from __future__ import annotations

from datetime import timedelta

from alerter.domain.ack import Acknowledgement, Act, Escalation, Reminder
from alerter.domain.delivery import Decision, TargetState
from alerter.domain.mute import Inhibitor
from alerter.domain.scales import Reason, Severity
from alerter.store import Store
from tests.builders import NOON

HOUR = timedelta(hours=1)


def test_a_silence_is_in_force_until_it_ends(each_store: Store) -> None:
    """By itself or by somebody; it is kept either way."""
    with each_store.begin() as tx:
        one = tx.mutes.add_silence(
            {"host": ["IQ"]}, author="ann", reason="x", starts_at=NOON, until=NOON + HOUR
        )
        tx.mutes.count_hidden(one.id)
        tx.mutes.count_hidden(one.id)
        assert [each.hidden for each in tx.mutes.silences(now=NOON)] == [2]
        assert tx.mutes.silences(now=NOON + HOUR) == []
        ended = tx.mutes.end_silence(one.id, who="bob", now=NOON + HOUR / 2)
        assert ended is not None
        assert (ended.until, ended.ended_by) == (NOON + HOUR / 2, "bob")
        assert tx.mutes.end_silence(one.id, who="bob", now=NOON + HOUR) is None
        assert [each.matcher for each in tx.mutes.all_silences()] == [{"host": ["IQ"]}]
        assert tx.mutes.silences_between(NOON + HOUR, NOON + 2 * HOUR) == []


def test_inhibitors_are_prolonged_and_forgotten(each_store: Store) -> None:
    """One for each rule and alert."""
    first = Inhibitor(
        rule=0, subject="inc-1", label="#1", severity=Severity.EXTREME, values=("baghdad",),
        until=NOON + HOUR, lat=33.3, lon=44.4,
    )  # fmt: skip
    longer = Inhibitor(
        rule=0, subject="inc-1", label="#1", severity=Severity.EXTREME, values=("baghdad",),
        until=NOON + 2 * HOUR,
    )  # fmt: skip
    with each_store.begin() as tx:
        tx.mutes.save_inhibitors([first])
        assert tx.mutes.inhibitors(now=NOON) == [first]
        tx.mutes.save_inhibitors([longer])
        assert tx.mutes.inhibitors(now=NOON + HOUR) == [longer]
        assert tx.mutes.forget_inhibitors(now=NOON + 2 * HOUR) == 1


def test_summaries_of_a_storm_are_counted(each_store: Store) -> None:
    """So that each has a revision of its own."""
    with each_store.begin() as tx:
        assert tx.mutes.summary_at("desk|host=IQ") is None
        assert tx.mutes.save_summary("desk|host=IQ", now=NOON) == 1
        assert tx.mutes.save_summary("desk|host=IQ", now=NOON + HOUR) == 2
        assert tx.mutes.summary_at("desk|host=IQ") == NOON + HOUR


def an_ack(**given: object) -> Acknowledgement:
    values: dict[str, object] = {
        "subject": "inc-1",
        "revision": 1,
        "who": "ann",
        "via": "command",
        "at": NOON,
        "until": NOON + HOUR,
    }
    return Acknowledgement(**(values | given))  # type: ignore[arg-type]


def test_an_acknowledgement_holds_until_it_ends(each_store: Store) -> None:
    """By time, or because it got worse."""
    with each_store.begin() as tx:
        tx.acks.add(an_ack(), token="digest")
        assert tx.acks.active("inc-1", now=NOON) == an_ack()
        assert tx.acks.active("inc-1", now=NOON + HOUR) is None
        assert tx.acks.token_used("digest") == an_ack()
        assert tx.acks.token_used("other") is None
        assert tx.acks.end("inc-1", now=NOON) == 1
        assert tx.acks.active("inc-1", now=NOON) is None
        assert tx.acks.latest(["inc-1"])["inc-1"].ended_at == NOON


def test_escalation_steps_are_planned_once_and_cancelled_together(each_store: Store) -> None:
    """Planning the same alert again changes nothing."""
    steps = [
        Escalation(
            subject="inc-1", revision=1, route="routes[0]", step=number, receiver="boss",
            origin="desk", delivery_key="k", due_at=NOON + number * HOUR,
        )
        for number in range(3)
    ]  # fmt: skip
    with each_store.begin() as tx:
        tx.acks.arm(steps)
        tx.acks.arm(steps)
        (due,) = tx.acks.due(NOON)
        tx.acks.settle(due.id or 0, "told boss")
        assert tx.acks.due(NOON) == []
        assert len(tx.acks.planned("inc-1")) == 2
        assert tx.acks.disarm("inc-1", "acknowledged by ann") == 2
        assert tx.acks.due(NOON + 9 * HOUR) == []


def test_one_reminder_for_each_subject_and_receiver(each_store: Store) -> None:
    """A new one replaces the old."""
    first = Reminder(subject="inc-1", receiver="desk", route="routes[0]", due_at=NOON)
    with each_store.begin() as tx:
        tx.acks.remind(first)
        later = Reminder(
            subject="inc-1", receiver="desk", route="routes[0]", due_at=NOON + HOUR, count=1
        )
        tx.acks.remind(later)
        assert tx.acks.reminders_due(NOON) == []
        assert tx.acks.reminders_due(NOON + HOUR) == [later]
        tx.acks.forget_reminder("inc-1", "desk")
        assert tx.acks.reminder("inc-1", "desk") is None


def test_what_people_did_is_written_down(each_store: Store) -> None:
    """The newest first."""
    with each_store.begin() as tx:
        tx.acks.audit(Act(at=NOON, who="ann", action="acknowledge", subject="inc-1"))
        tx.acks.audit(Act(at=NOON, who="bob", action="silence", subject="silence:1", detail="x"))
        assert [act.who for act in tx.acks.acts()] == ["bob", "ann"]
        assert [act.who for act in tx.acks.acts(subject="inc-1")] == ["ann"]


def test_a_key_is_made_once(each_store: Store) -> None:
    """All daemons of one store sign with the same."""
    with each_store.begin() as tx:
        assert tx.acks.known_key("ack") is None
        assert tx.acks.key("ack", fresh=b"one") == b"one"
        assert tx.acks.key("ack", fresh=b"two") == b"one"
        assert tx.acks.known_key("ack") == b"one"


def test_decisions_and_targets_are_kept(each_store: Store) -> None:
    """With their reasons."""
    decision = Decision(
        subject="inc-1", revision=1, reason=Reason.FIRST_REPORT, receiver="desk",
        route="routes[0]", verdict="hold", text="muted by silence 3", at=NOON, delivery_key="k",
    )  # fmt: skip
    state = TargetState(receiver="desk", failures=3, failing_since=NOON, last_error="HTTP 500")
    with each_store.begin() as tx:
        tx.decisions.add([decision])
        tx.decisions.add([])
        tx.decisions.save_target(state)
        tx.decisions.save_target(state)
        assert tx.decisions.of_subject("inc-1") == [decision]
        assert tx.decisions.recent(since=NOON) == [decision]
        assert tx.decisions.targets() == {"desk": state}
        assert tx.decisions.prune(before=NOON + HOUR) == 1


def test_vital_signs_and_marks(each_store: Store) -> None:
    """The last one counts."""
    with each_store.begin() as tx:
        tx.vitals.beat("poll", NOON)
        tx.vitals.beat("poll", NOON + HOUR)
        assert tx.vitals.all() == {"poll": NOON + HOUR}
        tx.vitals.mark("gap:a_b", NOON, "x")
        tx.vitals.mark("gapXa", NOON)
        marked = tx.vitals.marks("gap:")
        assert set(marked) == {"gap:a_b"}
        assert marked["gap:a_b"].value == "x"
        tx.vitals.unmark("gap:a_b")
        assert tx.vitals.marked("gap:a_b") is None
