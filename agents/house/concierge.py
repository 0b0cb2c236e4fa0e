"""The house model: hears, computes, words, streams. A `Model` that needs nothing but the profile and never fails."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from agents.ensemble.chunks import Chunk, Finish, Text
from agents.ensemble.model import ModelRequest
from agents.house.answers import Answers
from agents.house.pacing import paced, pieces
from agents.house.wording import load_wording
from agents.understanding.hearing import Hearing
from business.profile.schemas import Profile

TOKENS_PER_SECOND = 40.0


class HouseModel:
    """The default of a fresh install and the last fallback of every other."""

    name = "house"

    def __init__(self, profile: Profile, tokens_per_second: float = TOKENS_PER_SECOND) -> None:
        """`tokens_per_second`: of a paced request; 0 gives the whole answer at once."""
        self._hearing = Hearing(profile)
        self._answers = {language: Answers(profile, wording) for language, wording in load_wording(profile).items()}
        self._tokens_per_second = tokens_per_second

    def reply(self, request: ModelRequest) -> str:
        """The whole answer, in the customer's language. Some milliseconds of CPU, no waiting."""
        heard = self._hearing.hear(request)
        return self._answers[heard.language].answer(heard, request.now, request.channel)

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Chunk, None]:
        text = self.reply(request)
        async with aclosing(paced(text, self._tokens_per_second if request.paced else 0)) as parts:
            async for part in parts:
                yield Text(part)
        yield Finish("stop", 0, len(pieces(text)), model=self.name)
