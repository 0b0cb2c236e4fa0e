"""The house model's parts: what it hears, numbers in words, and the pace at which it gives its answer."""

import asyncio
from contextlib import aclosing

import pytest

from agents.ensemble.chunks import Finish, Text
from agents.house.concierge import HouseModel
from agents.house.pacing import paced, pieces
from agents.understanding.listening import Ear
from agents.understanding.text import fold, with_digits
from business.profile.loader import load_profile
from tests.agents.building import PREPARED, ask

PROFILE = load_profile()
HOUSE = HouseModel()


class TestListening:
    def test_the_longest_phrase_wins(self) -> None:
        ear = Ear(PROFILE)
        assert [named.key for named in ear.topics.find(fold("Can I change the date?"))] == ["reschedule"]
        assert [named.key for named in ear.dishes.find(fold("extra fried rice"))] == ["extra_fried_rice"]

    @pytest.mark.parametrize(
        ("words", "digits"),
        [
            ("twenty five", "25"),
            ("twenty-five", "25"),
            ("one hundred and twenty", "120"),
            ("a dozen", "12"),
            ("treinta y cinco", "35"),
            ("ciento veinte", "120"),
            ("ten and five", "10 and 5"),
            ("twelve adults and three kids", "12 adults and 3 kids"),
            ("veinte adultos y tres ninos", "20 adultos y 3 ninos"),
            ("twenty and three", "20 and 3"),
        ],
    )
    def test_numbers_in_words(self, words: str, digits: str) -> None:
        assert with_digits(words) == digits


class TestStreaming:
    async def test_pieces_add_up_to_the_answer(self) -> None:
        request = ask("12 adults and 3 kids", paced=True)
        fast = HouseModel(tokens_per_second=5_000)
        async with aclosing(fast.stream(request)) as chunks:
            given = [chunk async for chunk in chunks]
        assert "".join(chunk.text for chunk in given if isinstance(chunk, Text)) == PREPARED
        assert given[-1] == Finish("stop", 0, len(pieces(PREPARED)), model="house")

    async def test_the_first_piece_comes_at_once_and_the_rest_at_the_pace(self) -> None:
        loop = asyncio.get_running_loop()
        began, times = loop.time(), []
        async with aclosing(paced("one two three four five six seven eight nine ten", 40)) as parts:
            async for _ in parts:
                times.append(loop.time() - began)
        assert times[0] < 0.02
        assert 0.2 < times[-1] < 0.35

    async def test_unpaced_it_comes_whole(self) -> None:
        async with aclosing(HOUSE.stream(ask("hi", paced=False))) as chunks:
            assert len([chunk async for chunk in chunks]) == 2
