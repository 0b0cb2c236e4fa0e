"""Which texts a worker may begin now: what is due, in the order of its conversation, within what the account may send in a minute.

The minute is counted in PostgreSQL, by one worker at a time, so that all of them together keep to it. Campaigns take what is left over.
"""

from datetime import timedelta
from functools import cache
from typing import TypedDict

from sqlalchemy import ColumnElement, ScalarSelect, Uuid, cast, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from kernel import locks, outbox
from kernel.jobs import CheckText, SendText
from kernel.outbox import Effect
from kernel.tables.ai import ChatMessage
from kernel.tables.ops import Outbox, TextMessage

MINUTE = timedelta(minutes=1)
UNKNOWN_HOLDS = timedelta(seconds=45)
"""So long what was said next waits for one of which nobody knows whether it went."""
KEPT_FREE = 5
"""Of a minute's texts, for what is not a campaign's."""

CHECKED = 0.75
"""Of as many texts as may go in a minute, of so many it is asked what became of them: a provider counts what is read, too, and what comes
in is to be read first."""


class Limits(TypedDict):
    """`per_minute`: texts that the account may send; `lease_seconds`: how long what is begun is held."""

    per_minute: int
    lease_seconds: int


_TEXT = cast(Outbox.payload["text"].astext, Uuid)


async def claim(connection: AsyncConnection, places: int, *, per_minute: int, lease_seconds: int) -> list[Effect]:
    """Hold what may begin. Commit before working on it."""
    await locks.hold(connection, "texts that begin")
    room = per_minute - await _begun(connection)
    in_turn = ~_waits_its_turn()
    held: list[Effect] = []
    for campaign, free in ((False, room), (True, room - min(KEPT_FREE, per_minute // 2))):
        limit = min(places, free) - len(held)
        if limit > 0:
            among = in_turn & (_is_campaigns() if campaign else ~_is_campaigns())
            held += await outbox.claim_due(connection, (SendText.kind,), limit, among=among, lease_seconds=lease_seconds)
    return held


async def claim_checks(connection: AsyncConnection, places: int, *, per_minute: int, lease_seconds: int) -> list[Effect]:
    """Hold texts of which the provider is asked now what became of them. Commit before working on it."""
    if places <= 0:
        return []
    await locks.hold(connection, "texts that begin")
    most = min(places, max(1, int(per_minute * CHECKED)) - await _asked(connection))
    return await outbox.claim_due(connection, (CheckText.kind,), most, lease_seconds=lease_seconds) if most > 0 else []


async def _asked(connection: AsyncConnection) -> int:
    """Of how many it was asked in the last minute, or is being asked; of those to be asked again, the first time alone."""

    def count(*which: ColumnElement[bool]) -> ScalarSelect[int]:
        return select(func.count()).select_from(Outbox).where(Outbox.kind == CheckText.kind, *which).scalar_subquery()

    done = count(Outbox.state == "done", Outbox.done_at > func.now() - MINUTE)
    under_way = count(Outbox.state == "working")
    again = count(Outbox.state == "new", Outbox.attempts == 1, Outbox.next_at > func.now())
    return int(await connection.scalar(select(done + under_way + again)) or 0)


async def _begun(connection: AsyncConnection) -> int:
    """How many went to the provider in the last minute, and how many are about to."""
    gone = select(func.count()).select_from(TextMessage).where(TextMessage.sending_at > func.now() - MINUTE)
    about_to = (
        select(func.count())
        .select_from(Outbox)
        .join(TextMessage, TextMessage.id == _TEXT)
        .where(
            Outbox.kind == SendText.kind,
            Outbox.state == "working",
            Outbox.lease_until > func.clock_timestamp(),
            TextMessage.state == "waiting",
            or_(TextMessage.sending_at.is_(None), TextMessage.sending_at <= func.now() - MINUTE),
        )
    )
    return int(await connection.scalar(select(gone.scalar_subquery() + about_to.scalar_subquery())) or 0)


@cache
def _is_campaigns() -> ColumnElement[bool]:
    return exists().where(TextMessage.id == _TEXT, TextMessage.purpose == "marketing")


@cache
def _waits_its_turn() -> ColumnElement[bool]:
    """Whether something that was said before it in its conversation has not gone yet. Put together once: that costs more than to ask it."""
    mine, earlier, said, before = aliased(TextMessage), aliased(TextMessage), aliased(ChatMessage), aliased(ChatMessage)
    lately = earlier.changed_at > func.clock_timestamp() - UNKNOWN_HOLDS
    due = (earlier.state == "waiting") & (earlier.send_at <= func.clock_timestamp())  # one that waits for day holds nobody
    unsettled = due | (earlier.state == "sending") | ((earlier.state == "unknown") & lately)
    return exists(
        select(mine.id)
        .join(said, said.id == mine.message_id)
        .join(earlier, earlier.conversation_id == mine.conversation_id)
        .join(before, before.id == earlier.message_id)
        .where(mine.id == _TEXT, mine.state == "waiting", unsettled, before.seq < said.seq)
    )
