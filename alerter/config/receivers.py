"""Settings of receivers: one model per channel, keyed by the word used in the YAML."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, model_validator

from alerter.config.base import Settings


class ConsoleSettings(Settings):
    """Print alerts on standard output."""


class SlackSettings(Settings):
    """Slack: an incoming webhook, or a bot token with a channel for live messages in threads."""

    webhook_url: SecretStr | None = None
    webhook_url_file: Path | None = None
    token: SecretStr | None = None
    token_file: Path | None = None
    channel: str | None = None
    api_url: str = "https://slack.com/api"


class SmtpSettings(Settings):
    """The mail server. `tls: none` is for a server on this machine only."""

    host: str = "localhost"
    port: int = Field(default=25, ge=1, le=65535)
    tls: Literal["none", "starttls", "tls"] = "starttls"
    username: str | None = None
    password: SecretStr | None = None
    password_file: Path | None = None
    ca_file: Path | None = None
    timeout: float = 20.0


class EmailSettings(Settings):
    """E-mail: text and HTML parts, one thread per incident."""

    to: tuple[str, ...] = Field(min_length=1)
    from_: str = Field(alias="from")
    smtp: SmtpSettings = SmtpSettings()
    reply_to: str | None = None


class WebhookSettings(Settings):
    """A webhook, version 1 of the contract, signed when there is a secret."""

    url: SecretStr | None = None
    url_file: Path | None = None
    secret: SecretStr | None = None
    secret_file: Path | None = None


class TeamsSettings(Settings):
    """Microsoft Teams: a workflow webhook that takes adaptive cards."""

    webhook_url: SecretStr | None = None
    webhook_url_file: Path | None = None


class MattermostSettings(Settings):
    """Mattermost and Rocket.Chat: an incoming webhook."""

    webhook_url: SecretStr | None = None
    webhook_url_file: Path | None = None


class TelegramSettings(Settings):
    """Telegram: a bot and a chat."""

    token: SecretStr | None = None
    token_file: Path | None = None
    chat: str
    api_url: str = "https://api.telegram.org"


class NtfySettings(Settings):
    """ntfy: a topic on a server, with an optional access token."""

    url: str = "https://ntfy.sh"
    topic: SecretStr | None = None
    topic_file: Path | None = None
    token: SecretStr | None = None
    token_file: Path | None = None


class PagerdutySettings(Settings):
    """PagerDuty Events API v2."""

    routing_key: SecretStr | None = None
    routing_key_file: Path | None = None
    api_url: str = "https://events.pagerduty.com/v2/enqueue"


class AppriseSettings(Settings):
    """Anything else, by the `apprise` extra. The URL is a secret."""

    url: SecretStr | None = None
    url_file: Path | None = None


CHANNEL_KEYS = (
    "console",
    "slack",
    "email",
    "webhook",
    "teams",
    "mattermost",
    "telegram",
    "ntfy",
    "pagerduty",
    "apprise",
)


class ReceiverSettings(Settings):
    """A name and exactly one channel."""

    name: str = Field(min_length=1)
    console: ConsoleSettings | None = None
    slack: SlackSettings | None = None
    email: EmailSettings | None = None
    webhook: WebhookSettings | None = None
    teams: TeamsSettings | None = None
    mattermost: MattermostSettings | None = None
    telegram: TelegramSettings | None = None
    ntfy: NtfySettings | None = None
    pagerduty: PagerdutySettings | None = None
    apprise: AppriseSettings | None = None

    @model_validator(mode="after")
    def _exactly_one_channel(self) -> ReceiverSettings:
        given = [key for key in CHANNEL_KEYS if getattr(self, key) is not None]
        if len(given) != 1:
            found = ", ".join(given) or "none"
            raise ValueError(f"needs exactly one of {', '.join(CHANNEL_KEYS)}; found {found}")
        return self

    @property
    def channel(self) -> str:
        """The word of the channel, a key of the table of channels."""
        return next(key for key in CHANNEL_KEYS if getattr(self, key) is not None)

    @property
    def keeps_state(self) -> bool:
        """Whether an incident is a thing of its own there, that can end.

        Pages, live messages, and programs, which must be told when to close their ticket.
        """
        live = self.slack is not None and self.slack.channel is not None
        return live or self.pagerduty is not None or self.webhook is not None

    @property
    def reads(self) -> bool:
        """Whether people read what arrives here, one message at a time.

        Not programs, which sort for themselves, nor a terminal, which interrupts nobody.
        """
        return not (self.webhook or self.pagerduty or self.console)

    @property
    def channel_settings(self) -> Settings:
        """The settings of that channel."""
        settings: Settings = getattr(self, self.channel)
        return settings
