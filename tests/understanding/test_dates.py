"""Dates as customers write them, in both languages: which day is meant, and what is wrong with what was said."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from agents.understanding.facts import Facts
from agents.understanding.scheduling import WhenReader
from agents.understanding.text import fold, with_digits
from agents.understanding.when import When
from business.profile.loader import load_profile

PROFILE = load_profile()
READER = WhenReader(PROFILE)
ZONE = ZoneInfo("America/Los_Angeles")
THURSDAY = datetime(2026, 12, 3, 12, 0, tzinfo=ZONE)


def when(text: str, now: datetime = THURSDAY, asked: str | None = None, spanish: bool = False, known: date | None = None) -> When:
    facts = None if known is None else Facts(dates=(known,))
    return READER.read(with_digits(fold(text)), now=now, asked=asked, spanish=spanish, known=facts).when


def days(*texts: str) -> tuple[date, ...]:
    """`12-05` is of the year in which it comes next, seen from `THURSDAY`."""
    found = []
    for text in texts:
        if len(text) == 10:
            found.append(date.fromisoformat(text))
        else:
            year = 2026 if text >= "12-03" else 2027
            found.append(date.fromisoformat(f"{year}-{text}"))
    return tuple(found)


class TestEnglish:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("today", ["12-03"]),
            ("can you come tonight?", ["12-03"]),
            ("tomorrow please", ["12-04"]),
            ("the day after tomorrow", ["12-05"]),
            ("are you free Saturday?", ["12-05"]),
            ("this Saturday", ["12-05"]),
            ("this coming saturday", ["12-05"]),
            ("next Saturday", ["12-12"]),
            ("next Monday", ["12-07"]),
            ("Thursday", ["12-10"]),
            ("this thursday", ["12-03"]),
            ("next Saturday or Sunday", ["12-12", "12-13"]),
            ("Saturday or Sunday", ["12-05", "12-06"]),
            ("saturday after next", ["12-19"]),
            ("the Saturday after next", ["12-19"]),
            ("in two weeks", ["12-17"]),
            ("in a week", ["12-10"]),
            ("3 days from now", ["12-06"]),
            ("in 10 days", ["12-13"]),
            ("two weeks from Friday", ["12-18"]),
            ("a week from saturday", ["12-12"]),
            ("saturday next week", ["12-12"]),
            ("next week on Friday", ["12-11"]),
            ("in two weeks on Saturday", ["12-19"]),
            ("two saturdays from now", ["12-12"]),
            ("the 3rd Saturday in May", ["05-15"]),
            ("third saturday of may 2027", ["05-15"]),
            ("last Friday of June", ["06-25"]),
            ("first Saturday of next month", ["01-02"]),
            ("May 3rd", ["05-03"]),
            ("May 3", ["05-03"]),
            ("3 May", ["05-03"]),
            ("the 3rd of May", ["05-03"]),
            ("the third of may", ["05-03"]),
            ("may 3rd, 2027", ["05-03"]),
            ("5/3", ["05-03"]),
            ("for 5/3 at 6", ["05-03"]),
            ("12/5/26", ["12-05"]),
            ("12/05/2026", ["12-05"]),
            ("12-5-26", ["12-05"]),
            ("2026-12-05", ["12-05"]),
            ("12.5.2026", ["12-05"]),
            ("25/12", ["12-25"]),
            ("on the 5th", ["12-05"]),
            ("the 5th of next month", ["01-05"]),
            ("the 2nd works", ["01-02"]),
            ("on the 31st", ["12-31"]),
            ("Saturday the 5th", ["12-05"]),
            ("Friday the 11th", ["12-11"]),
            ("saturday the 16th", ["01-16"]),
            ("Dec 5 or 6", ["12-05", "12-06"]),
            ("dec 5, 6 or 12", ["12-05", "12-06", "12-12"]),
            ("Dec 5th or the 12th", ["12-05", "12-12"]),
            ("either the 5th or the 12th of December", ["12-05", "12-12"]),
            ("12/5 or 12/12", ["12-05", "12-12"]),
            ("12/5 or the week after", ["12-05", "12-12"]),
            ("12/5 or the next day", ["12-05", "12-06"]),
            ("Dec 5 or the following Saturday", ["12-05", "12-12"]),
            ("Dec 11-13", ["12-11", "12-12", "12-13"]),
            ("between Dec 11 and Dec 13", ["12-11", "12-12", "12-13"]),
            ("December 11 to December 13", ["12-11", "12-12", "12-13"]),
            ("this weekend", ["12-05", "12-06"]),
            ("next weekend", ["12-12", "12-13"]),
            ("the weekend after next", ["12-19", "12-20"]),
            ("first weekend of June", ["06-05", "06-06"]),
            ("the weekend of May 15th", ["05-15", "05-16"]),
            ("the weekend of 5/16", ["05-15", "05-16"]),
            ("Memorial Day weekend", ["05-29", "05-30", "05-31"]),
            ("Labor Day", ["09-06"]),
            ("labor day weekend", ["09-04", "09-05", "09-06"]),
            ("July 4th", ["07-04"]),
            ("July 4 or 5", ["07-04", "07-05"]),
            ("Sunday July 4th", ["07-04"]),
            ("Saturday of Memorial Day weekend", ["05-29"]),
            ("July 4th weekend", ["07-03", "07-04"]),
            ("4th of July weekend", ["07-03", "07-04"]),
            ("Thanksgiving", ["11-25"]),
            ("the day after thanksgiving", ["11-26"]),
            ("Christmas Eve", ["12-24"]),
            ("the day before Christmas Eve", ["12-23"]),
            ("the saturday before Christmas", ["12-19"]),
            ("christmas 2027", ["2027-12-25"]),
            ("New Year's Eve", ["12-31"]),
            ("NYE", ["12-31"]),
            ("New Year's Day", ["01-01"]),
            ("new years", ["12-31", "01-01"]),
            ("Mother's Day", ["05-09"]),
            ("fathers day", ["06-20"]),
            ("Easter", ["03-28"]),
            ("easter sunday", ["03-28"]),
            ("good friday", ["03-26"]),
            ("Valentine's Day", ["02-14"]),
            ("Cinco de Mayo", ["05-05"]),
            ("halloween", ["10-31"]),
            ("a Saturday in May", ["05-01", "05-08", "05-15", "05-22", "05-29"]),
            ("any saturday in december", ["12-05", "12-12", "12-19", "12-26"]),
            ("Sat 12/5", ["12-05"]),
            ("Saturday, December 5th, 2026 at 6pm", ["12-05"]),
            ("Saturday Dec 5", ["12-05"]),
            ("dec. 5", ["12-05"]),
            ("12/5 (Saturday)", ["12-05"]),
            ("Dec 5, 12 adults", ["12-05"]),
            ("Dec 5, 12-15 people", ["12-05"]),
            ("dec 5 for 12 people at 6pm", ["12-05"]),
            ("not Saturday, Sunday the 6th", ["12-06"]),
            ("can't do the 5th, the 12th works", ["12-12"]),
            ("Sunday instead of Saturday", ["12-06"]),
            ("move it from Dec 5 to Dec 12", ["12-12"]),
            ("Saturday 5", ["12-05"]),
            ("tomorrow is friday right? tomorrow", ["12-04"]),
            ("jan 2", ["01-02"]),
            ("December 3", ["12-03"]),
            ("December 2", ["12-02"]),
            ("2 weeks after Christmas", ["2027-01-08"]),
        ],
    )
    def test_is_the_day_that_is_meant(self, text: str, expected: list[str]) -> None:
        assert when(text).dates == days(*expected)

    @pytest.mark.parametrize(
        "text",
        [
            "may I ask something",
            "we may have 3 kids",
            "12 may come, not sure",
            "do you work saturdays?",
            "are you open on Sundays",
            "24/7?",
            "1/2 chicken 1/2 steak",
            "it's my 50th birthday",
            "for our 25th anniversary",
            "the first option",
            "the second one please",
            "10-12 adults",
            "a week's notice",
            "we sat down",
            "in the sun",
            "how much for 12 adults and 3 kids",
            "a christmas party for 20",
            "45 miles",
            "510-555-0142",
            "94539",
            "the weekend",
            "one more day",
            "march to your own drum",
            "kids 4, 7 and 9",
            "a deposit of 100",
            "my son is in 3rd grade",
            "123 3rd street",
        ],
    )
    def test_no_day_is_heard_where_none_was_said(self, text: str) -> None:
        found = when(text)
        assert found.dates == ()
        assert found.problems == ()


class TestSpanish:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("hoy", ["12-03"]),
            ("mañana", ["12-04"]),
            ("mañana por la mañana", ["12-04"]),
            ("pasado mañana", ["12-05"]),
            ("el próximo sábado a las 6", ["12-05"]),
            ("este sábado", ["12-05"]),
            ("el sábado que viene", ["12-05"]),
            ("el sábado", ["12-05"]),
            ("¿tienen libre el sábado?", ["12-05"]),
            ("el sábado de la próxima semana", ["12-12"]),
            ("el 5 de diciembre", ["12-05"]),
            ("5 de diciembre de 2026", ["12-05"]),
            ("el sábado 5 de diciembre", ["12-05"]),
            ("sábado 5", ["12-05"]),
            ("el 5", ["12-05"]),
            ("el día 12", ["12-12"]),
            ("el tercer sábado de mayo", ["05-15"]),
            ("el último viernes de junio", ["06-25"]),
            ("primer sábado de enero", ["01-02"]),
            ("dentro de dos semanas", ["12-17"]),
            ("en una semana", ["12-10"]),
            ("en quince días", ["12-18"]),
            ("dos semanas después de Navidad", ["2027-01-08"]),
            ("fin de semana del Memorial Day", ["05-29", "05-30", "05-31"]),
            ("este fin de semana", ["12-05", "12-06"]),
            ("el próximo fin de semana", ["12-05", "12-06"]),
            ("nochebuena", ["12-24"]),
            ("Navidad", ["12-25"]),
            ("nochevieja", ["12-31"]),
            ("fin de año", ["12-31"]),
            ("año nuevo", ["12-31", "01-01"]),
            ("día de la madre", ["05-09"]),
            ("el día del padre", ["06-20"]),
            ("domingo de pascua", ["03-28"]),
            ("día de acción de gracias", ["11-25"]),
            ("san valentín", ["02-14"]),
            ("cinco de mayo", ["05-05"]),
            ("el 4 de julio", ["07-04"]),
            ("el domingo 4 de julio", ["07-04"]),
            ("fin de semana del 4 de julio", ["07-03", "07-04"]),
            ("el 5 o el 6 de diciembre", ["12-05", "12-06"]),
            ("5 o 6 de diciembre", ["12-05", "12-06"]),
            ("del 11 al 13 de diciembre", ["12-11", "12-12", "12-13"]),
            ("el once de diciembre", ["12-11"]),
            ("el primero de mayo", ["05-01"]),
            ("25/12", ["12-25"]),
            ("sábado o domingo", ["12-05", "12-06"]),
            ("un sábado de mayo", ["05-01", "05-08", "05-15", "05-22", "05-29"]),
            ("el sábado no puedo, mejor el domingo", ["12-05", "12-06"]),
            ("no el sábado, el domingo", ["12-06"]),
            ("el 5 de diciembre o la semana siguiente", ["12-05", "12-12"]),
            ("el sábado antes de Navidad", ["12-19"]),
            ("para el 19 de diciembre a las 3 de la tarde", ["12-19"]),
        ],
    )
    def test_is_the_day_that_is_meant(self, text: str, expected: list[str]) -> None:
        assert when(text, spanish=True).dates == days(*expected)

    def test_a_numeric_date_may_be_read_either_way(self) -> None:
        found = when("el 5/3", spanish=True)
        assert found.dates == days("05-03")
        problem = found.problem("reading")
        assert problem is not None
        assert problem.other == date(2027, 3, 5)


class TestProblems:
    @pytest.mark.parametrize(
        "text",
        ["Feb 30", "31 de noviembre", "on 2/30", "el 31 de abril", "11/31/2026", "13/13/2026", "Feb 29", "29 de febrero", "June 31st"],
    )
    def test_days_that_do_not_exist_are_reported(self, text: str) -> None:
        found = when(text)
        assert found.dates == ()
        assert found.problem("invalid") is not None

    @pytest.mark.parametrize(
        ("text", "day"),
        [
            ("12/5/24", "2024-12-05"),
            ("for last Saturday", "2026-11-28"),
            ("for yesterday", "2026-12-02"),
            ("para el sábado pasado", "2026-11-28"),
            ("May 3, 2026", "2026-05-03"),
            ("Saturday Nov 21", "2026-11-21"),
        ],
    )
    def test_what_is_over_is_kept_as_past(self, text: str, day: str) -> None:
        found = when(text)
        assert found.dates == ()
        problem = found.problem("past")
        assert problem is not None
        assert problem.day == date.fromisoformat(day)

    @pytest.mark.parametrize("text", ["yesterday", "last Saturday", "el sábado pasado", "ayer"])
    def test_what_is_told_of_the_past_is_no_wish(self, text: str) -> None:
        assert when(f"{text} it was fine") == When()
        assert when(text, asked="date").problem("past") is not None

    @pytest.mark.parametrize(
        ("text", "day", "other"),
        [
            ("Saturday Dec 6", "12-06", "12-05"),
            ("Sat 12/6", "12-06", "12-05"),
            ("el sábado 6 de diciembre", "12-06", "12-05"),
            ("12/12, Sunday", "12-12", "12-13"),
            ("tomorrow, Saturday", "12-04", "12-05"),
        ],
    )
    def test_a_weekday_that_is_not_the_dates_is_reported(self, text: str, day: str, other: str) -> None:
        found = when(text)
        assert found.dates == ()
        problem = found.problem("contradiction")
        assert problem is not None
        assert (problem.day, problem.other) == days(day, other)

    def test_next_saturday_keeps_the_other_reading(self) -> None:
        problem = when("next Saturday").problem("reading")
        assert problem is not None
        assert (problem.day, problem.other) == days("12-12", "12-05")
        assert when("this Saturday").problems == ()
        assert when("next Monday").problems == ()

    def test_proximo_sabado_keeps_the_other_reading(self) -> None:
        problem = when("el próximo sábado", spanish=True).problem("reading")
        assert problem is not None
        assert (problem.day, problem.other) == days("12-05", "12-12")

    @pytest.mark.parametrize(
        ("text", "first", "last"),
        [
            ("in May", "2027-05-01", "2027-05-31"),
            ("sometime in June", "2027-06-01", "2027-06-30"),
            ("late december", "2026-12-03", "2026-12-31"),
            ("next month", "2027-01-01", "2027-01-31"),
            ("next week", "2026-12-07", "2026-12-13"),
            ("en mayo", "2027-05-01", "2027-05-31"),
            ("a finales de mayo", "2027-05-01", "2027-05-31"),
            ("la próxima semana", "2026-12-07", "2026-12-13"),
            ("el próximo mes", "2027-01-01", "2027-01-31"),
            ("from May 1 to June 15", "2027-05-01", "2027-06-15"),
            ("in two months", "2027-02-01", "2027-02-28"),
        ],
    )
    def test_what_is_no_day_yet_is_a_span(self, text: str, first: str, last: str) -> None:
        found = when(text)
        assert found.dates == ()
        problem = found.problem("vague")
        assert problem is not None
        assert (problem.day, problem.other) == (date.fromisoformat(first), date.fromisoformat(last))


class TestContext:
    def test_a_bare_day_is_of_the_month_spoken_of(self) -> None:
        assert when("what about the 8th?", known=date(2027, 5, 1)).dates == (date(2027, 5, 8),)
        assert when("or the week after", known=date(2027, 5, 1)).dates == (date(2027, 5, 8),)
        assert when("the day before", known=date(2027, 5, 1)).dates == (date(2027, 4, 30),)
        assert when("the following weekend", known=date(2027, 5, 1)).dates == (date(2027, 5, 8), date(2027, 5, 9))
        assert when("o el sábado siguiente", known=date(2027, 5, 1)).dates == (date(2027, 5, 8),)

    def test_an_answer_to_the_question_for_the_date_may_be_short(self) -> None:
        assert when("Sun", asked="date").dates == days("12-06")
        assert when("fifth", asked="date").dates == days("12-05")
        assert when("May", asked="date").problem("vague") is not None
        assert when("saturdays", asked="date").dates == days("12-05")

    @pytest.mark.parametrize(
        ("text", "day"),
        [("saturday at 6", "12-05"), ("the 20th at 6", "12-20"), ("tomorrow at 6", "12-04"), ("mañana a las 6", "12-04"),
         ("friday around 7", "12-04"), ("el sábado a las 6", "12-05"), ("next saturday 6", "12-12")],
    )  # fmt: skip
    def test_an_hour_beside_it_is_no_second_day(self, text: str, day: str) -> None:
        assert when(text, asked="date").dates == days(day) == when(text).dates

    def test_an_hour_alone_is_no_day(self) -> None:
        assert when("at 6", asked="date").dates == ()
        assert when("the 6", asked="date").dates == days("12-06")
        assert when("12", asked="date").dates == days("12-12")

    def test_the_venues_day_counts_and_not_greenwichs(self) -> None:
        late = datetime(2026, 12, 4, 5, 0, tzinfo=UTC)  # still the 3rd in California
        assert when("tomorrow", now=late).dates == (date(2026, 12, 4),)

    @pytest.mark.parametrize("moment", ["2027-03-14T01:59", "2027-03-14T03:00", "2026-11-01T00:30", "2026-11-01T23:59"])
    def test_clock_changes_do_not_move_days(self, moment: str) -> None:
        now = datetime.fromisoformat(moment).replace(tzinfo=ZONE)
        assert when("tomorrow", now=now).dates == (now.date() + timedelta(days=1),)
        assert when("in two weeks", now=now).dates == (now.date() + timedelta(days=14),)

    def test_years_end(self) -> None:
        eve = datetime(2026, 12, 31, 12, 0, tzinfo=ZONE)
        assert when("tomorrow", now=eve).dates == (date(2027, 1, 1),)
        assert when("Jan 2", now=eve).dates == (date(2027, 1, 2),)
        assert when("new year's eve", now=eve).dates == (date(2026, 12, 31),)
        assert when("new year's day", now=eve).dates == (date(2027, 1, 1),)
        assert when("next saturday", now=eve).dates == (date(2027, 1, 9),)

    def test_leap_days(self) -> None:
        before = datetime(2028, 1, 10, 12, 0, tzinfo=ZONE)
        assert when("Feb 29", now=before).dates == (date(2028, 2, 29),)
        assert when("el 29 de febrero", now=before).dates == (date(2028, 2, 29),)
        assert when("2/29/2028", now=before).dates == (date(2028, 2, 29),)
        assert when("2/29/2027").problem("invalid") is not None
