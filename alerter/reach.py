"""The way out of the house: straight through the guard, or by the proxy that the house has.

By the proxy the names of public hosts are looked up by the proxy, which then decides what may be
reached. Whatever is private by its very name (an address of a private network, localhost) never
goes to it: the guard decides, as it does without one.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, Self

import httpx

from alerter.config.base import resolve_secret
from alerter.config.feeds import PollSettings
from alerter.domain.errors import AlerterError
from alerter.net import ANYWHERE, Guard, GuardedTransport, Network, Resolver, look_up

DEFAULT_TIMEOUT: Final = timedelta(seconds=20)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    """A proxy of the house, and the names of hosts that are reached without it."""

    url: str
    auth: tuple[str, str] | None = field(default=None, repr=False)
    direct: tuple[str, ...] = ()

    def serves(self, host: str) -> bool:
        """Whether a host is reached by the proxy. `.example.org` names all below it."""
        host = host.lower().rstrip(".")
        if any(host == name or (name[0] == "." and host.endswith(name)) for name in self.direct):
            return False
        return not Guard().bars(host)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """What may be reached, and how: the public addresses, those in `allow`, perhaps by a proxy."""

    allow: tuple[Network, ...] = ()
    proxy: Proxy | None = None

    @classmethod
    def of(cls, poll: PollSettings) -> Self:
        """As the settings say. Raises AlerterError where the proxy's password cannot be read."""
        given = poll.proxy
        if given is None:
            return cls(allow=poll.allow_networks)
        try:
            password = resolve_secret(given.password, given.password_file)
        except (OSError, UnicodeDecodeError) as error:
            raise AlerterError(f"poll.proxy: password_file cannot be read: {error}") from None
        auth = None
        if given.username is not None:
            auth = (given.username, password.get_secret_value() if password else "")
        direct = tuple(name.lower() for name in given.direct)
        return cls(allow=poll.allow_networks, proxy=Proxy(url=given.url, auth=auth, direct=direct))

    def transport(
        self,
        *,
        tls: ssl.SSLContext | None = None,
        limits: httpx.Limits | None = None,
        resolver: Resolver = look_up,
    ) -> httpx.BaseTransport:
        """A transport for an httpx client that goes this way."""
        straight = GuardedTransport(
            Guard(allow=self.allow), tls=tls, limits=limits, resolver=resolver
        )
        if self.proxy is None:
            return straight
        # The proxy itself is where the operator says, mostly in a private network.
        by_proxy = GuardedTransport(
            Guard(allow=ANYWHERE), tls=tls, limits=limits, resolver=resolver,
            proxy=httpx.Proxy(self.proxy.url, auth=self.proxy.auth),
        )  # fmt: skip
        return _TwoWays(self.proxy, by_proxy=by_proxy, straight=straight)


class _TwoWays(httpx.BaseTransport):
    """Each request by the proxy or straight, as its host asks for; redirects are requests too."""

    def __init__(
        self, proxy: Proxy, *, by_proxy: httpx.BaseTransport, straight: httpx.BaseTransport
    ) -> None:
        self._proxy, self._by_proxy, self._straight = proxy, by_proxy, straight

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        served = self._proxy.serves(request.url.host)
        return (self._by_proxy if served else self._straight).handle_request(request)

    def close(self) -> None:
        self._by_proxy.close()
        self._straight.close()


def guarded_client(reach: Reach, *, timeout: timedelta = DEFAULT_TIMEOUT) -> httpx.Client:
    """A client that reaches what it may and follows no redirect.

    Refusals arrive as `httpx.ConnectError`; `net.was_refused` tells them from a dead network. Wrap
    requests in `net.within(...)` for a total deadline; `timeout` alone bounds single reads.
    """
    return httpx.Client(
        transport=reach.transport(),
        timeout=timeout.total_seconds(),
        trust_env=False,
    )
