"""Whether the steps of this process make progress: for the watchdog, health and the console."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

# A step that has not ended for so long is stuck; longer than any deadline inside it.
STUCK_AFTER: Final = timedelta(minutes=3)


@dataclass
class Progress:
    """When each step last ended well, and what it last failed of. Shared between threads."""

    ended: dict[str, datetime] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    missed: int = 0
    reload_error: str = ""

    def stuck(self, now: datetime) -> list[str]:
        """The steps that have made no progress for too long."""
        return [step for step, at in self.ended.items() if now - at > STUCK_AFTER]
