"""What kind of report a text is, by the words of `words.toml`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

from alerter.incidents.terms import plain

MAX_LEAD: Final = 500  # title and first sentences: where a report says what it is


def has_word(kind: str, text: str, *, within: int = MAX_LEAD) -> bool:
    """Whether a word of that kind (a table of `words.toml`) stands in the beginning of the text."""
    return _pattern(kind).search(plain(text[:within])) is not None


def agency_of(text: str) -> str | None:
    """The news agency that the text credits, looked for at its beginning and its end."""
    ends = plain(f"{text[:300]} {text[-200:]}")
    return next((name for name, pattern in _agencies().items() if pattern.search(ends)), None)


@cache
def _table() -> Mapping[str, Any]:
    text = files("alerter.incidents").joinpath("words.toml").read_text(encoding="utf-8")
    table: dict[str, Any] = tomllib.loads(text)
    return table


@cache
def _pattern(kind: str) -> re.Pattern[str]:
    return _union(_table()[kind]["patterns"])


@cache
def _agencies() -> Mapping[str, re.Pattern[str]]:
    return {name: _union(patterns) for name, patterns in _table()["agencies"].items()}


def _union(patterns: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(_anchored(plain(pattern)) for pattern in patterns))


def _anchored(pattern: str) -> str:
    """A word begins where it says so; scripts whose words take prefixes are found anywhere."""
    alphabetic = re.match(r"[a-zа-я]", pattern)
    return rf"\b(?:{pattern})" if alphabetic else f"(?:{pattern})"
