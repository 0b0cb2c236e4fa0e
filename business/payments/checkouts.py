"""Pages on which one amount of one booking is paid by card. The row is written first: its id is the provider's idempotency key, so that
however often somebody presses the button, or a process dies in between, there is one page.

A page lives no longer than the booking waits for its deposit, less a margin, but for the last half hour: the provider makes none for
less. What is paid there too late holds the slot again, or goes back (receiving.py).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from business.payments import ledger, words
from business.payments.ledger import Statement
from business.payments.provider import Provider, ProviderError, Session, Wanted
from kernel.database import Database
from kernel.errors import Conflict, NotFound, Unavailable
from kernel.ids import new_id
from kernel.tables.ai import ChatSession
from kernel.tables.ops import Booking, Checkout

Purpose = Literal["deposit", "balance", "fee"]

LONGEST = timedelta(hours=23, minutes=50)
SHORTEST = timedelta(minutes=31)
MARGIN = timedelta(minutes=5)
"""Between the end of a page and the end of what it pays for: time for the provider's event to come."""

OPEN = ("new", "open")
TAKES_NONE = ("cancelled", "no_show")
NOW = func.clock_timestamp()


@dataclass(frozen=True, slots=True)
class _Plan:
    """A row, and what is asked of the provider for it. `over`: the session of a page that it replaces."""

    wanted: Wanted
    url: str | None
    over: str | None = None


async def open_checkout(
    database: Database, provider: Provider, booking: UUID, purpose: Purpose, *, success_url: str, cancel_url: str, now: datetime
) -> str:
    """The address of the page on which the customer pays. Raises Conflict where there is nothing to pay, NotFound, and Unavailable
    where the provider did not answer: then the same call may be made again."""
    plan = await database.unit(lambda c: _plan(c, booking, purpose, success_url, cancel_url, now))
    if plan.url is not None:
        return plan.url
    try:
        if plan.over is not None:
            await provider.expire(plan.over)
        session = await provider.open(plan.wanted)
    except ProviderError as error:
        if not error.again:
            await database.unit(lambda c: _give_up(c, plan.wanted.id))
        raise Unavailable("The payment page cannot be opened just now. Please try again in a moment.", retry_after_ms=2000) from error
    return await database.unit(lambda c: _opened(c, plan.wanted.id, session))


def amount_of(found: Statement, purpose: Purpose) -> int:
    """What is to be paid under this name, in cents; 0 where nothing is."""
    match purpose:
        case "deposit":
            return found.deposit_due_cents
        case "balance":
            return max(0, found.balance_cents)
        case "fee":
            return max(0, min(found.fees_cents, found.balance_cents))


def expiry(status: str, hold_until: datetime | None, deposit_until: datetime | None, now: datetime) -> datetime:
    """When the page ends. Pure."""
    waits = {"held": hold_until, "deposit_pending": deposit_until}.get(status)
    latest = now + LONGEST
    if waits is not None:
        latest = min(latest, waits - MARGIN)
    return max(latest, now + SHORTEST).replace(microsecond=0)


async def over(connection: AsyncConnection, checkout: UUID) -> None:
    """The provider says that nobody can pay there any more."""
    still = (Checkout.id == checkout, Checkout.state.in_(OPEN))
    await connection.execute(update(Checkout).where(*still).values(state="expired", changed_at=NOW))


async def _plan(connection: AsyncConnection, booking: UUID, purpose: Purpose, success_url: str, cancel_url: str, now: datetime) -> _Plan:
    row = (await connection.execute(_BOOKING.where(Booking.id == booking).with_for_update(of=Booking))).one_or_none()
    if row is None:
        raise NotFound("There is no such booking.")
    if row.status in TAKES_NONE:
        raise Conflict("This booking has ended: there is nothing to pay for it.")
    if row.status == "held" and row.hold_until <= now:
        raise Conflict("The time of this hold is over. Ask for the date again: it may still be free.")
    amount = amount_of(await ledger.statement(connection, booking), purpose)
    if amount <= 0:
        raise Conflict("Nothing is to be paid here any more.")
    known = await _known(connection, booking, purpose)
    over = None
    if known is not None:
        same = known.amount_cents == amount and known.expires_at - now >= (MARGIN if known.state == "open" else SHORTEST - MARGIN)
        if same:
            wanted = _wanted(row, purpose, known.id, amount, known.expires_at, success_url, cancel_url)
            return _Plan(wanted, known.url)
        over = known.session
        await connection.execute(update(Checkout).where(Checkout.id == known.id).values(state="expired", changed_at=NOW))
    wanted = _wanted(row, purpose, new_id(), amount, expiry(row.status, row.hold_until, row.deposit_until, now), success_url, cancel_url)
    values = {"id": wanted.id, "booking_id": booking, "purpose": purpose, "amount_cents": amount, "expires_at": wanted.expires_at}
    await connection.execute(insert(Checkout).values(values))
    return _Plan(wanted, None, over)


async def _known(connection: AsyncConnection, booking: UUID, purpose: str) -> Any | None:
    query = select(Checkout).where(Checkout.booking_id == booking, Checkout.purpose == purpose, Checkout.state.in_(OPEN))
    return (await connection.execute(query)).one_or_none()


def _wanted(row: Any, purpose: Purpose, id: UUID, amount: int, expires_at: datetime, success_url: str, cancel_url: str) -> Wanted:
    locale = row.locale or "en"
    return Wanted(
        id=id,
        booking=row.id,
        purpose=purpose,
        amount_cents=amount,
        title=words.line(locale, purpose, number=str(row.number)),
        email=row.contact_email,
        locale="es" if locale.lower().startswith("es") else "en",
        expires_at=expires_at,
        success_url=success_url,
        cancel_url=cancel_url,
    )


async def _opened(connection: AsyncConnection, checkout: UUID, session: Session) -> str:
    """Keep the page; where it was paid or replaced meanwhile, its state stays."""
    values = {"session": session.id, "url": session.url, "changed_at": NOW}
    await connection.execute(update(Checkout).where(Checkout.id == checkout).values(values))
    await connection.execute(update(Checkout).where(Checkout.id == checkout, Checkout.state == "new").values(state="open"))
    if session.url is None:
        raise Conflict("This payment page is over. Please open a new one.")
    return session.url


async def _give_up(connection: AsyncConnection, checkout: UUID) -> None:
    """The provider refuses this page, and would again."""
    await connection.execute(
        update(Checkout).where(Checkout.id == checkout, Checkout.state == "new").values(state="expired", changed_at=NOW)
    )


_BOOKING = select(
    Booking.id, Booking.number, Booking.status, Booking.hold_until, Booking.deposit_until, Booking.contact_email, ChatSession.locale
).join(ChatSession, ChatSession.id == Booking.conversation_id)
