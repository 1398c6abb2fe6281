"""What every settings model shares: strictness, durations, sizes, secrets."""

from __future__ import annotations

import os
import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, SecretStr

_UNITS: Final = {
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
    "y": timedelta(days=365),
}
_SIZES: Final = {"B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9}


class Settings(BaseModel):
    """Base of all settings: unknown keys fail, values are frozen, strings are not coerced."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


def parse_duration(value: Any) -> timedelta:
    """Read `90s`, `5m`, `4h`, `90d`, `2w`, `5y` or a sum such as `1h30m`. Raises ValueError."""
    if isinstance(value, timedelta):
        return value
    text = str(value)
    parts = re.findall(r"(\d+)([smhdwy])", text)
    if not parts or "".join(n + u for n, u in parts) != text:
        raise ValueError("not a duration; write a number with s, m, h, d, w or y, such as 5m")
    return sum((int(n) * _UNITS[u] for n, u in parts), timedelta())


def parse_size(value: Any) -> int:
    """Read `500kB`, `10MB`, `1GB` or `1000B` as bytes. Raises ValueError."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    match = re.fullmatch(r"(\d+)\s*(B|kB|MB|GB)", str(value))
    if not match:
        raise ValueError("not a size; write a number with B, kB, MB or GB, such as 10MB")
    return int(match[1]) * _SIZES[match[2]]


def parse_distance(value: Any) -> float:
    """Read `25km` or `800m` as kilometres. Raises ValueError."""
    if isinstance(value, float):
        return value
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(km|m)", str(value))
    if not match:
        raise ValueError("not a distance; write a number with km or m, such as 25km")
    return float(match[1]) * (1.0 if match[2] == "km" else 0.001)


Duration = Annotated[timedelta, BeforeValidator(parse_duration)]
Size = Annotated[int, BeforeValidator(parse_size)]
Kilometres = Annotated[float, BeforeValidator(parse_distance)]


def resolve_secret(value: SecretStr | None, file: Path | None) -> SecretStr | None:
    """The secret itself: given inline, or read from `file` without its trailing newline.

    A relative file is looked up in `$CREDENTIALS_DIRECTORY` (systemd) when it is not found where
    the configuration points. Raises OSError where the file cannot be read.
    """
    if value is not None or file is None:
        return value
    credentials = os.environ.get("CREDENTIALS_DIRECTORY")
    if not file.exists() and credentials:
        file = Path(credentials) / file.name
    return SecretStr(file.read_text(encoding="utf-8").rstrip("\r\n"))
