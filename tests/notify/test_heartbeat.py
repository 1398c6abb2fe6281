"""The outside watcher hears from us only while all is well."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from alerter.config.feeds import PollSettings
from alerter.config.routes import HeartbeatSettings
from alerter.notify.heartbeat import STEPS, Heartbeat, why_silent
from tests.acceptance.sink import Sink
from tests.builders import NOON

MINUTE = timedelta(minutes=1)
WELL = dict.fromkeys(STEPS, NOON)


def test_all_steps_at_work_and_nothing_waiting() -> None:
    """Then there is a sign of life."""
    assert why_silent(WELL, waiting_since=None, now=NOON + MINUTE) is None


@pytest.mark.parametrize("step", STEPS)
def test_one_stuck_step_is_enough_to_be_silent(step: str) -> None:
    """And it is named."""
    stuck = WELL | {step: NOON - 4 * MINUTE}
    why = why_silent(stuck, waiting_since=None, now=NOON)
    assert why == f"{step} has made no progress since 2020-09-15 11:56 UTC"
    missing = {name: at for name, at in WELL.items() if name != step}
    assert why_silent(missing, waiting_since=None, now=NOON) == f"{step} has not run yet"


def test_an_alert_that_reaches_nobody_is_an_emergency() -> None:
    """The watcher is the only one left who can say so."""
    assert why_silent(WELL, waiting_since=NOON - 20 * MINUTE, now=NOON) is None
    why = why_silent(WELL, waiting_since=NOON - 31 * MINUTE, now=NOON)
    assert why == "an alert has been waiting since 2020-09-15 11:29 UTC"
    unheard = "no receiver takes messages: desk: HTTP 404"
    assert why_silent(WELL, waiting_since=None, unheard=unheard, now=NOON) == unheard


def test_the_sign_of_life_is_a_request_to_the_url_and_the_url_is_told_nobody(
    tmp_path: Path,
) -> None:
    """What goes wrong is said without it."""
    local = PollSettings.model_validate({"allow_networks": ["127.0.0.0/8"]})
    with Sink() as sink:
        (tmp_path / "url").write_text(f"{sink.url}/ping-secret\n")
        settings = HeartbeatSettings(url_file=tmp_path / "url")
        heartbeat = Heartbeat(settings, local)
        assert heartbeat.send() == "HTTP 501"  # this sink takes POST only
        heartbeat.close()
        refused = Heartbeat(settings, PollSettings())
        why = refused.send()
        refused.close()
    assert why is not None
    assert "secret" not in why
