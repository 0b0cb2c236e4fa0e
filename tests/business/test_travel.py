"""Travel: fees by the tenth of a mile, where a person confirms, where it is declined; places from the bundled table."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from business.profile.loader import load_profile
from business.travel.places import cities, zip_place
from business.travel.rules import fee_for_miles, fee_for_place, great_circle_miles

PROFILE = load_profile()
STATION = PROFILE.travel.stations[0]


class TestFees:
    @pytest.mark.parametrize(
        ("miles", "cents"),
        [
            ("0", 0),
            ("30", 0),
            ("30.04", 0),
            ("30.05", 20),
            ("30.1", 20),
            ("35", 10_00),
            ("45", 30_00),
            ("50", 40_00),
            ("80", 100_00),
        ],
    )
    def test_by_the_tenth_rounded_half_up(self, miles: str, cents: int) -> None:
        assert fee_for_miles(STATION, Decimal(miles), "exact").cents == cents

    @pytest.mark.parametrize(("miles", "verdict"), [("100", "fee"), ("100.1", "confirm"), ("150", "confirm"), ("150.1", "decline")])
    def test_far_away(self, miles: str, verdict: str) -> None:
        fee = fee_for_miles(STATION, Decimal(miles), "exact")
        assert fee.verdict == verdict
        assert (fee.cents is None) == (verdict == "decline")

    def test_negative_miles_are_refused(self) -> None:
        with pytest.raises(ValueError, match="negative"):
            fee_for_miles(STATION, Decimal(-1), "exact")

    @given(st.decimals(0, 150, places=3), st.decimals(0, 150, places=3))
    def test_farther_is_never_cheaper(self, one: Decimal, other: Decimal) -> None:
        near, far = sorted((one, other))
        near_fee, far_fee = (fee_for_miles(STATION, miles, "exact").cents for miles in (near, far))
        assert near_fee is not None
        assert far_fee is not None
        assert near_fee <= far_fee


class TestPlaces:
    def test_the_base_is_free(self) -> None:
        place = zip_place(STATION.zip)
        assert place is not None
        fee = fee_for_place(PROFILE, place.latitude, place.longitude, "estimate")
        assert (fee.miles, fee.cents, fee.precision) == (Decimal("0.0"), 0, "estimate")

    def test_a_zip_is_estimated_by_road(self) -> None:
        place = zip_place("95112")
        assert place is not None
        fee = fee_for_place(PROFILE, place.latitude, place.longitude, "estimate")
        straight = great_circle_miles(STATION.latitude, STATION.longitude, place.latitude, place.longitude)
        assert float(fee.miles) == pytest.approx(straight * 1.25, abs=0.06)

    @pytest.mark.parametrize("code", ["00000", "9453", "945399", "9453x", "", "٩٤٥٣٩"])
    def test_what_is_no_zip_is_nowhere(self, code: str) -> None:
        assert zip_place(code) is None

    def test_cities_are_known_by_name(self) -> None:
        place = cities("CA")["san jose"]
        assert (place.name, place.state) == ("San Jose", "CA")
        assert fee_for_place(PROFILE, place.latitude, place.longitude, "estimate").cents == 0
        far = cities("CA")["los angeles"]
        assert fee_for_place(PROFILE, far.latitude, far.longitude, "estimate").verdict == "decline"

    def test_of_several_stations_the_cheapest_goes(self) -> None:
        south = STATION.model_copy(update={"key": "south", "latitude": 34.05, "longitude": -118.24})
        travel = PROFILE.travel.model_copy(update={"stations": (STATION, south)})
        two = PROFILE.model_copy(update={"travel": travel})
        far = cities("CA")["los angeles"]
        fee = fee_for_place(two, far.latitude, far.longitude, "estimate")
        assert (fee.station, fee.cents) == ("south", 0)

    def test_distance_is_that_of_the_earth(self) -> None:
        assert great_circle_miles(37.6189, -122.375, 40.6398, -73.7789) == pytest.approx(2580, abs=10)  # SFO to JFK
