"""Any date, said in any of the usual ways, on any day: the same date comes back. Year borders, leap days and clock changes are in it."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.understanding import calendar
from agents.understanding.calendar import HOLIDAYS, easter, holiday, nth
from tests.understanding.test_dates import ZONE, when

EN, ES = "en", "es"
WEEKDAYS = {
    EN: "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split(),
    ES: "lunes martes miércoles jueves viernes sábado domingo".split(),
}
MONTHS = {
    EN: "January February March April May June July August September October November December".split(),
    ES: "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre".split(),
}
nows = st.datetimes(datetime(2026, 1, 1), datetime(2031, 12, 31)).map(lambda moment: moment.replace(tzinfo=ZONE))
ahead = st.integers(1, 360)
ORDINALS = ("first", "second", "third", "fourth")
ORDINALES = ("primer", "segundo", "tercer", "cuarto")


def suffix(day: int) -> str:
    return "th" if 11 <= day <= 13 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")


def english(day: date) -> list[str]:
    month, weekday = MONTHS[EN][day.month - 1], WEEKDAYS[EN][day.weekday()]
    ordinal = f"{day.day}{suffix(day.day)}"
    return [
        f"{month} {day.day}",
        f"{month} {ordinal}",
        f"{month[:3]} {ordinal}",
        f"on {month} {ordinal} please",
        f"the {ordinal} of {month}",
        f"{ordinal} of {month}",
        f"{weekday}, {month} {ordinal}",
        f"{weekday} {month} {day.day}, {day.year}",
        f"{weekday[:3]} {month[:3]} {day.day}",
        f"{month} {day.day}, {day.year}",
        f"{day.day} {month} {day.year}",
        f"{day.month}/{day.day}/{day.year}",
        f"{day.month}/{day.day}/{day.year % 100:02d}",
        f"{day.month:02d}/{day.day:02d}/{day.year}",
        f"{day.month}-{day.day}-{day.year}",
        f"on {day.month}/{day.day}",
        f"{weekday} {day.month}/{day.day}",
        day.isoformat(),
        f"how about {month} {ordinal} at 6pm for 12 adults?",
    ]


def spanish(day: date) -> list[str]:
    month, weekday = MONTHS[ES][day.month - 1], WEEKDAYS[ES][day.weekday()]
    return [
        f"el {day.day} de {month}",
        f"{day.day} de {month}",
        f"para el {day.day} de {month} a las 6",
        f"el {weekday} {day.day} de {month}",
        f"{weekday}, {day.day} de {month} de {day.year}",
        f"el {day.day} de {month} del {day.year}",
        f"{month} {day.day}",
        f"quiero el {day.day} de {month} para 12 adultos",
    ]


class TestAnyDate:
    @given(nows, ahead, st.data())
    def test_comes_back_in_english(self, now: datetime, days: int, data: st.DataObject) -> None:
        day = now.date() + timedelta(days=days)
        phrase = data.draw(st.sampled_from(english(day)))
        assert when(phrase, now=now).dates == (day,)

    @given(nows, ahead, st.data())
    def test_comes_back_in_spanish(self, now: datetime, days: int, data: st.DataObject) -> None:
        day = now.date() + timedelta(days=days)
        phrase = data.draw(st.sampled_from(spanish(day)))
        assert when(phrase, now=now, spanish=True).dates == (day,)

    @given(nows, st.integers(1, 60))
    def test_so_far_ahead(self, now: datetime, count: int) -> None:
        today = now.date()
        assert when(f"in {count} days", now=now).dates == (today + timedelta(days=count),)
        assert when(f"{count} weeks from now", now=now).dates == (today + timedelta(days=7 * count),)
        assert when(f"dentro de {count} semanas", now=now).dates == (today + timedelta(days=7 * count),)
        assert when("tomorrow", now=now).dates == when("mañana", now=now).dates == (today + timedelta(days=1),)

    @given(nows, st.integers(0, 6))
    def test_a_weekday_is_within_a_week_and_next_is_within_two(self, now: datetime, weekday: int) -> None:
        today = now.date()
        (alone,) = when(WEEKDAYS[EN][weekday], now=now, asked="date").dates
        (following,) = when(f"next {WEEKDAYS[EN][weekday]}", now=now).dates
        assert alone.weekday() == following.weekday() == weekday
        assert 1 <= (alone - today).days <= 7
        assert following.isocalendar()[:2] == (today + timedelta(days=7)).isocalendar()[:2]

    @given(nows, st.integers(1, 4), st.integers(0, 6), st.integers(1, 12))
    def test_the_nth_weekday_of_a_month(self, now: datetime, n: int, weekday: int, month: int) -> None:
        expected = nth(now.year, month, n, weekday)
        assert expected is not None
        if expected < now.date():
            expected = nth(now.year + 1, month, n, weekday)
        english = f"the {ORDINALS[n - 1]} {WEEKDAYS[EN][weekday]} in {MONTHS[EN][month - 1]}"
        spanish = f"el {ORDINALES[n - 1]} {WEEKDAYS[ES][weekday]} de {MONTHS[ES][month - 1]}"
        assert when(english, now=now).dates == when(spanish, now=now, spanish=True).dates == (expected,)

    @given(nows, st.integers(1, 12), st.integers(29, 31))
    def test_a_day_that_a_month_lacks_is_never_a_date(self, now: datetime, month: int, day: int) -> None:
        year = now.year + ((month, day) < (now.month, now.day))
        exists = calendar.day_of(year, month, day) is not None
        found = when(f"{MONTHS[EN][month - 1]} {day}", now=now)
        assert bool(found.dates) == exists
        assert (found.problem("invalid") is None) == exists


class TestCalendar:
    @pytest.mark.parametrize(
        ("year", "day"),
        [
            (2024, "03-31"),
            (2025, "04-20"),
            (2026, "04-05"),
            (2027, "03-28"),
            (2028, "04-16"),
            (2030, "04-21"),
            (2038, "04-25"),
            (2285, "03-22"),
        ],
    )
    def test_easter(self, year: int, day: str) -> None:
        assert easter(year) == date.fromisoformat(f"{year}-{day}")

    @pytest.mark.parametrize(
        ("key", "year", "day"),
        [
            ("thanksgiving", 2026, "11-26"),
            ("thanksgiving", 2027, "11-25"),
            ("memorial", 2027, "05-31"),
            ("labor", 2027, "09-06"),
            ("mothers", 2027, "05-09"),
            ("fathers", 2027, "06-20"),
            ("martin_luther_king", 2027, "01-18"),
            ("presidents", 2027, "02-15"),
            ("black_friday", 2026, "11-27"),
            ("good_friday", 2027, "03-26"),
        ],
    )
    def test_holidays(self, key: str, year: int, day: str) -> None:
        assert HOLIDAYS[key](year) == date.fromisoformat(f"{year}-{day}")

    @given(st.sampled_from(sorted(HOLIDAYS)), st.dates(date(2026, 1, 1), date(2060, 12, 31)))
    def test_the_next_holiday_is_never_past_and_never_far(self, key: str, today: date) -> None:
        found = holiday(key, today)
        assert today <= found <= today + timedelta(days=400)

    def test_midnight_is_the_venues(self) -> None:
        before = datetime.combine(date(2027, 3, 14), time(23, 59), ZoneInfo("America/Los_Angeles"))
        assert when("tomorrow", now=before).dates == (date(2027, 3, 15),)
        assert when("tomorrow", now=before + timedelta(minutes=1)).dates == (date(2027, 3, 16),)
