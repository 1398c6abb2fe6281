"""Certificates for tests, made on the spot by the `openssl` of the system."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest


def a_certificate(folder: Path, name: str = "localhost", *, days: int = 2) -> tuple[Path, Path]:
    """A certificate for a host name that vouches for itself, and its key. Skips without openssl."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("needs the program openssl to make certificates")
    certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
    subprocess.run(
        [
            *(openssl, "req", "-x509", "-nodes", "-days", str(days), "-subj", f"/CN={name}"),
            *("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"),
            *("-addext", f"subjectAltName=DNS:{name}", "-keyout", key, "-out", certificate),
        ],
        check=True,
        capture_output=True,
    )
    return certificate, key
