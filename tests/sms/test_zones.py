"""When it is day for somebody: every zone of the area code, and of the address; on the days on which clocks change, too."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from business.channels.zones import is_open, opening, zones_at, zones_of
from business.profile.faults import check
from business.profile.loader import load_profile

PROFILE = load_profile()


def at(zone: str, *moment: int) -> datetime:
    return datetime(*moment, tzinfo=ZoneInfo(zone)).astimezone(UTC)  # type: ignore[arg-type, misc]


def names(number: str) -> set[str]:
    return {zone.key for zone in zones_of(number)}


class TestWhere:
    @pytest.mark.parametrize(
        ("number", "zones"),
        [
            ("+14155557001", {"America/Los_Angeles"}),
            ("+13035557001", {"America/Denver"}),
            ("+16025557001", {"America/Phoenix"}),
            ("+18085557001", {"Pacific/Honolulu"}),
            ("+18505557001", {"America/New_York", "America/Chicago"}),  # Florida's west, by whichever exchange
            ("+14485557001", {"America/New_York", "America/Chicago"}),  # laid over it
            ("+16055557001", {"America/Chicago", "America/Denver", "America/North_Dakota/Center"}),
            ("+12085557001", {"America/Boise", "America/Denver", "America/Los_Angeles"}),
            ("+17095557001", {"America/St_Johns", "America/Halifax"}),
            ("+18765557001", {"America/Jamaica"}),
            ("+17875557001", {"America/Puerto_Rico"}),
            ("+525512345678", {"America/Mexico_City"}),
            ("+34612345678", {"Europe/Madrid", "Atlantic/Canary", "Africa/Ceuta"}),
        ],
    )
    def test_by_area_code_and_country(self, number: str, zones: set[str]) -> None:
        assert names(number) & zones and names(number) <= zones

    @pytest.mark.parametrize("number", ["+18005557001", "+18885557001", "+15005557001", "+18375557001"])
    def test_no_place_is_anywhere(self, number: str) -> None:
        assert {"America/New_York", "America/Los_Angeles", "Pacific/Honolulu", "America/St_Johns"} <= names(number)

    def test_by_zip(self) -> None:
        assert [zone.key for zone in zones_at("94539")] == ["America/Los_Angeles"]
        assert [zone.key for zone in zones_at("10001-1234")] == ["America/New_York"]
        for code in ("", None, "0", "99999", "abcde", "١٢٣٤٥"):
            assert zones_at(code) == ()


class TestHours:
    @pytest.mark.parametrize(
        ("hour", "minute", "open_"), [(7, 59, False), (8, 0, True), (12, 0, True), (20, 59, True), (21, 0, False), (23, 59, False)]
    )
    def test_borders(self, hour: int, minute: int, open_: bool) -> None:
        assert is_open(at("America/Denver", 2026, 7, 4, hour, minute), zones_of("+13035557001"), PROFILE) is open_

    def test_the_stricter_of_two_zones(self) -> None:
        zones = zones_of("+18505557001")
        assert not is_open(at("America/New_York", 2026, 7, 4, 8, 30), zones, PROFILE)  # 7:30 in Chicago
        assert is_open(at("America/New_York", 2026, 7, 4, 9, 0), zones, PROFILE)
        assert not is_open(at("America/Chicago", 2026, 7, 4, 20, 30), zones, PROFILE)  # 21:30 in New York

    def test_number_and_address(self) -> None:
        zones = (*zones_of("+12125557001"), *zones_at("94539"))  # from New York, lives in California
        assert opening(at("America/New_York", 2026, 7, 4, 9, 0), zones, PROFILE) == at("America/Los_Angeles", 2026, 7, 4, 8, 0)
        late = at("America/Los_Angeles", 2026, 7, 4, 18, 30)
        assert opening(late, zones, PROFILE) == at("America/Los_Angeles", 2026, 7, 5, 8, 0)

    def test_open_is_now(self) -> None:
        now = at("America/Denver", 2026, 7, 4, 12, 34) + timedelta(seconds=5, microseconds=7)
        assert opening(now, zones_of("+13035557001"), PROFILE) == now

    @pytest.mark.parametrize("day", [(2026, 3, 7), (2026, 3, 8), (2026, 10, 31), (2026, 11, 1)])
    @pytest.mark.parametrize("zone", ["America/Los_Angeles", "America/New_York", "America/Phoenix", "Pacific/Honolulu"])
    def test_on_the_days_that_clocks_change(self, day: tuple[int, int, int], zone: str) -> None:
        zones, begins = (ZoneInfo(zone),), at(zone, *day, 0, 0)
        for quarter in range(4 * 24 + 8):
            now = begins + timedelta(minutes=15 * quarter)
            there = opening(now, zones, PROFILE).astimezone(zones[0])
            assert 8 <= there.hour < 21 and there >= now and (there == now or (there.hour, there.minute) == (8, 0))
            assert (now.astimezone(zones[0]).hour in range(8, 21)) is (there == now)

    def test_from_the_evening_before_the_change_it_is_eight_there(self) -> None:
        evening = at("America/Los_Angeles", 2026, 3, 7, 22, 0)
        assert opening(evening, zones_of("+14155557001"), PROFILE) - evening == timedelta(hours=9)
        evening = at("America/Los_Angeles", 2026, 10, 31, 22, 0)
        assert opening(evening, zones_of("+14155557001"), PROFILE) - evening == timedelta(hours=11)

    @pytest.mark.parametrize("zone", ["America/St_Johns", "Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe", "Asia/Tehran"])
    @pytest.mark.parametrize("day", [(2026, 3, 8), (2026, 4, 5), (2026, 10, 4), (2026, 12, 31)])
    def test_where_hours_are_halves_and_quarters(self, zone: str, day: tuple[int, int, int]) -> None:
        there = ZoneInfo(zone)
        night = at(zone, *day, 21, 0)
        assert opening(night, (there,), PROFILE).astimezone(there).timetz().replace(tzinfo=None) == PROFILE.messages.sms.from_time
        assert is_open(night - timedelta(seconds=1), (there,), PROFILE) and not is_open(night, (there,), PROFILE)

    @pytest.mark.parametrize("month", range(1, 13))
    def test_toll_free_has_hours_in_every_month(self, month: int) -> None:
        zones = zones_of("+18005557001")
        begins = datetime(2026, month, 10, tzinfo=UTC)
        quarters = sum(is_open(begins + timedelta(minutes=15 * quarter), zones, PROFILE) for quarter in range(96))
        assert quarters >= 20  # five hours

    def test_that_never_begin_are_no_profile(self) -> None:
        content = PROFILE.model_dump(mode="json")
        for from_time, to_time in (("21:00:00", "08:00:00"), ("08:00:00", "08:00:00")):
            content["messages"]["sms"] |= {"from_time": from_time, "to_time": to_time}
            assert any("end before they begin" in str(fault) for fault in check(content).faults)

    def test_zones_with_no_hour_in_common_leave_the_unlikely_out(self) -> None:
        zones = (ZoneInfo("America/New_York"), ZoneInfo("Asia/Shanghai"))
        narrow = PROFILE.model_copy(deep=True)
        object.__setattr__(narrow.messages.sms, "to_time", narrow.messages.sms.from_time.replace(hour=10))
        opens = opening(at("America/New_York", 2026, 7, 4, 12, 0), zones, narrow)
        assert opens == at("America/New_York", 2026, 7, 5, 8, 0)
