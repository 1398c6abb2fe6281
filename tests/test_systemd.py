"""Talking to systemd."""

from __future__ import annotations

import os
import socket
from datetime import timedelta
from pathlib import Path

import pytest

from alerter import systemd


def test_a_notification_is_one_datagram(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All lines of one message arrive together."""
    path = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(path))
        monkeypatch.setenv("NOTIFY_SOCKET", str(path))
        assert systemd.notify("READY=1", "STATUS=3 feeds")
        assert listener.recv(1000) == b"READY=1\nSTATUS=3 feeds"


def test_without_systemd_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal there is nobody to tell."""
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    assert not systemd.notify("READY=1")


def test_the_watchdog_is_fed_at_half_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """And only by the process that systemd watches."""
    monkeypatch.setenv("WATCHDOG_USEC", "120000000")
    monkeypatch.setenv("WATCHDOG_PID", str(os.getpid()))
    assert systemd.watchdog_interval() == timedelta(seconds=60)
    monkeypatch.setenv("WATCHDOG_PID", "1")
    assert systemd.watchdog_interval() is None
