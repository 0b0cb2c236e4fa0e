"""Proposals: kept as they were shown, confirmed by whoever asked within ten minutes, done once.

A proposal is done in the transaction that marks it done: a second press, another tab or a repeated request finds it so and does nothing.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, cast
from uuid import UUID

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from business.assistant.deeds import DEEDS, Arguments, Deed, Doing, Outcome, Verb
from business.assistant.objects import Wanted
from business.conversations.log import Announcement
from business.conversations.turns import CutOutcome
from business.handoffs.ownership import Actor, Moved
from business.links.signing import Links
from business.profile.schemas import Profile
from business.staff import audit
from kernel.clock import Clock
from kernel.database import Database
from kernel.errors import BadRequest, Conflict, GatewayError, NotAllowed, NotFound, Stale
from kernel.ids import new_id
from kernel.tables.ops import AssistantAction

State = Literal["proposed", "done", "declined", "failed", "expired"]
Announce = Callable[[Announcement], Awaitable[None]]
Follow = Callable[[UUID, Moved, CutOutcome], Awaitable[Any]]
GOOD_FOR = timedelta(minutes=10)
KEPT_FOR = timedelta(days=90)
CHIEFS_ALONE = "Only an owner or an admin may do this. Ask one of them."
OVER = "This was proposed more than ten minutes ago, and things may have changed. Ask for it again."
NOW = func.clock_timestamp()


@dataclass(frozen=True, slots=True)
class Proposal:
    """A deed that waits for a yes, or what became of it (`result`, in words). `text`: what would be written, whole."""

    id: UUID
    verb: Verb
    title: str
    changes: str
    text: str | None
    conversation: UUID | None
    state: State
    result: str | None
    expires_at: datetime


class _Refused(Exception):
    """The deed's own service did not allow it; nothing was done."""

    def __init__(self, error: GatewayError) -> None:
        self.error = error


async def propose(connection: AsyncConnection, staff: UUID, wanted: Wanted, *, chief: bool) -> Proposal:
    """Keep it; the same again, while it waits, is the same. Raises NotAllowed by role."""
    deed = DEEDS[wanted.verb]
    if deed.chiefs and not chief:
        raise NotAllowed(CHIEFS_ALONE)
    arguments = deed.arguments.model_validate(wanted.arguments).model_dump(mode="json", exclude_none=True)
    await _clear(connection, staff)
    mine = (AssistantAction.staff_id == staff, AssistantAction.state == "proposed", AssistantAction.verb == wanted.verb)
    waiting = select(AssistantAction).where(*mine, AssistantAction.arguments == arguments)
    row = (await connection.execute(waiting)).one_or_none()
    if row is None:
        values = {
            "id": new_id(),
            "staff_id": staff,
            "conversation_id": wanted.conversation,
            "verb": wanted.verb,
            "arguments": arguments,
            "label": f"{wanted.title}\n{wanted.changes}",
            "expires_at": NOW + GOOD_FOR,
        }
        row = (await connection.execute(insert(AssistantAction).values(values).returning(AssistantAction))).one()
    return _proposal(row)


async def decline(connection: AsyncConnection, action: UUID, staff: UUID) -> Proposal:
    """No; nothing is done. Of what is settled already nothing changes. Raises NotFound."""
    row = await _mine(connection, action, staff)
    if row.state == "proposed":
        row = await _settle(connection, action, "declined", "Nothing was done.")
        await audit.record(connection, "staff", staff, "assistant.declined", action, {"verb": row.verb})
    return _proposal(row)


class Confirming:
    """Carries out what somebody said yes to."""

    def __init__(
        self, database: Database, profile: Callable[[], Profile], links: Links, announce: Announce, follow: Follow, clock: Clock
    ) -> None:
        """`announce` and `follow` tell everyone after the commit, and cut the reply in progress, as after a person's own button."""
        self._database = database
        self._profile = profile
        self._links = links
        self._announce = announce
        self._follow = follow
        self._clock = clock

    async def confirm(self, action: UUID, actor: Actor, *, chief: bool) -> Proposal:
        """Yes. Again is the same and does nothing more. Raises NotFound for somebody else's; what the deed's service refuses, or the role,
        is told as its result (`failed`)."""
        try:
            await self._first(action, actor, chief=chief)
            proposal, outcome = await self._database.unit(lambda c: self._carry_out(c, action, actor, chief=chief))
        except _Refused as refused:
            why = refused.error.message
            return await self._database.unit(lambda c: _failed(c, action, actor.id, why))
        if outcome is not None:
            await self._tell(outcome)
        return proposal

    async def _first(self, action: UUID, actor: Actor, *, chief: bool) -> None:
        """What has to be true for everyone before the deed, as the conversation being the colleague's before they write in it."""

        async def work(connection: AsyncConnection) -> Moved | None:
            row = await _mine(connection, action, actor.id)
            deed = DEEDS[cast(Verb, row.verb)]
            if deed.first is None or not await _waits(connection, row) or (deed.chiefs and not chief):
                return None
            moved: Moved = await _allowed(deed.first(self._doing(connection, row, actor), _arguments(deed, row)))
            return moved

        moved = await self._database.unit(work)
        if moved is not None:
            await self._follow(moved.announcement.conversation, moved, "taken_over")

    async def _carry_out(self, connection: AsyncConnection, action: UUID, actor: Actor, *, chief: bool) -> tuple[Proposal, Outcome | None]:
        row = await _mine(connection, action, actor.id)
        if row.state != "proposed":
            return _proposal(row), None
        if not await _waits(connection, row):
            return _proposal(await _settle(connection, action, "expired", OVER)), None
        deed = DEEDS[cast(Verb, row.verb)]
        if deed.chiefs and not chief:
            raise _Refused(NotAllowed(CHIEFS_ALONE))
        outcome = await _allowed(deed.do(self._doing(connection, row, actor), _arguments(deed, row)))
        await audit.record(connection, "staff", actor.id, "assistant.confirmed", action, {"verb": row.verb})
        return _proposal(await _settle(connection, action, "done", outcome.words)), outcome

    def _doing(self, connection: AsyncConnection, row: Any, actor: Actor) -> Doing:
        return Doing(connection, self._profile(), self._links, actor, self._clock(), row.id)

    async def _tell(self, outcome: Outcome) -> None:
        if outcome.moved is not None:
            await self._follow(outcome.moved.announcement.conversation, outcome.moved, outcome.cut)
        if outcome.announcement is not None:
            await self._announce(outcome.announcement)


async def _allowed(work: Awaitable[Any]) -> Any:
    try:
        return await work
    except (BadRequest, Conflict, NotAllowed, NotFound, Stale) as error:
        raise _Refused(error) from None


async def _failed(connection: AsyncConnection, action: UUID, staff: UUID, why: str) -> Proposal:
    row = await _mine(connection, action, staff)
    if row.state == "proposed":
        row = await _settle(connection, action, "failed", why)
        await audit.record(connection, "staff", staff, "assistant.failed", action, {"verb": row.verb})
    return _proposal(row)


async def _mine(connection: AsyncConnection, action: UUID, staff: UUID) -> Any:
    """The colleague's own, locked. Raises NotFound: somebody else's is none of theirs."""
    query = select(AssistantAction).where(AssistantAction.id == action, AssistantAction.staff_id == staff).with_for_update()
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        raise NotFound("There is no such proposal of yours. Ask for it again.")
    return row


async def _waits(connection: AsyncConnection, row: Any) -> bool:
    """By PostgreSQL's clock."""
    now = await connection.scalar(select(NOW))
    return bool(row.state == "proposed" and now is not None and now < row.expires_at)


async def _settle(connection: AsyncConnection, action: UUID, state: State, result: str) -> Any:
    values = {"state": state, "result": result, "settled_at": NOW}
    changed = update(AssistantAction).where(AssistantAction.id == action).values(values).returning(AssistantAction)
    return (await connection.execute(changed)).one()


async def _clear(connection: AsyncConnection, staff: UUID) -> None:
    """What is over is marked so, and what was settled long ago goes: notes and replies stand in it."""
    own = AssistantAction.staff_id == staff
    over = (own, AssistantAction.state == "proposed", AssistantAction.expires_at <= NOW)
    await connection.execute(update(AssistantAction).where(*over).values(state="expired", result=OVER, settled_at=NOW))
    await connection.execute(delete(AssistantAction).where(own, AssistantAction.settled_at < NOW - KEPT_FOR))


def _arguments(deed: Deed, row: Any) -> Arguments:
    return deed.arguments.model_validate(row.arguments)


def _proposal(row: Any) -> Proposal:
    title, _, changes = row.label.partition("\n")
    text = row.arguments.get("text")
    return Proposal(row.id, row.verb, title, changes, text, row.conversation_id, row.state, row.result, row.expires_at)
