"""Incidents in the store, on SQLite and on PostgreSQL: kept whole, found again, numbered once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from alerter.domain.incident import Change, Incident, Sighting
from alerter.domain.scales import Category, Phase, Reason, Status
from alerter.store import Store
from alerter.store.incidents import NEAR_LIMIT, Feedback, Wanted
from tests.builders import NOON, a_source, an_incident

WEEK = timedelta(days=7)


def keep(store: Store, incident: Incident, reason: Reason | None = None) -> Incident:
    """Save an incident as the step does."""
    with store.begin() as tx:
        return tx.incidents.save(Change(incident=incident, reason=reason, why="said so", at=NOON))


def test_an_incident_comes_back_as_it_was(each_store: Store) -> None:
    """By id and by number."""
    rich = an_incident(
        number=0, vector=(0.6, 0.8), terms=(("=rocket", 2),), told_at=NOON, notes=("official: yes",)
    )
    saved = keep(each_store, rich)
    with each_store.read() as tx:
        assert tx.incidents.get(saved.id) == saved
        assert tx.incidents.get(f"#{saved.number}") == saved
        assert tx.incidents.get("99999") is None
        assert tx.incidents.get("'; DROP TABLE incidents; --") is None


def test_numbers_are_given_once_and_in_order(each_store: Store) -> None:
    """Saving again keeps the number, even where the caller does not know it."""
    first = keep(each_store, an_incident("one", number=0))
    second = keep(each_store, an_incident("two", number=0))
    again = keep(each_store, an_incident("one", number=0, revision=2))
    assert (first.number, second.number, again.number) == (1, 2, 1)


def test_every_revision_is_kept(each_store: Store) -> None:
    """How it changed, why, and by which article."""
    first = keep(each_store, an_incident(number=0), Reason.FIRST_REPORT)
    keep(each_store, replace(first, revision=2, headline="Rockets kill guard"), Reason.ESCALATED)
    with each_store.read() as tx:
        kept = tx.incidents.revisions(first.id)
    assert [(r.incident.revision, r.reason) for r in kept] == [
        (1, Reason.FIRST_REPORT),
        (2, Reason.ESCALATED),
    ]
    assert kept[0].incident.headline != kept[1].incident.headline


def test_an_alias_leads_to_where_it_went(each_store: Store) -> None:
    """Links and numbers of a merged incident go on working."""
    keeper = keep(each_store, an_incident("one", number=0))
    other = keep(each_store, an_incident("two", number=0))
    keep(each_store, replace(other, merged_into="one", phase=Phase.MERGED, revision=2))
    with each_store.read() as tx:
        assert tx.incidents.get("two") == keeper
        assert tx.incidents.get(f"#{other.number}") == keeper
        assert [found.id for found in tx.incidents.page()] == ["one"]
        near = tx.incidents.near(host="IQ", sending=("US",), since=NOON - WEEK, until=NOON + WEEK)
    assert [found.id for found in near] == ["one"]


def test_candidates_are_found_by_host_sending_post_and_named_state(each_store: Store) -> None:
    """And not by anything else, nor outside the window."""
    keep(each_store, an_incident("iraq", number=0, mission_ids=("us-baghdad",)))
    keep(each_store, an_incident("kenya", number=0, host="KE", sending=("GB",)))
    keep(each_store, an_incident("nowhere", number=0, host=None, sending=("US",)))

    def near(host: str | None, sending: tuple[str, ...], **given: object) -> set[str]:
        window = {"since": NOON - WEEK, "until": NOON + WEEK, **given}
        with each_store.read() as tx:
            found = tx.incidents.near(host=host, sending=sending, **window)  # type: ignore[arg-type]
        return {incident.id for incident in found}

    assert near("IQ", ("US",)) == {"iraq", "nowhere"}
    assert near("KE", ("US",)) == {"kenya", "nowhere"}
    assert near(None, ("GB",)) == {"kenya"}
    assert near("FR", ("FR",), named={"KE"}) == {"kenya"}
    assert near("FR", ("FR",), mission_ids=("us-baghdad",)) == {"iraq"}
    assert near("IQ", ("US",), since=NOON + timedelta(days=1)) == set()


def test_what_was_announced_is_found_on_its_day(each_store: Store) -> None:
    """However long ago it was announced; on any other day it is not."""
    friday = NOON + 5 * WEEK
    announced = an_incident("march", number=0, status=Status.WARNING, date_ahead=friday)
    keep(each_store, announced)
    keep(each_store, an_incident("act", number=0, status=Status.OCCURRED))

    def near(day: datetime) -> set[str]:
        with each_store.read() as tx:
            found = tx.incidents.near(
                host="IQ", sending=("US",), since=day - WEEK, until=day + WEEK, day=day
            )
        return {incident.id for incident in found}

    assert near(friday + timedelta(hours=3)) == {"march"}
    assert near(friday + timedelta(days=3)) == set()


def test_candidates_are_bounded(store: Store) -> None:
    """A thousand incidents of one state cost no more than a few dozen."""
    with store.begin() as tx:
        for n in range(NEAR_LIMIT * 3):
            tx.incidents.save(
                Change(incident=an_incident(f"i{n}", number=0), reason=None, why="", at=NOON)
            )
    with store.read() as tx:
        near = tx.incidents.near(host="IQ", sending=(), since=NOON - WEEK, until=NOON + WEEK)
    assert len(near) == NEAR_LIMIT


def test_sightings_keep_score_and_reason(each_store: Store) -> None:
    """Why an article was taken for a report; a merge takes them along."""
    incident = keep(each_store, an_incident(number=0))
    sighting = Sighting(
        incident_id=incident.id, article_id="a1", score=5.2, why="both in IQ", at=NOON
    )
    with each_store.begin() as tx:
        tx.incidents.save_sighting(sighting)
        tx.incidents.save_sighting(sighting)
    with each_store.read() as tx:
        assert tx.incidents.sightings(incident.id) == [sighting]
        assert tx.incidents.of_article("a1") == incident
    with each_store.begin() as tx:
        tx.incidents.move_sightings(incident.id, "elsewhere")
        assert [s.article_id for s in tx.incidents.sightings("elsewhere")] == ["a1"]


def test_lists_are_filtered_and_paged(each_store: Store) -> None:
    """Newest news first; a page continues where the last one ended."""
    for n in range(5):
        keep(
            each_store,
            an_incident(
                f"i{n}",
                number=0,
                last_seen=NOON + timedelta(hours=n // 2),
                category=Category.UNREST if n == 3 else Category.BOMBING,
                told_at=NOON if n == 1 else None,
            ),
        )
    with each_store.read() as tx:
        first = tx.incidents.page(limit=2)
        rest = tx.incidents.page(limit=9, after=first[-1])
        assert [i.id for i in (*first, *rest)] == ["i4", "i3", "i2", "i1", "i0"]
        assert [i.id for i in tx.incidents.page(Wanted(categories=(Category.UNREST,)))] == ["i3"]
        assert [i.id for i in tx.incidents.page(Wanted(told=True))] == ["i1"]
        since = Wanted(since=NOON + timedelta(hours=2))
        assert [i.id for i in tx.incidents.page(since)] == ["i4"]


def test_what_turns_by_time_is_asked_for_when_it_is_due(each_store: Store) -> None:
    """The lifecycle costs nothing while nothing is due."""
    incident = keep(each_store, an_incident(number=0))
    with each_store.begin() as tx:
        tx.incidents.set_turn(incident.id, NOON + timedelta(hours=1))
        assert tx.incidents.turning(NOON, 10) == []
        assert tx.incidents.turning(NOON + timedelta(hours=1), 10) == [incident]
        tx.incidents.set_turn(incident.id, None)
        assert tx.incidents.turning(NOON + WEEK, 10) == []


def test_feedback_keeps_every_word(each_store: Store) -> None:
    """Two people may disagree."""
    incident = keep(each_store, an_incident(number=0))
    words = [
        Feedback(incident_id=incident.id, verdict=v, who=w, note="", at=NOON)
        for v, w in (("noise", "ann"), ("threat", "bob"))
    ]
    with each_store.begin() as tx:
        for word in words:
            tx.incidents.add_feedback(word)
    with each_store.read() as tx:
        assert tx.incidents.feedback(incident.id) == words


def test_retention_forgets_all_of_an_old_incident(each_store: Store) -> None:
    """And nothing of a young one."""
    old = keep(each_store, an_incident("old", number=0, last_seen=NOON - timedelta(days=400)))
    keep(each_store, an_incident("young", number=0, sources=(a_source(),)))
    with each_store.begin() as tx:
        assert tx.incidents.drop_older(NOON - timedelta(days=365)) == 1
    with each_store.read() as tx:
        assert tx.incidents.get(old.id) is None
        assert tx.incidents.revisions(old.id) == []
        assert tx.incidents.get("young") is not None
