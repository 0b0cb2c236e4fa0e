"""What a question asks to be done, as proposals. Which verbs and which objects come from the colleague's own words alone.

A model may call `propose`, and does nothing by it: a verb that the colleague did not ask for is refused, and so is an object that they
did not mean. What customers wrote, in a name or a message, is read for neither.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Annotated
from uuid import UUID

from pydantic import Field
from sqlalchemy import select

from agents.admin.hearing import Asked
from agents.admin.rows import Facts
from agents.tools.context import ToolContext
from agents.tools.results import ToolError, ToolResult
from agents.tools.tool import STAFF, Tool, ToolArgs
from business.assistant.deeds import DEEDS, Verb
from business.assistant.objects import MOST, Meant, Wanted, colleague, objects
from business.assistant.proposals import CHIEFS_ALONE
from business.handoffs import standing
from business.handoffs.ownership import Actor
from business.handoffs.records import UNSETTLED
from kernel.errors import NotAllowed, Unavailable
from kernel.tables.ops import Handoff
from kernel.wire.base import HandoffKind

Draft = Callable[[UUID], Awaitable[str | None]]


@dataclass(frozen=True, slots=True)
class Whose:
    """How a question's words become conversations: by a name, and the one that is open in the console."""

    called: Callable[[str], Awaitable[list[Facts]]]
    opened: Callable[[], Awaitable[list[Facts]]]


class Proposing:
    """For one question of one colleague. `draft` words a reply where they did not write it themselves."""

    def __init__(
        self, asked: Asked, context: ToolContext, me: Actor, whose: Whose, draft: Draft, kind: HandoffKind | None, overdue: bool
    ) -> None:
        self.asked = asked
        self._context = context
        self._me = me
        self._whose = whose
        self._draft = draft
        self._kind = kind
        self._overdue = overdue
        self._known: dict[Verb, tuple[Wanted, ...]] = {}

    async def objects(self, verb: Verb) -> tuple[Wanted, ...]:
        """On what the verb can be done, of what is meant. Raises NotAllowed by role."""
        if DEEDS[verb].chiefs and not self._context.chief:
            raise NotAllowed(CHIEFS_ALONE)
        if verb not in self._known:
            self._known[verb] = await self._found(verb)
        return self._known[verb]

    def lacks(self, verb: Verb) -> str | None:
        """Of the wording: what the question does not say, and the verb needs."""
        asked = self.asked
        if verb in ("write_note", "resolve_complaint") and asked.text is None:
            return "needs_text"
        if verb == "assign" and asked.colleague is None:
            return "needs_colleague"
        if verb == "move_lead" and (asked.to is None or (asked.to == "disqualified" and asked.text is None)):
            return "needs_state"
        return None

    async def _found(self, verb: Verb) -> tuple[Wanted, ...]:
        if self._context.database is None:
            raise Unavailable("There is no database here.")
        meant = await self._meant(verb)
        async with self._context.database.transaction() as connection:
            if self.asked.colleague is not None:
                me = self.asked.colleague == "me"
                meant = replace(meant, colleague=self._me.id if me else await colleague(connection, self.asked.colleague))
            return await objects(connection, verb, meant, self._context.profile.business.zone)

    async def _meant(self, verb: Verb) -> Meant:
        talks = await self._conversations()
        meant = Meant(talks, self.asked.numbers, text=self.asked.text, to=self.asked.to)
        if verb in ("claim_handoff", "resolve_handoff") and not talks:
            return replace(meant, handoffs=await self._handoffs())
        if verb == "send_reply" and meant.text is None and len(talks) == 1:
            return replace(meant, text=await self._suggested(talks[0]) if self.asked.suggested else await self._draft(talks[0]))
        return meant

    async def _conversations(self) -> tuple[UUID, ...]:
        """Of the first name that somebody bears; of the open conversation where none was said."""
        for name in self.asked.names:
            if found := await self._whose.called(name):
                return tuple(UUID(one["conversation"]) for one in found[:MOST])
        return () if self.asked.named else tuple(UUID(one["conversation"]) for one in await self._whose.opened())

    async def _handoffs(self) -> tuple[UUID, ...]:
        """By kind, or those that are late: "claim the overdue complaint"."""
        if self._kind is None and not self._overdue:
            return ()
        assert self._context.database is not None
        async with self._context.database.transaction() as connection:
            found = await standing.unsettled(connection, self._context.now, kind=self._kind, overdue=self._overdue)
        return tuple(one.id for one in found.shown)

    async def _suggested(self, conversation: UUID) -> str | None:
        """What the assistant suggested when it called a person."""
        assert self._context.database is not None
        query = select(Handoff.suggested_reply).where(Handoff.conversation_id == conversation, Handoff.state.in_(UNSETTLED))
        async with self._context.database.transaction() as connection:
            found: str | None = await connection.scalar(query.order_by(Handoff.created_at.desc()).limit(1))
        return found


class ProposeArgs(ToolArgs):
    verb: Annotated[Verb, Field(description="what the colleague asks to be done")]


class Propose(Tool[ProposeArgs]):
    """For one question: what it found is kept in `wanted` until the answer is there."""

    name = "propose"
    agents = frozenset({"admin"})
    roles = STAFF
    description = (
        "Proposes what the colleague asks to be done; nothing is done by it. They see what will change, and say yes or no. It works for "
        "what their own words ask for, on what they name or have open."
    )
    args = ProposeArgs

    def __init__(self, proposing: Proposing | None) -> None:
        """None: nobody is signed in to whom it could be proposed."""
        self._proposing = proposing
        self.wanted: tuple[Wanted, ...] = ()

    async def run(self, context: ToolContext, args: ProposeArgs) -> ToolResult:
        if self._proposing is None or args.verb not in self._proposing.asked.verbs:
            raise ToolError(f"verb: the colleague did not ask for {args.verb} in their own words; propose nothing and answer them")
        try:
            found = await self._proposing.objects(args.verb)
        except NotAllowed as error:
            raise ToolError(error.message) from None
        if not found:
            lacks = self._proposing.lacks(args.verb)
            raise ToolError(
                "there is nothing on which it can be done" + (f" ({lacks.replace('_', ' ')})" if lacks else "") + "; ask whom they mean"
            )
        self.wanted += tuple(one for one in found if one not in self.wanted)
        return ToolResult({"proposed": [one.verb for one in found], "waits_for": "the colleague's yes"})
