"""A desk with receivers in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from alerter.config.settings import AlerterSettings
from alerter.store import Store
from tests.conftest import Clock
from tests.pipeline.fakes_notify import Desk


@pytest.fixture
def make_desk(
    store: Store, make_settings: Callable[..., AlerterSettings], clock: Clock
) -> Iterator[Callable[..., Desk]]:
    """A desk for settings as they stand in the YAML; receivers are `desk` and `mail`."""
    made: list[Desk] = []

    def make(**given: Any) -> Desk:
        made.append(Desk(store, make_settings(**given), clock))
        return made[-1]

    yield make
    for each in made:
        each.close()
