"""What is logged is one line, and no secret."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerter.logs import safe_text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("GET https://example.org/rss.xml?key=s3cr3t#x", "GET https://example.org/rss.xml"),
        ("https://user:pw@example.org:8080/a", "https://example.org:8080/a"),
        ("https://hooks.example.org/services/T0/B0/s3cr3t", "https://hooks.example.org/..."),
        ("https://api.telegram.org/bot12:s3cr3t/sendMessage", "https://api.telegram.org/..."),
        ("https://soc.example.org/in/s3cr3t", "https://soc.example.org/..."),
        ("no\nsecond\x1b[31mline\u202e", "no second [31mline "),
    ],
)
def test_urls_and_control_characters_are_made_safe(text: str, shown: str) -> None:
    """Queries, users and the paths of webhooks are secrets; a title must not forge a line."""
    assert safe_text(text) == shown


@given(st.text(max_size=500))
def test_any_text_stays_on_one_line(text: str) -> None:
    """Whatever a feed writes."""
    assert len(safe_text(text).splitlines()) <= 1
