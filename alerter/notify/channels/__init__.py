"""Ways to reach people and programs: a table, keyed by the word used in the configuration."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from alerter.config.receivers import ReceiverSettings
from alerter.notify.channels.base import MadeChannel, Networks
from alerter.notify.channels.console import ConsoleChannel
from alerter.notify.channels.email import EmailChannel
from alerter.notify.channels.slack import SlackChannel
from alerter.notify.channels.webhook import WebhookChannel
from alerter.notify.message import Channel

CHANNELS: Final[Mapping[str, type[MadeChannel]]] = {
    "console": ConsoleChannel,
    "slack": SlackChannel,
    "email": EmailChannel,
    "webhook": WebhookChannel,
}


def make_channel(
    receiver: ReceiverSettings, templates: Path | None = None, allow_networks: Networks = ()
) -> Channel:
    """The channel of a receiver, ready to send. Raises AlerterError where a secret is missing."""
    return CHANNELS[receiver.channel](
        receiver.channel_settings,
        name=receiver.name,
        templates=templates,
        allow_networks=allow_networks,
    )
