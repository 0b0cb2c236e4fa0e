"""Guests as customers count them: by age, in words, with second thoughts; what is no count is not taken for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.understanding.facts import Facts
from tests.understanding.reading import read, talk

Counts = tuple[int | None, int | None, int | None, int | None]


def counts(facts: Facts) -> Counts:
    """(adults, children, under six, people of unknown age)."""
    return facts.adults, facts.children, facts.under_six, facts.people


class TestCounting:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("12 adults", (12, None, None, None)),
            ("12 adults and 3 kids", (12, 3, None, None)),
            ("twelve adults, three children", (12, 3, None, None)),
            ("a dozen adults", (12, None, None, None)),
            ("two dozen people", (None, None, None, 24)),
            ("half a dozen kids and a couple of adults", (2, 6, None, None)),
            ("12 people", (None, None, None, 12)),
            ("party of 20", (None, None, None, 20)),
            ("there will be 15 of us", (None, None, None, 15)),
            ("we are 12", (None, None, None, 12)),
            ("for 25", (None, None, None, 25)),
            ("12 guests, 3 of them kids", (None, 3, None, 12)),
            ("family of 5 (3 kids)", (None, 3, None, 5)),
            ("12 people including 2 kids", (None, 2, None, 12)),
            ("12 people plus 3 kids", (None, 3, None, 15)),
            ("10 adults and 2 toddlers", (10, None, 2, None)),
            ("8 adults, 2 babies", (8, None, 2, None)),
            ("10 adults, kids 4, 7 and 9", (10, 2, 1, None)),
            ("10 adults and 3 kids ages 4, 7 and 9", (10, 2, 1, None)),
            ("10 adults, 2 kids (5 and 8)", (10, 1, 1, None)),
            ("10 adults, 3 kids 7, 9 and 14", (11, 2, None, None)),
            ("10 adults and a 4 year old", (10, None, 1, None)),
            ("10 adults, my 7-year-old and a 3 year old", (10, 1, 1, None)),
            ("10 adults and 2 kids under 5", (10, None, 2, None)),
            ("10 adults and 2 kids 5 and under", (10, None, 2, None)),
            ("10 adults, 2 under 6", (10, None, 2, None)),
            ("12 adults, 4 children 6-12, 2 under 6", (12, 4, 2, None)),
            ("8 adults and 2 teenagers", (10, None, None, None)),
            ("10 people 13 and over, 3 kids 6-12", (10, 3, None, None)),
            ("5 couples", (10, None, None, None)),
            ("4 couples and 3 kids", (8, 3, None, None)),
            ("6 adults plus my husband and me", (8, None, None, None)),
            ("12 guests plus my wife and I", (None, None, None, 14)),
            ("my husband and I and 3 kids", (2, 3, None, None)),
            ("Adults: 12, Kids: 3", (12, 3, None, None)),
            ("adults 12 kids 3", (12, 3, None, None)),
            ("12 adluts and 3 chidren", (12, 3, None, None)),
            ("all adults, 14 of us", (None, 0, 0, 14)),
            ("10 adults, no kids", (10, 0, 0, None)),
            ("nobody under 13, 14 adults", (14, 0, 0, None)),
            ("12 adults on the 12th at 6", (12, None, None, None)),
            ("10 adults with 4 lobster tails and gyoza for 6", (10, None, None, None)),
            ("20 guests total, 15 adults and 5 kids", (15, 5, None, None)),
            ("20 people, 4 of which are kids under 5", (None, None, 4, 20)),
            ("12 adultos y 4 niños (2 menores de 5)", (12, 2, 2, None)),
            ("10 adults, 5 kids, 2 of them under 6", (10, 3, 2, None)),
            ("it's for 2 adults only", (2, 0, 0, None)),
            ("12 adults, one person is vegan", (12, None, None, None)),
            ("doce adultos y tres niños", (12, 3, None, None)),
            ("somos 20 personas", (None, None, None, 20)),
            ("somos quince", (None, None, None, 15)),
            ("una docena de adultos y media docena de niños", (12, 6, None, None)),
            ("diez adultos y 2 bebés", (10, None, 2, None)),
            ("8 adultos, 3 niños de 4, 7 y 9 años", (8, 2, 1, None)),
            ("10 adultos y 2 niños menores de 5", (10, None, 2, None)),
            ("10 adultos, sin niños", (10, 0, 0, None)),
            ("familia de 6", (None, None, None, 6)),
            ("6 adultos más mi esposo y yo", (8, None, None, None)),
            ("treinta y dos invitados", (None, None, None, 32)),
            ("un par de niños y 10 adultos", (10, 2, None, None)),
        ],
    )
    def test_guests(self, text: str, expected: Counts) -> None:
        assert counts(read(text).fresh) == expected

    @pytest.mark.parametrize(
        "text",
        [
            "do you have a kids menu",
            "is a 5 year old free? what about a 6 year old",
            "how much is it per person",
            "is it 55 per adult?",
            "6 chicken 6 steak",
            "the 5th at 6pm",
            "45 miles",
            "510-555-0142",
            "95112",
            "123 Main St, Fremont",
            "gyoza for 6",
            "$600 for the food",
            "2 questions",
            "our son turns 10",
            "is there a discount for kids",
            "my husband and I are planning something",
            "5/3",
            "my name is Ana Perez",
            "what is the minimum?",
        ],
    )
    def test_no_guests_are_heard_where_none_were_counted(self, text: str) -> None:
        assert counts(read(text).fresh) == (None, None, None, None)

    @given(st.integers(1, 60), st.integers(0, 20))
    def test_any_counts(self, adults: int, children: int) -> None:
        assert counts(read(f"{adults} adults and {children} children").fresh)[:2] == (adults, children)
        assert counts(read(f"somos {adults} adultos con {children} niños").fresh)[:2] == (adults, children)


class TestAnswers:
    @pytest.mark.parametrize(
        ("asked", "text", "expected"),
        [
            ("adults", "12", (12, None, None, None)),
            ("adults", "twelve", (12, None, None, None)),
            ("adults", "we will be 12", (12, None, None, None)),
            ("children", "3", (None, 3, None, None)),
            ("children", "none", (None, 0, 0, None)),
            ("children", "no", (None, 0, 0, None)),
            ("children", "ninguno", (None, 0, 0, None)),
            ("children", "two, 4 and 8 years old", (None, 1, 1, None)),
            ("children", "kids are 4, 7 and 9", (None, 2, 1, None)),
            ("guests", "12", (None, None, None, 12)),
            ("guests", "12 and 3", (12, 3, None, None)),
            ("guests", "just 12", (None, None, None, 12)),
            (None, "12 and 3", (12, 3, None, None)),
            ("time", "6", (None, None, None, None)),
            ("date", "the 12th", (None, None, None, None)),
        ],
    )
    def test_bare_figures(self, asked: str | None, text: str, expected: Counts) -> None:
        assert counts(read(text, asked=asked).fresh) == expected  # type: ignore[arg-type]


class TestChanges:
    @pytest.mark.parametrize(
        ("texts", "expected"),
        [
            (("10 adults", "no wait, 12 adults"), (12, None, None, None)),
            (("12 adults", "make it 14"), (14, None, None, None)),
            (("12 people", "actually 14"), (None, None, None, 14)),
            (("12 adults and 3 kids", "two more adults"), (14, 3, None, None)),
            (("12 adults and 3 kids", "one less kid"), (12, 2, None, None)),
            (("12 adults and 3 kids", "2 adults can't make it"), (10, 3, None, None)),
            (("12 adults", "add 3 kids"), (12, 3, None, None)),
            (("12 adults", "plus 3 kids"), (12, 3, None, None)),
            (("12 people", "also 3 kids"), (None, 3, None, 15)),
            (("12 people", "3 kids"), (None, 3, None, 12)),
            (("12 people", "no kids"), (12, 0, 0, None)),
            (("12 people", "two more people"), (None, None, None, 14)),
            (("12 adults", "2 more guests"), (14, None, None, None)),
            (("12 adults and 3 kids", "nobody under 13"), (12, 0, 0, None)),
            (("12 adults 3 kids", "another kid"), (12, 4, None, None)),
            (("10 adultos", "dos adultos más"), (12, None, None, None)),
            (("10 adultos y 3 niños", "un niño menos"), (10, 2, None, None)),
            (("10 adultos", "mejor 12 adultos"), (12, None, None, None)),
            (("12 adults and 3 kids", "we are 20 people now"), (None, None, None, 20)),
            (("12 adults", "6pm please", "saturday"), (12, None, None, None)),
        ],
    )
    def test_second_thoughts(self, texts: tuple[str, ...], expected: Counts) -> None:
        assert counts(talk(*texts)) == expected

    def test_a_change_is_told(self) -> None:
        before = talk("12 adults", "saturday at 6")
        assert read("make it 14", before).changed == ("adults",)
        assert read("12 adults", before).changed == ()
        assert read("3 kids", before).changed == ()


class TestUnclear:
    @pytest.mark.parametrize(
        ("text", "fact", "kind"),
        [
            ("10-12 adults", "adults", "range"),
            ("10 to 12 people", "people", "range"),
            ("between 10 and 12", "people", "range"),
            ("10 or 12 adults", "adults", "range"),
            ("entre 10 y 12 personas", "people", "range"),
            ("de 10 a 12 adultos", "adults", "range"),
            ("5 kids ages 4 to 10", "children", "ages"),
            ("half of them are kids", "children", "ages"),
        ],
    )
    def test_a_range_is_no_count(self, text: str, fact: str, kind: str) -> None:
        heard = read(text)
        assert heard.fresh.adults is None
        assert heard.fresh.people is None
        assert [(item.fact, item.kind) for item in heard.unclear] == [(fact, kind)]

    @pytest.mark.parametrize(
        ("text", "expected", "kind"),
        [
            ("25+ people", 25, "at_least"),
            ("at least 25 guests", 25, "at_least"),
            ("around 20 people", 20, "about"),
            ("maybe 20 guests", 20, "about"),
            ("20ish people", 20, "about"),
            ("como 20 personas", 20, "about"),
            ("al menos 25 personas", 25, "at_least"),
        ],
    )
    def test_what_is_hedged_is_taken_and_told(self, text: str, expected: int, kind: str) -> None:
        heard = read(text)
        assert heard.fresh.people == expected
        assert [item.kind for item in heard.unclear] == [kind]


class TestWhoComesAfterAll:
    def test_somebody_who_cannot_come_is_taken_off_and_who_is_brought_is_put_on_top(self) -> None:
        facts = talk("how much for 15 people", "2 cant make it but my sister is bringing her 3 kids, 6 7 and 8")
        assert facts.party().adults == 13
        assert facts.children == 3

    def test_nobody_can_be_missing_from_a_party_that_nobody_told(self) -> None:
        assert not talk("2 can't make it").has_party

    def test_girls_and_boys_with_their_ages_are_where_their_ages_put_them(self) -> None:
        facts = talk("8 adults and my 2 girls 13 and 15")
        assert (facts.adults, facts.children) == (10, None)

    @pytest.mark.parametrize(
        ("text", "children", "under_six"),
        [
            ("ten adults and uh three kids one is four and the other two are nine and eleven and we live in hayward", 2, 1),
            ("10 adults and 2 kids, one is 5 and the other is 8", 1, 1),
            ("10 adults 3 kids one is 4 and the others are both 9", 2, 1),
            ("10 adultos y 3 niños, uno tiene 4 y los otros dos tienen 9 y 11", 2, 1),
            ("10 adults, 3 kids, one is vegetarian", 3, None),
        ],
    )
    def test_ages_told_one_by_one(self, text: str, children: int, under_six: int | None) -> None:
        facts = talk(text)
        assert (facts.adults, facts.children, facts.under_six) == (10, children, under_six)

    def test_girls_without_ages_may_be_grown(self) -> None:
        assert talk("its a bachelorette, 8 girls").children is None
