"""True lines and harmless ones: none is stopped, none is changed, none waits longer than it must."""

import random

import pytest

from agents.guard.guard import FigureGuard
from agents.guard.view import HELD_AT_MOST
from tests.guard import innocents
from tests.guard.known import LICENCES, guarded, language_of

ALL = [(known, line) for known in ("UNKNOWN", "ECHOED", "QUOTED") for line in getattr(innocents, known).strip().splitlines()]
# An entity or a tag that may be going on comes on top of what is held.
ON_TOP = 44


@pytest.mark.parametrize(("known", "line"), ALL, ids=[line for _, line in ALL])
def test_goes_out_whole_however_it_is_cut(known: str, line: str) -> None:
    licence = LICENCES[known][language_of(line)]
    rng = random.Random(line)
    for guard in (guarded(line, licence), guarded(line, licence, 1), *(guarded(line, licence, rng=rng) for _ in range(3))):
        assert guard.refused is None
        assert guard.released == line


class TestWaiting:
    @pytest.mark.parametrize(
        "text", ["A chef comes to your place with grill, propane and food. ", "We love what we do, and you will see why! "]
    )
    def test_plain_words_do_not_wait(self, text: str) -> None:
        guard = FigureGuard(LICENCES["UNKNOWN"]["en"])
        assert "".join(guard.feed(piece) for piece in text.split(" ")) == text.replace(" ", "")
        assert guard.held == 0

    def test_half_a_word_goes_out_where_it_can_be_no_figure(self) -> None:
        guard = FigureGuard(LICENCES["UNKNOWN"]["en"])
        assert guard.feed("a grilli") == "a grilli"

    def test_half_a_word_waits_where_it_may_become_one(self) -> None:
        guard = FigureGuard(LICENCES["UNKNOWN"]["en"])
        assert guard.feed("that is fift") == "that is "
        assert guard.feed("y-five") == ""
        assert guard.feed(" dollars per adult, and") == "fifty-five dollars per adult, and"

    @pytest.mark.parametrize(
        "text",
        ["5" * 300, "$" * 300, "$5" + " " * 300, "five " * 100, "5\u200b" * 200, "5" + "\u200b" * 300, "<b" * 200, "&#53;" * 100,
         "wagyu " * 60,
         "about " * 80, "https://" + "a" * 300, "May " * 90, "the date is available " + "as " * 100, "refund " + "x " * 200, "a" * 500],
    )  # fmt: skip
    def test_never_more_than_the_bound(self, text: str) -> None:
        guard = FigureGuard(LICENCES["UNKNOWN"]["en"])
        for char in text:
            guard.feed(char)
            assert guard.held <= HELD_AT_MOST + ON_TOP or guard.refused is not None


def test_there_are_enough_of_them() -> None:
    assert len(ALL) >= 100
