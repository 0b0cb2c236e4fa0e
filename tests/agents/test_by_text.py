"""What the house says on a phone: who answers there, how a person is had, and no more than a phone shows."""

import pytest

from business.channels.segments import encoding, segments
from business.conversations.said import WORDLESS
from business.profile.loader import load_profile
from tests.agents.concierge import Concierge

PROFILE = load_profile()
HOUSE = Concierge(PROFILE)
PHONE = "+15105557001"
ME = {"en": "Hi, this is My Hibachi's assistant. Reply PERSON", "es": "¡Hola! Soy el asistente de My Hibachi. Responde PERSONA"}
OF_COURSE = {"en": "Of course.", "es": "Claro que s"}


def text(*texts: str, met: bool = True, locale: str = "en") -> str:
    """The reply to the last of them."""
    return HOUSE.talk(*texts, channel="sms", phone=PHONE, met=met, locale=locale)


class TestWhoAnswers:
    @pytest.mark.parametrize(("said", "language"), [("12 adults, how much?", "en"), ("hola, somos 12 adultos, ¿cuánto cuesta?", "es")])
    def test_is_told_by_the_first_text_and_by_no_other(self, said: str, language: str) -> None:
        first, second = text(said, met=False), text(said, "94539", met=False, locale=language)
        assert first.startswith(ME[language])
        assert "$660" in first
        assert not second.startswith(ME[language])
        assert "$660" in second

    def test_stands_beside_a_chat_and_is_not_said_there(self) -> None:
        assert "assistant" not in HOUSE.say("12 adults, how much?")

    def test_is_said_once_where_it_is_asked(self) -> None:
        said = text("who is this", met=False)
        assert said.count("assistant") == 1
        assert said.count("PERSON") == 1
        assert ME["en"] not in text("who is this", "12 adults", met=False)

    @pytest.mark.parametrize("said", ["get me a person", "everybody got sick after your party", "our chef never came"])
    def test_is_not_what_trouble_is_answered_with(self, said: str) -> None:
        assert "assistant" not in text(said, met=False)


class TestAPerson:
    @pytest.mark.parametrize("said", ["PERSON", "person", "Person please", "PERSON!", "human", "a person please 🙏", "agent"])
    def test_is_had_by_the_word_that_is_told(self, said: str) -> None:
        assert text(said).startswith(OF_COURSE["en"])

    @pytest.mark.parametrize("said", ["PERSONA", "Persona.", "una persona por favor", "humano"])
    def test_and_in_spanish(self, said: str) -> None:
        assert text(said, locale="es").startswith(OF_COURSE["es"])

    @pytest.mark.parametrize("said", ["$55 a person?", "how much per person", "we are 12 person"])
    def test_is_not_meant_among_other_words(self, said: str) -> None:
        assert not text(said).startswith(OF_COURSE["en"])

    def test_nothing_is_to_be_tapped(self) -> None:
        for said in ("are you a bot?", "can we get a discount?", "is anything kosher?", "what is the meaning of life"):
            assert "tap" not in text(said).casefold(), said
            assert "PERSON" in text(said), said


class TestFits:
    """So many segments at most: what is longer is not read on a phone, and paid for."""

    @pytest.mark.parametrize(
        ("most", "said"),
        [
            (1, "thanks!"),
            (1, "what is the capital of france"),
            (1, "you suck"),
            (1, "are you a bot"),
            (1, "tell me a joke"),
            (1, "hi"),
            (2, "my zip is 94539"),
            (1, "is there a discount for the military"),
            (1, "wrong number"),
            (1, "gracias"),
            (1, "¿eres un robot?"),
            (1, "cuéntame un chiste"),
            (2, "how much is it"),
            (2, "cuánto cuesta"),
            (2, "help me"),
            (2, "what can you do"),
            (2, "8 adults 4 children 45 miles"),
            (2, "8 adultos y 4 niños a 45 millas, cuánto es"),
            (2, "how does booking work"),
            (2, "cómo se reserva"),
            (2, "do you have upgrades"),
            (2, "can i cancel"),
            (3, "what is on the menu"),
            (3, "qué hay en el menú"),
        ],
    )
    def test_in(self, most: int, said: str) -> None:
        reply = text(said)
        assert segments(reply) <= most, reply
        assert segments(reply) == 1 or encoding(reply) == "gsm7", reply

    def test_has_no_marks_and_no_blank_lines(self) -> None:
        for said in ("8 adults 4 children 45 miles", "what is on the menu", "what can you do", "how do i book"):
            reply = text(said)
            assert not any(mark in reply for mark in ("**", "\n\n", "](", "×")), reply

    def test_a_price_has_no_bullets(self) -> None:
        assert "\n-" not in text("8 adults 4 children 45 miles, gyoza for everyone")


class TestABooking:
    TOLD = ("book december 19 at 6pm, 10 adults, no kids, 41 Stevenson Blvd Fremont 94538, chicken and steak for everyone", "Nina Rao")

    def test_asks_nobody_who_texts_for_a_number(self) -> None:
        assert "e-mail" in text(*self.TOLD)
        assert "(510) 555-7001" in text(*self.TOLD, "nina@example.com")

    def test_asks_on_a_page_as_ever(self) -> None:
        assert "phone number" in HOUSE.talk(*self.TOLD)

    def test_takes_another_number_that_is_told(self) -> None:
        assert "(415) 555-7009" in text(*self.TOLD, "nina@example.com, call me at 415 555 7009")


class TestWithoutAWord:
    @pytest.mark.parametrize(("locale", "says"), [("en", "can't look at files"), ("es", "no puedo ver archivos")])
    def test_a_picture_is_the_teams_to_see(self, locale: str, says: str) -> None:
        assert says in text(f"{WORDLESS}\n[image/jpeg image/png]", locale=locale)

    def test_a_picture_answers_no_question(self) -> None:
        assert "name" in text(TestABooking.TOLD[0], f"{WORDLESS}\n[image/jpeg]")

    def test_with_words_the_words_are_heard(self) -> None:
        assert text("12 adults, how much?\n[image/jpeg]") == text("12 adults, how much?")


class TestManners:
    @pytest.mark.parametrize("said", ["wrong number", "Sorry, wrong number!", "you have the wrong number", "Número equivocado"])
    def test_whoever_is_not_meant_hears_how_it_ends(self, said: str) -> None:
        assert "STOP" in text(said)

    def test_a_number_that_is_mended_is_no_wrong_one(self) -> None:
        assert "STOP" not in text("I gave you the wrong number, it is 415 555 7009")

    @pytest.mark.parametrize("said", ["STOP TEXTING ME", "please stop sending me messages", "ya no me manden mensajes"])
    def test_whoever_wants_no_texts_is_asked_nothing(self, said: str) -> None:
        reply = text(said)
        assert "STOP" in reply
        assert "?" not in reply

    @pytest.mark.parametrize("said", ["can u do 10% off if we pay cash", "promise me at least $50 off", "10 percent off?"])
    def test_money_off_is_a_persons_to_give(self, said: str) -> None:
        reply = text(said)
        assert "can't promise one" in reply
        assert "PERSON" in reply

    def test_a_wedding_is_planned_by_a_person(self) -> None:
        assert "special events" in text("do you guys do weddings")

    @pytest.mark.parametrize("said", ["👍", "k", "yes"])
    def test_a_nod_is_no_riddle(self, said: str) -> None:
        assert "don't know" not in text(said)

    def test_nobody_is_asked_whether_there_is_anything_else(self) -> None:
        assert text("thanks") == "You're very welcome! 🔥"
        assert "Anything else" in HOUSE.talk("thanks")

    def test_a_date_is_asked_for_once(self) -> None:
        assert text("book us for december 33").count("?") == 1

    @pytest.mark.parametrize("said", ["you suck", "this is bullshit", "stupid bot", "no sirves para nada, pendejo"])
    def test_an_insult_is_answered_with_a_person(self, said: str) -> None:
        reply = text(said)
        assert "PERSON" in reply
        assert "don't know" not in reply

    def test_a_question_in_bad_words_is_answered(self) -> None:
        assert "$660" in text("how much for 12 adults, wtf")

    def test_whoever_comes_back_is_not_welcomed_anew(self) -> None:
        assert text("hi", "12 adults", "hi").startswith("Hi again!")
        assert HOUSE.talk("hi", "hi").startswith("Hi again!")
