"""Money that goes back: asked for by a person, or because it came too late. A card's goes through the provider (`SendRefund`); by the
other ways somebody pays it back by hand and marks it done. Never more goes back than came."""

from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from business.payments import ledger
from business.payments.ledger import Account
from kernel import outbox
from kernel.errors import BadRequest, Conflict, NotFound
from kernel.ids import new_id
from kernel.jobs import SendRefund
from kernel.tables.ops import LedgerPosting, Payment, Refund

NOW = func.clock_timestamp()


@dataclass(frozen=True, slots=True)
class Asked:
    """A refund; `new`: it was not asked for before. `by_hand`: somebody of the staff has to pay it back."""

    id: UUID
    new: bool
    by_hand: bool


async def ask(connection: AsyncConnection, payment: UUID, amount_cents: int, reason: str, *, key: str, by: UUID | None = None) -> Asked:
    """Give back so much of a payment; the same key again is the same refund. Raises NotFound, and Conflict where less is left."""
    row = await _locked(connection, payment)
    known = await connection.scalar(select(Refund.id).where(Refund.key == key))
    by_hand = row.method != "card"
    if known is not None:
        return Asked(known, False, by_hand)
    if amount_cents <= 0:
        raise BadRequest("Give back at least one cent.")
    left = row.amount_cents - row.refunded_cents - await _underway(connection, payment)
    if amount_cents > left:
        raise Conflict("So much is not left of this payment.", left_cents=left)
    refund = new_id()
    values = {"id": refund, "key": key, "payment_id": payment, "amount_cents": amount_cents, "reason": reason, "asked_by": by}
    await connection.execute(insert(Refund).values(values))
    if not by_hand:
        await outbox.enqueue(connection, SendRefund(refund=refund), key=f"refund:{refund}")
    return Asked(refund, True, by_hand)


async def give_all_back(connection: AsyncConnection, booking: UUID, reason: str, *, by: UUID | None = None) -> tuple[Asked, ...]:
    """Whatever is left of the booking's payments. Once, however often it is asked for."""
    query = select(Payment.id, Payment.amount_cents, Payment.refunded_cents).where(Payment.booking_id == booking).order_by(Payment.id)
    asked = []
    for row in (await connection.execute(query)).all():
        left = row.amount_cents - row.refunded_cents - await _underway(connection, row.id)
        if left > 0:
            asked.append(await ask(connection, row.id, left, reason, key=f"all:{row.id}:{row.refunded_cents}", by=by))
    return tuple(asked)


async def done(connection: AsyncConnection, refund: UUID, *, reference: str | None = None) -> bool:
    """The money is back: the payment and the ledger say so. False where that was known."""
    row, payment = await _both(connection, refund)
    if row.state == "done":
        return False
    await _set(connection, refund, {"state": "done", "error": None, "reference": reference or row.reference})
    total = {"refunded_cents": Payment.refunded_cents + row.amount_cents, "changed_at": NOW}
    await connection.execute(update(Payment).where(Payment.id == payment.id).values(total))
    await _post(connection, "refund", await _key(connection, "refund", refund), payment, row.amount_cents)
    return True


async def failed(connection: AsyncConnection, refund: UUID, error: str, *, reference: str | None = None) -> bool:
    """The money did not go back, or came back again: what was posted is taken back. False where that was known."""
    row, payment = await _both(connection, refund)
    if row.state == "failed":
        return False
    await _set(connection, refund, {"state": "failed", "error": error[:80], "reference": reference or row.reference})
    if row.state == "done":
        total = {"refunded_cents": Payment.refunded_cents - row.amount_cents, "changed_at": NOW}
        await connection.execute(update(Payment).where(Payment.id == payment.id).values(total))
        await _post(connection, "refund_failed", await _key(connection, "refund_failed", refund), payment, -row.amount_cents)
    return True


async def sent(connection: AsyncConnection, refund: UUID, reference: str) -> None:
    """The provider works on it."""
    await _set(connection, refund, {"reference": reference})


async def again(connection: AsyncConnection, refund: UUID) -> None:
    """Try a card's refund that failed once more, as another one of the provider's. Raises Conflict, NotFound."""
    row, payment = await _both(connection, refund)
    if row.state != "failed" or payment.method != "card":
        raise Conflict("Only a card's refund that failed can be tried again.")
    await ask(connection, payment.id, row.amount_cents, row.reason, key=f"again:{refund}", by=row.asked_by)


async def by_hand(connection: AsyncConnection, refund: UUID) -> bool:
    """Somebody has paid it back. Raises Conflict for a card's, which goes through the provider."""
    row, payment = await _both(connection, refund)
    if payment.method == "card":
        raise Conflict("A card's refund goes through the card provider.")
    return await done(connection, row.id)


async def from_provider(connection: AsyncConnection, payment: UUID, reference: str, amount_cents: int) -> UUID:
    """A refund that somebody asked for at the provider's: kept, so that it is posted as any other. Returns its id."""
    row = await _locked(connection, payment)
    known = await connection.scalar(select(Refund.id).where(Refund.key == f"provider:{reference}"))
    if known is not None:
        return known
    refund = new_id()
    cents = min(amount_cents, row.amount_cents)
    values = {"id": refund, "key": f"provider:{reference}", "payment_id": payment, "amount_cents": cents, "reference": reference}
    await connection.execute(insert(Refund).values(**values, reason="asked for at the card provider"))
    return refund


async def _locked(connection: AsyncConnection, payment: UUID) -> Any:
    row = (await connection.execute(select(Payment).where(Payment.id == payment).with_for_update())).one_or_none()
    if row is None:
        raise NotFound("There is no such payment.")
    return row


async def _both(connection: AsyncConnection, refund: UUID) -> tuple[Any, Any]:
    """The refund and its payment, which is locked first."""
    payment = await connection.scalar(select(Refund.payment_id).where(Refund.id == refund))
    if payment is None:
        raise NotFound("There is no such refund.")
    row = await _locked(connection, payment)
    return (await connection.execute(select(Refund).where(Refund.id == refund))).one(), row


async def asked(connection: AsyncConnection, payment: UUID) -> bool:
    """Whether any of it goes back, or went back."""
    standing = (Refund.payment_id == payment, Refund.state != "failed")
    return await connection.scalar(select(Refund.id).where(*standing).limit(1)) is not None


async def _underway(connection: AsyncConnection, payment: UUID) -> int:
    query = select(func.coalesce(func.sum(Refund.amount_cents), 0)).where(Refund.payment_id == payment, Refund.state == "asked")
    return int(await connection.scalar(query) or 0)


async def _set(connection: AsyncConnection, refund: UUID, values: dict[str, Any]) -> None:
    await connection.execute(update(Refund).where(Refund.id == refund).values(**values, changed_at=NOW))


async def _key(connection: AsyncConnection, kind: str, refund: UUID) -> str:
    """A refund may be done, fail, and be done after all: each time is an event of its own."""
    like = f"{kind}:{refund}:"
    times = await connection.scalar(select(func.count()).select_from(LedgerPosting).where(LedgerPosting.key.startswith(like)))
    return f"{like}{(times or 0) + 1}"


async def _post(connection: AsyncConnection, kind: Literal["refund", "refund_failed"], key: str, payment: Any, cents: int) -> None:
    whose: Account = "unmatched" if payment.booking_id is None else "customers"
    entries: dict[Account, int] = {whose: cents, payment.method: -cents}
    await ledger.post(connection, kind=kind, key=key, booking=payment.booking_id, entries=entries)
