"""A feed server, a fetcher that may reach it, and one parse worker for all tests of a session."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from collections.abc import Callable, Iterator
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from alerter.collect.fetch import Fetcher
from alerter.collect.parsing import ParsePool
from alerter.config.feeds import PollSettings
from tests.fakes import FeedServer

LOOPBACK = ip_network("127.0.0.0/8")


def poll_settings(**given: Any) -> PollSettings:
    """Settings that may reach loopback, with short deadlines."""
    values: dict[str, Any] = {
        "allow_networks": (LOOPBACK,),
        "timeout": timedelta(seconds=5),
        "parse_timeout": timedelta(seconds=10),
    }
    return PollSettings(**(values | given))


@pytest.fixture
def server() -> Iterator[FeedServer]:
    """A server whose feeds the test scripts."""
    with FeedServer() as running:
        yield running


@pytest.fixture
def fetcher_with() -> Iterator[Callable[..., Fetcher]]:
    """Makes fetchers with the settings that a test is about."""
    made: list[Fetcher] = []

    def make(**given: Any) -> Fetcher:
        made.append(Fetcher(poll_settings(**given)))
        return made[-1]

    yield make
    for fetcher in made:
        fetcher.close()


@pytest.fixture(scope="session")
def fetcher() -> Iterator[Fetcher]:
    """One with the usual settings."""
    made = Fetcher(poll_settings())
    yield made
    made.close()


@pytest.fixture(scope="session")
def pool() -> Iterator[ParsePool]:
    """One parse worker, started by the first test that parses."""
    running = ParsePool(timeout=timedelta(seconds=10), processes=1)
    yield running
    running.close()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for `localhost` and 127.0.0.1 that nobody vouches for, with its key."""
    if shutil.which("openssl") is None:
        pytest.skip("needs the openssl command to make a certificate")
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
        + ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
        + ["-keyout", str(file), "-out", str(file.with_suffix(".crt"))],
        check=True,
        capture_output=True,
    )
    file.write_bytes(file.read_bytes() + file.with_suffix(".crt").read_bytes())
    return file


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    """The server's side of TLS with that certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context
