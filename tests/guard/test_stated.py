"""What a reply states, in one shape however it is worded: for two of them to be compared."""

from datetime import date

import pytest

from agents.guard.stated import stated

TODAY = date(2026, 11, 23)  # a Monday


class TestStated:
    @pytest.mark.parametrize(
        "text",
        [
            "Saturday, December 5 at 6 PM is free: $1,100 in all.",
            "On 12/5 that is 1100 dollars.",
            "The 5th of December works, for **$1,100.00**.",
            "2026-12-05: USD 1,100",
        ],
    )
    def test_is_the_same_in_other_words(self, text: str) -> None:
        assert stated(text, "en", TODAY) == stated("$1,100 on December 5, 2026", "en", TODAY)

    def test_takes_a_weekday_for_the_next_one(self) -> None:
        assert stated("See you on Saturday", "en", TODAY).dates == {"2026-11-28"}
        assert stated("We are here on Monday", "en", TODAY).dates == {"2026-11-23"}

    def test_reads_another_language(self) -> None:
        found = stated("El sábado 5 de diciembre cuesta $660", "es", TODAY)
        assert found.amounts == {"$660"} and found.dates == {"2026-12-05"}

    def test_keeps_what_is_no_day_as_it_was_said(self) -> None:
        assert stated("In December", "en", TODAY).dates == {"--12"}
        assert stated("On Friday, December 5", "en", TODAY).dates == {"--12-05/4"}  # a Saturday

    def test_keeps_cents_and_other_money(self) -> None:
        assert stated("$55.50, or EUR 20", "en", TODAY).amounts == {"$55.50", "eur 20"}

    def test_finds_nothing_in_small_talk(self) -> None:
        assert stated("Hello! How may we help?", "en", TODAY) == stated("", "en", TODAY)
