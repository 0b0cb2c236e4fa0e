"""What becomes of a refund, whoever says so: the provider's answer, its event, somebody of the staff. The customer reads when money went
back; a person is called where it did not, and where a payer asks their bank for it.

Locks: the conversation's row before the payment.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from business.conversations.log import Announcement, writing
from business.handoffs.opening import open_for
from business.payments import refunds, words
from business.payments.provider import Dispute, ProviderRefund
from business.profile.figures import money
from business.profile.schemas import Profile
from kernel import outbox
from kernel.errors import NotFound
from kernel.jobs import RefundDone
from kernel.tables.ai import ChatSession
from kernel.tables.ops import Booking, Payment, Refund
from kernel.wire.base import Risk
from kernel.wire.server import Author


async def done(
    connection: AsyncConnection, profile: Profile, refund: UUID, *, reference: str | None = None, by_hand: bool = False
) -> Announcement | None:
    """The money is back. None where that was known, or nobody is to be told. Raises NotFound, Conflict."""
    row = await _refund(connection, refund)
    await _hold(connection, row)
    changed = await refunds.by_hand(connection, refund) if by_hand else await refunds.done(connection, refund, reference=reference)
    if not changed or row.conversation_id is None:
        return None
    await outbox.enqueue(connection, RefundDone(refund=refund), key=f"refund_done:{refund}")
    values = {"amount": money(row.amount_cents), "method": words.method_name(row.locale, row.method)}
    async with writing(connection, row.conversation_id) as log:
        log.say(Author(kind="system", name=profile.business.name), words.line(row.locale, "refunded", **values))
    return log.announcement


async def failed(
    connection: AsyncConnection, profile: Profile, refund: UUID, why: str, now: datetime, *, reference: str | None = None
) -> Announcement | None:
    """The money did not go back; a person looks after it."""
    row = await _refund(connection, refund)
    await _hold(connection, row)
    if not await refunds.failed(connection, refund, why, reference=reference) or row.conversation_id is None:
        return None
    summary = f"{money(row.amount_cents)} could not be given back by {row.method}: see Payments"
    return await _call(connection, profile, row, "high", summary, row.amount_cents, now)


async def of_provider(connection: AsyncConnection, profile: Profile, told: ProviderRefund, now: datetime) -> Announcement | None:
    """A refund as the provider has it now, ours or one that was asked for there."""
    known = (Refund.id == told.refund) if told.refund is not None else (Refund.reference == told.id)
    refund = await connection.scalar(select(Refund.id).where(known))
    if refund is None:
        payment = await _payment(connection, told.payment)
        if payment is None or told.state == "failed":
            return None
        refund = await refunds.from_provider(connection, payment.id, told.id, told.amount_cents)
    match told.state:
        case "done":
            return await done(connection, profile, refund, reference=told.id)
        case "failed":
            return await failed(connection, profile, refund, told.error or "failed", now, reference=told.id)
        case "pending":
            await refunds.sent(connection, refund, told.id)
            return None


async def disputed(connection: AsyncConnection, profile: Profile, dispute: Dispute, now: datetime) -> Announcement | None:
    """A payer asks their bank for the money: a person answers the bank in time."""
    payment = await _payment(connection, dispute.payment)
    if payment is None or payment.conversation_id is None:
        return None
    summary = f"{money(dispute.amount_cents)} is disputed at the payer's bank ({dispute.reason}): answer it at the card provider"
    return await _call(connection, profile, payment, "high", summary, dispute.amount_cents, now)


async def _call(
    connection: AsyncConnection, profile: Profile, row: Any, urgency: Risk, summary: str, cents: int, now: datetime
) -> Announcement:
    opened = await open_for(
        connection,
        row.conversation_id,
        turn=None,
        kind="payment",
        urgency=urgency,
        summary=summary,
        facts={"booking": row.booking, "amount_cents": cents},
        profile=profile,
        now=now,
        by=Author(kind="system", name=profile.business.name),
    )
    return opened.announcement


async def _hold(connection: AsyncConnection, row: Any) -> None:
    if row.conversation_id is not None:
        await connection.execute(select(ChatSession.id).where(ChatSession.id == row.conversation_id).with_for_update())


async def _refund(connection: AsyncConnection, refund: UUID) -> Any:
    query = _WHOSE.add_columns(Refund.amount_cents).join(Refund, Refund.payment_id == Payment.id).where(Refund.id == refund)
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        raise NotFound("There is no such refund.")
    return row


async def _payment(connection: AsyncConnection, reference: str | None) -> Any | None:
    """A card's payment by the provider's reference, with the conversation of its booking."""
    if reference is None:
        return None
    return (await connection.execute(_WHOSE.where(Payment.method == "card", Payment.reference == reference))).one_or_none()


_WHOSE = (
    select(Payment.id, Payment.method, Booking.conversation_id, Booking.number.label("booking"), ChatSession.locale)
    .outerjoin(Booking, Booking.id == Payment.booking_id)
    .outerjoin(ChatSession, ChatSession.id == Booking.conversation_id)
)
