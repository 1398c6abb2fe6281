"""Paths against the file they stand in, and secrets from the environment, through all settings."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import SecretStr

from alerter.config.base import Settings
from alerter.config.document import Document
from alerter.config.document import Path as KeyPath
from alerter.domain.errors import Problem

S = TypeVar("S", bound=Settings)
_FROM_ENVIRONMENT: Final = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_SQLITE: Final = "sqlite:///"


def make_absolute(settings: S, base: Path, document: Document, problems: list[Problem]) -> S:
    """`settings` with every relative path below `base` and every `${NAME}` secret looked up.

    A file of a secret that is neither there nor a systemd credential, and an environment variable
    that is not set, go to `problems`.
    """
    return _Walk(base, document, problems).model(settings, ())


class _Walk:
    """One pass over a tree of settings that changes paths and secrets and keeps all else."""

    def __init__(self, base: Path, document: Document, problems: list[Problem]) -> None:
        self._base = base
        self._document = document
        self._problems = problems

    def model(self, settings: S, path: KeyPath) -> S:
        changed: dict[str, Any] = {}
        for name, field in type(settings).model_fields.items():
            old = getattr(settings, name)
            new = self._value(old, (*path, field.alias or name))
            if new is not old:
                changed[name] = new
        return settings.model_copy(update=changed) if changed else settings

    def _value(self, value: Any, path: KeyPath) -> Any:
        match value:
            case Settings():
                return self.model(value, path)
            case tuple():
                items = tuple(self._value(item, (*path, i)) for i, item in enumerate(value))
                return (
                    items if any(a is not b for a, b in zip(items, value, strict=True)) else value
                )
            case Path():
                return self._path(value, path)
            case SecretStr():
                return self._secret(value, path)
            case str() if path == ("state",):
                return self._state(value)
        return value

    def _path(self, value: Path, path: KeyPath) -> Path:
        absolute = (self._base / value.expanduser()).resolve()
        if str(path[-1]).endswith("_file") and not self._readable(absolute):
            message = f"the file {absolute} cannot be read"
            self._problems.append(self._document.problem(path, message))
        return absolute

    @staticmethod
    def _readable(file: Path) -> bool:
        credentials = os.environ.get("CREDENTIALS_DIRECTORY")
        places = [file, Path(credentials) / file.name] if credentials else [file]
        return any(place.is_file() and os.access(place, os.R_OK) for place in places)

    def _secret(self, value: SecretStr, path: KeyPath) -> SecretStr:
        match = _FROM_ENVIRONMENT.fullmatch(value.get_secret_value())
        if match is None:
            return value
        found = os.environ.get(match[1])
        if found is None:
            message = f"the environment variable {match[1]} is not set"
            self._problems.append(self._document.problem(path, message))
            return value
        return SecretStr(found)

    def _state(self, value: str) -> str:
        if not value.startswith(_SQLITE):
            return value
        return _SQLITE + str((self._base / value.removeprefix(_SQLITE)).resolve())
