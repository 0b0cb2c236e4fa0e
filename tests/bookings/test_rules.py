"""Slots, lead times, days on which the clocks change, hours of a party, and who of the chefs may come: pure."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from business.bookings import chefs, rules
from business.bookings.chefs import Chef, Engaged, Spot, Wanted, WorkTime
from business.bookings.diary import Diary, Question, Seat
from business.bookings.rules import Placed
from tests.bookings.conftest import PROFILE, SIX, STATION, with_capacity

ZONE = PROFILE.business.zone
SPRING, AUTUMN = date(2027, 3, 14), date(2027, 11, 7)
SATURDAY = date(2027, 6, 5)


def local(day: date, at: time) -> datetime:
    return datetime.combine(day, at, ZONE)


def with_slots(*times: time) -> Any:
    return PROFILE.model_copy(update={"slots": PROFILE.slots.model_copy(update={"times": times})})


class TestSlots:
    @pytest.mark.parametrize(
        ("at", "expected"),
        [
            (time(18), Placed(time(18), 0, True)),
            (time(18, 30), Placed(time(18), 30, True)),
            (time(17, 30), Placed(time(18), -30, True)),
            (time(18, 31), Placed(time(18), 31, False)),
            (time(19), Placed(time(18), 60, False)),
            (time(11), Placed(time(12), -60, False)),
            (time(22), Placed(time(21), 60, False)),
            (time(19, 1), None),
            (time(10, 59), None),
            (time(22, 1), None),
            (time(0), None),
            (time(13, 30), None),
        ],
    )
    def test_a_start_belongs_to_the_slot_beside_it(self, at: time, expected: Placed | None) -> None:
        assert rules.placed(PROFILE, at) == expected

    def test_between_two_slots_it_is_the_earlier(self) -> None:
        assert rules.placed(with_slots(time(18), time(19)), time(18, 30)) == Placed(time(18), 30, True)


class TestDaysOnWhichTheClocksChange:
    def test_every_slot_is_where_the_clock_on_the_wall_says(self) -> None:
        for day, hours in ((SPRING, 7), (AUTUMN, 8), (SPRING - timedelta(days=1), 8), (AUTUMN - timedelta(days=1), 7)):
            for slot in PROFILE.slots.times:
                expected = datetime.combine(day, slot, UTC) + timedelta(hours=hours)
                assert rules.moment(PROFILE, day, slot) == expected

    def test_a_time_that_is_skipped_is_no_slot(self) -> None:
        assert rules.moment(PROFILE, SPRING, time(2, 30)) is None
        night = with_slots(time(2, 30))
        seen = Diary((), ()).slot(night, Question(STATION, 10, Spot(), local(date(2027, 3, 1), time(12))), SPRING, time(2, 30))
        assert (seen.state, seen.starts_at) == ("not_a_slot", None)

    def test_a_time_that_comes_twice_is_the_first(self) -> None:
        assert rules.moment(PROFILE, AUTUMN, time(1, 30)) == datetime(2027, 11, 7, 8, 30, tzinfo=UTC)

    def test_a_party_takes_as_long_as_ever(self) -> None:
        """From 23:30 over the hour that is skipped, and over the one that comes twice."""
        for day in (SPRING, AUTUMN):
            start = rules.moment(PROFILE, day - timedelta(days=1), time(23, 30))
            assert start is not None
            hours = rules.hours(PROFILE, start, 50)
            assert hours.ends_at - hours.starts_at == timedelta(minutes=150)
            assert hours.busy_to - hours.busy_from == timedelta(minutes=150 + 60 + 15)

    @pytest.mark.parametrize("day", [SPRING, AUTUMN])
    def test_48_hours_are_48_hours(self, day: date) -> None:
        """Noon on the day after the change is 48 real hours from another time of day than noon."""
        start = rules.moment(PROFILE, day + timedelta(days=1), time(12))
        assert start is not None
        edge = start - timedelta(hours=48)
        assert edge.astimezone(ZONE).time() == (time(11) if day == SPRING else time(13))
        assert rules.closed(PROFILE, start, edge) is None
        assert rules.closed(PROFILE, start, edge + timedelta(minutes=1)) == "too_soon"


class TestLeadTime:
    def test_to_the_minute(self) -> None:
        start = local(SATURDAY, SIX)
        assert rules.closed(PROFILE, start, start - timedelta(hours=48)) is None
        assert rules.closed(PROFILE, start, start - timedelta(hours=47, minutes=59)) == "too_soon"
        assert rules.closed(PROFILE, start, start - timedelta(seconds=1)) == "too_soon"
        assert rules.closed(PROFILE, start, start) == "past"
        assert rules.closed(PROFILE, start, start + timedelta(days=1)) == "past"

    def test_365_days_ahead_is_the_last(self) -> None:
        now = local(date(2026, 11, 28), time(23, 59))
        assert rules.closed(PROFILE, local(date(2027, 11, 28), time(21)), now) is None
        assert rules.closed(PROFILE, local(date(2027, 11, 29), time(12)), now) == "too_far_ahead"

    def test_a_leap_day(self) -> None:
        assert rules.closed(PROFILE, local(date(2028, 2, 29), SIX), local(date(2027, 3, 1), time(12))) is None
        assert rules.closed(PROFILE, local(date(2028, 2, 29), SIX), local(date(2027, 2, 28), time(12))) == "too_far_ahead"
        there = Diary((), ())
        question = Question(STATION, 10, Spot(), local(date(2028, 2, 1), time(12)))
        assert [(other.day, other.slot) for other in there.alternatives(PROFILE, question, date(2028, 2, 28), SIX)] == [
            (date(2028, 2, 28), time(15)),
            (date(2028, 2, 29), SIX),
            (date(2028, 3, 6), SIX),
        ]

    def test_another_day_at_the_venue_than_in_utc(self) -> None:
        """23:00 in California is the next day in UTC: 365 days are counted at the venue."""
        now = datetime(2027, 1, 2, 6, 0, tzinfo=UTC)  # January 1, 22:00
        assert rules.closed(PROFILE, local(date(2028, 1, 1), SIX), now) is None
        assert rules.closed(PROFILE, local(date(2028, 1, 2), SIX), now) == "too_far_ahead"


class TestHours:
    @pytest.mark.parametrize(
        ("guests", "minutes"), [(1, 63), (10, 90), (19, 117), (20, 120), (21, 123), (29, 147), (30, 150), (31, 150), (200, 150)]
    )
    def test_duration(self, guests: int, minutes: int) -> None:
        assert rules.duration_minutes(PROFILE, guests) == minutes

    def test_set_up_and_clean_up(self) -> None:
        hours = rules.hours(PROFILE, local(SATURDAY, SIX), 20)
        assert (hours.busy_from, hours.busy_to) == (local(SATURDAY, time(17)), local(SATURDAY, time(20, 15)))
        assert (hours.starts_at, hours.ends_at) == (local(SATURDAY, SIX), local(SATURDAY, time(20)))

    @pytest.mark.parametrize(
        ("guests", "size"), [(1, "small"), (15, "small"), (16, "medium"), (30, "medium"), (31, "large"), (90, "large")]
    )
    def test_size(self, guests: int, size: str) -> None:
        assert rules.size(PROFILE, guests) == size


class TestWhatAPersonDecides:
    def test_nothing_is_known(self) -> None:
        assert rules.person_decides(PROFILE) == ()

    def test_borders(self) -> None:
        start = local(SATURDAY, SIX)
        assert rules.person_decides(PROFILE, guests=49, miles=Decimal(100), starts_at=start, now=start - timedelta(hours=48)) == ()
        found = rules.person_decides(
            PROFILE,
            guests=50,
            miles=Decimal("100.1"),
            starts_at=start,
            now=start - timedelta(hours=48) + timedelta(minutes=1),
            topics=["indoor", "multi_chef", "weather"],
        )
        assert found == ("guests", "soon", "far", "indoor", "multi_chef")


def engaged(slot: time, chef: int | None, guests: int = 10, day: date = SATURDAY, lane: int = 1, spot: Spot | None = None) -> Engaged:
    hours = rules.hours(PROFILE, local(day, slot), guests)
    return Engaged(day, slot, lane, hours.busy_from, hours.busy_to, chef, spot or Spot(miles=Decimal(1)))


def wanted(slot: time, guests: int = 10, day: date = SATURDAY, spot: Spot | None = None) -> Wanted:
    return Wanted(day, slot, rules.hours(PROFILE, local(day, slot), guests), guests, spot or Spot(miles=Decimal(1)))


def chosen(cooks: list[Chef], there: list[Engaged], party: Wanted) -> list[int]:
    return [chef.number for chef in chefs.choice(PROFILE, STATION, tuple(cooks), tuple(there), party)]


class TestWhoComes:
    def test_fewer_parties_that_day_and_a_better_rating(self) -> None:
        cooks = [
            Chef(1, "A", "large", Decimal("4.9")),
            Chef(2, "B", "large", Decimal("4.5")),
            Chef(3, "C", "large"),
            Chef(4, "D", "large", Decimal("4.9")),
        ]
        there = [engaged(time(12), 4), engaged(time(12), 1, day=SATURDAY - timedelta(days=1))]
        assert chosen(cooks, there, wanted(SIX)) == [1, 2, 4, 3]

    def test_a_party_that_is_too_large_for_them(self) -> None:
        cooks = [Chef(1, "A", "small"), Chef(2, "B", "medium"), Chef(3, "C", "large")]
        assert [chosen(cooks, [], wanted(SIX, guests)) for guests in (15, 16, 31)] == [[1, 2, 3], [2, 3], [3]]

    def test_who_cooks_elsewhere_at_that_time(self) -> None:
        assert chosen([Chef(1, "A", "large")], [engaged(SIX, 1)], wanted(SIX)) == []

    def test_parties_without_a_chef_need_one_too(self) -> None:
        cooks = [Chef(1, "A", "large"), Chef(2, "B", "large")]
        assert chosen(cooks, [engaged(SIX, None)], wanted(SIX)) == [1, 2]
        assert chosen(cooks, [engaged(SIX, None), engaged(SIX, None, lane=2)], wanted(SIX)) == []
        assert chosen(cooks, [engaged(time(12), None), engaged(time(12), None, lane=2)], wanted(SIX)) == [1, 2]


class TestTheWayBetweenTwoParties:
    """12:00 with 10 guests: busy to 13:45. 15:00: busy from 14:00. A quarter of an hour is between them."""

    def test_around_the_corner(self) -> None:
        assert chosen([Chef(1, "A", "large")], [engaged(time(12), 1)], wanted(time(15)))

    def test_by_way_of_the_station_where_a_place_is_not_known(self) -> None:
        """8.75 miles at 35 mph are 15 minutes."""
        for miles, free in (("7.7", [1]), ("7.8", [])):
            assert chosen([Chef(1, "A", "large")], [engaged(time(12), 1)], wanted(time(15), spot=Spot(miles=Decimal(miles)))) == free

    def test_an_unknown_place_is_as_far_as_the_free_miles(self) -> None:
        one = Spot()
        assert chefs.travel_minutes(PROFILE, STATION, one, one, local(SATURDAY, SIX)) == 103  # 60 miles at 35 mph

    def test_slower_in_the_rush(self) -> None:
        one, friday = Spot(miles=Decimal(10)), SATURDAY - timedelta(days=1)
        minutes = [
            chefs.travel_minutes(PROFILE, STATION, one, one, local(day, at))
            for day, at in ((friday, time(14, 59)), (friday, time(15)), (friday, time(18, 59)), (friday, time(19)), (SATURDAY, time(16)))
        ]
        assert minutes == [35, 60, 60, 35, 35]

    def test_by_road_between_known_places(self) -> None:
        fremont, san_jose = Spot(37.55, -121.98, Decimal(90)), Spot(37.33, -121.89, Decimal(90))
        assert 30 <= chefs.travel_minutes(PROFILE, STATION, fremont, san_jose, local(SATURDAY, SIX)) <= 40

    def test_to_the_party_after(self) -> None:
        far_away = Spot(miles=Decimal(60))
        assert chosen([Chef(1, "A", "large")], [engaged(SIX, 1, spot=far_away)], wanted(time(15))) == []
        assert chosen([Chef(1, "A", "large")], [engaged(time(21), 1, spot=far_away)], wanted(time(15)))


class TestWhenAChefWorks:
    """SATURDAY is weekday 5; the busy time of a party of ten at 18:00 is 17:00 to 19:45."""

    @pytest.mark.parametrize(
        ("times", "free"),
        [
            ([], True),
            ([WorkTime("weekly", 5, None, 17 * 60, 19 * 60 + 45)], True),
            ([WorkTime("weekly", 5, None, 17 * 60 + 1, 24 * 60)], False),
            ([WorkTime("weekly", 5, None, 0, 19 * 60 + 44)], False),
            ([WorkTime("weekly", 4, None, 0, 24 * 60)], False),
            ([WorkTime("weekly", 4, None, 0, 24 * 60), WorkTime("on", None, SATURDAY, 0, 24 * 60)], True),
            ([WorkTime("weekly", 5, None, 0, 24 * 60), WorkTime("off", None, SATURDAY)], False),
            ([WorkTime("off", None, SATURDAY)], False),
            ([WorkTime("off", None, SATURDAY, 12 * 60, 17 * 60)], True),
            ([WorkTime("off", None, SATURDAY, 19 * 60 + 44, 20 * 60)], False),
            ([WorkTime("off", None, SATURDAY + timedelta(days=7))], True),
        ],
    )
    def test_their_hours(self, times: list[WorkTime], free: bool) -> None:
        assert bool(chosen([Chef(1, "A", "large", None, tuple(times))], [], wanted(SIX))) is free

    def test_past_midnight(self) -> None:
        """21:00 with 30 guests: over at 23:30, cleaned up at 23:45; moved by an hour, past midnight."""
        for until, free in ((24 * 60 + 45, [1]), (24 * 60, [])):
            cook = Chef(1, "A", "large", None, (WorkTime("weekly", 5, None, 12 * 60, until),))
            late = Wanted(SATURDAY, time(21), rules.hours(PROFILE, local(SATURDAY, time(22)), 30), 30, Spot())
            assert chosen([cook], [], late) == free

    def test_by_the_clock_on_the_wall_when_it_changes(self) -> None:
        for day in (SPRING, AUTUMN):
            cook = Chef(1, "A", "large", None, (WorkTime("weekly", 6, None, 17 * 60, 19 * 60 + 45),))
            assert chosen([cook], [], wanted(SIX, day=day)) == [1]


class TestASeat:
    def test_capacity_decides_beyond_two_weeks_and_chefs_within(self) -> None:
        there = Diary((engaged(SIX, None),), (Chef(1, "A", "large"), Chef(2, "B", "large")))
        start = local(SATURDAY, SIX)
        assert there.seat(PROFILE, STATION, wanted(SIX), start - timedelta(days=14, minutes=1)) is None
        assert there.seat(PROFILE, STATION, wanted(SIX), start - timedelta(days=14)) == Seat(2, 1)

    def test_without_chefs_capacity_decides_to_the_end(self) -> None:
        two = with_capacity(2).travel.stations[0]
        now = local(SATURDAY, SIX) - timedelta(days=3)
        assert Diary((engaged(SIX, None),), ()).seat(PROFILE, two, wanted(SIX), now) == Seat(2, None)
        assert Diary((engaged(SIX, None, lane=2),), ()).seat(PROFILE, two, wanted(SIX), now) == Seat(1, None)
        assert Diary((engaged(SIX, None), engaged(SIX, None, lane=2)), ()).seat(PROFILE, two, wanted(SIX), now) is None

    def test_no_capacity_at_all(self) -> None:
        assert (
            Diary((), ()).seat(PROFILE, with_capacity(0).travel.stations[0], wanted(SIX), local(SATURDAY, SIX) - timedelta(days=30)) is None
        )


class TestAlternatives:
    NOW = local(SATURDAY, SIX) - timedelta(days=30)

    def offered(self, *taken: Engaged, day: date = SATURDAY, at: time = SIX, now: datetime = NOW) -> list[tuple[str, date, time]]:
        found = Diary(taken, ()).alternatives(PROFILE, Question(STATION, 10, Spot(), now), day, at)
        return [(other.kind, other.day, other.slot) for other in found]

    def test_in_the_order_of_the_profile(self) -> None:
        sunday, next_week = SATURDAY + timedelta(days=1), SATURDAY + timedelta(days=7)
        assert self.offered(engaged(SIX, None)) == [
            ("same_day", SATURDAY, time(15)),
            ("next_day", sunday, SIX),
            ("next_week", next_week, SIX),
        ]

    def test_the_nearest_that_is_free(self) -> None:
        sunday, next_week = SATURDAY + timedelta(days=1), SATURDAY + timedelta(days=7)
        taken = [engaged(SIX, None), engaged(time(15), None), engaged(SIX, None, day=sunday), engaged(SIX, None, day=next_week)]
        assert self.offered(*taken) == [("same_day", SATURDAY, time(21)), ("next_day", sunday, time(15))]

    def test_none_that_is_too_soon(self) -> None:
        assert self.offered(now=local(SATURDAY, time(0)) - timedelta(days=1)) == [
            ("next_day", SATURDAY + timedelta(days=1), SIX),
            ("next_week", SATURDAY + timedelta(days=7), SIX),
        ]

    def test_beside_a_time_that_is_no_slot(self) -> None:
        assert self.offered(at=time(19, 30))[0] == ("same_day", SATURDAY, SIX)

    def test_beyond_the_last_day_there_is_none(self) -> None:
        assert self.offered(day=SATURDAY + timedelta(days=400)) == []
