"""Ways to reach people and programs: a table, keyed by the word used in the configuration."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from alerter.config.receivers import ReceiverSettings
from alerter.notify.channels.apprise import AppriseChannel
from alerter.notify.channels.base import MadeChannel
from alerter.notify.channels.console import ConsoleChannel
from alerter.notify.channels.email import EmailChannel
from alerter.notify.channels.mattermost import MattermostChannel
from alerter.notify.channels.ntfy import NtfyChannel
from alerter.notify.channels.pagerduty import PagerdutyChannel
from alerter.notify.channels.slack import SlackChannel
from alerter.notify.channels.teams import TeamsChannel
from alerter.notify.channels.telegram import TelegramChannel
from alerter.notify.channels.webhook import WebhookChannel
from alerter.notify.message import Channel
from alerter.reach import Reach

CHANNELS: Final[Mapping[str, type[MadeChannel]]] = {
    "console": ConsoleChannel,
    "slack": SlackChannel,
    "email": EmailChannel,
    "webhook": WebhookChannel,
    "teams": TeamsChannel,
    "mattermost": MattermostChannel,
    "telegram": TelegramChannel,
    "ntfy": NtfyChannel,
    "pagerduty": PagerdutyChannel,
    "apprise": AppriseChannel,
}


def make_channel(
    receiver: ReceiverSettings, templates: Path | None = None, reach: Reach | None = None
) -> Channel:
    """The channel of a receiver, ready to send. Raises ReceiverError where it cannot send."""
    return CHANNELS[receiver.channel](
        receiver.channel_settings,
        name=receiver.name,
        templates=templates,
        reach=reach or Reach(),
    )
