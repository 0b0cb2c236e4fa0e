"""Picks, diets and allergies: how many of what, for whom, and what is taken back."""

from collections.abc import Mapping

import pytest

from agents.understanding.facts import Facts
from tests.understanding.reading import read, talk

STRIP, LOBSTER, FILET = "new_york_strip", "lobster_tail", "filet_mignon"


class TestProteins:
    @pytest.mark.parametrize(
        ("texts", "expected"),
        [
            (("12 adults", "12 chicken 12 steak"), {"chicken": 12, STRIP: 12}),
            (("6 adults", "6 chicken, 6 steak"), {"chicken": 6, STRIP: 6}),
            (("6 adults", "everyone chicken and steak"), {"chicken": 6, STRIP: 6}),
            (("6 adults", "chicken and shrimp for everyone"), {"chicken": 6, "shrimp": 6}),
            (("6 adults", "everybody wants chicken and shrimp"), {"chicken": 6, "shrimp": 6}),
            (("6 adults", "chicken and steak for all"), {"chicken": 6, STRIP: 6}),
            (("6 adults", "half chicken half shrimp"), {"chicken": 6, "shrimp": 6}),
            (("6 adults", "2 tofu for the vegetarians"), {"tofu": 2}),
            (("6 adults", "chicken x6, steak x4, tofu x2"), {"chicken": 6, STRIP: 4, "tofu": 2}),
            (("6 adults", "chicken: 6, shrimp: 6"), {"chicken": 6, "shrimp": 6}),
            (("6 adults", "chicken 6 shrimp 6"), {"chicken": 6, "shrimp": 6}),
            (("6 adults", "six orders of chicken and six of steak"), {"chicken": 6, STRIP: 6}),
            (("everyone chicken and steak", "6 adults"), {"chicken": 6, STRIP: 6}),
            (("6 adults", "everyone chicken and steak", "make it 8"), {"chicken": 8, STRIP: 8}),
            (("6 adults", "6 chicken 6 steak", "change the steak to shrimp"), {"chicken": 6, "shrimp": 6}),
            (("6 adults", "6 chicken 6 steak", "no steak after all"), {"chicken": 6}),
            (("6 adultos", "6 de pollo y 6 de camarones"), {"chicken": 6, "shrimp": 6}),
            (("6 adultos", "pollo y carne para todos"), {"chicken": 6, STRIP: 6}),
            (("6 adultos", "todos pollo y res"), {"chicken": 6, STRIP: 6}),
            (("6 adultos", "mitad pollo mitad camarones"), {"chicken": 6, "shrimp": 6}),
            (("6 adults", "6 chicken 6 steak", "actually shrimp instead of steak"), {"chicken": 6, "shrimp": 6}),
            (("10 adults", "chicken n shrimp 4 every1"), {"chicken": 10, "shrimp": 10}),
            (("6 adults", "4 chiken and 4 shirmp"), {"chicken": 4, "shrimp": 4}),
        ],
    )
    def test_are_counted(self, texts: tuple[str, ...], expected: Mapping[str, int]) -> None:
        assert talk(*texts).proteins == expected

    @pytest.mark.parametrize("text", ["do you have chicken?", "is the steak good", "what is shrimp like", "how much is chicken"])
    def test_a_question_picks_nothing(self, text: str) -> None:
        assert read(text).fresh.proteins == {}


class TestExtras:
    @pytest.mark.parametrize(
        ("texts", "field", "expected"),
        [
            (("10 adults with 4 lobster tails",), "upgrades", {LOBSTER: 4}),
            (("10 adults", "filet mignon for everyone"), "upgrades", {FILET: 10}),
            (("10 adults", "4 lobster and 6 filet"), "upgrades", {LOBSTER: 4, FILET: 6}),
            (("10 adults", "2 extra lobster"), "premium_extras", {LOBSTER: 2}),
            (("10 adults", "gyoza for 6"), "add_ons", {"gyoza": 6}),
            (("10 adults", "gyoza for everybody"), "add_ons", {"gyoza": 10}),
            (("10 adults", "3 extra chicken"), "add_ons", {"extra_protein": 3}),
            (("10 adults", "edamame for 4 and noodles for 6"), "add_ons", {"edamame": 4, "yakisoba_noodles": 6}),
            (("10 adults with 4 lobster tails", "no lobster after all"), "upgrades", {}),
            (("10 adults with 4 lobster tails", "drop the lobster"), "upgrades", {}),
            (("10 adults with 4 lobster tails", "can we add 2 more lobster tails"), "upgrades", {LOBSTER: 6}),
            (("10 adults with 4 lobster tails", "make it 6 lobster"), "upgrades", {LOBSTER: 6}),
            (("10 adults", "4 lobster", "filet instead of lobster"), "upgrades", {FILET: 4}),
            (("12 adults and 4 of them want lobster tail",), "upgrades", {LOBSTER: 4}),
            (("10 adultos con salmón para 3 y fideos para 10",), "upgrades", {"salmon": 3}),
            (("10 adults", "filet for everyone", "no filet"), "upgrades", {}),
            (("10 adultos", "4 langostas"), "upgrades", {LOBSTER: 4}),
            (("10 adultos", "4 langostas", "sin langosta mejor"), "upgrades", {}),
            (("10 adultos", "gyozas para 6"), "add_ons", {"gyoza": 6}),
        ],
    )
    def test_are_counted_and_taken_back(self, texts: tuple[str, ...], field: str, expected: Mapping[str, int]) -> None:
        assert getattr(talk(*texts), field) == expected

    def test_counts_of_dishes_are_no_guests(self) -> None:
        facts = talk("12 adults", "4 lobster tails and gyoza for 6")
        assert (facts.adults, facts.people) == (12, None)

    def test_what_was_not_picked_cannot_be_taken_back(self) -> None:
        assert read("no shrimp please, I'm allergic").fresh.proteins == {}


class TestNeeds:
    @pytest.mark.parametrize(
        ("text", "diets", "counts"),
        [
            ("2 vegetarians", ("vegetarian",), {"vegetarian": 2}),
            ("3 of us are vegan", ("vegan",), {"vegan": 3}),
            ("one vegetarian", ("vegetarian",), {"vegetarian": 1}),
            ("my wife is vegan", ("vegan",), {}),
            ("we need halal", ("halal",), {}),
            ("two guests are vegetarian and one is vegan", ("vegetarian", "vegan"), {"vegetarian": 2, "vegan": 1}),
            ("dos vegetarianos", ("vegetarian",), {"vegetarian": 2}),
            ("mi hija es vegana", ("vegan",), {}),
            ("do you have vegan options", (), {}),
            ("is it halal?", (), {}),
            ("¿tienen opciones vegetarianas?", (), {}),
        ],
    )
    def test_diets_of_guests(self, text: str, diets: tuple[str, ...], counts: Mapping[str, int]) -> None:
        fresh = read(text).fresh
        if "options" in text or "opciones" in text or "halal?" in text:
            assert fresh.diets == ()
        else:
            assert fresh.diets == diets
        assert fresh.diet_counts == counts

    @pytest.mark.parametrize(
        ("text", "asked", "expected"),
        [
            ("I'm allergic to shrimp", None, ("crustacean",)),
            ("my son has a nut allergy", None, ("nuts",)),
            ("shellfish allergy for one guest", None, ("shellfish",)),
            ("one of us is gluten free", None, ("gluten",)),
            ("soy alérgica a los mariscos", None, ("shellfish",)),
            ("mi hijo tiene alergia al huevo", None, ("egg",)),
            ("peanuts", "allergies", ("nuts",)),
            ("shrimp and egg", "allergies", ("egg", "crustacean")),
            ("my daughter can't have dairy", None, ("dairy",)),
            ("we have someone with celiac", None, ("celiac",)),
            ("is anything gluten free?", None, ()),
            ("do you use peanut oil?", None, ()),
        ],
    )
    def test_allergens_of_guests(self, text: str, asked: str | None, expected: tuple[str, ...]) -> None:
        fresh = read(text, asked=asked).fresh  # type: ignore[arg-type]
        assert set(expected) <= set(fresh.allergens)
        assert bool(expected) == bool(fresh.allergens)

    @pytest.mark.parametrize(
        ("text", "asked"),
        [
            ("no allergies", None),
            ("no food allergies", None),
            ("nobody is allergic", None),
            ("sin alergias", None),
            ("no", "allergies"),
            ("none", "allergies"),
            ("ninguna", "allergies"),
            ("nope", "allergies"),
        ],
    )
    def test_that_there_are_none_is_an_answer(self, text: str, asked: str | None) -> None:
        heard = read(text, asked=asked)  # type: ignore[arg-type]
        assert heard.facts.no_allergens
        assert heard.facts.allergens == ()

    def test_no_nuts_is_an_allergen(self) -> None:
        heard = read("no nuts please", asked="allergies")
        assert heard.facts.allergens == ("nuts",)
        assert not heard.facts.no_allergens

    def test_the_newest_word_counts(self) -> None:
        assert talk("no allergies", "my son is allergic to eggs") == Facts(allergens=("egg",))
        facts = talk("my son is allergic to eggs", "sorry, no allergies")
        assert facts.no_allergens
        assert facts.allergens == ()


class TestHalvesBesideWhatEverybodyHas:
    def test_halves_share_the_pick_that_is_left(self) -> None:
        facts = read("half chicken half steak n everyone gets shrimp too", Facts(adults=14), asked="proteins").facts
        assert facts.proteins == {"chicken": 7, "new_york_strip": 7, "shrimp": 14}

    def test_halves_alone_share_every_pick(self) -> None:
        assert read("half chicken half steak", Facts(adults=14), asked="proteins").facts.proteins == {"chicken": 14, "new_york_strip": 14}
