"""The calendar of campaigns against a table that was made another way: by counting days of the week."""

import calendar
from datetime import date, timedelta

import pytest
from pydantic import ValidationError

from business.campaigns import seasons
from business.profile.growth import Season
from business.profile.loader import load_profile

PROFILE = load_profile()
YEARS = range(2024, 2041)
# Mother's Day, Father's Day and Thanksgiving of each year, as printed calendars have them.
MOVING = {
    2024: ("05-12", "06-16", "11-28"), 2025: ("05-11", "06-15", "11-27"), 2026: ("05-10", "06-21", "11-26"),
    2027: ("05-09", "06-20", "11-25"), 2028: ("05-14", "06-18", "11-23"), 2029: ("05-13", "06-17", "11-22"),
    2030: ("05-12", "06-16", "11-28"), 2031: ("05-11", "06-15", "11-27"), 2032: ("05-09", "06-20", "11-25"),
    2033: ("05-08", "06-19", "11-24"), 2034: ("05-14", "06-18", "11-23"), 2035: ("05-13", "06-17", "11-22"),
    2036: ("05-11", "06-15", "11-27"), 2037: ("05-10", "06-21", "11-26"), 2038: ("05-09", "06-20", "11-25"),
    2039: ("05-08", "06-19", "11-24"), 2040: ("05-13", "06-17", "11-22"),
}  # fmt: skip
FIXED = {"valentines": "02-14", "july_4": "07-04", "christmas": "12-25"}
WINDOWS = {
    "valentines": ("01-25", "02-01"), "mothers_day": ("04-20", "04-27"), "graduation": ("05-01", "05-10"),
    "fathers_day": ("06-01", "06-08"),
    "summer": ("06-01", "06-10"), "july_4": ("06-20", "07-03"), "fall": ("08-20", "08-31"), "thanksgiving": ("10-25", "11-01"),
    "christmas": ("11-15", "12-01"), "winter": ("12-01", "12-10"), "new_year": ("12-10", "12-15"),
}  # fmt: skip


def counted(year: int, month: int, weekday: int, nth: int) -> date:
    """By going through the month day by day."""
    days = [date(year, month, day) for day in range(1, calendar.monthrange(year, month)[1] + 1)]
    return [day for day in days if day.weekday() == weekday][nth - 1]


class TestDays:
    @pytest.mark.parametrize("year", YEARS)
    def test_of_any_year(self, year: int) -> None:
        found = {one.key: one for one in seasons.windows(PROFILE, year, year)}
        assert {key: (f"{one.opens:%m-%d}", f"{one.closes:%m-%d}") for key, one in found.items()} == WINDOWS
        moving = tuple(f"{found[key].day:%m-%d}" for key in ("mothers_day", "fathers_day", "thanksgiving"))
        assert moving == MOVING[year]
        assert moving == tuple(f"{day:%m-%d}" for day in (counted(year, 5, 6, 2), counted(year, 6, 6, 3), counted(year, 11, 3, 4)))
        assert {key: f"{found[key].day:%m-%d}" for key in FIXED} == FIXED
        assert found["new_year"].day == date(year + 1, 1, 1)
        assert len(found) >= 11 and all(one.opens.year == year for one in found.values())

    @pytest.mark.parametrize("year", YEARS)
    def test_texts_come_before_the_day(self, year: int) -> None:
        for one in seasons.windows(PROFILE, year, year):
            assert one.opens <= one.closes and (one.day is None or one.closes < one.day), one.key

    def test_the_last_of_a_month_and_a_day_that_is_not_in_every_year(self) -> None:
        assert seasons.day_of("last monday of may", 2026) == date(2026, 5, 25)
        assert seasons.day_of("last friday of february", 2028) == date(2028, 2, 25)
        assert seasons.day_of("first sunday of march", 2026) == date(2026, 3, 1)
        assert [seasons.day_of("02-29", year) for year in (2027, 2028)] == [date(2027, 2, 28), date(2028, 2, 29)]

    def test_a_window_that_goes_over_new_year(self) -> None:
        season = Season.model_validate({"key": "cold", "name": {"en": "Cold"}, "opens": "12-28", "closes": "01-05", "day": "01-15"})
        found = seasons.window(season, 2026)
        assert (found.opens, found.closes, found.day) == (date(2026, 12, 28), date(2027, 1, 5), date(2027, 1, 15))

    @pytest.mark.parametrize("rule", ["fifth sunday of may", "second sunday", "13-01", "02-30", "sunday", "second Sunday of may"])
    def test_a_rule_that_is_none_is_refused(self, rule: str) -> None:
        with pytest.raises(ValidationError):
            Season.model_validate({"key": "x", "name": {"en": "X"}, "opens": "01-01", "day": rule})


class TestCurrent:
    def test_the_window_of_today_or_the_next(self) -> None:
        def of(key: str, today: date) -> date:
            found = seasons.current(PROFILE, key, today)
            assert found is not None
            return found.opens

        assert of("thanksgiving", date(2026, 10, 30)) == date(2026, 10, 25)
        assert of("thanksgiving", date(2026, 11, 26)) == date(2026, 10, 25)  # its window is closed, its day is not over
        assert of("thanksgiving", date(2026, 11, 27)) == date(2027, 10, 25)
        assert of("summer", date(2026, 6, 11)) == date(2027, 6, 1)
        assert of("new_year", date(2027, 1, 1)) == date(2026, 12, 10)
        assert of("new_year", date(2027, 1, 2)) == date(2027, 12, 10)
        for day in range(0, 800, 7):
            today = date(2026, 1, 1) + timedelta(days=day)
            assert all((found := seasons.current(PROFILE, key, today)) and found.ends >= today for key in WINDOWS)
        assert seasons.current(PROFILE, "halloween", date(2026, 10, 1)) is None
        assert seasons.known(PROFILE, "birthday") and seasons.known(PROFILE, "win_back") and not seasons.known(PROFILE, "halloween")
