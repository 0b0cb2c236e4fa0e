"""The states of a text message that goes out, as the workers and people write them.

waiting -> sending -> sent -> delivered | failed; sending -> unknown, or waiting again (the provider has nothing of it), or failed; waiting
-> refused (the rules forbid it), held (no provider, a placeholder), cancelled (a person took the conversation). `sending` is committed
before the provider is asked: of a text that was left in it nobody knows whether it went. It becomes `unknown`, an alarm rises, the provider
is asked for it, and where it has none a person decides whether it is sent again.

Whoever changes one holds the row of its conversation first, then the text's: the staff's log tells each state. The words of a code are
gone from its row as soon as it went, or never will.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from business.channels import consent, outgoing
from business.channels.provider import Accepted, Refused
from business.channels.reasons import spoken
from business.conversations.log import Announcement, Writing, database_now, writing
from business.staff import audit
from kernel import outbox
from kernel.errors import Conflict, NotFound
from kernel.ids import new_id
from kernel.jobs import CheckText
from kernel.tables.ai import ChatSession
from kernel.tables.ops import Notification, TextMessage, TextNumber
from kernel.wire.server import Texted

State = Literal["waiting", "sending", "sent", "delivered", "unknown", "failed", "refused", "held", "cancelled"]
RETRIED = ("held", "failed", "unknown", "refused", "cancelled")
UNREACHABLE_AFTER = 3
"""So many texts in a row that no network would have: the number gets no more."""
FIRST_LOOK, DELIVERY_LOOK = timedelta(seconds=5), timedelta(seconds=30)
LOOKED_FOR = timedelta(minutes=15)


@dataclass(slots=True)
class Held:
    """A text whose row, and whose conversation's, this transaction holds. `log` is None where it belongs to no conversation."""

    connection: AsyncConnection
    row: Any
    log: Writing | None

    @property
    def announcement(self) -> Announcement | None:
        return None if self.log is None else self.log.announcement

    async def become(self, state: State, error: str | None = None, **values: Any) -> None:
        """Any state that its caller knows to follow; the staff's log tells it, but for `sending`, which lasts a moment."""
        left = {"text": ""} if outgoing.is_spent(self.row.purpose, state) else {}
        changed = {"state": state, "error": error, "changed_at": func.clock_timestamp(), **values, **left}
        await self.connection.execute(update(TextMessage).where(TextMessage.id == self.row.id).values(changed))
        if self.log is None or state == "sending" or (state, error) == (self.row.state, self.row.error):
            return
        counted = values.get("segments", self.row.segments)
        said = Texted(text=self.row.id, message=self.row.message_id, state=state, segments=counted, error=spoken(error))
        self.log.add_staff(said)


@asynccontextmanager
async def holding(connection: AsyncConnection, text: UUID) -> AsyncIterator[Held]:
    """Hold the conversation's row and the text's. Raises NotFound where there is no such text."""
    query = select(TextMessage.id, ChatSession.id.label("conversation")).where(TextMessage.id == text)
    found = (await connection.execute(query.outerjoin(ChatSession, ChatSession.id == TextMessage.conversation_id))).one_or_none()
    if found is None:
        raise NotFound("There is no such text message.")
    if found.conversation is None:
        yield Held(connection, await _locked(connection, text), None)
        return
    async with writing(connection, found.conversation) as log:
        yield Held(connection, await _locked(connection, text), log)


async def _locked(connection: AsyncConnection, text: UUID) -> Any:
    return (await connection.execute(select(TextMessage).where(TextMessage.id == text).with_for_update())).one()


async def was_taken(held: Held, accepted: Accepted, *, provider: str, cost: int) -> None:
    """The provider has it: it told so, or its list shows it. `cost`: microdollars."""
    if held.row.state not in ("waiting", "sending", "unknown", "sent"):
        return
    named: dict[str, Any] = {
        "provider": provider,
        "provider_id": accepted.id or held.row.provider_id,
        "provider_batch": accepted.batch or held.row.provider_batch,
        "cost_microdollars": cost,
        "sent_at": held.row.sent_at or func.clock_timestamp(),
    }
    if accepted.state == "delivered":
        await held.become("delivered", **named, delivered_at=func.clock_timestamp())
        await _reached(held.connection, held.row.to_number)
    elif accepted.state == "undelivered":
        await held.become("failed", accepted.error or "Undelivered", **named)
        await _undelivered(held, accepted)
    else:
        await held.become("sent", **named)
        if held.row.state != "sent":
            await look_after(held.connection, held.row.id, DELIVERY_LOOK)


async def _undelivered(held: Held, accepted: Accepted) -> None:
    """One that the provider blocked, for its reader told it STOP, is a STOP that nobody here has heard."""
    number = held.row.to_number
    if not accepted.opted_out:
        await _not_reached(held.connection, number)
        return
    told = {"number": number, "text": accepted.error or "OptedOut", "customer": held.row.customer_id}
    await consent.stop(held.connection, **told, source="provider", now=await database_now(held.connection))


async def was_refused(held: Held, error: Refused, now: datetime) -> None:
    """The provider took nothing and never will. What it says of the number holds for every other text."""
    number = held.row.to_number
    if error.opted_out:
        await consent.stop(held.connection, number=number, text=error.code, source="provider", customer=held.row.customer_id, now=now)
        await held.become("refused", "OptedOut")
        return
    await held.become("failed", error.code)
    if error.number:
        await unreachable(held.connection, number)


async def postpone(held: Held, until: datetime, why: str) -> None:
    """It may not go before that moment, at which it is asked again."""
    await held.become("waiting", why, send_at=until)
    await outgoing.enqueue(held.connection, held.row.id, until)


async def is_unknown(held: Held, error: str) -> None:
    """Nobody knows whether the provider has it: an alarm rises, once, and it is looked for."""
    await held.become("unknown", error)
    row = {"id": new_id(), "key": f"text-unknown:{held.row.id}:{new_id()}", "kind": "text_unknown"}
    await held.connection.execute(insert(Notification).values(row | {"conversation_id": held.row.conversation_id}))
    await look_after(held.connection, held.row.id, FIRST_LOOK)


async def look_after(connection: AsyncConnection, text: UUID, after: timedelta) -> None:
    """The provider is asked what became of it, so long from now."""
    await outbox.enqueue(connection, CheckText(text=text), key=f"check:{text}:{new_id()}", at=func.clock_timestamp() + after)


async def unreachable(connection: AsyncConnection, number: str) -> None:
    """The provider says that no text can go there."""
    now = {"unreachable_at": func.clock_timestamp(), "changed_at": func.clock_timestamp()}
    await connection.execute(upsert(TextNumber).values(number=number, **now).on_conflict_do_update(index_elements=["number"], set_=now))


async def _reached(connection: AsyncConnection, number: str) -> None:
    known = (TextNumber.failures > 0) | TextNumber.unreachable_at.is_not(None)
    cleared = {"failures": 0, "unreachable_at": None, "changed_at": func.clock_timestamp()}
    await connection.execute(update(TextNumber).where(TextNumber.number == number, known).values(cleared))


async def _not_reached(connection: AsyncConnection, number: str) -> None:
    counted = {"failures": TextNumber.failures + 1, "changed_at": func.clock_timestamp()}
    added = upsert(TextNumber).values(number=number, failures=1).on_conflict_do_update(index_elements=["number"], set_=counted)
    if (await connection.execute(added.returning(TextNumber.failures))).scalar_one() >= UNREACHABLE_AFTER:
        await unreachable(connection, number)


async def retry(connection: AsyncConnection, text: UUID, staff: UUID, *, sure: bool) -> tuple[str, Announcement | None]:
    """A person sends it on its way again; whether it may go is asked again then. Returns its state; one that is on its way is left alone.
    Raises NotFound; Conflict where it cannot be, or it is `unknown` and they are not `sure`."""
    async with holding(connection, text) as held:
        state = held.row.state
        if state in ("waiting", "sending"):
            return state, None
        _require_retriable(held.row, sure)
        await held.become("waiting", send_at=func.clock_timestamp())
        await outgoing.enqueue(connection, text)
        await audit.record(connection, "staff", staff, "text.retried", text, {"was": state})
    return "waiting", held.announcement


def _require_retriable(row: Any, sure: bool) -> None:
    if row.state not in RETRIED:
        raise Conflict(f"A text message that is {row.state} is not sent again.")
    if row.purpose == "code":
        raise Conflict("A code is not sent again. Whoever wants one asks for a new one.")
    if outgoing.is_placeholder(row.to_number):
        raise Conflict("Its number is a placeholder: nothing is ever sent there.")
    if row.state == "unknown" and not sure:
        raise Conflict(
            "Nobody read the provider's answer: this text may have arrived. Sending it again may deliver it twice. Say that you are sure.",
            unsure=True,
        )


async def arrived(connection: AsyncConnection, text: UUID, staff: UUID) -> tuple[str, Announcement | None]:
    """A person knows that an `unknown` one went. Safe to repeat. Raises NotFound, Conflict."""
    async with holding(connection, text) as held:
        if held.row.state in ("sent", "delivered"):
            return held.row.state, None
        if held.row.state != "unknown":
            raise Conflict(f"This text message is {held.row.state}: nobody has to say whether it arrived.")
        await held.become("sent", sent_at=func.clock_timestamp())
        await audit.record(connection, "staff", staff, "text.arrived", text, {"was": "unknown"})
    return "sent", held.announcement


async def unknown_count(connection: AsyncConnection) -> int:
    """How many wait for somebody to decide: one that the provider is still asked for is not among them."""
    decided = (TextMessage.error == "Absent") | (TextMessage.changed_at < func.clock_timestamp() - LOOKED_FOR)
    query = select(func.count()).select_from(TextMessage).where(TextMessage.state == "unknown", decided)
    return await connection.scalar(query) or 0


async def counts(connection: AsyncConnection, since: datetime | None = None) -> dict[str, int]:
    """How many are in which state."""
    query = select(TextMessage.state, func.count()).group_by(TextMessage.state)
    rows = await connection.execute(query if since is None else query.where(TextMessage.created_at >= since))
    return {row[0]: row[1] for row in rows}
