"""What a message only speaks of: bookings that are not wished yet, trouble that nobody has, days that are over, what no profile holds."""

import datetime as dt

import pytest

from agents.understanding.asides import without_lead
from tests.understanding.reading import read

BOOKS = {"book", "wants_booking"}


class TestABookingThatIsSpokenOf:
    @pytest.mark.parametrize(
        "said",
        [
            "before we commit to booking, do you cook indoors?",
            "once it's booked, who calls me?",
            "prior to reserving, can i see the grill?",
            "antes de reservar, cocinan adentro?",
            "una vez que tengamos la reserva, quién me llama?",
        ],
    )
    def test_is_not_begun(self, said: str) -> None:
        assert not BOOKS & set(read(said).topics)

    @pytest.mark.parametrize(
        "said",
        [
            "we want to book before it fills up",
            "before i forget, can we book saturday?",
            "can i reserve it after 5?",
            "quiero reservar antes de que se llene",
            "before i book anything else: let's book the 12th",
        ],
    )
    def test_is_begun_where_it_is_wished(self, said: str) -> None:
        assert BOOKS & set(read(said).topics)

    def test_is_no_part_of_what_is_searched_for(self) -> None:
        assert without_lead("Before I book: do you cook in parks?") == "do you cook in parks?"
        assert without_lead("do you cook in parks before I book?") == "do you cook in parks before I book?"


class TestTroubleThatNobodyHas:
    @pytest.mark.parametrize("said", ["if i ever have to complain, who reads it?", "si algún día me quejo, quién lee eso?"])
    def test_is_no_complaint(self, said: str) -> None:
        heard = read(said)
        assert heard.severity is None and "complaint" not in heard.topics and heard.untroubled

    @pytest.mark.parametrize(
        "said",
        [
            "in case you care, your chef was rude",
            "in case you wonder, the chef has been rude",
            "what happens if someone complains? i want to complain",
            "i don't know if you understand: i have a complaint",
        ],
    )
    def test_is_one_where_it_was(self, said: str) -> None:
        assert "complaint" in read(said).topics

    def test_what_is_praised_sounds_like_none(self) -> None:
        assert read("he was hilarious").untroubled
        assert not read("that was not funny").untroubled
        assert not read("he was funny, but the food was bland").untroubled


class TestADayThatIsOver:
    @pytest.mark.parametrize("said", ["he was 10 minutes late on friday", "el sábado se les olvidó la salsa"])
    def test_is_no_wish(self, said: str) -> None:
        heard = read(said)
        assert heard.when.dates == () and "slots" not in heard.topics and heard.dishes == () and heard.severity == "minor"

    def test_is_one_where_another_clause_asks_for_it(self) -> None:
        assert read("he was 10 minutes late, but is saturday open?").when.dates == (dt.date(2026, 12, 5),)
        assert read("he was 10 minutes late. next saturday again?").when.dates


class TestWhatNoProfileHolds:
    @pytest.mark.parametrize("said", ["calories of the fried rice?", "la receta de la salsa?", "gift cards?"])
    def test_is_no_question_of_the_menu(self, said: str) -> None:
        heard = read(said)
        assert heard.beyond and heard.dishes == () and not set(heard.topics) & {"menu", "included", "pay"}

    def test_leaves_what_is_ordered_beside_it(self) -> None:
        heard = read("6 chicken and 4 steak please. and the recipe of the yum yum sauce?")
        assert heard.beyond and heard.fresh.proteins == {"chicken": 6, "new_york_strip": 4}
