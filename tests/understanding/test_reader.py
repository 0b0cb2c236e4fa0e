"""Whole messages: everything told at once, the memory that is kept of it, and that no text whatever breaks it."""

import datetime as dt
import json
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.understanding.facts import DAYPARTS, Facts, Where, merge
from business.travel.places import Place
from tests.understanding.reading import THURSDAY, read, talk

keys = st.sampled_from(["chicken", "tofu", "lobster_tail", "gyoza"])
counts = st.dictionaries(keys, st.integers(1, 40), max_size=3)
number = st.none() | st.integers(0, 99)
places = st.builds(Place, st.text(min_size=1, max_size=20), st.sampled_from(["CA", "NV"]), st.floats(-89, 89), st.floats(-179, 179))
wheres = st.builds(
    Where, st.text(min_size=1, max_size=20), st.none() | st.decimals(0, 300, places=1), st.none() | places, st.none() | st.text(max_size=30)
)
facts = st.builds(
    Facts,
    adults=number,
    children=number,
    under_six=number,
    people=number,
    where=st.none() | wheres,
    dates=st.lists(st.dates(dt.date(2026, 1, 1), dt.date(2029, 12, 31)), max_size=3).map(tuple),
    time=st.none() | st.times().map(lambda moment: moment.replace(second=0, microsecond=0)),
    daypart=st.none() | st.sampled_from(DAYPARTS),
    proteins=counts,
    upgrades=counts,
    add_ons=counts,
    premium_extras=counts,
    for_everyone=st.lists(keys, max_size=2).map(tuple),
    diets=st.lists(st.sampled_from(["vegan", "halal"]), max_size=2).map(tuple),
    diet_counts=st.dictionaries(st.sampled_from(["vegan", "halal"]), st.integers(1, 9), max_size=2),
    allergens=st.lists(st.sampled_from(["egg", "nuts"]), max_size=2).map(tuple),
    no_allergens=st.booleans(),
    name=st.none() | st.text(min_size=1, max_size=20),
    phone=st.none() | st.just("+15105550142"),
    email=st.none() | st.just("ana@example.com"),
    preferred_contact=st.none() | st.sampled_from(["phone", "text", "email"]),
)


class TestMemory:
    @given(facts)
    def test_comes_back_as_it_was_stored(self, known: Facts) -> None:
        assert Facts.from_json(json.loads(json.dumps(known.to_json()))) == known

    def test_holds_nothing_of_what_is_not_known(self) -> None:
        assert Facts().to_json() == {}
        assert Facts(children=0).to_json() == {"children": 0}

    @pytest.mark.parametrize(
        ("stored", "expected"),
        [
            ({"colour": "red", "adults": 12}, Facts(adults=12)),
            ({"adults": "twelve"}, Facts()),
            ({"adults": -1, "children": True}, Facts()),
            ({"dates": ["2027-02-30"]}, Facts()),
            ({"dates": "soon", "time": "25:00"}, Facts()),
            ({"where": ["Fremont"]}, Facts()),
            ({"where": {"said": "Fremont", "place": ["Fremont"]}}, Facts()),
            ({"proteins": {"chicken": "many", "tofu": 2}}, Facts(proteins={"tofu": 2})),
            ({"daypart": "teatime", "phone": 12, "no_allergens": "yes"}, Facts()),
            ({"where": {"said": "45 mi", "miles": "45"}}, Facts(where=Where("45 mi", miles=Decimal(45)))),
        ],
    )
    def test_of_another_release_is_read_as_far_as_it_makes_sense(self, stored: dict[str, object], expected: Facts) -> None:
        assert Facts.from_json(stored) == expected


class TestMerging:
    @given(facts)
    def test_nothing_new_changes_nothing(self, known: Facts) -> None:
        whole = merge(Facts(), known)
        assert merge(whole, Facts()) == whole

    def test_another_time_replaces_the_part_of_the_day_and_the_other_way_round(self) -> None:
        assert talk("dinner", "at 6").time == dt.time(18)
        assert talk("dinner", "at 6").daypart is None
        assert talk("at 6", "lunch instead").time is None

    def test_another_date_replaces_the_alternatives(self) -> None:
        assert talk("Dec 5 or 6").dates == (dt.date(2026, 12, 5), dt.date(2026, 12, 6))
        assert talk("Dec 5 or 6", "the 5th").dates == (dt.date(2026, 12, 5),)
        assert talk("Dec 5", "how much is the deposit?").dates == (dt.date(2026, 12, 5),)


class TestWholeMessages:
    def test_everything_at_once(self) -> None:
        heard = read(
            "Hi, this is Ana Perez. We'd like hibachi on Saturday December 12 at 6:30pm for 12 adults and 3 kids (4, 7 and 9) at "
            "123 Main St, Fremont CA 94539. Chicken and steak for everyone, 4 lobster tails. One guest is allergic to nuts. "
            "My cell is (510) 555-0142, ana at example dot com"
        )
        known = heard.facts
        assert (known.adults, known.children, known.under_six, known.people) == (12, 2, 1, None)
        assert known.dates == (dt.date(2026, 12, 12),)
        assert known.time == dt.time(18, 30)
        assert known.where is not None
        assert known.where.address == "123 Main St, Fremont CA 94539"
        assert known.proteins == {"chicken": 14, "new_york_strip": 14}
        assert known.upgrades == {"lobster_tail": 4}
        assert known.allergens == ("nuts",)
        assert (known.name, known.phone, known.email) == ("Ana Perez", "+15105550142", "ana@example.com")

    def test_everything_at_once_in_spanish(self) -> None:
        heard = read(
            "Hola, soy María López. Queremos reservar el sábado 12 de diciembre a las seis y media para doce adultos y 3 niños en "
            "47 Calle Luna, San José CA 95112. Pollo y camarones para todos. Mi teléfono es 408 555 0112 y mi correo maria arroba "
            "example punto com. Sin alergias."
        )
        known = heard.facts
        assert heard.language == "es"
        assert (known.adults, known.children) == (12, 3)
        assert known.dates == (dt.date(2026, 12, 12),)
        assert known.time == dt.time(18, 30)
        assert known.where is not None
        assert known.where.address == "47 Calle Luna, San José CA 95112"
        assert known.proteins == {"chicken": 15, "shrimp": 15}
        assert known.no_allergens
        assert (known.name, known.phone, known.email) == ("María López", "+14085550112", "maria@example.com")

    def test_a_talk_of_short_answers(self) -> None:
        known = Facts()
        answers = [
            ("date", "next friday"),
            ("time", "6"),
            ("guests", "12 and 3"),
            ("address", "123 main st fremont"),
            ("proteins", "everyone chicken and shrimp"),
            ("allergies", "none"),
            ("name", "ana perez"),
            ("phone", "5105550142"),
            ("email", "ana@example.com"),
        ]
        for asked, text in answers:
            known = read(text, known, asked).facts  # type: ignore[arg-type]
        assert known.dates == (dt.date(2026, 12, 11),)
        assert known.time == dt.time(18)
        assert (known.adults, known.children) == (12, 3)
        assert known.proteins == {"chicken": 15, "shrimp": 15}
        assert (known.name, known.phone, known.email) == ("Ana Perez", "+15105550142", "ana@example.com")

    @pytest.mark.parametrize(
        ("text", "topic"),
        [
            ("I want to book", "wants_booking"),
            ("quiero reservar", "wants_booking"),
            ("please release the hold", "release"),
            ("how does it work?", "how_booking"),
            ("¿cómo funciona?", "how_booking"),
            ("I want to talk to a person", "person"),
            ("I want a refund", "refund"),
            ("do you offer a discount?", "discount"),
            ("are you insured?", "insurance"),
            ("can you cook indoors", "indoor"),
            ("do you have a permit", "permits"),
            ("am I talking to a real person or a bot?", "who"),
            ("can you make something off the menu", "off_menu"),
        ],
    )
    def test_topics_and_wishes(self, text: str, topic: str) -> None:
        assert topic in read(text).topics

    @pytest.mark.parametrize(
        ("text", "topic"),
        [
            ("I don't need to talk to a person", "person"),
            ("don't hand me over, no need to talk to someone", "person"),
            ("no necesito hablar con una persona", "person"),
            ("we'd pay extra for wagyu", "pay"),
            ("¿me lo descuentan del total?", "discount"),
        ],
    )
    def test_what_only_sounds_like_a_topic_is_none(self, text: str, topic: str) -> None:
        assert topic not in read(text).topics

    def test_of_a_complaint_the_day_that_is_over_is_no_wish(self) -> None:
        heard = read("the party on November 21, 2026 was awful")
        assert heard.severity == "moderate"
        assert heard.when.problems == ()


class TestNeverFails:
    @given(st.text(max_size=300), st.sampled_from([None, "date", "time", "guests", "children", "address", "name", "phone", "allergies"]))
    @settings(max_examples=300, deadline=None)
    def test_on_any_text(self, text: str, asked: str | None) -> None:
        heard = read(text, asked=asked)  # type: ignore[arg-type]
        assert Facts.from_json(json.loads(json.dumps(heard.facts.to_json()))) == heard.facts

    words = st.sampled_from(
        "saturday next 5 12 dec of the week after two from or 6 pm at - to may 3rd last in kids adults 14 more less no between and y de "
        "el proximo sabado a las media dentro semanas mes ano 123 main st fremont 94539 lobster for everyone half 12/5 2/30 $ ( ) , . ? "
        "ana@ 510 555 0142 my name is soy under ages 7 9 years old".split()
    )

    @given(st.lists(words, max_size=18).map(" ".join))
    @settings(max_examples=400, deadline=None)
    def test_on_any_words_that_it_knows(self, text: str) -> None:
        heard = read(text)
        assert all(day >= THURSDAY.date() for day in heard.facts.dates)
        assert all(count > 0 for name in ("proteins", "upgrades", "add_ons") for count in getattr(heard.facts, name).values())

    @pytest.mark.parametrize(
        "text",
        [
            "a " * 2000,
            "9" * 4000,
            "5 or " * 800,
            "two weeks after " * 300,
            "12 main " * 500,
            "a@" * 2000,
            "kids 4, " * 500,
            "Ana Li " * 600,
        ],
    )
    def test_on_hostile_lengths(self, text: str) -> None:
        assert read(text).language in ("en", "es")

    def test_the_same_text_is_always_read_the_same(self) -> None:
        text = "12 adults next saturday at 6, chicken for all, 123 Main St, Fremont"
        assert read(text) == read(text)


class TestShortAnswers:
    def test_two_proteins_that_were_asked_for_are_everybodys(self) -> None:
        known = talk("12 adults")
        assert read("chicken & steak", known, "proteins").facts.proteins == {"chicken": 12, "new_york_strip": 12}
        assert read("pollo y camarones", known, "proteins").facts.proteins == {"chicken": 12, "shrimp": 12}
        assert read("do you have chicken and steak?", known, "proteins").facts.proteins == {}
        assert read("chicken", known, "proteins").facts.proteins == {}

    @pytest.mark.parametrize(
        ("asked", "text", "answer"),
        [
            ("email", "no email", "skip"),
            ("email", "I don't have email", "skip"),
            ("date", "whenever", "either"),
            ("proteins", "none", "no"),
            ("confirm", "wait no", "no"),
            ("proteins", "we'll decide later", "unknown"),
        ],
    )
    def test_that_are_no_fact(self, asked: str, text: str, answer: str) -> None:
        assert read(text, asked=asked).answer == answer  # type: ignore[arg-type]

    def test_a_bare_day_and_a_bare_hour(self) -> None:
        assert read("12", asked="date").fresh.dates == (dt.date(2026, 12, 12),)
        assert not read("12", asked="date").fresh.has_party
        assert read("the time should be 7", asked="confirm").fresh.time == dt.time(19)


class TestTrouble:
    @pytest.mark.parametrize(
        "text",
        [
            "the tank is hissing and it smells like gas in my yard",
            "huele a gas en el patio",
            "its 8pm and nobody is here. party started at 6",
            "mi mama y mi hijo estan con vomito y diarrea",
        ],
    )
    def test_danger_sickness_and_a_chef_who_is_not_there_are_severe(self, text: str) -> None:
        assert read(text).severity == "severe"

    @pytest.mark.parametrize(
        "text", ["pretty let down, the steak was like rubber", "i want my deposit back", "quiero que me regresen el depósito"]
    )
    def test_food_conduct_and_money_that_is_claimed_back_are_moderate(self, text: str) -> None:
        heard = read(text)
        assert heard.severity == "moderate"

    @pytest.mark.parametrize(
        "text",
        [
            "do i get my deposit back if i cancel",
            "is the grill on propane gas?",
            "will the chef be here at 6",
            "reach my husband on his phone",
        ],
    )
    def test_questions_are_no_trouble(self, text: str) -> None:
        assert read(text).severity is None

    @pytest.mark.parametrize(
        "text",
        [
            "what do you do when somebody is not happy with the party?",
            "what happens if the food is bland",
            "how do you deal with it if a guest is very upset",
            "¿qué hacen si un invitado está molesto?",
            "si algún día me quejo, quién lo lee",
        ],
    )
    def test_what_is_only_supposed_to_happen_is_no_complaint(self, text: str) -> None:
        assert read(text).severity is None

    @pytest.mark.parametrize(
        "text", ["the food was bland. what do you do when that happens?", "la comida llegó fría", "what if they got sick?"]
    )
    def test_what_happened_is_one_whatever_is_asked_of_it(self, text: str) -> None:
        assert read(text).severity in ("moderate", "severe")

    @pytest.mark.parametrize(
        "text", ["i dont wanna chat w a bot. can somebody ring me", "no quiero hablar con un robot", "que alguien me llame por favor"]
    )
    def test_who_wants_no_machine_wants_a_person(self, text: str) -> None:
        assert "person" in read(text).topics


class TestMoneyThatWasSent:
    def test_a_bare_figure_behind_the_word_is_the_amount_and_a_handle_is_no_address(self) -> None:
        heard = read("just venmod u the 100 from @kayla-r, did it go thru")
        assert heard.payment is not None
        assert (heard.payment.method, heard.payment.amount_cents) == ("venmo", 10_000)
        assert heard.fresh.email is None

    def test_a_day_is_no_amount(self) -> None:
        heard = read("i paid you on the 12.")
        assert heard.payment is not None and heard.payment.amount_cents is None


class TestTheDayBesideADate:
    def test_the_sunday_is_the_one_beside_the_saturday_spoken_of(self) -> None:
        assert talk("is jan 16th at 6pm taken", "what about the sunday then").dates == (dt.date(2027, 1, 17),)

    def test_a_sunday_without_the_is_the_coming_one(self) -> None:
        assert talk("is jan 16th at 6pm taken", "or this sunday").dates == (dt.date(2026, 12, 6),)
