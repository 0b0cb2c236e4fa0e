"""What the team wants to know of a party, heard where it is said and nowhere else; how sure each fact was."""

from datetime import date
from decimal import Decimal

import pytest

from agents.lead.agent import lead_arguments, worth_keeping
from agents.lead.confidence import confidence
from agents.lead.listening import Told, listen
from agents.understanding.facts import Facts, Where
from agents.understanding.reading import Heard, Unclear
from business.travel.places import Place


class TestBudget:
    @pytest.mark.parametrize(
        ("said", "dollars"),
        [
            ("our budget is $1,500", 1500),
            ("Budget: 1200", 1200),
            ("my budget is around 2k", 2000),
            ("we have a 2,000 dollar budget... $1800 budget actually", 1800),
            ("we can spend up to $1,250.00 on it", 1250),
            ("I'd like to keep it under $900", 900),
            ("nuestro presupuesto es de 1500 dólares", 1500),
            ("el presupuesto es de 2 mil dólares", 2000),
            ("podemos gastar hasta $1,000", 1000),
        ],
    )
    def test_is_heard(self, said: str, dollars: int | None) -> None:
        assert listen([said]).budget_cents == (None if dollars is None else dollars * 100)

    @pytest.mark.parametrize(
        "said",
        [
            "is there a budget option?",
            "our budget is $60 per person",
            "we can spend $55 a head",
            "I paid $1,200 last year",
            "how much for 1200 people",
            "call me at 510-555-0177",
            "we are 24 adults and on a budget",
            "what is the deposit, $100?",
            "budget 5",
        ],
    )
    def test_is_not_made_up(self, said: str) -> None:
        assert listen([said]).budget_cents is None

    def test_the_newest_counts_and_silence_takes_nothing_back(self) -> None:
        assert listen(["budget is $1,000", "make the budget $1,400", "and shrimp for all"]).budget_cents == 1_400_00


class TestOccasion:
    @pytest.mark.parametrize(
        ("said", "occasion"),
        [
            ("it's for my husband's birthday", "birthday"),
            ("Planning a BABY SHOWER in May", "shower"),
            ("es el cumpleaños de mi hija", "birthday"),
            ("para la quinceañera de mi hija", "quinceanera"),
            ("my boss's birthday at the office party", "birthday"),
            ("una boda en San José", "wedding"),
            ("dinner for 20 coworkers", "company"),
            ("it's not a birthday, just dinner", None),
            ("how much is it", None),
            ("I graduated from cooking school", None),
        ],
    )
    def test_is_heard(self, said: str, occasion: str | None) -> None:
        assert listen([said]).occasion == occasion


class TestConfidence:
    CITY = Place("San Jose", "CA", 37.3, -121.9)

    def of(self, facts: Facts, *unclear: Unclear) -> dict[str, float]:
        given = lead_arguments(facts, Told())
        return confidence(facts, Heard("en", unclear=unclear), given)

    def test_of_what_leaves_no_doubt(self) -> None:
        facts = Facts(
            adults=10, dates=(date(2030, 5, 4),), phone="+15105550188", where=Where("x", None, self.CITY, "12 Oak Street, San Jose")
        )
        assert self.of(facts) == {"adults": 1.0, "date": 1.0, "phone": 1.0, "place": 1.0}

    def test_of_what_has_to_be_asked_again(self) -> None:
        facts = Facts(people=20, dates=(date(2030, 5, 4), date(2030, 5, 5)), where=Where("35 miles", Decimal(35)))
        assert set(self.of(facts).values()) == {0.5}
        assert self.of(Facts(where=Where("San Jose", None, self.CITY))) == {"place": 0.7}
        assert self.of(Facts(adults=20, children=2), Unclear("adults", "around 20", "about")) == {"adults": 0.7, "children": 1.0}


class TestWorthKeeping:
    def test_a_party_that_is_for_something(self) -> None:
        assert not worth_keeping(Facts(adults=10), Told())
        assert worth_keeping(Facts(adults=10), Told(occasion="birthday"))
        assert not worth_keeping(Facts(), Told(occasion="birthday", budget_cents=1_000_00))
        assert worth_keeping(Facts(phone="+15105550188"), Told())
