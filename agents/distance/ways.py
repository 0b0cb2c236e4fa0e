"""A place as a tool is given it, and the way there: a ZIP code, a city, an address, or miles outright."""

import re
from dataclasses import replace

from agents.tools.results import Impossible
from agents.understanding.facts import Where
from agents.understanding.places import read_where
from agents.understanding.text import fold
from business.bookings.chefs import Spot
from business.profile.schemas import Profile
from business.travel.rules import TravelFee
from business.travel.service import TravelService, UnknownPlace

_STREET = re.compile(r"\b\d+\w?\s+\S*[a-z]", re.IGNORECASE)


class Ways:
    """Finds places and fees for the tools."""

    def __init__(self, travel: TravelService) -> None:
        self._travel = travel

    async def to(self, profile: Profile, place: str) -> tuple[Where, TravelFee]:
        """Where that is and what the way costs. Raises Impossible (`unknown_place`)."""
        where = read_where(profile, fold(place))
        if where is None or where.unknown:
            raise Impossible("unknown_place", "place: no such ZIP code or city is known; give a ZIP code, or city and state")
        if where.miles is None and where.address is None and _STREET.search(place):
            where = replace(where, address=place.strip())
        try:
            return where, await self._travel.fee(profile, where)
        except UnknownPlace:
            raise Impossible("unknown_place", "place: the town or ZIP code is missing; ask for it") from None


def spot_of(where: Where | None, fee: TravelFee | None) -> Spot:
    """Where a chef would go, as far as it is known."""
    place = where.place if where is not None else None
    miles = fee.miles if fee is not None else None
    return Spot(place.latitude, place.longitude, miles) if place is not None else Spot(miles=miles)
