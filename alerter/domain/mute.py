"""What holds an alert back, by a person's wish or by a graver alert."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from alerter.domain.scales import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """Somebody does not want to hear of what matches, for a stated reason and until a stated time.

    `matcher` is written as the `match` of a route. `hidden` counts the alerts that it held.
    """

    id: int
    matcher: Mapping[str, Any]
    author: str
    reason: str
    starts_at: datetime
    until: datetime
    hidden: int = 0
    ended_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Inhibitor:
    """An alert that holds back lesser ones like it until `until`.

    `rule` is the place of the rule in the configuration; `values` are the values of its `equal`
    fields; `label` is how people know the alert (#12).
    """

    rule: int
    subject: str
    label: str
    severity: Severity
    values: tuple[str, ...]
    until: datetime
    lat: float | None = None
    lon: float | None = None
