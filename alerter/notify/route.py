"""The tree of routes: which receivers a matter reaches, and why. Pure.

What a route does not say is inherited from the route above it. Among neighbours the first match
wins unless it says `continue`. A route whose own routes all decline takes the matter itself. What
no route takes goes to the first receiver: nothing is lost for want of a route.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from alerter.config.routes import EscalationStep, QuietHours, RouteSettings
from alerter.domain.scales import Reason
from alerter.notify.match import mismatch
from alerter.notify.matter import Matter

DEFAULT_ROUTE: Final = "default"
STORM_WINDOW: Final = timedelta(minutes=10)  # where a route names a storm and no `group_wait`
# What nobody reads any more, one by one, where the route says nothing about storms.
CROWD: Final = 20
CROWD_UPDATES: Final = timedelta(minutes=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One receiver that a matter reaches, with what the route says about how.

    More than `storm` alerts within `window` become summaries, `updates` apart; `storm` is None
    where the route names no number, and `calm` is set where it wants no summaries. `asked` are the
    reasons that the route names; `closings` is whether the end of an incident is worth a message.
    """

    route: str
    receiver: str
    text: str
    repeat_every: timedelta | None = None
    remind_every: timedelta | None = None
    group_by: tuple[str, ...] = ("host",)
    window: timedelta = STORM_WINDOW
    updates: timedelta = STORM_WINDOW
    storm: int | None = None
    calm: bool = False
    quiet_hours: QuietHours | None = None
    escalate: tuple[EscalationStep, ...] = ()
    fallback: str | None = None
    asked: tuple[Reason, ...] = ()
    closings: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One route that was asked, and its answer; `way` is set where it took the matter."""

    route: str
    matched: bool
    text: str
    way: Way | None = None


def ways(routes: Sequence[RouteSettings], matter: Matter, *, default: str) -> tuple[Way, ...]:
    """The receivers that this matter reaches, each once, in the order of the routes."""
    found: dict[tuple[str, str], Way] = {}
    for step in trace(routes, matter, default=default):
        if step.way is not None:
            found.setdefault((step.way.receiver, step.way.route), step.way)
    return tuple(found.values())


def sheltered(way: Way) -> Way:
    """The way to people: where the route says nothing of storms, a crowd of alerts is one too.

    It is counted over all that the receiver gets, and told in summaries.
    """
    if way.storm is not None or way.calm:
        return way
    return replace(way, storm=CROWD, group_by=(), window=STORM_WINDOW, updates=CROWD_UPDATES)


def trace(routes: Sequence[RouteSettings], matter: Matter, *, default: str) -> tuple[Step, ...]:
    """Every route that was asked, in order, ending with the default when none took the matter."""
    top = RouteSettings(receiver=default)
    steps = tuple(_walk(routes, matter, top, "routes"))
    if any(step.way for step in steps):
        return steps
    way = _way(DEFAULT_ROUTE, top, "no route matches; the first receiver hears it")
    return (*steps, Step(route=DEFAULT_ROUTE, matched=True, text=way.text, way=way))


def find(routes: Sequence[RouteSettings], route: str, *, default: str) -> Way | None:
    """The way of a route by its name, with what it inherits; None when there is no such route."""
    top = RouteSettings(receiver=default)
    if route == DEFAULT_ROUTE:
        return _way(DEFAULT_ROUTE, top, "")
    return _find(routes, route, top, "routes")


def _find(
    routes: Sequence[RouteSettings], wanted: str, above: RouteSettings, prefix: str
) -> Way | None:
    for index, route in enumerate(routes):
        name, whole = f"{prefix}[{index}]", _inherit(route, above)
        if name == wanted:
            return _way(name, whole, "")
        if wanted.startswith(name + "."):
            return _find(route.routes, wanted, whole, f"{name}.routes")
    return None


def _walk(
    routes: Sequence[RouteSettings], matter: Matter, above: RouteSettings, prefix: str
) -> Iterator[Step]:
    for index, route in enumerate(routes):
        name, whole = f"{prefix}[{index}]", _inherit(route, above)
        refused = mismatch(route.match, matter)
        if refused is not None:
            yield Step(route=name, matched=False, text=refused)
            continue
        below = tuple(_walk(route.routes, matter, whole, f"{name}.routes"))
        yield from below
        if not any(step.way for step in below):
            way = _way(name, whole, _matched(route))
            yield Step(route=name, matched=True, text=way.text, way=way)
        if not route.continue_:
            return


def _matched(route: RouteSettings) -> str:
    given = [str(key).rstrip("_") for key in route.match.model_fields_set]
    return f"matches on {', '.join(sorted(given))}" if given else "matches everything"


_INHERITED: Final = (
    "receiver",
    "repeat_every",
    "remind_every",
    "group_by",
    "group_wait",
    "storm",
    "quiet_hours",
    "escalate",
    "fallback",
)


def _inherit(route: RouteSettings, above: RouteSettings) -> RouteSettings:
    missing = {key: getattr(above, key) for key in _INHERITED if getattr(route, key) is None}
    return route.model_copy(update=missing)


def _way(name: str, whole: RouteSettings, text: str) -> Way:
    return Way(
        route=name,
        receiver=whole.receiver or "",
        text=text,
        repeat_every=whole.repeat_every,
        remind_every=whole.remind_every,
        group_by=whole.group_by if whole.group_by is not None else ("host",),
        window=whole.group_wait or STORM_WINDOW,
        updates=whole.group_wait or STORM_WINDOW,
        storm=whole.storm if isinstance(whole.storm, int) else None,
        calm=whole.storm == "off",
        quiet_hours=whole.quiet_hours,
        escalate=whole.escalate or (),
        fallback=whole.fallback,
        asked=whole.match.reason,
    )
