"""Talk to systemd: readiness, reload, watchdog (sd_notify(3)), one datagram each."""

from __future__ import annotations

import os
import socket
import time
from datetime import timedelta


def notify(*lines: str) -> bool:
    """Send `READY=1`, `STATUS=...` and the like; False where no systemd is listening."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return False
    if address.startswith("@"):  # an abstract socket begins with a zero byte
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
        try:
            channel.connect(address)
            channel.sendall("\n".join(lines).encode())
        except OSError:
            return False
    return True


def reloading() -> tuple[str, str]:
    """The lines that announce a reload; systemd compares the time with that of `READY=1`."""
    return "RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}"


def watchdog_interval() -> timedelta | None:
    """How often systemd wants to hear from us: half of `WatchdogSec`, or None without one."""
    limit = os.environ.get("WATCHDOG_USEC")
    owner = os.environ.get("WATCHDOG_PID")
    if limit is None or (owner is not None and owner != str(os.getpid())):
        return None
    return timedelta(microseconds=int(limit)) / 2
