"""Settings of the posts that the user guards."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from alerter.config.base import Kilometres, Settings
from alerter.domain.mission import Mission

Country = Annotated[str, Field(pattern=r"^([A-Z]{2}|UN|EU|XX)$")]
Latitude = Annotated[float, Field(ge=-90, le=90)]
Longitude = Annotated[float, Field(ge=-180, le=180)]


class MissionSettings(Settings):
    """One post: whose it is, where it stands, what else it is called."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]*$")
    name: str
    sending: Country
    host: Country
    kind: str = "embassy"
    city: str | None = None
    location: tuple[Latitude, Longitude] | None = None
    radius: Kilometres = 25.0
    aliases: tuple[str, ...] = ()

    def mission(self) -> Mission:
        """The same as a value of the domain."""
        lat, lon = self.location or (None, None)
        return Mission(
            id=self.id,
            name=self.name,
            sending=self.sending,
            host=self.host,
            kind=self.kind,
            city=self.city,
            lat=lat,
            lon=lon,
            radius_km=self.radius,
            aliases=self.aliases,
        )
