"""Hours as people say them, also over special days and where the clocks change."""

from datetime import UTC, date, datetime, time

import pytest

from business.profile.hours import expected_minutes, is_open, next_open
from business.profile.loader import load_profile
from business.profile.schemas import OpenHours, Profile, SpecialDay
from business.profile.spoken import back_line, hours_line
from business.profile.terms import WEEKDAYS, Weekday

SHIPPED = load_profile()
HERE = SHIPPED.business.zone


def at(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=HERE)


def open_on(*hours: tuple[tuple[Weekday, ...], time, time], special: tuple[SpecialDay, ...] = ()) -> Profile:
    lines = tuple(OpenHours(days=days, from_time=start, to_time=end) for days, start, end in hours)
    people = SHIPPED.people.model_copy(update={"hours": lines, "special_days": special})
    return SHIPPED.model_copy(update={"people": people})


NOON, TWO, NINE = time(12), time(14), time(21)
WEEK: tuple[Weekday, ...] = WEEKDAYS[:5]


class TestHours:
    def test_the_same_every_day(self) -> None:
        assert hours_line(SHIPPED, "en-US") == "12 PM to 9 PM"
        assert hours_line(SHIPPED, "es-MX") == "de 12 PM a 9 PM"

    def test_by_days(self) -> None:
        shop = open_on((WEEK, time(9, 30), NINE), (("sat",), NOON, TWO))
        assert hours_line(shop, "en") == "Mon to Fri 9:30 AM to 9 PM, Sat 12 PM to 2 PM"
        assert hours_line(shop, "es") == "lun a vie de 9:30 AM a 9 PM, sáb de 12 PM a 2 PM"

    def test_with_a_pause_and_days_apart(self) -> None:
        shop = open_on((("mon", "wed", "thu"), NOON, TWO), (("mon",), time(17), NINE))
        assert hours_line(shop, "en") == "Mon 12 PM to 2 PM and 5 PM to 9 PM, Wed and Thu 12 PM to 2 PM"


class TestBack:
    def test_nothing_is_said_while_open(self) -> None:
        assert back_line(SHIPPED, at(5, 6, 14), "en") is None

    @pytest.mark.parametrize(
        ("now", "english", "spanish"),
        [
            (at(5, 6, 9), "12:00 PM today", "hoy a las 12:00 PM"),
            (at(5, 6, 21), "12:00 PM tomorrow", "mañana a las 12:00 PM"),
            (at(3, 7, 22), "12:00 PM tomorrow", "mañana a las 12:00 PM"),  # the night that is an hour shorter
            (at(10, 31, 22), "12:00 PM tomorrow", "mañana a las 12:00 PM"),  # and the one that is an hour longer
            (at(11, 1, 1, 30), "12:00 PM today", "hoy a las 12:00 PM"),
        ],
    )
    def test_in_the_zone_of_the_business(self, now: datetime, english: str, spanish: str) -> None:
        for moment in (now, now.astimezone(UTC)):
            assert (back_line(SHIPPED, moment, "en"), back_line(SHIPPED, moment, "es")) == (english, spanish)

    def test_beyond_the_week_by_date(self) -> None:
        closed = tuple(SpecialDay(date=date(2026, 12, day)) for day in range(20, 32))
        resting = open_on((WEEKDAYS, NOON, NINE), special=closed)
        assert back_line(resting, at(12, 20, 9), "en") == "12:00 PM on January 1"
        assert back_line(resting, at(12, 28, 9), "es") == "el viernes a las 12:00 PM"
        assert back_line(open_on((WEEKDAYS, time(13), NINE)), at(5, 6, 9), "es") == "hoy a la 1:00 PM"


class TestSpecialDays:
    def test_other_hours_and_closed(self) -> None:
        eve = SpecialDay(date=date(2026, 12, 24), from_time=time(10), to_time=TWO)
        shop = open_on((WEEKDAYS, NOON, NINE), special=(eve, SpecialDay(date=date(2026, 12, 25))))
        assert [is_open(shop, at(12, 24, hour)) for hour in (9, 10, 13, 14, 20)] == [False, True, True, False, False]
        assert not is_open(shop, at(12, 25, 14))
        assert next_open(shop, at(12, 24, 15)) == at(12, 26, 12)
        assert expected_minutes(shop, at(12, 25, 12)) == 24 * 60 + shop.people.reply_minutes

    def test_closed_for_good_has_no_next_opening(self) -> None:
        everything = tuple(SpecialDay(date=date.fromordinal(date(2026, 5, 1).toordinal() + n)) for n in range(80))
        closed = open_on((WEEKDAYS, NOON, NINE), special=everything)
        assert next_open(closed, at(5, 6, 9)) is None and back_line(closed, at(5, 6, 9), "en") is None
