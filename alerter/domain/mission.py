"""A mission: a sending state's representation in a host state, and its posts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Mission:
    """One post that the user guards, as listed under `missions` in the configuration."""

    id: str
    name: str
    sending: str
    host: str
    kind: str = "embassy"
    city: str | None = None
    lat: float | None = None
    lon: float | None = None
    radius_km: float = 25.0
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MissionMention:
    """A mission that a text speaks of. `mission` is the id of a configured one, when it is."""

    text: str
    kind: str
    sending: str | None = None
    host: str | None = None
    city: str | None = None
    mission: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place that a text names. Coordinates are WGS 84 degrees."""

    text: str
    country: str | None = None
    city: str | None = None
    lat: float | None = None
    lon: float | None = None
    radius_km: float | None = None
