"""Texts made comparable: numbers in words, typos of the words that matter, and the words that must stay as they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.understanding.listening import Ear
from agents.understanding.spelling import Spelling
from agents.understanding.text import fold, language, with_digits
from business.travel.places import cities
from tests.understanding.reading import PROFILE, read

SPELLING = Spelling(Ear(PROFILE).words)
ONES = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
)
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()


def in_words(n: int) -> str:
    if n < 20:
        return ONES[n - 1]
    return TENS[n // 10 - 2] + (f"-{ONES[n % 10 - 1]}" if n % 10 else "")


class TestNumbers:
    @pytest.mark.parametrize(
        ("words", "digits"),
        [
            ("two dozen kids", "24 kids"),
            ("half a dozen", "6"),
            ("a half dozen adults", "6 adults"),
            ("a dozen and a half", "18"),
            ("a couple of kids", "2 kids"),
            ("a couple dozen people", "24 people"),
            ("dozens of people", "dozens of people"),
            ("dos docenas de personas", "24 personas"),
            ("media docena", "6"),
            ("docena y media", "18"),
            ("un par de ninos", "2 ninos"),
            ("one hundred and twenty", "120"),
            ("ciento veinte", "120"),
            ("twenty-five adults", "25 adults"),
        ],
    )
    def test_in_words_become_digits(self, words: str, digits: str) -> None:
        assert with_digits(words) == digits

    def test_once_is_eleven_in_spanish_alone(self) -> None:
        assert with_digits("somos once", spanish=True) == "somos 11"
        assert with_digits("once we know the count", spanish=False) == "once we know the count"
        assert read("somos once personas").fresh.people == 11
        assert not read("I will tell you once we know the people").fresh.has_party

    @given(st.integers(1, 99))
    def test_every_number_to_a_hundred(self, n: int) -> None:
        assert with_digits(f"{in_words(n)} adults") == f"{n} adults"


class TestSpelling:
    @pytest.mark.parametrize(
        ("typo", "meant"),
        [
            ("adluts", "adults"),
            ("chidren", "children"),
            ("chiken", "chicken"),
            ("shirmp", "shrimp"),
            ("lobtser", "lobster"),
            ("vegitarian", "vegetarian"),
            ("allergys", "allergy"),
            ("tommorow", "tomorrow"),
            ("saterday", "saturday"),
            ("wendsday", "wednesday"),
            ("febuary", "february"),
            ("avalible", "available"),
            ("reservaton", "reservation"),
            ("calimari", "calamari"),
            ("birthady", "birthday"),
            ("invitadso", "invitados"),
            ("camarnes", "camarones"),
            ("sabdo", "sabado"),
        ],
    )
    def test_typos_are_mended(self, typo: str, meant: str) -> None:
        assert SPELLING.word(typo) == meant

    @pytest.mark.parametrize(
        "word",
        "guess gravel cancer salon stake lunch bunch quiet quite spring shrink looking cooking faster eastern match marco julia mario "
        "person descuentan descuenta cuando cuanta cuantos personal premio prices prime prince planet plants punch desert speak party "
        "parking house place please point later water waiter weather whether father rather farther minute price state steam steal "
        "casual mansion garden quota begin again never newer nuevo nueva verano reserva reservas dinner diner child chili children "
        "fourth third friend fried hacia haces hecho deposits salads steaks thanks thinks things theirs there where were".split(),
    )
    def test_words_that_are_near_but_others_stay(self, word: str) -> None:
        assert SPELLING.word(word) == word

    def test_no_city_is_mended_away(self) -> None:
        names = {word for state in ("CA", "NV", "OR") for city in cities(state) for word in city.split() if word.isalpha()}
        assert {name for name in names if SPELLING.correct(name) != name} == set()

    def test_names_and_addresses_keep_their_spelling(self) -> None:
        assert (
            read("my name is Saterday Chiken").fresh.name == "Saterday Chiken"
            or read("my name is Julya Marquez").fresh.name == "Julya Marquez"
        )
        where = read("12 Shirmp Rd, Fremont").fresh.where
        assert where is not None
        assert where.address == "12 Shirmp Rd, Fremont"

    def test_whole_messages(self) -> None:
        fresh = read("tweleve adluts and three chidren on saterday, chiken and shirmp for everyone").fresh
        assert (fresh.adults, fresh.children) == (12, 3)
        assert fresh.proteins == {"chicken": 15, "shrimp": 15}
        assert len(fresh.dates) == 1


class TestFolding:
    @given(st.text(max_size=200))
    def test_folding_twice_is_folding_once(self, text: str) -> None:
        assert fold(fold(text)) == fold(text)

    @pytest.mark.parametrize(
        ("text", "folded"), [("  Año  NUEVO ", "ano nuevo"), ("don’t", "don't"), ("١٢ adults", "12 adults"), ("a\u200bb", "ab")]
    )
    def test_accents_case_and_signs(self, text: str, folded: str) -> None:
        assert fold(text) == folded

    @pytest.mark.parametrize(("text", "expected"), [("¿cuánto?", "es"), ("how much", "en"), ("12", "en"), ("somos 12 adultos", "es")])
    def test_language(self, text: str, expected: str) -> None:
        assert language([text], "en") == expected
