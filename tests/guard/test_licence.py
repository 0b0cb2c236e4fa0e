"""Licences: who vouches for what, and of what a figure may be said."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from agents.guard.figures import Figure, date_figures, figures_of_fee, figures_of_opening, figures_of_quote, money_figure
from agents.guard.guard import FigureGuard
from agents.guard.licence import Licence, Statement, figures_in, readings
from agents.guard.of_facts import figures_of_facts
from agents.understanding.facts import Facts
from business.pricing.rules import Order, Party, quote
from business.travel.rules import fee_for_miles
from tests.guard.known import NOW, PROFILE, SAID, guarded

BASE = Licence.of_profile(PROFILE, "en")
ZONE = PROFILE.business.zone


def passes(text: str, licence: Licence) -> bool:
    return guarded(text, licence).refused is None


class TestNobodyVouches:
    @pytest.mark.parametrize(
        "text", ["you said $19.99, right?", "it was 20% off", "see http://example.com", "only 19.99 dollars", "I have a budget of 700"]
    )
    def test_the_customer_not_for_money_shares_or_links(self, text: str) -> None:
        licence = BASE.echoing([text], NOW, ZONE)
        assert not {figure for figure in licence.figures - BASE.figures if figure.kind in ("money", "percent", "link")}

    def test_a_number_of_the_customers_is_no_price(self) -> None:
        licence = BASE.echoing(["my budget is 700"], NOW, ZONE)
        assert not passes("The total is 700.", licence)
        assert not passes("It is $700.", licence)

    def test_another_profile_for_this_ones_prices(self) -> None:
        prices = PROFILE.prices.model_copy(update={"adult_cents": 77_00})
        other = Licence.of_profile(PROFILE.model_copy(update={"prices": prices}), "en")
        assert passes("It is $77 per adult.", other)
        assert not passes("It is $55 per adult.", other)

    def test_tax_where_none_is_added(self) -> None:
        taxed = PROFILE.model_copy(update={"prices": PROFILE.prices.model_copy(update={"tax_enabled": True})})
        assert not passes("Sales tax is 8.25 %.", BASE)
        assert passes("Sales tax is 8.25 %.", Licence.of_profile(taxed, "en"))

    def test_a_statement_for_another(self) -> None:
        assert not passes("Your date is confirmed.", BASE.allowing({"free", "held"}))
        assert not passes("Your deposit was received.", BASE.allowing({"confirmed"}))


class TestTools:
    @pytest.mark.parametrize(
        ("statement", "text"),
        [
            ("free", "That date is free."),
            ("free", "That evening is available."),
            ("taken", "That date is taken."),
            ("taken", "That date is not available."),
            ("held", "Your slot is held."),
            ("held", "I've reserved the slot."),
            ("confirmed", "Your booking is confirmed!"),
            ("received", "We have received your deposit."),
            ("cancelled", "Your booking is cancelled."),
            ("moved", "Your party has been moved."),
            ("sent", "I've sent you the link."),
        ],
    )
    def test_vouch_for_what_they_say(self, statement: Statement, text: str) -> None:
        assert passes(text, BASE.allowing({statement}))
        assert not passes(text, BASE)

    def test_vouch_for_links_of_any_length(self) -> None:
        link = "https://checkout.example.com/pay/" + "a1b2c3" * 40
        licence = BASE.plus({Figure("link", link)})
        assert passes(f"Pay here: {link}", licence)
        assert passes(f"Pay [here]({link}).", licence)
        assert not passes(f"Pay here: {link}x", licence)

    def test_vouch_for_a_date_with_the_weekday_that_it_is(self) -> None:
        licence = BASE.plus(date_figures(date(2026, 12, 5)))
        for text in ("On Saturday, December 5.", "On 12/5/2026.", "On the 5th.", "On Saturday.", "On 2026-12-05.", "In December."):
            assert passes(text, licence), text
        for text in ("On Sunday, December 5.", "On December 5, 2027.", "On December 5, a Friday.", "On 5/12."):
            assert not passes(text, licence), text

    def test_vouch_for_a_fee(self) -> None:
        fee = fee_for_miles(PROFILE.travel.stations[0], Decimal("38.9"), "estimate")
        licence = BASE.plus(figures_of_fee(fee))
        assert passes("It is 38.9 miles, so travel is $17.80.", licence)
        assert not passes("The deposit is $17.80.", licence)

    def test_vouch_for_travel_that_costs_nothing(self) -> None:
        fee = fee_for_miles(PROFILE.travel.stations[0], Decimal(12), "exact")
        assert passes("Your travel is free.", BASE.plus(figures_of_fee(fee)))
        assert not passes("Your travel is free.", BASE)

    def test_vouch_for_every_line_of_a_quote(self) -> None:
        order = Order(Party(10, 2, 1), {"lobster_tail": 4}, {"gyoza": 6}, {"lobster_tail": 2}, travel_cents=1000)
        licence = BASE.plus(figures_of_quote(quote(PROFILE, order), None))
        assert passes("10 adults: $550, 2 children: $60, lobster tail: 4 × $15 = $60, gyoza: 6 × $10 = $60.", licence)
        assert not passes("Gyoza: 6 × $15", licence)
        assert not passes("Children: $550", licence)


class TestCustomers:
    LICENCE = BASE.echoing([SAID], NOW, ZONE)

    @pytest.mark.parametrize(
        "text", ["8 adults", "four kids", "12 guests", "December 5", "Saturday", "6 PM", "123 Main St.", "+1 (510) 555-0188"]
    )
    def test_vouch_for_what_they_said(self, text: str) -> None:
        assert passes(text, self.LICENCE)

    @pytest.mark.parametrize("text", ["9 adults", "8 kids", "December 6", "Sunday", "7 PM", "123 Elm Street", "+1 510 555 0189", "$8"])
    def test_do_not_vouch_for_anything_else(self, text: str) -> None:
        assert not passes(text, self.LICENCE)

    def test_tomorrow_is_a_date(self) -> None:
        licence = BASE.echoing(["tomorrow at noon?"], NOW, ZONE)
        tomorrow = NOW.astimezone(ZONE).date() + timedelta(days=1)
        assert passes(f"{tomorrow:%B} {tomorrow.day}, noon", licence)

    def test_a_day_in_digits_is_read_as_the_language_does(self) -> None:
        english, spanish = BASE.echoing(["12/5"], NOW, ZONE), Licence.of_profile(PROFILE, "es").echoing(["12/5"], NOW, ZONE)
        assert passes("December 5", english) and not passes("May 12", english)
        assert passes("12 de mayo", spanish) and not passes("5 de diciembre", spanish)


class TestUnderstoodFacts:
    def test_may_be_read_back(self) -> None:
        facts = Facts(adults=9, children=2, dates=(date(2026, 12, 12),), phone="+15105550188")
        licence = BASE.plus(figures_of_facts(PROFILE, facts))
        assert passes("9 adults and 2 children, so 11 guests, on December 12, for 93 minutes, at 510 555 0188.", licence)
        assert not passes("2 adults and 9 children", licence)

    def test_the_opening_may_be_told(self) -> None:
        night = NOW + timedelta(hours=14)
        assert passes("Our team is back on Sunday at 12:00 PM.", BASE.plus(figures_of_opening(PROFILE, night)))


class TestStatements:
    """What a tool has told may be said; the same words without it, or with another statement, are a lie."""

    @pytest.mark.parametrize(
        ("text", "statement"),
        [
            ("Your booking is confirmed.", "confirmed"),
            ("You're all set!", "confirmed"),
            ("Your deposit went through.", "received"),
            ("Your deposit has been received.", "received"),
            ("Your deposit was refunded.", "refunded"),
            ("We have refunded your deposit.", "refunded"),
            ("Your refund has been issued.", "refunded"),
            ("Your deposit was returned.", "refunded"),
            ("I've moved your party.", "moved"),
            ("Your booking was changed.", "moved"),
            ("Your booking is cancelled.", "cancelled"),
            ("The terms are accepted.", "accepted"),
            ("You owe nothing.", "settled"),
            ("Nothing is left to pay.", "settled"),
            ("Ya cambié tu reserva.", "moved"),
            ("No debes nada.", "settled"),
        ],
    )
    def test_license_just_their_own_words(self, text: str, statement: Statement) -> None:
        others: set[Statement] = {"free", "sent", "moved", "refunded", "received", "confirmed", "cancelled", "accepted", "settled"}
        others.discard(statement)
        assert passes(text, BASE.allowing({statement}))
        assert not passes(text, BASE.allowing(others))

    @pytest.mark.parametrize(
        "text", ["You will be refunded.", "I'll refund your deposit.", "You will get a refund.", "Te damos un reembolso."]
    )
    def test_what_went_back_once_promises_no_more(self, text: str) -> None:
        assert not passes(text, BASE.allowing({"refunded"}))

    def test_the_page_of_a_booking_passes_where_a_tool_gave_it(self) -> None:
        page = "https://chat.example.test/b/AaIh6cDjdJa0vbUVKP8WLSF-7h7O8Nn8nALYrDDUxs0"
        licence = BASE.plus({Figure("link", page)})
        for text in (f"Pay here: {page}", f"[Pay the deposit]({page}).", f"It is all on {page}, whenever you like."):
            assert passes(text, licence) and not passes(text, BASE)
        for forged in (page.replace("chat", "chat2"), page[:-1] + "1", page + "x", page.replace("example.test", "example.test.evil.com")):
            assert not passes(f"Pay here: {forged}", licence)


class TestReading:
    @pytest.mark.parametrize(
        ("text", "kind", "value"),
        [
            ("$1,100.50", "money", "110050"),
            ("1.100 dólares", "money", "110000"),
            ("1.1k dollars", "money", "110000"),
            ("five hundred and ninety dollars", "money", "59000"),
            ("quinientos noventa dólares", "money", "59000"),
            ("twenty-five percent", "percent", "25"),
            ("38,9 millas", "miles", "38.9"),
            ("two days", "minutes", "2880"),
            ("a dozen guests", "count", "12"),
            ("six thirty PM", "time", "18:30"),
            ("a las seis y media de la tarde", "time", "18:30"),
            ("half past six pm", "time", "18:30"),
            ("noon", "time", "12:00"),
            ("12 AM", "time", "00:00"),
            ("Dec. 5th, 2026", "date", "2026-12-05"),
            ("the fifth of May", "date", "--05-05"),
            ("sábado 5 de diciembre", "date", "--12-05/5"),
            ("five five five zero one four two", "phone", "5550142"),
            ("５５ dollars", "money", "5500"),
            ("€55", "money", "eur 5500"),
        ],
    )
    def test_of_one_figure(self, text: str, kind: str, value: str) -> None:
        said = readings(text, "es" if "de la" in text else "en")
        assert [(one.kind, one.values[0]) for one in said] == [(kind, value)]

    def test_figures_of_a_text_that_can_be_trusted(self) -> None:
        found = figures_in("It takes 90 minutes and costs $12.", "en")
        assert found == {Figure("minutes", "90"), money_figure(1200)}


class TestGoingOn:
    def test_after_a_correction_the_words_before_still_name_the_figure(self) -> None:
        guard = FigureGuard(BASE, after="The deposit is ")
        assert guard.feed("$55 now.") == ""
        assert guard.refused is not None
        again = FigureGuard(BASE, after="The deposit is ")
        assert again.feed("$100 now.") + again.end() == again.released == "$100 now."
