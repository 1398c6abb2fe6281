"""Small documents that explode are refused before any parser sees them."""

from __future__ import annotations

import contextlib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerter.collect.bombs import MAX_DEPTH, refuse_bombs
from alerter.domain.errors import FeedError
from tests.fakes import Item, rss

LAUGHS = b'<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;"><!ENTITY c "&b;&b;">]><rss>&c;</rss>'


@pytest.mark.parametrize(
    "body",
    [
        LAUGHS,
        LAUGHS.replace(b"ENTITY", b"entity"),
        LAUGHS.replace(b'"', b"'"),
        b"<!DOCTYPE r [<!ENTITY % p \"<!ENTITY x SYSTEM 'file:///x'>\"> %p;]><rss/>".replace(
            b'"<!E', b'"%q;<!E'
        ),
        b'<!DOCTYPE r [<!ENTITY a "' + b"x" * 5000 + b'">]><rss>' + b"&a;" * 9 + b"</rss>",
        b"<!DOCTYPE r [" + b"".join(b'<!ENTITY e%d "x">' % n for n in range(400)) + b"]><rss/>",
    ],
)
def test_entities_that_multiply_are_refused(body: bytes) -> None:
    """The billion laughs, in several wordings."""
    with pytest.raises(FeedError, match="entities"):
        refuse_bombs(body)


def test_entities_of_old_feeds_are_no_bombs() -> None:
    """RSS 0.91 refers to a set of characters, RDF shortens its namespaces."""
    refuse_bombs(
        b'<!DOCTYPE rss [<!ENTITY % HTMLlat1 PUBLIC "-//x" "http://x/y.dtd">'
        b'<!ENTITY eacute "&#233;"><!ENTITY rdf "http://www.w3.org/x#">]><rss>&eacute;</rss>'
    )


def test_absurd_depth_is_refused() -> None:
    """Closed or not."""
    deep = MAX_DEPTH + 10
    for body in (b"<a>" * deep, b"<a>" * deep + b"</a>" * deep):
        with pytest.raises(FeedError, match="nested"):
            refuse_bombs(body)


def test_many_elements_side_by_side_are_not_deep() -> None:
    """A long feed, and one with markup in CDATA."""
    refuse_bombs(rss([Item(f"t{number}", guid=str(number)) for number in range(5000)]))
    refuse_bombs(b"<rss><item><![CDATA[" + b"<p>" * 5000 + b"]]></item></rss>")
    refuse_bombs(b"<rss>" + b"<br/>" * 5000 + b"<!--" + b"<x>" * 5000 + b"--></rss>")


@pytest.mark.parametrize("piece", [b"<a></a>", b"<!--", b"<![CDATA[", b"<!ENTITY ", b"<a", b"</a>"])
def test_looking_takes_time_with_the_length_only(piece: bytes) -> None:
    """The look itself must not be the attack."""
    start = time.process_time()
    with contextlib.suppress(FeedError):
        refuse_bombs(piece * 200_000)
    assert time.process_time() - start < 3


@given(st.binary(max_size=300))
def test_no_bytes_raise_anything_else(body: bytes) -> None:
    """Whatever comes."""
    try:
        refuse_bombs(body)
    except FeedError as error:
        assert str(error)
