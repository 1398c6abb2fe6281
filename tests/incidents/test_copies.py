"""Which reports are witnesses, and which repeat another."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from alerter.incidents.copies import COPY, MINIMA, copied_from, fingerprint, resemblance
from alerter.incidents.words import agency_of
from tests.builders import a_source

STORY = (
    "Two rockets landed inside the compound of the US embassy in Baghdad early on Tuesday, "
    "wounding a guard and setting a generator on fire, two security officials said."
)


def test_a_copy_with_small_edits_is_recognised() -> None:
    """Another headline and a changed word are no second witness."""
    edited = STORY.replace("early on Tuesday", "on Tuesday morning").replace(
        "two security", "security"
    )
    assert resemblance(fingerprint(STORY), fingerprint(edited)) >= COPY


def test_an_independent_report_of_the_same_event_is_not_a_copy() -> None:
    """The same facts in own words."""
    other = (
        "A guard was hurt when Katyusha fire hit the American mission in the Green Zone overnight; "
        "residents told our reporter of two loud explosions and a blaze."
    )
    assert resemblance(fingerprint(STORY), fingerprint(other)) < COPY / 2


def test_a_feed_is_no_second_witness_to_itself() -> None:
    """Two articles of one feed, and two that credit one agency, count once."""
    first = a_source("a1", feed="one", credit="Reuters")
    assert copied_from(a_source("a2", feed="one"), (first,)) is not None
    assert copied_from(a_source("a2", feed="two", credit="Reuters"), (first,)) is not None
    assert copied_from(a_source("a2", feed="two", credit="AFP"), (first,)) is None


def test_agencies_are_found_in_their_scripts() -> None:
    """A credit at the beginning or the end."""
    assert agency_of("BAGHDAD (Reuters) - Rockets landed") == "Reuters"
    assert agency_of("سمع دوي انفجار في بغداد، وفق وكالة فرانس برس") == "AFP"
    assert agency_of("Взрыв у посольства, сообщает ТАСС") == "TASS"
    assert agency_of("Rockets landed near the embassy, police said") is None


@given(st.text(max_size=400))
def test_any_text_has_a_fingerprint_and_resembles_itself(text: str) -> None:
    """Foreign bytes never raise; too short a text has none."""
    found = fingerprint(text)
    assert len(found) in (0, MINIMA)
    assert resemblance(found, found) in (0.0, 1.0)
