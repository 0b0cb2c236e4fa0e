"""Distance and travel fee: pure. Miles are one way, as `Decimal`, and count by the tenth, rounded half up."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from math import asin, cos, radians, sin, sqrt
from typing import Literal

from business.profile.schemas import Profile
from business.profile.terms import Station

EARTH_RADIUS_MILES = 3958.8
TENTH = Decimal("0.1")

# `fee`: the price stands. `confirm`: a person confirms. `decline`: too far, said kindly.
Verdict = Literal["fee", "confirm", "decline"]
# `estimate`: from the middle of a ZIP or city. `exact`: from a full address, or miles that were given.
Precision = Literal["estimate", "exact"]


@dataclass(frozen=True, slots=True)
class TravelFee:
    """What the way costs. `cents` is None where no fee is quoted (declined)."""

    station: str
    miles: Decimal
    precision: Precision
    verdict: Verdict
    billable_miles: Decimal
    cents: int | None


def to_tenth(miles: Decimal) -> Decimal:
    return miles.quantize(TENTH, ROUND_HALF_UP)


def fee_for_miles(station: Station, miles: Decimal, precision: Precision) -> TravelFee:
    """The fee for so many miles one way from a station. ValueError for negative miles."""
    if miles < 0:
        raise ValueError("miles cannot be negative")
    miles = to_tenth(miles)
    billable = max(miles - station.free_miles, Decimal(0))
    verdict: Verdict = "fee"
    if miles > station.decline_over_miles:
        verdict = "decline"
    elif miles > station.confirm_over_miles:
        verdict = "confirm"
    cents = int((billable * station.per_mile_cents).quantize(Decimal(1), ROUND_HALF_UP))
    return TravelFee(station.key, miles, precision, verdict, billable, None if verdict == "decline" else cents)


def road_miles(profile: Profile, station: Station, latitude: float, longitude: float) -> Decimal:
    """Planned miles by road: the great circle, lengthened by the profile's road factor."""
    straight = great_circle_miles(station.latitude, station.longitude, latitude, longitude)
    return to_tenth(Decimal(str(straight)) * profile.travel.road_percent / 100)


def fee_for_place(profile: Profile, latitude: float, longitude: float, precision: Precision) -> TravelFee:
    """The cheapest station that goes there; among those that cost the same, the nearest."""
    fees = [fee_for_miles(station, road_miles(profile, station, latitude, longitude), precision) for station in profile.travel.stations]
    return best(fees)


def fee_for_measured(profile: Profile, miles: Sequence[Decimal | None], precision: Precision) -> TravelFee:
    """The same choice from measured miles, one per station, None where there is no road. ValueError where there is none at all."""
    pairs = zip(profile.travel.stations, miles, strict=True)
    return best([fee_for_miles(station, way, precision) for station, way in pairs if way is not None])


def best(fees: Iterable[TravelFee]) -> TravelFee:
    """The cheapest that can be had; among those that cost the same, the nearest."""
    order: tuple[Verdict, ...] = ("fee", "confirm", "decline")
    return min(fees, key=lambda fee: (order.index(fee.verdict), fee.cents or 0, fee.miles))


def great_circle_miles(lat_a: float, lon_a: float, lat_b: float, lon_b: float) -> float:
    """Haversine."""
    half_lat, half_lon = radians(lat_b - lat_a) / 2, radians(lon_b - lon_a) / 2
    h = sin(half_lat) ** 2 + cos(radians(lat_a)) * cos(radians(lat_b)) * sin(half_lon) ** 2
    return 2 * EARTH_RADIUS_MILES * asin(min(1.0, sqrt(h)))
