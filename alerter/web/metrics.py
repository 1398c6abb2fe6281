"""`/metrics` for Prometheus: gauges read from the store at each scrape, no feed text in labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import Response

from alerter.domain.scales import FeedHealth
from alerter.web.view import View


class _State(Collector):
    """What the database and the steps say right now."""

    def __init__(self, view: View) -> None:
        self._view = view

    def collect(self) -> Iterator[Metric]:
        """All metrics; the names are documented in docs/operations.md."""
        with self._view.store.read() as tx:
            feeds = tx.feeds.all()
            waiting = tx.deliveries.waiting_counts()
            counted = {"articles": tx.articles.count(), "incidents": tx.incidents.count()}
        yield from _feeds([feed.health for feed in feeds])
        depth = GaugeMetricFamily(
            "alerter_deliveries_waiting", "Deliveries not sent yet.", labels=["receiver", "state"]
        )
        for (receiver, state), number in waiting.items():
            depth.add_metric([receiver, state.value], number)
        yield depth
        for name, number in counted.items():
            yield GaugeMetricFamily(f"alerter_{name}", f"Stored {name}.", value=number)
        yield from self._steps()

    def _steps(self) -> Iterator[Metric]:
        progress = self._view.progress
        ended = GaugeMetricFamily(
            "alerter_step_last_success_seconds", "When a step last ended well.", labels=["step"]
        )
        failing = GaugeMetricFamily(
            "alerter_step_failing", "1 while a step fails.", labels=["step"]
        )
        for step, at in sorted(progress.ended.items()):
            ended.add_metric([step], at.timestamp())
            failing.add_metric([step], float(step in progress.failed))
        yield ended
        yield failing
        yield CounterMetricFamily(
            "alerter_ticks_missed", "Ticks of the clock that came too late.", value=progress.missed
        )
        yield GaugeMetricFamily(
            "alerter_config_refused",
            "1 while a changed configuration is refused.",
            value=float(bool(progress.reload_error)),
        )


def _feeds(healths: list[FeedHealth]) -> Iterator[Metric]:
    found = Counter(healths)
    family = GaugeMetricFamily("alerter_feeds", "Feeds by health.", labels=["health"])
    for health in FeedHealth:
        family.add_metric([health.value], found[health])
    yield family


def metrics(view: View, _request: Request) -> Response:
    """The text format of Prometheus."""
    registry = CollectorRegistry()
    registry.register(_State(view))
    return Response(generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST})
