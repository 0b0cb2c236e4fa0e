"""Times as customers write them: parties start at noon or later, so "6" is six in the evening."""

from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.understanding.when import When
from tests.understanding.reading import read


def at(text: str, asked: str | None = None) -> When:
    return read(text, asked=asked).when  # type: ignore[arg-type]


class TestTimes:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("at 6", "18:00"),
            ("6pm", "18:00"),
            ("6 pm", "18:00"),
            ("6:30pm", "18:30"),
            ("6:30", "18:30"),
            ("6 p.m.", "18:00"),
            ("6p", "18:00"),
            ("noon", "12:00"),
            ("at noon", "12:00"),
            ("12 noon", "12:00"),
            ("6ish", "18:00"),
            ("6:30ish works", "18:30"),
            ("18h", "18:00"),
            ("18:00", "18:00"),
            ("at 3", "15:00"),
            ("around 6pm", "18:00"),
            ("at around 5", "17:00"),
            ("6 o'clock", "18:00"),
            ("half past six", "18:30"),
            ("quarter past 5", "17:15"),
            ("quarter to six", "17:45"),
            ("at 12", "12:00"),
            ("at 12:30", "12:30"),
            ("at 11", "11:00"),
            ("11am", "11:00"),
            ("at 9", "21:00"),
            ("by 7", "19:00"),
            ("6 in the evening", "18:00"),
            ("at 10 in the morning", "10:00"),
            ("from 6 to 9pm", "18:00"),
            ("6-9pm", "18:00"),
            ("from 5 to 8", "17:00"),
            ("from 11am to 2pm", "11:00"),
            ("saturday at six thirty", "18:30"),
            ("December 12 at 6pm", "18:00"),
            ("12/12 6pm", "18:00"),
            ("tomorrow, 3pm", "15:00"),
            ("make it 7pm instead", "19:00"),
            ("change from 5pm to 6pm", "18:00"),
            ("a las seis y media", "18:30"),
            ("a las 6", "18:00"),
            ("a las 6 de la tarde", "18:00"),
            ("a las 8 de la noche", "20:00"),
            ("a las 9 de la mañana", "09:00"),
            ("a la una", "13:00"),
            ("a las 6 y cuarto", "18:15"),
            ("a las siete menos cuarto", "18:45"),
            ("mediodía", "12:00"),
            ("al mediodía", "12:00"),
            ("como a las 6", "18:00"),
            ("a eso de las 7", "19:00"),
            ("las 6 en punto", "18:00"),
            ("de 6 a 9 pm", "18:00"),
            ("a las 18:30", "18:30"),
            ("18 horas", "18:00"),
        ],
    )
    def test_is_the_start_that_is_meant(self, text: str, expected: str) -> None:
        assert at(text).time == time.fromisoformat(expected)

    @pytest.mark.parametrize(
        "text",
        [
            "12 adults",
            "at 6 people it is too few",
            "6 chicken 6 steak",
            "for 6",
            "the fee at 45 miles",
            "2 hours",
            "for 2 hours",
            "in 3 days",
            "5 kids",
            "50% off",
            "$600",
            "at 123 Main St, Fremont",
            "94539",
            "510-555-0142",
            "kids 4, 7 and 9",
            "party of 20",
            "10-12 adults",
            "a las personas les gusta",
            "how long does it take",
        ],
    )
    def test_no_time_is_heard_where_none_was_said(self, text: str) -> None:
        assert at(text).time is None

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("6", "18:00"),
            ("6 please", "18:00"),
            ("maybe 5?", "17:00"),
            ("1830", "18:30"),
            ("630", "18:30"),
            ("las 6", "18:00"),
            ("six", "18:00"),
        ],
    )
    def test_a_bare_number_answers_the_question_for_the_time(self, text: str, expected: str) -> None:
        assert at(text, asked="time").time == time.fromisoformat(expected)

    @pytest.mark.parametrize(
        ("text", "daypart"),
        [
            ("lunch", "lunch"),
            ("in the afternoon", "afternoon"),
            ("dinner please", "evening"),
            ("saturday evening", "evening"),
            ("tomorrow night", "night"),
            ("tonight", "night"),
            ("en la tarde", "afternoon"),
            ("por la noche", "night"),
            ("para la cena", "evening"),
            ("almuerzo", "lunch"),
            ("mañana por la mañana", "morning"),
        ],
    )
    def test_parts_of_the_day(self, text: str, daypart: str) -> None:
        found = at(text)
        assert found.daypart == daypart
        assert found.time is None

    @pytest.mark.parametrize(
        ("text", "kind"),
        [
            ("between 5 and 7pm", "open_time"),
            ("after 5pm", "open_time"),
            ("any time after 3pm", "open_time"),
            ("before 8pm", "open_time"),
            ("entre las 5 y las 7", "open_time"),
            ("después de las 5", "open_time"),
        ],
    )
    def test_a_bound_is_no_start(self, text: str, kind: str) -> None:
        found = at(text)
        assert found.time is None
        assert [problem.kind for problem in found.problems] == [kind]

    def test_of_several_the_first_is_taken_and_the_others_are_told(self) -> None:
        found = at("5 or 6pm")
        assert found.time == time(17)
        assert found.problem("several_times") is not None

    @given(st.integers(1, 12), st.sampled_from([0, 15, 30, 45]), st.sampled_from(["am", "pm"]))
    def test_am_and_pm_are_taken_at_their_word(self, hour: int, minute: int, half: str) -> None:
        expected = time(hour % 12 + (12 if half == "pm" else 0), minute)
        assert at(f"at {hour}:{minute:02d} {half}").time == expected
        assert at(f"a las {hour}:{minute:02d}{half}").time == expected


class TestAgesAreNoHours:
    @pytest.mark.parametrize("text", ["16 adults and 2 kids of 7 and 9", "16 adultos y 2 niños de 7 y 9", "10 adultos y 4 niños de 7 a 9"])
    def test_two_ages_behind_children(self, text: str) -> None:
        assert read(text, asked="guests").when.time is None

    def test_hours_behind_children_are_hours_where_they_are_called_so(self) -> None:
        assert read("4 kids from 6 to 9 pm").when.time == time(18)
