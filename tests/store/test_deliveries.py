"""The outbox on disk: the same promises on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy.engine import Connection

from alerter.domain.delivery import Delivery
from alerter.domain.scales import DeliveryState, Reason
from alerter.store import Store
from alerter.store.outbox import Outbox, Outcome
from tests.builders import NOON, a_delivery

MINUTE = timedelta(minutes=1)


class Interrupted:
    """A connection: after its first answer, somebody else does something."""

    def __init__(self, connection: Connection, then: Callable[[], None]) -> None:
        self._connection, self._then = connection, then

    def scalar(self, *asked: Any) -> Any:
        answer = self._connection.scalar(*asked)
        self._then()
        self._then = lambda: None
        return answer


def enqueue(store: Store, *deliveries: Delivery) -> list[Delivery]:
    with store.begin() as tx:
        return tx.deliveries.enqueue(deliveries)


def claim(
    store: Store, limit: int = 10, *, now: datetime = NOON, receiver: str = "desk"
) -> list[str]:
    with store.begin() as tx:
        claimed = tx.deliveries.claim(
            receiver, limit=limit, now=now, lease_until=now + MINUTE, owner="me"
        )
    return [each.key for each in claimed]


def record(store: Store, key: str, state: DeliveryState, **given: object) -> None:
    with store.begin() as tx:
        row = tx.deliveries.by_key(key)
        assert row is not None
        assert row.id is not None
        tx.deliveries.record([Outcome(id=row.id, state=state, at=NOON, **given)])  # type: ignore[arg-type]


def get(store: Store, key: str) -> Delivery:
    with store.read() as tx:
        found = tx.deliveries.by_key(key)
    assert found is not None
    return found


FIRST = "inc-1:1:desk:first_report"
SECOND = "inc-1:2:desk:escalated"


def test_a_key_is_added_once(each_store: Store) -> None:
    """The second time changes nothing and gives nothing."""
    assert len(enqueue(each_store, a_delivery(payload="one"))) == 1
    assert enqueue(each_store, a_delivery(payload="two")) == []
    assert get(each_store, FIRST).payload == "one"


def test_everything_of_a_delivery_is_kept(each_store: Store) -> None:
    """What goes in comes out."""
    (added,) = enqueue(each_store, a_delivery(group="g|x=1", fallback="mail"))
    assert get(each_store, FIRST) == added


def test_what_was_claimed_is_not_claimed_again_until_its_lease_ends(each_store: Store) -> None:
    """A second daemon leaves it alone; after a crash it comes free."""
    enqueue(each_store, a_delivery())
    assert claim(each_store) == [FIRST]
    assert claim(each_store) == []
    assert claim(each_store, now=NOON + MINUTE) == [FIRST]
    again = get(each_store, FIRST)
    assert (again.attempts, again.first_try) == (2, NOON)


def test_only_the_oldest_of_a_subject_can_be_claimed(each_store: Store) -> None:
    """The order within an incident holds, whatever is due first."""
    late = a_delivery(next_try=NOON + MINUTE)
    enqueue(each_store, late, a_delivery(revision=2, reason=Reason.ESCALATED))
    enqueue(each_store, a_delivery("inc-2"))
    assert claim(each_store) == ["inc-2:1:desk:first_report"]
    record(each_store, "inc-2:1:desk:first_report", DeliveryState.SENT)
    assert claim(each_store, now=NOON + MINUTE) == [FIRST]
    record(each_store, FIRST, DeliveryState.SENT)
    assert claim(each_store, now=NOON + MINUTE) == [SECOND]


def test_another_receiver_has_its_own_order(each_store: Store) -> None:
    """A dead desk does not hold up the mail."""
    enqueue(each_store, a_delivery(), a_delivery(revision=2, receiver="mail"))
    assert claim(each_store, receiver="mail") == ["inc-1:2:mail:first_report"]


def test_a_dead_letter_lets_the_next_one_pass(each_store: Store) -> None:
    """One message that cannot be sent does not block its incident for ever."""
    enqueue(each_store, a_delivery(), a_delivery(revision=2, reason=Reason.ESCALATED))
    claim(each_store)
    record(each_store, FIRST, DeliveryState.DEAD, error="HTTP 404")
    assert claim(each_store) == [SECOND]
    assert get(each_store, FIRST).last_error == "HTTP 404"


def test_a_failure_waits_for_its_next_try(each_store: Store) -> None:
    """And its lease is given back."""
    enqueue(each_store, a_delivery())
    claim(each_store)
    record(each_store, FIRST, DeliveryState.PENDING, next_try=NOON + 5 * MINUTE, error="HTTP 500")
    assert claim(each_store, now=NOON + 4 * MINUTE) == []
    assert claim(each_store, now=NOON + 5 * MINUTE) == [FIRST]


def test_a_late_record_does_not_undo_a_sent_one(each_store: Store) -> None:
    """Two daemons may end the same delivery; what was sent stays sent."""
    enqueue(each_store, a_delivery())
    record(each_store, FIRST, DeliveryState.SENT, external_id="ts-1")
    record(each_store, FIRST, DeliveryState.PENDING, next_try=NOON, error="HTTP 500")
    assert get(each_store, FIRST).state is DeliveryState.SENT


def test_what_was_not_begun_goes_back_uncounted(each_store: Store) -> None:
    """A stop in good order costs no attempt."""
    enqueue(each_store, a_delivery())
    claim(each_store)
    row = get(each_store, FIRST)
    with each_store.begin() as tx:
        tx.deliveries.release_leases([row.id or 0])
    assert claim(each_store) == [FIRST]
    assert get(each_store, FIRST).attempts == 1


def test_leases_of_the_dead_are_freed(each_store: Store) -> None:
    """At once, not when they would have ended."""
    enqueue(each_store, a_delivery())
    claim(each_store)
    with each_store.begin() as tx:
        assert tx.deliveries.leaseholders() == ["me"]
        assert tx.deliveries.end_leases("me") == 1
        assert tx.deliveries.leaseholders() == []
    assert claim(each_store) == [FIRST]


def test_waiting_names_receivers_with_something_due(each_store: Store) -> None:
    """Held, sent and later ones are not."""
    enqueue(
        each_store,
        a_delivery(),
        a_delivery(receiver="later", next_try=NOON + MINUTE),
        a_delivery(receiver="held", state=DeliveryState.HELD, held_until=NOON),
    )
    with each_store.read() as tx:
        assert tx.deliveries.waiting(NOON) == ["desk"]
        assert tx.deliveries.oldest_waiting(NOON) == NOON
        assert tx.deliveries.oldest_waiting(NOON - MINUTE) is None
        counts = tx.deliveries.waiting_counts()
    assert counts[("held", DeliveryState.HELD)] == 1


def test_dead_letters_are_replayed_under_their_key(each_store: Store) -> None:
    """With a fresh day to be tried in."""
    enqueue(each_store, a_delivery(), a_delivery(receiver="mail"))
    claim(each_store)
    record(each_store, FIRST, DeliveryState.DEAD, error="HTTP 404")
    with each_store.begin() as tx:
        again = tx.deliveries.replay(None, now=NOON + MINUTE)
    assert again == [get(each_store, FIRST).id]
    row = get(each_store, FIRST)
    assert (row.state, row.attempts, row.first_try) == (DeliveryState.PENDING, 0, None)
    assert claim(each_store, now=NOON + MINUTE) == [FIRST]
    with each_store.begin() as tx:
        assert tx.deliveries.replay([row.id or 0], now=NOON) == []


def test_the_first_message_of_a_subject_opens_its_thread(each_store: Store) -> None:
    """Later ones join it."""
    with each_store.begin() as tx:
        tx.deliveries.start_thread("inc-1", "desk", external_id="ts-1", now=NOON)
        tx.deliveries.start_thread("inc-1", "desk", external_id="ts-2", now=NOON)
        assert tx.deliveries.threads(["inc-1", "inc-2"], "desk") == {"inc-1": "ts-1"}
        assert tx.deliveries.threads(["inc-1"], "mail") == {}


def test_retention_forgets_what_is_settled_and_nothing_that_waits(each_store: Store) -> None:
    """However old it is."""
    enqueue(each_store, a_delivery(), a_delivery("inc-2"), a_delivery("inc-3"))
    record(each_store, FIRST, DeliveryState.SENT)
    with each_store.begin() as tx:
        assert tx.deliveries.prune(before=NOON + MINUTE) == 1
        assert tx.deliveries.count() == 2


def test_a_crowd_claims_each_delivery_once(each_store: Store) -> None:
    """Several claims in a row share the work without overlap."""
    enqueue(each_store, *(a_delivery(f"inc-{number}") for number in range(30)))
    seen = [key for _ in range(4) for key in claim(each_store, limit=8)]
    assert len(seen) == len(set(seen)) == 30


def test_another_daemon_may_send_the_last_one_while_we_look(
    postgres_schema: Callable[[], str],
) -> None:
    """Between two questions on PostgreSQL; then nothing is due, and nothing fails."""
    store = Store.open(postgres_schema())
    enqueue(store, a_delivery())
    with store.read() as tx:
        ours = Interrupted(
            tx.deliveries._connection,
            lambda: record(store, FIRST, DeliveryState.SENT),
        )
        assert Outbox(cast("Connection", ours)).waiting(NOON) == []
    store.close()
