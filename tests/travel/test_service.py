"""The travel service against servers that speak Google's and OSRM's protocols: exact where it can be, an estimate whatever fails."""

import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from decimal import Decimal

import pytest

from business.profile.loader import load_profile
from business.profile.schemas import Profile
from business.travel.places import Place, zip_place
from business.travel.providers import GoogleRoutes, Osrm
from business.travel.routing import FAILURES, PAUSE_S, Router, RoutingError, Target
from business.travel.rules import TravelFee, fee_for_place
from business.travel.service import TravelService, UnknownPlace, build_travel
from tests.travel.servers import KEY, Fault, MapsServer

PROFILE = load_profile()
STATION = PROFILE.travel.stations[0]
FAR = zip_place("95814")  # Sacramento, some 80 miles from the base
ADDRESS = "1000 Example Street, Sacramento 95814"


@dataclass(frozen=True)
class Told:
    """What a customer told of the place."""

    miles: Decimal | None = None
    place: Place | None = None
    address: str | None = None


HOUSE = Told(place=FAR, address=ADDRESS)


class Time:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def maps() -> AsyncIterator[MapsServer]:
    async with MapsServer() as server:
        yield server


@pytest.fixture
async def serving() -> AsyncIterator[Callable[..., TravelService]]:
    services: list[TravelService] = []

    def make(router: Router | None, **settings: float) -> TravelService:
        services.append(TravelService(router, **settings))  # type: ignore[arg-type]
        return services[-1]

    yield make
    for service in services:
        await service.close()


def google(maps: MapsServer, timeout_s: float = 2.0, key: str = KEY) -> GoogleRoutes:
    return GoogleRoutes(key, address=maps.address, timeout_s=timeout_s)


def estimate(profile: Profile = PROFILE) -> TravelFee:
    assert FAR is not None
    return fee_for_place(profile, FAR.latitude, FAR.longitude, "estimate")


def two_stations() -> Profile:
    """The same business with a second station, in Sacramento itself."""
    assert FAR is not None
    second = STATION.model_copy(update={"key": "north", "zip": "95814", "latitude": FAR.latitude, "longitude": FAR.longitude})
    travel = PROFILE.travel.model_copy(update={"stations": (STATION, second)})
    return PROFILE.model_copy(update={"travel": travel})


class TestWithoutAProvider:
    async def test_miles_that_were_told_are_exact(self, serving: Callable[..., TravelService]) -> None:
        fee = await serving(None).fee(PROFILE, Told(miles=Decimal(45)))
        assert (fee.miles, fee.precision, fee.cents) == (Decimal("45.0"), "exact", 30_00)

    async def test_a_zip_code_and_an_address_are_estimated_alike(self, serving: Callable[..., TravelService]) -> None:
        service = serving(None)
        assert await service.fee(PROFILE, Told(place=FAR)) == estimate()
        assert await service.fee(PROFILE, HOUSE) == estimate()

    @pytest.mark.parametrize("told", [Told(), Told(address="12 Nowhere Lane")])
    async def test_what_is_no_place_is_said_to_be_none(self, serving: Callable[..., TravelService], told: Told) -> None:
        with pytest.raises(UnknownPlace):
            await serving(None).fee(PROFILE, told)


class TestGoogle:
    async def test_a_full_address_is_measured(self, maps: MapsServer, serving: Callable[..., TravelService]) -> None:
        maps.miles = [87.34]
        fee = await serving(google(maps)).fee(PROFILE, HOUSE)
        assert (fee.miles, fee.precision) == (Decimal("87.3"), "exact")
        assert fee.cents == round((87.3 - STATION.free_miles) * STATION.per_mile_cents)
        (asked,) = maps.asked
        assert asked.body["destinations"] == [{"waypoint": {"address": ADDRESS}}]
        origin = asked.body["origins"][0]["waypoint"]["location"]["latLng"]
        assert origin == {"latitude": STATION.latitude, "longitude": STATION.longitude}
        assert asked.headers["X-Goog-Api-Key"] == KEY

    async def test_only_a_full_address_is_sent(self, maps: MapsServer, serving: Callable[..., TravelService]) -> None:
        service = serving(google(maps))
        await service.fee(PROFILE, Told(place=FAR))
        await service.fee(PROFILE, Told(miles=Decimal(3)))
        with pytest.raises(UnknownPlace):
            await service.fee(PROFILE, Told(address="12 Nowhere Lane"))
        assert maps.asked == []

    async def test_of_two_stations_the_cheaper_goes(self, maps: MapsServer, serving: Callable[..., TravelService]) -> None:
        maps.miles = [87.0, 0.0]
        fee = await serving(google(maps)).fee(two_stations(), HOUSE)
        assert (fee.station, fee.miles, fee.cents) == ("north", Decimal("0.0"), 0)

    async def test_a_station_without_a_road_stays_at_home(self, maps: MapsServer, serving: Callable[..., TravelService]) -> None:
        maps.miles = [87.0, None]
        fee = await serving(google(maps)).fee(two_stations(), HOUSE)
        assert (fee.station, fee.precision) == (STATION.key, "exact")

    @pytest.mark.parametrize("miles", [None, 3.0, 900.0])
    async def test_another_house_of_that_name_is_not_believed(
        self, maps: MapsServer, serving: Callable[..., TravelService], miles: float | None
    ) -> None:
        maps.miles = [miles]
        assert await serving(google(maps)).fee(PROFILE, HOUSE) == estimate()

    @pytest.mark.parametrize(
        "element",
        [
            {"status": {"code": 5, "message": "not found"}},
            {"status": {"code": 13}, "condition": "ROUTE_EXISTS", "distanceMeters": 1},
            {"error": {"code": 400, "status": "INVALID_ARGUMENT"}},
            {"error": {"code": 503}},
            {"error": "no"},
            {"originIndex": "0", "condition": "ROUTE_EXISTS"},
            {"originIndex": 4, "condition": "ROUTE_EXISTS", "distanceMeters": 100_000},
            {"condition": "ROUTE_MATRIX_ELEMENT_CONDITION_UNSPECIFIED"},
        ],
    )
    async def test_an_element_that_is_no_way_leaves_the_estimate(
        self, maps: MapsServer, serving: Callable[..., TravelService], element: object
    ) -> None:
        maps.elements = [element]
        assert await serving(google(maps)).fee(PROFILE, HOUSE) == estimate()


class TestOsrm:
    async def test_measures_to_the_middle_of_the_zip_code_and_says_estimate(
        self, maps: MapsServer, serving: Callable[..., TravelService]
    ) -> None:
        maps.miles = [92.5]
        fee = await serving(Osrm(maps.address)).fee(PROFILE, HOUSE)
        assert (fee.miles, fee.precision) == (Decimal("92.5"), "estimate")
        assert FAR is not None
        assert f"{FAR.longitude:.6f},{FAR.latitude:.6f}" in maps.asked[0].path
        assert "Example" not in maps.asked[0].path

    async def test_no_road(self, maps: MapsServer, serving: Callable[..., TravelService]) -> None:
        maps.miles = [None]
        assert await serving(Osrm(maps.address)).fee(PROFILE, HOUSE) == estimate()


FAULTS: list[tuple[Fault, str]] = [
    ("500", "failed"),
    ("401", "refused"),
    ("403", "refused"),
    ("429", "quota"),
    ("400", "bad_request"),
    ("html", "garbage"),
    ("half", "garbage"),
    ("list", "garbage"),
    ("object", "garbage"),
    ("redirect", "garbage"),
    ("huge", "garbage"),
    ("negative", "garbage"),
    ("text", "garbage"),
    ("reset", "unreachable"),
    ("hang", "unreachable"),
]


class TestFaults:
    @pytest.mark.parametrize(("fault", "kind"), FAULTS)
    @pytest.mark.parametrize("provider", ["google", "osrm"])
    async def test_each_has_its_kind_and_leaves_the_estimate(
        self, maps: MapsServer, serving: Callable[..., TravelService], provider: str, fault: Fault, kind: str
    ) -> None:
        maps.fault = fault
        router: Router = google(maps, 0.3) if provider == "google" else Osrm(maps.address, timeout_s=0.3)
        assert FAR is not None
        began = time.monotonic()
        with pytest.raises(RoutingError) as raised:
            await router.miles([STATION], Target(ADDRESS, FAR))
        assert raised.value.kind == kind
        assert raised.value.retry_after_s == (7.0 if fault == "429" else None)
        assert time.monotonic() - began < 2.0
        assert await serving(router).fee(PROFILE, HOUSE) == estimate()
        assert "/elsewhere" not in [asked.path for asked in maps.asked]

    async def test_nobody_listening(self, maps: MapsServer, serving: Callable[..., TravelService]) -> None:
        await maps.stop()
        assert await serving(google(maps)).fee(PROFILE, HOUSE) == estimate()

    async def test_a_wrong_key(self, maps: MapsServer, serving: Callable[..., TravelService]) -> None:
        assert await serving(google(maps, key="wrong")).fee(PROFILE, HOUSE) == estimate()

    async def test_the_errors_carry_neither_key_nor_address(self, maps: MapsServer) -> None:
        maps.fault = "500"
        router = google(maps)
        assert FAR is not None
        with pytest.raises(RoutingError) as raised:
            await router.miles([STATION], Target(ADDRESS, FAR))
        await router.close()
        assert str(raised.value) == "failed"


class TestThePause:
    async def test_after_failures_in_a_row_nobody_waits_for_it(self, maps: MapsServer, serving: Callable[..., TravelService]) -> None:
        clock = Time()
        service = serving(google(maps), clock=clock)
        maps.fault = "500"
        for _ in range(FAILURES + 4):
            assert await service.fee(PROFILE, HOUSE) == estimate()
        assert len(maps.asked) == FAILURES
        maps.fault = "none"
        maps.miles = [88.0]
        clock.now += PAUSE_S + 1
        assert (await service.fee(PROFILE, HOUSE)).precision == "exact"

    async def test_one_failure_after_the_pause_starts_the_next(self, maps: MapsServer, serving: Callable[..., TravelService]) -> None:
        clock = Time()
        service = serving(google(maps), clock=clock)
        maps.fault = "500"
        for _ in range(FAILURES):
            await service.fee(PROFILE, HOUSE)
        clock.now += PAUSE_S + 1
        for _ in range(3):
            await service.fee(PROFILE, HOUSE)
        assert len(maps.asked) == FAILURES + 1

    @pytest.mark.parametrize(("fault", "asked"), [("429", 1), ("403", 1), ("400", 5)])
    async def test_quota_and_a_refused_key_count_at_once_a_bad_address_never(
        self, maps: MapsServer, serving: Callable[..., TravelService], fault: Fault, asked: int
    ) -> None:
        service = serving(google(maps), clock=Time())
        maps.fault = fault
        for _ in range(5):
            assert await service.fee(PROFILE, HOUSE) == estimate()
        assert len(maps.asked) == asked

    async def test_a_quota_says_how_long(self, maps: MapsServer, serving: Callable[..., TravelService]) -> None:
        clock = Time()
        service = serving(google(maps), clock=clock)
        maps.fault = "429"
        await service.fee(PROFILE, HOUSE)
        clock.now += 7.5
        await service.fee(PROFILE, HOUSE)
        assert len(maps.asked) == 2


class TestTheCache:
    async def test_the_same_house_is_asked_for_once(self, maps: MapsServer, serving: Callable[..., TravelService]) -> None:
        maps.miles = [88.0]
        service = serving(google(maps))
        first = await service.fee(PROFILE, HOUSE)
        again = await service.fee(PROFILE, Told(place=FAR, address="1000  example street,  Sacramento  95814"))
        assert first == again
        assert len(maps.asked) == 1

    async def test_it_forgets(self, maps: MapsServer, serving: Callable[..., TravelService]) -> None:
        clock = Time()
        maps.miles = [88.0]
        service = serving(google(maps), clock=clock, cache_s=60.0)
        await service.fee(PROFILE, HOUSE)
        clock.now += 61
        await service.fee(PROFILE, HOUSE)
        assert len(maps.asked) == 2

    async def test_it_is_bounded(self, maps: MapsServer, serving: Callable[..., TravelService]) -> None:
        maps.miles = [88.0]
        service = serving(google(maps), cache_entries=2)
        for number in (1, 2, 1, 3, 1, 2):
            await service.fee(PROFILE, Told(place=FAR, address=f"{number} Example Street, Sacramento 95814"))
        # 1 was used again and stays; 2 went for 3.
        assert len(maps.asked) == 4

    async def test_a_station_that_moves_is_measured_anew(self, maps: MapsServer, serving: Callable[..., TravelService]) -> None:
        maps.miles = [88.0]
        service = serving(google(maps))
        await service.fee(PROFILE, HOUSE)
        moved = STATION.model_copy(update={"latitude": STATION.latitude + 0.01})
        other = PROFILE.model_copy(update={"travel": PROFILE.travel.model_copy(update={"stations": (moved,)})})
        await service.fee(other, HOUSE)
        assert len(maps.asked) == 2

    async def test_another_rule_counts_at_once(self, maps: MapsServer, serving: Callable[..., TravelService]) -> None:
        maps.miles = [88.0]
        service = serving(google(maps))
        before = await service.fee(PROFILE, HOUSE)
        dearer = STATION.model_copy(update={"per_mile_cents": STATION.per_mile_cents * 2})
        other = PROFILE.model_copy(update={"travel": PROFILE.travel.model_copy(update={"stations": (dearer,)})})
        after = await service.fee(other, HOUSE)
        assert before.cents is not None
        assert after.cents == before.cents * 2
        assert len(maps.asked) == 1


class TestBuilding:
    async def test_a_provider_without_its_key_is_left_out(self) -> None:
        service = build_travel("google", key=None)
        assert await service.fee(PROFILE, HOUSE) == estimate()
        await service.close()

    async def test_by_the_settings(self, maps: MapsServer) -> None:
        maps.miles = [88.0]
        for provider in ("google", "osrm"):
            service = build_travel(provider, address=f"{maps.address}/", key=KEY)
            assert (await service.fee(PROFILE, HOUSE)).miles == Decimal("88.0")
            await service.close()
