"""Feeds and missions of several files as one list, with unique names and problems in place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import urlsplit

from alerter.config.base import Settings
from alerter.config.checks import check_feed_url
from alerter.config.document import Document, Path
from alerter.config.feeds import FeedSettings
from alerter.config.missions import MissionSettings
from alerter.domain.errors import Problem

S = TypeVar("S", bound=Settings)


@dataclass(frozen=True, slots=True)
class Placed(Generic[S]):
    """One feed or mission, and where it stands.

    `soft`: its name may be changed to be unique, as in a subscription list made by a feed reader.
    """

    item: S
    document: Document
    path: Path
    soft: bool = False

    def problem(self, key: str, message: str) -> Problem:
        """A problem with one key of it."""
        return self.document.problem((*self.path, key), message)


def merge_feeds(
    placed: list[Placed[FeedSettings]], problems: list[Problem]
) -> tuple[FeedSettings, ...]:
    """All feeds, each with a name. Bad URLs and names or URLs given twice go to `problems`."""
    names = {here.item.name for here in placed if here.item.name and not here.soft}
    taken: set[str] = set()
    urls: dict[str, str] = {}
    merged: list[FeedSettings] = []
    for here in placed:
        feed = here.item
        wrong = check_feed_url(feed.url)
        if wrong:
            problems.append(here.problem("url", wrong))
        if feed.url in urls:
            if not here.soft:
                message = f"this URL is already the feed '{urls[feed.url]}'"
                problems.append(here.problem("url", message))
            continue
        name = feed.name
        if not name or (here.soft and name in names | taken):
            name = _free_name(name or name_of(feed.url), names | taken)
        elif name in taken:
            problems.append(here.problem("name", f"the name '{name}' is given to two feeds"))
        taken.add(name)
        urls[feed.url] = name
        merged.append(feed.model_copy(update={"name": name}))
    return tuple(merged)


def merge_missions(
    placed: list[Placed[MissionSettings]], problems: list[Problem]
) -> tuple[MissionSettings, ...]:
    """All missions. Ids given twice go to `problems`."""
    taken: set[str] = set()
    for here in placed:
        if here.item.id in taken:
            problems.append(here.problem("id", f"the id '{here.item.id}' is given to two missions"))
        taken.add(here.item.id)
    return tuple(here.item for here in placed)


def name_of(url: str) -> str:
    """A readable name for a feed that has none: host and path, without what every feed has."""
    parts = urlsplit(url)
    words = re.findall(r"[a-z0-9]+", f"{parts.hostname or ''} {parts.path}".lower())
    plain = [word for word in words if word not in ("www", "rss", "xml", "feed", "feeds", "com")]
    return "-".join(plain or words) or "feed"


def _free_name(name: str, taken: set[str]) -> str:
    if name not in taken:
        return name
    return next(f"{name}-{n}" for n in range(2, len(taken) + 3) if f"{name}-{n}" not in taken)
