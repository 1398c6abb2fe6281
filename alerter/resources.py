"""Where `templates/` and `config/` are: beside the package in a checkout, inside it in a wheel."""

from __future__ import annotations

from pathlib import Path
from typing import Final

_PACKAGE: Final = Path(__file__).resolve().parent


def bundled(name: str) -> Path:
    """The folder of that name that came with the program. Raises FileNotFoundError without one."""
    for place in (_PACKAGE / "_bundled" / name, _PACKAGE.parent / name):
        if place.is_dir():
            return place
    raise FileNotFoundError(f"the folder {name} is not part of this installation; install it again")
