"""A customer's conversation with the house in this process: what a gateway does with a message, without a socket, at the world's time."""

from contextlib import aclosing
from dataclasses import dataclass, replace
from uuid import UUID, uuid4

from agents.container import Agents
from agents.events import TurnFinished, TurnRestarted, TurnText
from agents.turn import request_of
from business.conversations import turns
from business.conversations.receive import receive
from business.conversations.turns import Claim, Runner
from business.customers import visitors
from business.handoffs.handing import HandingOver
from business.profile.schemas import Profile
from business.sites.queries import Site
from kernel.clock import utc_now
from kernel.database import Database

ASSISTANT = "Assistant"
RUNNER = Runner("simulation", "postgres")


@dataclass
class Host:
    """Where customers write."""

    database: Database
    profile: Profile
    site: Site
    agents: Agents

    def customer(self, locale: str = "en") -> "Talk":
        return Talk(self, locale)


class Talk:
    """One customer, one conversation."""

    def __init__(self, host: Host, locale: str) -> None:
        self._host = host
        self._visitor = visitors.mint("simulation", host.site.id, host.site.key, utc_now())
        self.locale = locale
        self.replies: list[str] = []

    @property
    def conversation(self) -> UUID:
        return self._visitor.conversation

    async def say(self, text: str) -> str:
        """The reply; nothing where a person owns the conversation and no assistant answers."""
        spoken, client = self._visitor, uuid4()
        received = await self._host.database.unit(
            lambda c: receive(c, spoken, client_id=client, text=text, now=utc_now(), locale=self.locale, runner=RUNNER)
        )
        self._visitor = replace(self._visitor, stored=True)
        reply = "" if received.claim is None else await self._answered(received.claim)
        self.replies.append(reply)
        return reply

    async def _answered(self, claim: Claim) -> str:
        said, finished, host = "", TurnFinished(agent=""), self._host
        async with aclosing(host.agents.answer(request_of(claim, self.locale, utc_now()))) as events:
            async for event in events:
                match event:
                    case TurnText(piece):
                        said += piece
                    case TurnRestarted():
                        said = ""
                    case TurnFinished():
                        finished = event
        hand_over = HandingOver(lambda: host.profile, utc_now, ASSISTANT)
        await host.database.unit(
            lambda c: turns.finish(
                c,
                claim.conversation,
                claim.turn,
                claim.fence,
                said=said,
                name=ASSISTANT,
                agent=finished.agent,
                model=finished.model,
                sources=[],
                memory=finished.memory,
                hand_over=hand_over,
            )
        )
        return said
