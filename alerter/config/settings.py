"""The whole configuration as one frozen value."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from alerter.config.base import Duration, Settings
from alerter.config.feeds import FeedSettings, PollSettings
from alerter.config.missions import MissionSettings
from alerter.config.receivers import ConsoleSettings, ReceiverSettings
from alerter.config.routes import (
    DigestSettings,
    DrillSettings,
    HeartbeatSettings,
    InhibitSettings,
    RouteSettings,
)

Probability = Annotated[float, Field(ge=0, le=1)]


class Thresholds(Settings):
    """Above `alert` somebody is told; between the two is the review queue."""

    alert: Probability = 0.8
    review: Probability = 0.5

    @model_validator(mode="after")
    def _in_order(self) -> Thresholds:
        if self.review > self.alert:
            raise ValueError("review must not be above alert")
        return self


class WebSettings(Settings):
    """Where the web console listens; port 0 takes any free port. `url` is how people reach it."""

    listen: str = Field(default="127.0.0.1:8480", pattern=r"^.+:\d{1,5}$")
    url: str | None = None


class RetentionSettings(Settings):
    """How long rows are kept."""

    articles: Duration = timedelta(days=90)
    incidents: Duration = timedelta(days=5 * 365)


class EmbedderSettings(Settings):
    """Where sentence vectors come from: the `multilingual` extra, or an operator's ONNX export."""

    use: Literal["auto", "none"] = "auto"
    onnx: Path | None = None


class AlerterSettings(Settings):
    """Everything the daemon needs to know. Built by `config.load`, never by hand in production."""

    state: str = "sqlite:///state/alerter.db"
    feeds: tuple[FeedSettings, ...] = ()
    feeds_from: tuple[Path, ...] = ()
    poll: PollSettings = PollSettings()
    missions: tuple[MissionSettings, ...] = ()
    missions_from: tuple[Path, ...] = ()
    watch: Literal["all", "mine"] = "all"
    thresholds: Thresholds = Thresholds()
    embedder: EmbedderSettings = EmbedderSettings()
    model: Path | None = None
    receivers: tuple[ReceiverSettings, ...] = (
        ReceiverSettings(name="console", console=ConsoleSettings()),
    )
    routes: tuple[RouteSettings, ...] = ()
    inhibit: tuple[InhibitSettings, ...] = ()
    digest: tuple[DigestSettings, ...] = ()
    drill: DrillSettings | None = None
    heartbeat: HeartbeatSettings | None = None
    web: WebSettings = WebSettings()
    retention: RetentionSettings = RetentionSettings()
    templates: Path | None = None
