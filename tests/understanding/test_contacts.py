"""Names, phones and e-mail addresses; never a greeting for a name, never a ZIP code or an amount for a phone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.understanding.contacts import e164
from tests.understanding.reading import read


class TestNames:
    @pytest.mark.parametrize(
        ("text", "name"),
        [
            ("my name is Ana Perez", "Ana Perez"),
            ("my name is ana perez and we are 12 adults", "Ana Perez"),
            ("I'm Ana Perez", "Ana Perez"),
            ("Hi, this is Bob", "Bob"),
            ("Hi I'm Mary-Jane O'Neil, we want hibachi", "Mary-Jane O'Neil"),
            ("soy María López", "María López"),
            ("me llamo josé", "José"),
            ("mi nombre es Juan Pablo de la Cruz", "Juan Pablo de la Cruz"),
            ("a nombre de Ana", "Ana"),
            ("Name: Ana Perez", "Ana Perez"),
            ("you can call me Ray", "Ray"),
            ("We would like 12 adults. Thanks, Ana Perez", "Ana Perez"),
            ("12 adults please\nAna", "Ana"),
            ("12 adultos, gracias, Ana María", "Ana María"),
            ("Ana Perez 510-555-0142 ana@example.com", "Ana Perez"),
            ("MY NAME IS ANA PEREZ", "Ana Perez"),
        ],
    )
    def test_are_heard(self, text: str, name: str) -> None:
        assert read(text).fresh.name == name

    @pytest.mark.parametrize(
        ("text", "name"),
        [
            ("Ana Perez", "Ana Perez"),
            ("ana perez", "Ana Perez"),
            ("it's ana", "Ana"),
            ("Sure, Ana Perez", "Ana Perez"),
            ("O'Brien", "O'Brien"),
            ("J. R. Smith", "J. R. Smith"),
            ("ANA PEREZ", "Ana Perez"),
            ("Ana Perez, ana@example.com, 510-555-0142", "Ana Perez"),
        ],
    )
    def test_a_bare_name_answers_the_question(self, text: str, name: str) -> None:
        assert read(text, asked="name").fresh.name == name

    @pytest.mark.parametrize(
        ("text", "asked"),
        [
            ("hello", "name"),
            ("no", "name"),
            ("skip", "name"),
            ("chicken", "name"),
            ("prefer not to say", "name"),
            ("why do you need it?", "name"),
            ("saturday", "name"),
            ("12 adults", "name"),
            ("how much is it", "name"),
            ("I'm looking for a quote", None),
            ("I'm allergic to shrimp", None),
            ("I'm vegan", None),
            ("this is great", None),
            ("This Is Great", None),
            ("I am in Fremont", None),
            ("it's Saturday", None),
            ("soy alérgica a los mariscos", None),
            ("soy vegetariano", None),
            ("I'M LOOKING FOR HIBACHI", None),
            ("Thanks!", None),
            ("Hello\nThanks", None),
            ("we want chicken, thanks", None),
            ("call me later", None),
            ("call me at 510-555-0142", None),
            ("Chicken and Steak", None),
            ("San Jose", None),
            ("es para el sábado", None),
        ],
    )
    def test_what_is_no_name_is_not_taken_for_one(self, text: str, asked: str | None) -> None:
        assert read(text, asked=asked).fresh.name is None  # type: ignore[arg-type]


class TestPhones:
    @pytest.mark.parametrize(
        ("text", "phone"),
        [
            ("510-555-0142", "+15105550142"),
            ("(510) 555-0142", "+15105550142"),
            ("5105550142", "+15105550142"),
            ("510.555.0142", "+15105550142"),
            ("510 555 0142", "+15105550142"),
            ("1-510-555-0142", "+15105550142"),
            ("+1 510 555 0142", "+15105550142"),
            ("my cell is 510 555-0142, text me", "+15105550142"),
            ("+52 55 1234 5678", "+525512345678"),
            ("+44 20 7946 0958", "+442079460958"),
            ("mi número es 510 555 01 42", "+15105550142"),
            ("call 510-555-0142 about 12 adults in 95112", "+15105550142"),
        ],
    )
    def test_become_e164(self, text: str, phone: str) -> None:
        assert read(text).fresh.phone == phone

    @pytest.mark.parametrize(
        "text",
        [
            "95112",
            "95112-1234",
            "12 adults 3 kids 45 miles",
            "$1,200.50",
            "2026-12-05",
            "12/05/2026",
            "123 456 7890",
            "110 555 0142",
            "911",
            "1234567890123456789",
            "4521 El Camino Real, Palo Alto 94306",
            "10-12 adults",
            "6 chicken 6 steak 6 shrimp",
        ],
    )
    def test_other_figures_are_no_phone(self, text: str) -> None:
        assert read(text).fresh.phone is None

    @pytest.mark.parametrize("text", ["555-0142", "510-555-014", "510-555-01422"])
    def test_a_wrong_one_that_was_asked_for_is_told(self, text: str) -> None:
        heard = read(text, asked="phone")
        assert heard.fresh.phone is None
        assert [(item.fact, item.kind) for item in heard.unclear] == [("phone", "not_valid")]

    @given(st.integers(2, 9), st.integers(0, 99), st.integers(2, 9), st.integers(0, 99), st.integers(0, 9999))
    def test_every_way_of_writing_gives_the_same(self, a: int, b: int, c: int, d: int, e: int) -> None:
        area, exchange, line = f"{a}{b:02d}", f"{c}{d:02d}", f"{e:04d}"
        expected = None if area.endswith("11") or exchange.endswith("11") else f"+1{area}{exchange}{line}"
        for written in (f"{area}-{exchange}-{line}", f"({area}) {exchange}-{line}", f"{area}{exchange}{line}", f"+1{area}{exchange}{line}"):
            assert e164(written) == expected


class TestEmails:
    @pytest.mark.parametrize(
        ("text", "email"),
        [
            ("ana@example.com", "ana@example.com"),
            ("Ana.Perez+party@Example.co.uk please", "ana.perez+party@example.co.uk"),
            ("ana at gmail dot com", "ana@gmail.com"),
            ("ana.perez (at) gmail.com", "ana.perez@gmail.com"),
            ("ana @ gmail . com", "ana@gmail.com"),
            ("ana punto perez arroba gmail punto com", "ana.perez@gmail.com"),
            ("it's ana_p@example.com.", "ana_p@example.com"),
            ("my email is ana99@example.com and we are 12", "ana99@example.com"),
            ("ana@gmail,com", "ana@gmail.com"),
            ("ana guion bajo perez arroba hotmail punto com", "ana_perez@hotmail.com"),
        ],
    )
    def test_are_heard(self, text: str, email: str) -> None:
        assert read(text).fresh.email == email

    @pytest.mark.parametrize("text", ["meet us at the park", "6 @ 7pm", "at 6 in fremont", "see you at noon dot"])
    def test_what_is_none_is_not_taken_for_one(self, text: str) -> None:
        assert read(text).fresh.email is None

    def test_half_of_one_is_told(self) -> None:
        heard = read("ana@gmail", asked="email")
        assert heard.fresh.email is None
        assert [(item.fact, item.kind) for item in heard.unclear] == [("email", "not_valid")]

    def test_nothing_else_is_read_out_of_one(self) -> None:
        heard = read("shrimp4lobster12@example.com")
        assert heard.dishes == ()
        assert not heard.fresh.has_party
