"""What one key alone cannot tell: names that must be unique, references that must lead on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel

from alerter.config.document import Document, Path
from alerter.config.receivers import ReceiverSettings
from alerter.config.routes import Match, RouteSettings
from alerter.config.settings import AlerterSettings
from alerter.domain.errors import Problem

FEED_SCHEMES = ("http", "https", "file")

# What a channel cannot do without: any one of these groups, each of which is a set of keys.
NEEDED: dict[str, tuple[tuple[str, ...], ...]] = {
    "slack": (("webhook_url",), ("token", "channel")),
    "webhook": (("url",),),
    "teams": (("webhook_url",),),
    "mattermost": (("webhook_url",),),
    "telegram": (("token",),),
    "ntfy": (("topic",),),
    "pagerduty": (("routing_key",),),
    "apprise": (("url",),),
}


@dataclass(frozen=True, slots=True)
class Names:
    """Every name that some file gives, even where the rest of what it names is wrong."""

    receivers: set[str] = field(default_factory=set)
    feeds: set[str] = field(default_factory=set)
    missions: set[str] = field(default_factory=set)

    def note(self, value: Any) -> None:
        """Take the names out of the plain value of one file."""
        for key, known, name in (
            ("receivers", self.receivers, "name"),
            ("feeds", self.feeds, "name"),
            ("missions", self.missions, "id"),
        ):
            items = value.get(key) if isinstance(value, dict) else None
            for item in items if isinstance(items, list) else ():
                if isinstance(item, dict) and isinstance(item.get(name), str):
                    known.add(item[name])


def check(settings: AlerterSettings, document: Document, names: Names) -> Iterator[Problem]:
    """Every mistake that shows only when the main file is looked at as a whole."""
    yield from _state(settings, document)
    yield from _receivers(settings, document)
    known = Names(
        receivers=names.receivers | {receiver.name for receiver in settings.receivers},
        feeds=names.feeds | {feed.name for feed in settings.feeds},
        missions=names.missions | {mission.id for mission in settings.missions},
    )
    located = any(mission.location for mission in settings.missions)
    yield from _References(known, document, located=located).of(settings)
    if settings.heartbeat is not None and _given(settings.heartbeat, "url") is None:
        yield document.problem(("heartbeat",), "needs url or url_file")


def check_feed_url(url: str) -> str | None:
    """What is wrong with the URL of a feed, or None."""
    parts = urlsplit(url)
    if parts.scheme not in FEED_SCHEMES:
        return f"not a URL of a feed; allowed: {', '.join(FEED_SCHEMES)}"
    if parts.scheme != "file" and not parts.hostname:
        return "the URL names no host"
    if parts.password is not None:
        return "a password in the URL would be logged; use auth with password_file"
    return None


def _state(settings: AlerterSettings, document: Document) -> Iterator[Problem]:
    if not settings.state.startswith(("sqlite:///", "postgresql://")):
        yield document.problem(
            ("state",), "not a state; allowed: sqlite:///FILE or postgresql://USER@HOST/DATABASE"
        )


def _receivers(settings: AlerterSettings, document: Document) -> Iterator[Problem]:
    if not settings.receivers:
        yield document.problem(("receivers",), "needs at least one receiver; else nobody is told")
    seen: set[str] = set()
    for i, receiver in enumerate(settings.receivers):
        if receiver.name in seen:
            message = f"the name '{receiver.name}' is given to two receivers"
            yield document.problem(("receivers", i, "name"), message)
        seen.add(receiver.name)
        yield from _channel(receiver, document, ("receivers", i, receiver.channel))


def _channel(receiver: ReceiverSettings, document: Document, path: Path) -> Iterator[Problem]:
    groups = NEEDED.get(receiver.channel, ())
    channel = receiver.channel_settings
    if groups and not any(all(_given(channel, key) for key in group) for group in groups):
        wanted = " or ".join(" and ".join(f"{key}" for key in group) for group in groups)
        yield document.problem(path, f"needs {wanted} (secrets also as ..._file)")


def _given(settings: BaseModel, key: str) -> object:
    """The key or its `_file` twin, whichever is there."""
    return getattr(settings, key, None) or getattr(settings, f"{key}_file", None)


class _References:
    """Looks up every name that one part of the configuration uses of another."""

    def __init__(self, names: Names, document: Document, *, located: bool) -> None:
        self._names = names
        self._document = document
        self._located = located

    def of(self, settings: AlerterSettings) -> Iterator[Problem]:
        yield from self._routes(settings.routes, ("routes",))
        for i, inhibit in enumerate(settings.inhibit):
            yield from self._match(inhibit.source, ("inhibit", i, "source"))
            yield from self._match(inhibit.target, ("inhibit", i, "target"))
        for i, digest in enumerate(settings.digest):
            yield from self._receiver(digest.receiver, ("digest", i, "receiver"))
        if settings.drill is not None:
            yield from self._receiver(settings.drill.receiver, ("drill", "receiver"))

    def _routes(self, routes: tuple[RouteSettings, ...], path: Path) -> Iterator[Problem]:
        for i, route in enumerate(routes):
            here = (*path, i)
            yield from self._receiver(route.receiver, (*here, "receiver"))
            yield from self._receiver(route.fallback, (*here, "fallback"))
            for j, step in enumerate(route.escalate or ()):
                yield from self._receiver(step.receiver, (*here, "escalate", j, "receiver"))
            yield from self._match(route.match, (*here, "match"))
            yield from self._routes(route.routes, (*here, "routes"))

    def _match(self, match: Match, path: Path) -> Iterator[Problem]:
        yield from self._listed("mission", match.mission, self._names.missions, path)
        yield from self._listed("feed", match.feed, self._names.feeds, path)
        if match.within is not None and not self._located:
            message = "needs a mission with a location to measure from"
            yield self._document.problem((*path, "within"), message)
        if match.not_ is not None:
            yield from self._match(match.not_, (*path, "not"))

    def _listed(
        self, word: str, used: tuple[str, ...], known: set[str], path: Path
    ) -> Iterator[Problem]:
        for i, name in enumerate(used):
            yield from self._known(word, name, known, (*path, word, i))

    def _receiver(self, name: str | None, path: Path) -> Iterator[Problem]:
        if name is not None:
            yield from self._known("receiver", name, self._names.receivers, path)

    def _known(self, word: str, name: str, known: set[str], path: Path) -> Iterator[Problem]:
        if name not in known:
            listed = sorted(known)
            allowed = ", ".join(listed[:20]) + (" ..." if len(listed) > 20 else "")
            message = f"there is no {word} '{name}'; allowed: {allowed or 'none is configured'}"
            yield self._document.problem(path, message)
