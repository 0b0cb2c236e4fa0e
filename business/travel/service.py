"""What the way to a party costs: measured by a provider for a full address, estimated offline for everything else, never nothing."""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Protocol

import structlog

from business.profile.schemas import Profile
from business.profile.terms import Station
from business.travel.places import Place
from business.travel.providers import GOOGLE, GoogleRoutes, Osrm
from business.travel.routing import Pause, Router, RoutingError, Target
from business.travel.rules import TravelFee, best, fee_for_measured, fee_for_miles, fee_for_place, great_circle_miles

log = structlog.get_logger(__name__)

# No road is shorter than the straight line, and few are three times as long; a ZIP code's middle may be this far from the house.
ZIP_RADIUS_MILES = 15
LONGEST_DETOUR = 3


class Somewhere(Protocol):
    """Where a party is, as far as told: miles outright, the middle of a ZIP code or city, a street address in it."""

    @property
    def miles(self) -> Decimal | None: ...
    @property
    def place(self) -> Place | None: ...
    @property
    def address(self) -> str | None: ...


class UnknownPlace(ValueError):
    """Neither miles nor a place is known: a ZIP code that does not exist, or a street without a city."""


class TravelService:
    """Fees for one process. Holds a bounded cache of measured ways, by a digest of the address: no address is kept."""

    def __init__(
        self,
        router: Router | None = None,
        *,
        cache_entries: int = 2000,
        cache_s: float = 24 * 3600.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Without a `router` everything is estimated."""
        self._router = router
        self._pause = Pause(clock)
        self._ways = _Ways(cache_entries, cache_s, clock)

    async def fee(self, profile: Profile, where: Somewhere) -> TravelFee:
        """The fee of the best station. `precision` is "exact" for miles that were told and for a measured address. Never fails for
        what a provider does: then it is the estimate. Raises UnknownPlace."""
        if where.miles is not None:
            miles = where.miles
            return best(fee_for_miles(station, miles, "exact") for station in profile.travel.stations)
        if where.place is None:
            raise UnknownPlace
        if where.address is not None and self._router is not None:
            measured = await self._measured(self._router, profile, Target(where.address, where.place))
            if measured is not None:
                return measured
        return fee_for_place(profile, where.place.latitude, where.place.longitude, "estimate")

    async def _measured(self, router: Router, profile: Profile, target: Target) -> TravelFee | None:
        stations = profile.travel.stations
        key = _key(stations, target)
        ways = self._ways.get(key)
        if ways is None:
            if self._pause.holds:
                return None
            try:
                ways = await router.miles(stations, target)
            except RoutingError as error:
                self._pause.failed(error)
                log.warning("travel.not_measured", provider=router.name, kind=error.kind)
                return None
            self._pause.succeeded()
            self._ways.put(key, ways)
        believed = [way if _plausible(station, target.place, way) else None for station, way in zip(stations, ways, strict=True)]
        if not any(way is not None for way in believed):
            log.warning("travel.not_believed", provider=router.name)
            return None
        return fee_for_measured(profile, believed, router.precision)

    async def close(self) -> None:
        """Closes the provider's connections."""
        if self._router is not None:
            await self._router.close()


class _Ways:
    """Measured ways: the least used go first, none lives longer than `seconds`."""

    def __init__(self, entries: int, seconds: float, clock: Callable[[], float]) -> None:
        self._entries = entries
        self._seconds = seconds
        self._clock = clock
        self._kept: OrderedDict[str, tuple[float, tuple[Decimal | None, ...]]] = OrderedDict()

    def get(self, key: str) -> tuple[Decimal | None, ...] | None:
        found = self._kept.get(key)
        if found is None:
            return None
        if self._clock() >= found[0]:
            del self._kept[key]
            return None
        self._kept.move_to_end(key)
        return found[1]

    def put(self, key: str, ways: tuple[Decimal | None, ...]) -> None:
        self._kept[key] = (self._clock() + self._seconds, ways)
        self._kept.move_to_end(key)
        while len(self._kept) > self._entries:
            self._kept.popitem(last=False)


def _key(stations: Sequence[Station], target: Target) -> str:
    """The same for the same house however it is typed; another where a station moves."""
    address = " ".join(target.address.replace(",", " ").split()).casefold()
    parts = [address, f"{target.place.latitude},{target.place.longitude}", *(f"{s.latitude},{s.longitude}" for s in stations)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _plausible(station: Station, place: Place, miles: Decimal | None) -> bool:
    """A provider may find another Main Street: what cannot be the way into this ZIP code is not believed."""
    if miles is None:
        return False
    straight = great_circle_miles(station.latitude, station.longitude, place.latitude, place.longitude)
    return straight - ZIP_RADIUS_MILES <= float(miles) <= LONGEST_DETOUR * (straight + ZIP_RADIUS_MILES)


def build_travel(
    provider: str,
    *,
    address: str | None = None,
    key: str | None = None,
    timeout_s: float = 2.0,
    cache_hours: float = 24.0,
    cache_entries: int = 2000,
) -> TravelService:
    """The service as the settings want it. A provider that needs a key and has none is left out: everything is estimated then."""
    router: Router | None = None
    if provider == "google" and key:
        router = GoogleRoutes(key, address=address or GOOGLE, timeout_s=timeout_s)
    elif provider == "osrm" and address:
        router = Osrm(address, timeout_s=timeout_s)
    elif provider != "none":
        log.warning("travel.no_key", provider=provider)
    return TravelService(router, cache_entries=cache_entries, cache_s=cache_hours * 3600)
