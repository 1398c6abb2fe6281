"""What pydantic found wrong, in the words and at the positions that a person needs."""

from __future__ import annotations

import difflib
import types
import typing
from typing import Any

from pydantic import BaseModel, ValidationError

from alerter.config.document import Document, Path
from alerter.domain.errors import Problem


def problems_of(
    error: ValidationError, document: Document, model: type[BaseModel]
) -> list[Problem]:
    """One problem for each mistake that pydantic reports about `document`."""
    return [_problem(dict(item), document, model) for item in error.errors(include_url=False)]


def prunable(error: ValidationError, document: Document) -> set[Path]:
    """What to take out of `document` so that the rest can be looked at for further mistakes.

    A wrong value goes alone; where something is missing, or a value in a list of plain values is
    wrong, what holds it goes.
    """
    paths = {_prunable(dict(item), document) for item in error.errors(include_url=False)}
    return {path for path in paths if not any(path[:n] in paths for n in range(len(path)))}


def _prunable(item: dict[str, Any], document: Document) -> Path:
    path = _real_path(item["loc"], document.value)
    if item["type"] == "missing":
        path = path[:-1]
    while path and isinstance(path[-1], int) and not _is_mapping(document.value, path):
        path = path[:-1]
    return path


def _is_mapping(value: Any, path: Path) -> bool:
    for part in path:
        value = value[part]
    return isinstance(value, dict)


def _problem(item: dict[str, Any], document: Document, model: type[BaseModel]) -> Problem:
    path = _real_path(item["loc"], document.value)
    if item["type"] == "extra_forbidden":
        allowed = allowed_keys(model, path[:-1])
        return document.problem(path, _unknown_key(str(path[-1]), allowed), at_key=True)
    if item["type"] == "missing":
        return document.problem(path, "is missing and required")
    message = str(item["msg"]).removeprefix("Value error, ")
    return document.problem(path, message[:1].lower() + message[1:])


def _unknown_key(key: str, allowed: list[str]) -> str:
    near = difflib.get_close_matches(key, allowed, n=1)
    hint = f"did you mean '{near[0]}'? " if near else ""
    return f"unknown key; {hint}allowed: {', '.join(allowed)}"


def _real_path(loc: tuple[str | int, ...], value: Any) -> Path:
    """Drop the parts of `loc` that name a member of a union and not a key of the file."""
    path: list[str | int] = []
    last = len(loc) - 1
    for place, part in enumerate(loc):
        if isinstance(value, dict) and isinstance(part, str):
            if part not in value and place != last:
                continue
            value = value.get(part)
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            value = value[part]
        else:
            continue
        path.append(part)
    return tuple(path)


def allowed_keys(model: type[BaseModel], path: Path) -> list[str]:
    """The keys that the settings model at `path` below `model` takes."""
    current: Any = model
    for part in path:
        if isinstance(part, str):
            fields = {_key(name, field): field for name, field in current.model_fields.items()}
            if part not in fields:
                return []
            current = _model_in(fields[part].annotation)
        if current is None:
            return []
    return [_key(name, field) for name, field in current.model_fields.items()]


def _key(name: str, field: Any) -> str:
    return field.alias or name


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The settings model inside `X | None`, `tuple[X, ...]` or `Annotated[X, ...]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if isinstance(annotation, types.UnionType) or typing.get_origin(annotation) is not None:
        for inner in typing.get_args(annotation):
            found = _model_in(inner)
            if found is not None:
                return found
    return None
