"""Two answers compared: what only one of them says, and when they agree."""

import pytest

from knowledge.learning.comparison import HANDOFF, Facts, compare, similarity

QUOTE = 'quote {"adults":12}'


class TestAgreement:
    def test_of_two_that_say_the_same(self) -> None:
        facts = Facts(frozenset({"$660"}), frozenset({"2026-12-05"}), frozenset({QUOTE}), handoff=True)
        found = compare(facts, facts)
        assert found.agrees
        assert set(found.found) == {"amounts", "dates", "tools", "handoff"}
        assert all(side == {"agrees": True, "only_primary": [], "only_candidate": []} for side in found.found.values())

    @pytest.mark.parametrize(
        ("kind", "primary", "candidate", "sides"),
        [
            ("amounts", Facts(amounts=frozenset({"$660", "$55"})), Facts(amounts=frozenset({"$55", "$700"})), (["$660"], ["$700"])),
            ("dates", Facts(dates=frozenset({"2026-12-05"})), Facts(), (["2026-12-05"], [])),
            ("tools", Facts(), Facts(tools=frozenset({QUOTE, "menu {}"})), ([], ["menu {}", QUOTE])),
            ("handoff", Facts(handoff=True), Facts(), ([HANDOFF], [])),
            ("handoff", Facts(), Facts(handoff=True), ([], [HANDOFF])),
        ],
    )
    def test_says_what_only_one_of_them_has(self, kind: str, primary: Facts, candidate: Facts, sides: tuple[list[str], list[str]]) -> None:
        found = compare(primary, candidate)
        assert not found.agrees
        assert found.found[kind] == {"agrees": False, "only_primary": sides[0], "only_candidate": sides[1]}
        assert [other for other in found.found if not found.found[other]["agrees"]] == [kind]


class TestSimilarity:
    def test_of_the_same_is_one_and_never_more(self) -> None:
        assert similarity([0.6, 0.8], [0.6, 0.8]) == pytest.approx(1.0)
        assert similarity([0.6000001, 0.8000001], [0.6000001, 0.8000001]) == 1.0

    def test_of_opposites_is_minus_one(self) -> None:
        assert similarity([1.0, 0.0], [-1.0, 0.0]) == -1.0

    def test_of_vectors_of_two_widths_is_a_fault(self) -> None:
        with pytest.raises(ValueError, match="zip"):
            similarity([1.0], [1.0, 0.0])
