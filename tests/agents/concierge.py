"""The house as a customer meets it, without a database: everything but the calendar and what is kept. Each reply remembers the last."""

import asyncio
from collections.abc import Mapping
from contextlib import aclosing
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from agents.container import Agents, build_agents
from agents.events import TurnFinished, TurnText
from agents.turn import Channel, TurnRequest, Utterance
from business.profile.schemas import Profile
from kernel.ids import ConversationId, CustomerId, SiteId, TurnId, new_id
from kernel.settings import EnsembleSettings, Settings
from tests.agents.building import NOW, KeptRows

SETTINGS = Settings(data=Path("."), config_path=Path("x"), ensemble=EnsembleSettings(house_tokens_per_second=10_000))


class Concierge:
    """Answers by one profile."""

    def __init__(self, profile: Profile) -> None:
        self._agents = _agents(profile)

    def say(self, *texts: str, locale: str = "en", now: datetime = NOW, channel: Channel = "web") -> str:
        """The reply to texts that all wait to be answered."""
        return asyncio.run(self._turn(texts, {}, locale, now, channel, None))[0]

    def talk(
        self, *texts: str, locale: str = "en", now: datetime = NOW, channel: Channel = "web", phone: str | None = None, met: bool = False
    ) -> str:
        """The reply to the last text of a conversation in which every other one was answered. `met`: a text has told before who
        answers."""
        memory: Mapping[str, Any] = {"introduced": True} if met else {}
        reply = ""
        for text in texts:
            reply, memory = asyncio.run(self._turn((text,), memory, locale, now, channel, phone))
        return reply

    async def _turn(
        self, texts: tuple[str, ...], memory: Mapping[str, Any], locale: str, now: datetime, channel: Channel, phone: str | None
    ) -> tuple[str, Mapping[str, Any]]:
        first = 2 if memory else 1  # what was said before is covered
        said = tuple(Utterance("customer", text, now, seq) for seq, text in enumerate(texts, start=first))
        ids = (TurnId(new_id()), ConversationId(new_id()), SiteId(new_id()))
        more: dict[str, Any] = {"memory": memory, "memory_seq": first - 1, "phone": phone}
        request = TurnRequest(*ids, channel, locale, said, now, customer=CustomerId(new_id()), **more)
        text, ended = "", None
        async with aclosing(self._agents.answer(request)) as events:
            async for event in events:
                match event:
                    case TurnText(piece):
                        text += piece
                    case TurnFinished():
                        ended = event
        assert ended is not None and ended.memory is not None
        await self._agents.drain()
        return text, ended.memory


@lru_cache(maxsize=4)
def _built(version: str, content: str) -> Agents:
    return build_agents(SETTINGS, Profile.model_validate_json(content), KeptRows())


def _agents(profile: Profile) -> Agents:
    return _built(profile.version, profile.model_dump_json())
