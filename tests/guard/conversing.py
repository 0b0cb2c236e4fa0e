"""The house's replies to the conversations of the evaluation set: what is true and said every day, with what vouches for it."""

import asyncio
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from agents.container import build_agents
from agents.evaluation.files import Conversation, load_set
from agents.guard.licence import Licence
from agents.memory import Memory
from agents.orchestrator import Orchestrator
from agents.turn import TurnRequest, Utterance
from agents.voice import Reply
from kernel.ids import ConversationId, CustomerId, SiteId, TurnId, new_id
from kernel.settings import Settings
from tests.agents.building import KeptRows
from tests.guard.known import PROFILE

CONVERSATIONS = Path(__file__).parents[1] / "evals" / "conversations"


@dataclass(frozen=True, slots=True)
class TrueReply:
    """`licence`: of the profile, the turn's tools and the customer's words."""

    conversation: str
    text: str
    licence: Licence


@lru_cache(maxsize=1)
def true_replies() -> tuple[TrueReply, ...]:
    """Every reply of every conversation; computed once. Without a calendar: what needs one is left to a person."""
    return asyncio.run(_all())


async def _all() -> tuple[TrueReply, ...]:
    settings = Settings(data=Path("."), config_path=Path("nothing"))
    # The product's own orchestrator, before it speaks: what its tools found is not to be seen from outside.
    orchestrator = build_agents(settings, PROFILE, KeptRows(), environment={})._desk.orchestrator
    found: list[TrueReply] = []
    for conversation in load_set(CONVERSATIONS).values():
        found += await _replies(orchestrator, conversation)
    return tuple(found)


async def _replies(orchestrator: Orchestrator, conversation: Conversation) -> list[TrueReply]:
    heard: list[Utterance] = []
    found: list[TrueReply] = []
    memory = Memory()
    names = (TurnId(new_id()), ConversationId(new_id()), SiteId(new_id()))
    for turn in conversation.turns:
        heard.append(Utterance("customer", turn.say, conversation.now, len(heard) + 1))
        request = TurnRequest(
            *names, conversation.channel, conversation.language, tuple(heard), conversation.now,
            customer=CustomerId(new_id()), memory=memory.to_json(), memory_seq=len(heard) - 1, answers=(len(heard),),
        )  # fmt: skip
        matter = orchestrator.matter(request, effects=False)
        (reply,) = [step async for step in orchestrator.work(matter) if isinstance(step, Reply)]
        memory = matter.memory
        licence = orchestrator.licence(matter)
        heard.append(Utterance("ai", reply.text, conversation.now, len(heard) + 1))
        found.append(TrueReply(conversation.id, reply.text, licence))
    return found
