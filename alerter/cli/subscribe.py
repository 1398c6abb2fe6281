"""Finding feeds and writing them into a feeds file."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from alerter.collect.discover import discover
from alerter.collect.fetch import Fetched, FetchFailed
from alerter.collect.parsing import Raw
from alerter.collect.poller import Poller
from alerter.config.feeds import PollSettings
from alerter.config.load import load
from alerter.domain.errors import FeedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A feed to be configured."""

    url: str
    name: str | None = None
    lang: str | None = None

    def named(self, name: str | None) -> Subscription:
        """With the name that the user gave, if any."""
        return replace(self, name=name or self.name)


def find_feeds(url: str, poll: PollSettings, *, now: datetime) -> list[Subscription]:
    """The feed at `url`, or those that the page there announces. Raises FeedError for none."""
    poller = Poller(poll)
    try:
        page = _page(poller, url)
        feed = _as_feed(poller, page, url, now=now)
        if feed is not None:
            return [feed]
        found = discover(page.body, base=page.url)
    finally:
        poller.close()
    if not found:
        raise FeedError(f"{url} is no feed and announces none")
    return [Subscription(url=each.url) for each in found]


def _page(poller: Poller, url: str) -> Fetched:
    page = poller.page(url)
    if isinstance(page, FetchFailed):
        raise FeedError(page.reason)
    if not isinstance(page, Fetched):
        raise FeedError("the server says that nothing has changed, though we never asked before")
    return page


def _as_feed(poller: Poller, page: Fetched, url: str, *, now: datetime) -> Subscription | None:
    try:
        parsed = poller.parse(Raw(body=page.body, base=page.url, now=now, charset=page.charset))
    except FeedError:
        return None
    return Subscription(url=url, lang=parsed.about.lang)


def as_yaml(feeds: Sequence[Subscription], *, indent: str = "  ") -> str:
    """Lines for the list under `feeds:`. Every value is quoted, so that `no` stays a language."""
    return "\n".join(f"{indent}- {{{_values(feed)}}}" for feed in feeds)


def append(feeds: Sequence[Subscription], file: Path, *, config: Path) -> None:
    """Add feeds at the end of a feeds file, as it is indented, and load the configuration.

    Raises ConfigError when it does not load with them; the file is then as it was before.
    """
    before = file.read_text(encoding="utf-8") if file.exists() else None
    text = before if before and before.strip() else "feeds:\n"
    indents = re.findall(r"^( *)- ", text, re.MULTILINE)
    more = as_yaml(feeds, indent=indents[-1] if indents else "  ")
    file.write_text(f"{text.rstrip()}\n{more}\n", encoding="utf-8")
    try:
        load(config)
    except BaseException:
        if before is None:
            file.unlink()
        else:
            file.write_text(before, encoding="utf-8")
        raise


def _values(feed: Subscription) -> str:
    given = {"name": feed.name, "url": feed.url, "lang": feed.lang}
    return ", ".join(
        f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in given.items() if value
    )
