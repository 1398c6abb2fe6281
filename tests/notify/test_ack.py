"""Links that acknowledge: ours, whole, and not for ever."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerter.notify.ack import LIFETIME, AckError, ack_url, make_token, read_token
from tests.builders import NOON

KEY = b"k" * 32


def a_token(subject: str = "inc-1", receiver: str = "desk", delivery: str = "key-1") -> str:
    return make_token(KEY, subject=subject, receiver=receiver, delivery=delivery, now=NOON)


@given(subject=st.text(max_size=60), receiver=st.text(max_size=60))
def test_what_was_signed_is_read(subject: str, receiver: str) -> None:
    """Whatever the names hold."""
    claim = read_token(KEY, a_token(subject, receiver), now=NOON)
    assert (claim.subject, claim.receiver) == (subject, receiver)
    assert claim.expires == NOON + LIFETIME


def test_a_token_is_made_of_what_an_address_may_hold() -> None:
    """It goes into a path as it is."""
    token = a_token("Überfall/#1", "Bereitschaft")
    assert set(token) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")
    assert ack_url("https://alerter.example/", token) == f"https://alerter.example/ack/{token}"
    assert ack_url(None, token) is None


def test_each_delivery_has_a_token_of_its_own_and_a_second_sending_the_same() -> None:
    """Used once is used, for the copy too."""
    assert a_token(delivery="key-1") == a_token(delivery="key-1")
    digests = {read_token(KEY, a_token(delivery=key), now=NOON).digest for key in ("a", "b")}
    assert len(digests) == 2


def test_it_ends_by_itself() -> None:
    """After seven days."""
    read_token(KEY, a_token(), now=NOON + LIFETIME - timedelta(seconds=1))
    with pytest.raises(AckError, match="ended on 2020-09-22"):
        read_token(KEY, a_token(), now=NOON + LIFETIME)


def test_another_key_does_not_open_it() -> None:
    """Only this Alerter makes links for itself."""
    with pytest.raises(AckError, match="not made by this Alerter"):
        read_token(b"x" * 32, a_token(), now=NOON)


@given(token=st.one_of(st.text(), st.from_regex(r"[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*", fullmatch=True)))
def test_what_is_not_a_token_is_refused_in_words(token: str) -> None:
    """Never with anything else."""
    with pytest.raises(AckError):
        read_token(KEY, token, now=NOON)


@given(position=st.integers(0, 200), letter=st.sampled_from("AZaz09-_"))
def test_a_changed_letter_breaks_it(position: int, letter: str) -> None:
    """Whichever it is; a change that decodes to the same bytes changes nothing."""
    token = a_token()
    position %= len(token)
    changed = token[:position] + letter + token[position + 1 :]
    try:
        claim = read_token(KEY, changed, now=NOON)
    except AckError:
        return
    assert claim == read_token(KEY, token, now=NOON)
