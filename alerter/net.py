"""The guard between us and the network: which addresses may be reached, and for how long.

Feeds and webhooks name hosts that others control. A name may lead to the router, to the cloud's
metadata service or to a database on the same machine, at once or only at the second look-up (DNS
rebinding). So the address is resolved here, checked here, and the connection goes to exactly the
address that was checked: for the first request and for each redirect, since all of them connect
through the same backend.

It lies between `config` and the stages: `collect` and `notify` build their clients on what `reach`
makes of a `GuardedTransport`. httpx 0.28 has no public argument for the network
backend of its transport, hence the one assignment to a private attribute of the pool, which is
held in place by the pin `httpx<0.29` and by tests/test_net.py.
"""

from __future__ import annotations

import queue
import select
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any, Final

import certifi
import httpcore
import httpx

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address
Resolver = Callable[[str, int], Sequence[str]]
SocketOptions = Iterable[httpcore.SOCKET_OPTION]

# NAT64 (RFC 6052), its local form (RFC 8215) and IPv4-compatible addresses (RFC 4291): an IPv4
# address in other clothes, in the last 32 bits.
_EMBEDDING: Final = (
    IPv6Network("64:ff9b::/96"),
    IPv6Network("64:ff9b:1::/48"),
    IPv6Network("::/96"),
)
ANYWHERE: Final = (IPv4Network("0.0.0.0/0"), IPv6Network("::/0"))  # for what operators name


class AddressRefused(httpcore.ConnectError):
    """The host leads to an address that may not be reached. Trying again makes no sense."""


class _Deadline(threading.local):
    """When the request of this thread must be over, on the monotonic clock."""

    end: float | None = None


_deadline: Final = _Deadline()


@contextmanager
def within(limit: timedelta) -> Iterator[None]:
    """Everything that this thread does on guarded connections must be done within `limit`.

    Bounds the whole of name look-up, connecting, TLS, sending, headers and body, where the
    timeouts of httpx bound each single read: a server that sends a byte every ten seconds is cut.
    """
    before = _deadline.end
    _deadline.end = time.monotonic() + limit.total_seconds()
    try:
        yield
    finally:
        _deadline.end = before


def _left(timeout: float | None, error: type[Exception]) -> float | None:
    """What is left of the deadline, at most `timeout`. Raises `error` when nothing is."""
    if _deadline.end is None:
        return timeout
    left = _deadline.end - time.monotonic()
    if left <= 0:
        raise error("deadline passed")
    return left if timeout is None else min(left, timeout)


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """Which addresses may be reached: the public ones, and those in the networks of `allow`."""

    allow: tuple[Network, ...] = ()

    def why_refused(self, address: str) -> str | None:
        """The reason why `address` may not be reached, or None when it may."""
        ip = ip_address(address.split("%", 1)[0])
        forms = (ip, *_embedded(ip))
        if any(form in network for form in forms for network in self.allow):
            return None
        if all(form.is_global and not form.is_multicast for form in forms):
            return None
        return f"{address} is not a public address; see allow_networks"

    def bars(self, host: str) -> bool:
        """Whether a host is refused, as far as its name alone tells (localhost: RFC 6761, 6.3)."""
        if host == "localhost" or host.endswith(".localhost"):
            host = "127.0.0.1"
        return _is_literal(host) and self.why_refused(host) is not None


def _embedded(ip: Address) -> tuple[Address, ...]:
    """The IPv4 addresses that hide in an IPv6 address."""
    if isinstance(ip, IPv4Address):
        return ()
    if ip.ipv4_mapped is not None:
        return (ip.ipv4_mapped,)
    if ip.sixtofour is not None:
        return (ip.sixtofour,)
    if ip.teredo is not None:
        return ip.teredo
    if any(ip in network for network in _EMBEDDING):
        return (IPv4Address(int(ip) & 0xFFFFFFFF),)
    return ()


def look_up(host: str, port: int) -> Sequence[str]:
    """The addresses of `host` in the order the system prefers. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(address[4][0]) for address in found))


def _look_up_within(resolver: Resolver, host: str, port: int, timeout: float | None) -> list[str]:
    """Resolve in a thread of its own: the system's look-up knows no timeout."""
    answers: queue.SimpleQueue[Sequence[str] | OSError | UnicodeError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(resolver(host, port))
        except (OSError, UnicodeError) as error:
            answers.put(error)

    threading.Thread(target=ask, name="look-up", daemon=True).start()
    try:
        answer = answers.get(timeout=timeout)
    except queue.Empty:
        raise httpcore.ConnectTimeout(f"no answer from DNS for {host}") from None
    if isinstance(answer, Exception):
        raise httpcore.ConnectError(f"cannot resolve {host}: {answer}") from answer
    return list(answer)


def _is_literal(host: str) -> bool:
    try:
        ip_address(host.split("%", 1)[0])
    except ValueError:
        return False
    return True


class GuardedStream(httpcore.NetworkStream):
    """A connection whose every wait ends with the deadline of the thread that uses it."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """The next bytes, or b"" at the end."""
        self._sock.settimeout(_left(timeout, httpcore.ReadTimeout))
        try:
            return self._sock.recv(max_bytes)
        except TimeoutError as error:
            raise httpcore.ReadTimeout("the server went silent") from error
        except OSError as error:
            raise httpcore.ReadError(str(error)) from error

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send all of `buffer`."""
        if not buffer:
            return
        self._sock.settimeout(_left(timeout, httpcore.WriteTimeout))
        try:
            self._sock.sendall(buffer)
        except TimeoutError as error:
            raise httpcore.WriteTimeout("the server does not read") from error
        except OSError as error:
            raise httpcore.WriteError(str(error)) from error

    def close(self) -> None:
        """Close the socket."""
        self._sock.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        """The same connection with TLS. The name is checked against the certificate as usual."""
        self._sock.settimeout(_left(timeout, httpcore.ConnectTimeout))
        try:
            secured = ssl_context.wrap_socket(self._sock, server_hostname=server_hostname)
        except TimeoutError as error:
            self.close()
            raise httpcore.ConnectTimeout("no TLS handshake in time") from error
        except (OSError, ValueError) as error:
            self.close()
            raise httpcore.ConnectError(f"TLS: {_ssl_reason(error)}") from error
        return GuardedStream(secured)

    def get_extra_info(self, info: str) -> Any:
        """What httpcore asks of a stream."""
        if info == "ssl_object":
            return self._sock if isinstance(self._sock, ssl.SSLSocket) else None
        if info == "is_readable":
            return _is_readable(self._sock)
        if info == "server_addr":
            return self._sock.getpeername()
        return None


def _ssl_reason(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"certificate refused: {error.verify_message}"
    return getattr(error, "reason", None) or str(error)


def _is_readable(sock: socket.socket) -> bool:
    """Whether the other side closed or spoke out of turn: an idle connection is then dropped."""
    if sock.fileno() < 0:
        return True
    poll = select.poll()
    poll.register(sock.fileno(), select.POLLIN)
    return bool(poll.poll(0))


class GuardedBackend(httpcore.NetworkBackend):
    """Connects to nothing but addresses that the guard has let pass."""

    def __init__(self, guard: Guard, *, resolver: Resolver = look_up) -> None:
        self._guard = guard
        self._resolver = resolver

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: SocketOptions | None = None,
    ) -> httpcore.NetworkStream:
        """A connection to the first checked address that answers."""
        problem: httpcore.ConnectError | httpcore.ConnectTimeout | None = None
        for address in self._checked(host, port, timeout):
            try:
                return self._connect(address, port, _left(timeout, httpcore.ConnectTimeout))
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                problem = error
        raise problem or httpcore.ConnectError(f"{host} has no address")

    def _checked(self, host: str, port: int, timeout: float | None) -> list[str]:
        left = _left(timeout, httpcore.ConnectTimeout)
        addresses = (
            [host] if _is_literal(host) else _look_up_within(self._resolver, host, port, left)
        )
        refusals = {address: self._guard.why_refused(address) for address in addresses}
        allowed = [address for address, refusal in refusals.items() if refusal is None]
        if addresses and not allowed:
            raise AddressRefused(f"refused: {host}: {next(iter(refusals.values()))}")
        return allowed

    @staticmethod
    def _connect(address: str, port: int, timeout: float | None) -> GuardedStream:
        try:
            sock = socket.create_connection((address, port), timeout)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(f"no connection to {address} in time") from error
        except OSError as error:
            raise httpcore.ConnectError(error.strerror or str(error)) from error
        return GuardedStream(sock)


def tls_context() -> ssl.SSLContext:
    """Check certificates against the system's authorities and those of Mozilla.

    The system's may hold an operator's own; Mozilla's come with certifi, for machines without any.
    """
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


class GuardedTransport(httpx.HTTPTransport):
    """httpx's transport, connecting through the guard. Ignores proxies of the environment."""

    def __init__(
        self,
        guard: Guard,
        *,
        tls: ssl.SSLContext | None = None,
        limits: httpx.Limits | None = None,
        proxy: httpx.Proxy | None = None,
        resolver: Resolver = look_up,
    ) -> None:
        super().__init__(
            verify=tls or tls_context(),
            trust_env=False,
            limits=limits or httpx.Limits(),
            proxy=proxy,
        )
        # httpx has no public way to give its pool a network backend.
        self._pool._network_backend = GuardedBackend(guard, resolver=resolver)  # noqa: SLF001


def was_refused(error: Exception) -> bool:
    """Whether a request failed because the guard let no address pass."""
    return isinstance(error, AddressRefused) or isinstance(error.__cause__, AddressRefused)
