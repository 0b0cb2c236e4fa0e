"""The house model: what it understands and says, that every figure is the rules', that it never fails and never guesses."""

import re
import time
import tomllib
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.house.pacing import pieces
from agents.house.wording import LANGUAGES, files
from agents.understanding.listening import HEARING
from agents.understanding.text import language
from business.channels.segments import encoding, segments
from business.pricing.rules import Order, Party, quote
from business.profile.figures import figures, money
from business.profile.loader import load_profile
from business.profile.schemas import Profile
from tests.agents.building import NOW
from tests.agents.concierge import Concierge

PROFILE = load_profile()
HOUSE = Concierge(PROFILE)
TOPICS = [tomllib.loads(path.read_text(encoding="utf-8"))["topics"] for path in sorted(HEARING.glob("*.toml"))]
KNOWN_WORDS = [phrase.rstrip("*") for topics in TOPICS for phrases in topics.values() for phrase in phrases]
KNOWN_WORDS += "12 3 0 99999 1000000 95112 ٩٤٥٣٩ adults kids miles lobster for everyone san jose".split()
EMOJI = re.compile("[\U0001f300-\U0001faff☀-➿]")


def say(*texts: str, locale: str = "en") -> str:
    return HOUSE.say(*texts, locale=locale)


def talk(*texts: str) -> str:
    """A conversation in which everything but the last text was answered."""
    return HOUSE.talk(*texts)


class TestPrices:
    @pytest.mark.parametrize(
        ("text", "total"),
        [
            ("8 adults 4 children 45 miles", "$590"),
            ("12 adults and 3 kids", "$750"),
            ("how much for twelve adults and three kids?", "$750"),
            ("price for twenty-five people", "$1,375"),
            ("we are 6 adults", "$550"),
            ("party of 20, what does it cost", "$1,100"),
            ("10 adults, 5 children aged 7 and 9", "$700"),
            ("10 adults and 2 kids under 5", "$550"),
            ("10 adults and 2 toddlers", "$550"),
            ("12 adults, 3 kids ages 4, 8 and 14", "$745"),
            ("10 adults with 4 lobster tails and gyoza for 6", "$670"),
            ("20 adults, filet mignon for everyone", "$1,200"),
            ("10 adults, 2 extra lobster", "$600"),
            ("a dozen adults", "$660"),
            ("10 adults and a kid", "$580"),
            ("10 adults 80 miles", "$650"),
            ("quiero una cotización para 12 adultos y 3 niños", "$750"),
            ("somos veinticinco personas, ¿cuánto cuesta?", "$1,375"),
            ("doce adultos y tres niños menores de 5", "$660"),
            ("treinta y cinco adultos", "$1,925"),
        ],
    )
    def test_are_the_engines(self, text: str, total: str) -> None:
        assert f"**Total: {total}**" in say(text)

    def test_carry_the_deposit_and_the_balance(self) -> None:
        answer = say("8 adults 4 children 45 miles")
        assert "8 × $55 = $440" in answer
        assert "45 miles one way: $30" in answer
        assert "deposit of $100" in answer
        assert "$490" in answer

    def test_say_that_the_minimum_applies(self) -> None:
        assert "food minimum of $550 applies" in say("6 adults")

    def test_without_a_party_are_per_guest(self) -> None:
        answer = say("how much is it?")
        assert all(figure in answer for figure in ("$55", "$30", "$550"))
        assert "How many adults and children" in answer

    def test_large_parties_go_to_a_person(self) -> None:
        answer = say("we are 60 people, how much?")
        assert "Total" not in answer
        assert "Talk to a person" in answer

    def test_children_alone_are_asked_about(self) -> None:
        assert "how many adults" in say("5 kids")

    def test_are_never_hedged(self) -> None:
        for text in ("12 adults and 3 kids", "10 adults in 95112", "how much"):
            assert not re.search(r"\b(around|roughly|about|approximately|approx)\b", say(text), re.IGNORECASE)


class TestTravel:
    @pytest.mark.parametrize(
        ("text", "says"),
        [
            ("travel fee for 50 miles?", "**$40**"),
            ("30.1 miles?", "**$0.20**"),
            ("do you come to San Jose?", "free"),
            ("my zip is 94110", "by estimate"),
            ("we are in Los Angeles, CA", "more than 150 miles"),
            ("160 miles away", "more than 150 miles"),
            ("120 miles away", "a person confirms"),
            ("my zip is 00001", "can't find the ZIP code 00001"),
            ("¿cuánto cuesta el viaje a Oakland?", "gratis"),
        ],
    )
    def test_fee(self, text: str, says: str) -> None:
        assert says in say(text)

    def test_estimate_and_exact_are_told_apart(self) -> None:
        assert "exact" in say("what is the fee to 94110")
        assert "estimate" not in say("travel fee for 50 miles?")

    def test_no_price_is_quoted_where_nobody_goes(self) -> None:
        answer = say("20 adults in Los Angeles")
        assert "Total" not in answer


class TestContext:
    def test_party_and_place_are_remembered(self) -> None:
        assert "**Total: $750**" in talk("12 adults and 3 kids", "zip 95112")
        assert "**Total: $767.80**" in talk("it's in 94110", "hello", "12 adults and 3 kids")

    def test_the_newest_word_counts(self) -> None:
        assert "**Total: $825**" in talk("12 adults", "sorry, 15 adults")
        assert "$30" in talk("12 adults, 45 miles", "how much is travel?")

    def test_bare_figures_answer_the_question(self) -> None:
        assert "**Total: $750**" in talk("price?", "12 and 3")

    def test_messages_in_a_row_are_answered_together(self) -> None:
        answer = say("hi", "we are 12 adults", "and 3 kids", "what about parking a tent?", "do you do halal?")
        assert "**Total: $750**" in answer
        assert "halal" in answer


class TestQuestions:
    @pytest.mark.parametrize(
        ("text", "says"),
        [
            ("what is on the menu?", "calamari"),
            ("what upgrades do you have", "lobster tail (+$15)"),
            ("any add-ons?", "gyoza (+$10)"),
            ("do you have scallops?", "+$5 per person"),
            ("do you have wagyu beef?", "We don't have wagyu"),
            ("what times do you cook?", "6:00 PM"),
            ("is saturday december 12 free?", "a person checks"),
            ("how much is the deposit?", "$100"),
            ("can I cancel?", "4 days before"),
            ("can we change the date?", "$200"),
            ("what if it rains?", "free, with notice"),
            ("what do we need to bring?", "tables"),
            ("how much space do you need", "8 x 6 ft"),
            ("can I pay with venmo", "Venmo"),
            ("should I tip", "20-35 %"),
            ("is there tax?", "No sales tax"),
            ("how long does it take for 15 people", "105 minutes"),
            ("is there a minimum", "no minimum number of guests"),
            ("can you cook indoors?", "a person decides"),
            ("do you offer a discount?", "only a person can decide"),
            ("are you a bot?", "a computer"),
            ("¿qué hay en el menú?", "calamares"),
            ("¿a qué horas cocinan?", "6:00 PM"),
            ("¿puedo pagar con tarjeta?", "tarjeta"),
            ("¿y si llueve?", "gratis, si nos avisas"),
        ],
    )
    def test_are_answered_from_the_profile(self, text: str, says: str) -> None:
        assert says in say(text)

    def test_several_at_once_are_all_answered_in_their_order(self) -> None:
        answer = say("How much is the deposit, do you have lobster, and what if it rains?")
        places = [answer.index(word) for word in ("lobster tail", "The deposit", "weather")]
        assert sorted(places) == places

    def test_how_much_of_something_is_not_the_price_list(self) -> None:
        for text in ("how much is lobster", "how much space", "how much is the deposit", "how much is travel"):
            assert "per adult" not in say(text)

    @pytest.mark.parametrize("text", ["quantum physics?", "asdf qwer", "????", "", "what is the capital of France"])
    def test_what_is_not_known_is_said_and_a_person_offered(self, text: str) -> None:
        answer = say(text)
        assert "I don't know that one" in answer
        assert "Talk to a person" in answer

    def test_small_talk_says_what_it_can_do(self) -> None:
        answer = say("Tell me a story, slowly")
        assert "beyond me" in answer
        assert len(pieces(answer)) > 60


class TestAllergies:
    @pytest.mark.parametrize(
        "text",
        [
            "I'm allergic to shrimp",
            "is it gluten free?",
            "my son has a nut allergy",
            "do you have vegan options",
            "is anything egg free?",
            "can you guarantee no dairy?",
            "celiac",
            "what about allergies",
            "¿tienen opciones sin gluten?",
            "soy alérgica a los mariscos",
        ],
    )
    def test_nothing_is_ever_guaranteed(self, text: str) -> None:
        answer = say(text)
        shared = PROFILE.allergies.shared_grill
        assert shared.en in answer or (shared.es is not None and shared.es in answer)
        assert "48" in answer
        assert not re.search(r"\b(is|are|100 ?%) (completely |totally )?(safe|allergen[- ]free)\b", answer)

    def test_a_dish_that_is_named_is_said_to_be_there(self) -> None:
        answer = say("I'm allergic to shrimp")
        assert "Shrimp is on our menu" in answer
        assert "Yes, shrimp" not in answer

    def test_beyond_the_list_a_person_answers(self) -> None:
        assert "a person answer you" in say("is it ok for celiac disease?")


class TestPeople:
    @pytest.mark.parametrize("text", ["I want to talk to a person", "real person please", "quiero hablar con alguien"])
    def test_a_wish_for_a_person_is_met(self, text: str) -> None:
        assert re.search(r"Talk to a person|Hablar con una persona", say(text))

    def test_out_of_hours_it_says_when(self) -> None:
        night = HOUSE.say("talk to a person please", now=NOW + timedelta(hours=14))
        assert "back today at 12:00 PM" in night or "back tomorrow at 12:00 PM" in night

    @pytest.mark.parametrize(
        "text", ["the chef was late and rude", "we got sick, food poisoning", "I want my money back", "my lawyer will call"]
    )
    def test_trouble_is_acknowledged_and_nothing_is_promised(self, text: str) -> None:
        answer = say(text)
        assert "Talk to a person" in answer
        assert "$" not in answer
        assert "%" not in answer

    def test_a_question_on_the_rules_is_no_complaint(self) -> None:
        assert "refundable until 4 days" in say("is the deposit refundable?")


class TestManners:
    @pytest.mark.parametrize("text", ["hi", "thanks", "hola", "hi, thanks, how much? 12 adults", "hello and bye"])
    def test_at_most_one_emoji(self, text: str) -> None:
        assert len(EMOJI.findall(say(text))) <= 1

    def test_ends_with_the_next_step(self) -> None:
        assert talk("hi").endswith("How many adults and children will there be?")
        assert talk("12 adults").endswith("Then I add the travel fee.")
        assert "Which date" in talk("12 adults", "zip 95112").rsplit("\n\n", 1)[1]

    def test_a_text_message_carries_no_markdown_stars(self) -> None:
        assert "*" not in HOUSE.say("12 adults, talk to a person", channel="sms")

    @pytest.mark.parametrize(
        "text", ["12 adults", "12 adultos, ¿cuánto cuesta?", "is the deposit refundable?", "¿es reembolsable el depósito?"]
    )
    def test_a_text_message_of_several_segments_has_the_letters_that_make_them_few(self, text: str) -> None:
        said = HOUSE.say(text, channel="sms")
        assert segments(said) == 1 or encoding(said) == "gsm7", said

    @pytest.mark.parametrize(
        ("texts", "locale", "expected"),
        [
            (["how much is it"], "es", "en"),
            (["¿cuánto cuesta?"], "en", "es"),
            (["12"], "es-MX", "es"),
            (["hola, cuanto cuesta", "12"], "en", "es"),
        ],
    )
    def test_the_customers_language(self, texts: list[str], locale: str, expected: str) -> None:
        assert language(texts, locale) == expected


class TestFigures:
    """No figure of an answer comes from anywhere but the profile, the rules and the customer's own words."""

    def test_another_profile_gives_another_answer(self) -> None:
        prices = PROFILE.prices.model_copy(update={"adult_cents": 77_00, "deposit_cents": 321_00})
        other = Concierge(PROFILE.model_copy(update={"prices": prices}))
        answer = other.say("10 adults, how much is the deposit?")
        assert "$770" in answer
        assert "$321" in answer
        assert "$55" not in answer

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_wording_and_hearing_hold_no_figure_of_the_business(self, language: str) -> None:
        wording = "\n".join(path.read_text(encoding="utf-8") for path in files(language))
        bare = re.sub(r"\{\{[^}]*\}\}|^\s*#.*$|\\n\d\.", "", wording, flags=re.MULTILINE)
        assert not re.search(r"[$€]|\d", bare)
        assert PROFILE.business.name not in bare

    def test_both_languages_say_the_same_things(self) -> None:
        english, spanish = (sentences(name) for name in LANGUAGES)
        assert english.keys() == spanish.keys()
        for section in english:
            assert english[section].keys() == spanish[section].keys()
            for name, text in english[section].items():
                assert placeholders(text) - {"day"} == placeholders(spanish[section][name]) - {"day"}, (section, name)

    def test_every_topic_that_is_heard_has_an_answer(self) -> None:
        wording = sentences("en")["topics"]
        for topics in TOPICS:
            for topic in topics:
                assert topic in wording or topic in ("tax", "how_much"), topic

    def test_every_placeholder_is_known(self) -> None:
        known = figures(PROFILE, "en").keys()
        for name in LANGUAGES:
            for section in sentences(name).values():
                for text in section.values():
                    unknown = {p for p in placeholders(text) if p.startswith("profile.")} - known
                    assert not unknown

    @given(st.integers(1, 49), st.integers(0, 12), st.integers(0, 150))
    @settings(max_examples=150, deadline=None)
    def test_any_quote_is_the_engines(self, adults: int, children: int, miles: int) -> None:
        if adults + children >= PROFILE.booking.person_from_guests:
            return
        fee = max(miles - 30, 0) * 200
        expected = quote(PROFILE, Order(Party(adults, children), travel_cents=fee))
        answer = say(f"{adults} adults and {children} children, {miles} miles")
        assert f"**Total: {money(expected.total_cents)}**" in answer
        respuesta = say(f"¿cuánto es para {adults} adultos y {children} niños, a {miles} millas?", locale="es")
        assert f"**Total: {money(expected.total_cents)}**" in respuesta


def sentences(language: str) -> dict[str, dict[str, object]]:
    """Every agent's, by section."""
    found: dict[str, dict[str, object]] = {}
    for path in files(language):
        for section, said in tomllib.loads(path.read_text(encoding="utf-8")).items():
            found.setdefault(section, {}).update(said)
    return found


def placeholders(text: object) -> set[str]:
    return set(re.findall(r"\{\{\s*([a-z_.]+)\s*\}\}", str(text)))


class TestNeverFails:
    @given(st.text(max_size=300))
    @settings(max_examples=200, deadline=None)
    def test_on_any_text(self, text: str) -> None:
        assert say(text)

    @given(st.lists(st.sampled_from(KNOWN_WORDS), max_size=14).map(" ".join))
    @settings(max_examples=200, deadline=None)
    def test_on_any_words_that_it_knows(self, text: str) -> None:
        assert say(text)
        assert say(text, locale="es")

    @pytest.mark.parametrize("text", ["a " * 2000, "9" * 4000, "in " * 1300, "one hundred and " * 250, "for 12 " * 600, "san " * 1000])
    def test_quickly_on_hostile_lengths(self, text: str) -> None:
        say("95112")
        began = time.process_time()
        assert say(text[:4000])
        # Work of this process, whatever else the machine does: what grows with the square of the text takes many seconds.
        assert time.process_time() - began < 2


def test_the_profile_fixture_is_the_shipped_one(profile: Profile) -> None:
    assert profile.version == PROFILE.version
