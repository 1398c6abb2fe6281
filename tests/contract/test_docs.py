"""What the documentation says of the program is true."""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from alerter.cli import COMMANDS
from alerter.config.load import load
from alerter.config.settings import AlerterSettings

ROOT = Path(__file__).parents[2]
REFERENCE = (ROOT / "docs/configuration.md").read_text(encoding="utf-8")


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    elif isinstance(annotation, types.UnionType) or typing.get_origin(annotation) is not None:
        for inner in typing.get_args(annotation):
            yield from _models(inner)


def _keys(model: type[BaseModel], seen: set[type[BaseModel]]) -> Iterator[str]:
    seen.add(model)
    for name, field in model.model_fields.items():
        yield field.alias or name
        for inner in _models(field.annotation):
            if inner not in seen:
                yield from _keys(inner, seen)


@pytest.mark.parametrize("key", sorted(set(_keys(AlerterSettings, set()))))
def test_each_key_of_the_configuration_is_in_the_reference(key: str) -> None:
    """A key that nobody can read about does not exist for its users."""
    plain = key.removesuffix("_file")
    assert re.search(rf"`{plain}(_file)?`", REFERENCE)


def test_the_configuration_that_ships_loads() -> None:
    """Also its starter pack: at least sixty feeds, each with name, language and region."""
    settings = load(ROOT / "config/alerter.yaml")
    assert len(settings.feeds) >= 60
    assert all(feed.name and feed.lang and feed.region for feed in settings.feeds)
    assert len({feed.lang for feed in settings.feeds}) >= 12


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_each_command_is_in_the_documentation(name: str) -> None:
    """Some page shows how it is called."""
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    assert any(f"alerter {name}" in page.read_text(encoding="utf-8") for page in pages)


@pytest.mark.parametrize("page", sorted((ROOT / "docs").glob("*.md")), ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    """A link to a file of the repository names one that is there."""
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (page.parent / target).exists(), target
