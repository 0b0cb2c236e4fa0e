"""What a customer reads who waits for a person: true by the business's hours, also where the clocks change."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from business.handoffs import lines
from business.profile.loader import load_profile

PROFILE = load_profile()
HERE = PROFILE.business.zone
REPLY, DUE = PROFILE.people.reply_minutes, PROFILE.people.due_minutes


def at(year: int, month: int, day: int, hour: int, minute: int = 0) -> datetime:
    """A moment on the business's own clock."""
    return datetime(year, month, day, hour, minute, tzinfo=HERE)


class TestWaiting:
    def test_while_open(self) -> None:
        line, minutes = lines.waiting(PROFILE, at(2026, 5, 6, 14), "en")
        assert minutes == REPLY
        assert f"about {REPLY} minutes" in line

    @pytest.mark.parametrize(
        ("now", "says", "hours"),
        [
            (at(2026, 5, 6, 9), "today at 12:00 PM", 3),
            (at(2026, 5, 6, 22), "on Thursday at 12:00 PM", 14),
            (at(2026, 3, 7, 22), "on Sunday at 12:00 PM", 13),  # the night that is an hour shorter
            (at(2026, 10, 31, 22), "on Sunday at 12:00 PM", 15),  # and the one that is an hour longer
            (at(2026, 12, 31, 23), "on Friday at 12:00 PM", 13),
        ],
    )
    def test_while_closed(self, now: datetime, says: str, hours: int) -> None:
        for moment in (now, now.astimezone(UTC), now.astimezone(ZoneInfo("Asia/Tokyo"))):
            line, minutes = lines.waiting(PROFILE, moment, "en-US")
            assert says in line
            assert minutes == hours * 60 + REPLY

    def test_in_spanish(self) -> None:
        line, _ = lines.waiting(PROFILE, at(2026, 5, 6, 22), "es-MX")
        assert "el jueves a las 12:00 PM" in line
        line, _ = lines.waiting(PROFILE, at(2026, 5, 6, 9), "es")
        assert "hoy a las 12:00 PM" in line

    def test_a_language_that_is_not_spoken_is_english(self) -> None:
        assert [lines.language(locale) for locale in ("fr", None, "", "EN-gb", "es", "zh-Hans")] == ["en", "en", "en", "en", "es", "en"]

    def test_the_way_back_to_the_assistant_is_not_told_where_there_is_none(self) -> None:
        for locale, word in (("en", "assistant"), ("es", "asistente")):
            assert word in lines.silent(locale)
            assert word not in lines.silent(locale, by_text=True)

    def test_every_line_is_there_in_every_language(self) -> None:
        for locale in ("en", "es"):
            assert lines.late(locale) and lines.silent(locale)
            assert lines.late(locale) != lines.late("es" if locale == "en" else "en")


class TestDue:
    def test_counts_from_now_while_open(self) -> None:
        now = at(2026, 5, 6, 14)
        assert lines.due_at(PROFILE, now) == now + timedelta(minutes=DUE)

    @pytest.mark.parametrize("now", [at(2026, 3, 7, 22), at(2026, 10, 31, 22), at(2026, 5, 6, 11, 59)])
    def test_counts_from_the_opening_while_closed(self, now: datetime) -> None:
        due = lines.due_at(PROFILE, now).astimezone(HERE)
        assert (due.hour, due.minute) == (12, DUE)
        assert due.astimezone(UTC) > now.astimezone(UTC)

    def test_the_last_minute_before_closing_is_still_open(self) -> None:
        assert lines.waiting(PROFILE, at(2026, 5, 6, 20, 59), "en")[1] == REPLY
        assert lines.waiting(PROFILE, at(2026, 5, 6, 21), "en")[1] == 15 * 60 + REPLY
