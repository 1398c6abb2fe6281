"""A poller that lives many short lives: forked on demand, to be killed at any moment.

Run as `python -m tests.acceptance.polling_lives STATE URL...`. Each line on standard input begins a
life: the number of minutes on its clock, and how many rounds it polls. It answers with the process
id of the life, and with `ended` when that is over, one way or the other.
"""

from __future__ import annotations

import logging
import os
import sys
from datetime import timedelta
from ipaddress import ip_network

import structlog

from alerter.collect.poller import Poller
from alerter.config.feeds import FeedSettings, PollSettings
from alerter.config.settings import AlerterSettings
from alerter.pipeline.poll import poll
from alerter.store import Store
from tests.builders import NOON


def settings(state: str, urls: list[str]) -> AlerterSettings:
    """Every feed is due at every round."""
    return AlerterSettings(
        state=state,
        feeds=tuple(FeedSettings(url=url, name=url.rpartition("/")[2]) for url in urls),
        poll=PollSettings(
            every=timedelta(seconds=30),
            floor=timedelta(seconds=1),
            ceiling=timedelta(seconds=30),
            allow_networks=(ip_network("127.0.0.0/8"),),
        ),
    )


def live(configured: AlerterSettings, *, minutes: int, rounds: int) -> None:
    """Poll, round after round, a minute of the clock apart."""
    store = Store.open(configured.state)
    poller = Poller(configured.poll)
    with store.begin() as tx:
        tx.feeds.sync(configured.feeds)
    for number in range(rounds):
        now = NOON + timedelta(minutes=minutes + number)
        poll(store=store, settings=configured, poller=poller, now=now)
    poller.close()
    store.close()


def main() -> None:
    """Fork a life for each line. Nothing is open yet when we fork, and there is one thread."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    configured = settings(sys.argv[1], sys.argv[2:])
    for line in sys.stdin:
        minutes, rounds = map(int, line.split())
        pid = os.fork()
        if pid == 0:
            live(configured, minutes=minutes, rounds=rounds)
            os._exit(0)
        print(pid, flush=True)
        os.waitpid(pid, 0)
        print("ended", flush=True)


if __name__ == "__main__":
    main()
