"""The guard: which addresses may be reached, and that nothing else is ever connected to."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from ipaddress import ip_network

import httpcore
import httpx
import pytest

from alerter.net import (
    Guard,
    GuardedBackend,
    GuardedTransport,
    look_up,
    was_refused,
    within,
)
from alerter.reach import Reach, guarded_client
from tests.fakes import FeedServer, Item

LOOPBACK = ip_network("127.0.0.0/8")


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1%eth0",
        "fc00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a00:1",
        "64:ff9b:1::7f00:1",
        "2002:7f00:1::",
        "::7f00:1",
    ],
)
def test_private_addresses_are_refused_in_all_their_clothes(address: str) -> None:
    """Loopback, private, link-local, multicast, and IPv4 hidden in IPv6."""
    assert Guard().why_refused(address) is not None


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "64:ff9b::808:808"])
def test_public_addresses_pass(address: str) -> None:
    """Also through NAT64, where a whole network may see nothing else."""
    assert Guard().why_refused(address) is None


def test_allowed_networks_pass_and_no_others() -> None:
    """What the operator lists may be reached; its neighbours may not."""
    guard = Guard(allow=(ip_network("10.1.0.0/16"), ip_network("::1/128")))
    assert guard.why_refused("10.1.2.3") is None
    assert guard.why_refused("::1") is None
    assert guard.why_refused("::ffff:10.1.2.3") is None
    assert guard.why_refused("10.2.2.3") is not None


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f000001", "0177.1"])
def test_every_way_to_write_loopback_is_refused(host: str) -> None:
    """What counts is the address that would be connected to, not how it is written."""
    with FeedServer() as server, guarded_client(Reach()) as client:
        server.feed("/")
        with pytest.raises(httpx.ConnectError) as raised:
            client.get(f"http://{host}:{server.port}/")
        assert was_refused(raised.value)
        assert server.requests() == []


def test_the_address_that_was_checked_is_the_one_connected_to() -> None:
    """DNS rebinding: a resolver that answers public first and private next gets one question."""
    answers = iter([("203.0.113.7",), ("127.0.0.1",)])
    asked: list[str] = []

    def rebinding(host: str, _port: int) -> tuple[str, ...]:
        asked.append(host)
        return next(answers)

    backend = GuardedBackend(Guard(allow=(ip_network("203.0.113.0/24"),)), resolver=rebinding)
    with FeedServer() as server:
        with pytest.raises((httpcore.ConnectError, httpcore.ConnectTimeout)):
            backend.connect_tcp("rebind.example", server.port, timeout=0.2)
        assert server.requests() == []
        with pytest.raises(httpcore.ConnectError, match="refused"):
            backend.connect_tcp("rebind.example", server.port, timeout=0.2)
    assert asked == ["rebind.example", "rebind.example"]


def test_a_private_address_beside_a_public_one_is_not_used() -> None:
    """Of several addresses only those that pass are tried."""
    backend = GuardedBackend(
        Guard(allow=(LOOPBACK,)), resolver=lambda _host, _port: ("10.0.0.1", "127.0.0.1")
    )
    with FeedServer() as server:
        stream = backend.connect_tcp("mixed.example", server.port, timeout=1)
        assert stream.get_extra_info("server_addr") == ("127.0.0.1", server.port)
        stream.close()


def test_a_redirect_to_a_private_address_is_refused() -> None:
    """Each hop connects through the same guard."""
    transport = GuardedTransport(Guard(allow=(ip_network("127.0.0.1/32"),)), resolver=look_up)
    with (
        FeedServer() as server,
        FeedServer(host="127.0.0.2") as inner,
        httpx.Client(transport=transport, follow_redirects=True) as client,
    ):
        inner.feed("/", Item("secret"))
        server.feed("/", status=302, location=inner.url("/"))
        with pytest.raises(httpx.ConnectError) as raised:
            client.get(server.url("/"))
        assert was_refused(raised.value)
        assert inner.requests() == []


def test_proxies_of_the_environment_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy would fetch for us what we may not fetch ourselves."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    with FeedServer() as server, guarded_client(Reach(allow=(LOOPBACK,))) as client:
        server.feed("/", Item("here"))
        assert b"here" in client.get(server.url("/")).content


def test_a_resolver_that_hangs_is_left_alone_after_the_deadline() -> None:
    """The system's resolver knows no timeout, so it is asked in a thread of its own."""
    release = threading.Event()

    def hanging(_host: str, _port: int) -> tuple[str, ...]:
        release.wait(10)
        return ()

    backend = GuardedBackend(Guard(), resolver=hanging)
    start = time.monotonic()
    with within(timedelta(seconds=0.1)), pytest.raises(httpcore.ConnectTimeout, match="DNS"):
        backend.connect_tcp("slow.example", 80)
    assert time.monotonic() - start < 2
    release.set()


def test_a_name_that_does_not_exist_says_so() -> None:
    """The reason names the host."""

    def unknown(_host: str, _port: int) -> tuple[str, ...]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with pytest.raises(httpcore.ConnectError, match=r"cannot resolve nowhere\.example"):
        GuardedBackend(Guard(), resolver=unknown).connect_tcp("nowhere.example", 80, timeout=1)


def test_headers_that_drip_are_cut_at_the_deadline() -> None:
    """Each byte arrives in time; the whole does not."""
    with FeedServer() as server, guarded_client(Reach(allow=(LOOPBACK,))) as client:
        server.feed("/", Item("slow"), drip_headers=True)
        start = time.monotonic()
        with within(timedelta(seconds=0.3)), pytest.raises(httpx.ReadTimeout):
            client.get(server.url("/"))
        assert time.monotonic() - start < 2


def test_deadlines_nest_and_end() -> None:
    """After the block the old limit is back, and without one there is none."""
    with FeedServer() as server, guarded_client(Reach(allow=(LOOPBACK,))) as client:
        server.feed("/", Item("here"))
        with within(timedelta(seconds=0)), pytest.raises(httpx.TimeoutException):
            client.get(server.url("/"))
        assert client.get(server.url("/")).status_code == 200


@contextmanager
def _silent_listener() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield int(listener.getsockname()[1])


def test_a_handshake_that_never_comes_is_cut_at_the_deadline() -> None:
    """A server that accepts and says nothing, asked for TLS."""
    with _silent_listener() as port, guarded_client(Reach(allow=(LOOPBACK,))) as client:
        with within(timedelta(seconds=0.2)), pytest.raises(httpx.ConnectTimeout):
            client.get(f"https://127.0.0.1:{port}/")


def test_a_connection_is_kept_for_the_next_request() -> None:
    """Two requests to one server over one connection; a closed one is replaced unseen."""
    with FeedServer() as server, guarded_client(Reach(allow=(LOOPBACK,))) as client:
        server.feed("/", Item("here"))
        for _ in range(3):
            assert client.get(server.url("/")).status_code == 200
