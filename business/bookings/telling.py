"""What a customer hears of their booking: a line in the conversation where it should be read there, an e-mail where they left an address,
and a text of what is urgent where they agreed to texts.

Written by workers, in the transaction of the effect that asks for it. What is not true any more is not told: a mail about a hold that was
let go meanwhile, a move after which another one came.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from business.bookings import amounts, ical
from business.bookings.records import locked, written
from business.bookings.requests import BookingView, view
from business.cards.wording import Labels, labels
from business.channels import consent
from business.channels import writing as texts
from business.channels.zones import opening, zones_of
from business.conversations.log import Announcement, Writing
from business.customers import reach
from business.customers.contacts import E164
from business.emails.writing import Attachment, write
from business.handoffs.opening import open_for
from business.links.signing import Links
from business.payments import ledger
from business.payments.ledger import Statement
from business.profile.schemas import Profile
from kernel.clock import utc_now
from kernel.jobs import BookingChanged
from kernel.tables.ops import BookingEvent, Chef
from kernel.wire.server import Author

TRUE_WHILE = {
    "held": ("held", "deposit_pending"),
    "confirmed": ("confirmed", "in_progress", "cancellation_requested"),
    "rescheduled": ("held", "deposit_pending", "confirmed"),
    "party_changed": ("held", "deposit_pending", "confirmed"),
    "cancellation_requested": ("cancellation_requested",),
    "cancellation_rejected": ("deposit_pending", "confirmed"),
    "cancelled": ("cancelled",),
}
"""What is told, and the states in which it still is so."""


@dataclass(frozen=True, slots=True)
class Telling:
    """One booking that somebody is to hear of, its conversation held."""

    connection: AsyncConnection
    profile: Profile
    links: Links
    log: Writing
    booking: BookingView
    words: Labels
    now: datetime = field(default_factory=utc_now)

    @property
    def deposit(self) -> int:
        """In cents; 0 where none is asked for."""
        return amounts.deposit(self.profile, self.booking.deposit_cents)

    def when(self, moment: datetime) -> str:
        """As the customer reads it, at the venue."""
        local = moment.astimezone(self.profile.business.zone)
        return self.words.moment(local.date(), local.time())

    def say(self, line: str, **values: str) -> None:
        """In the conversation, as the business."""
        text = self.words.say("booking", line, **{"when": self.when(self.booking.starts_at), **values}).strip()
        self.log.say(Author(kind="system", name=self.profile.business.name), text)

    async def mail(self, kind: str, key: str, values: Mapping[str, Any], *, calendar: bool = False) -> None:
        """To the address that they left; none where there is none. `calendar`: with the entry for theirs."""
        booking, locale = self.booking, self.log.row.locale
        to = booking.email or await reach.email_of(self.connection, booking.customer)
        if to is None:
            return
        entry = ical.party(self.profile, booking, self.links, locale) if calendar else b""
        attached = (Attachment("party.ics", "text/calendar; method=PUBLISH; charset=utf-8", entry),) if calendar else ()
        party = {"number": booking.number, "starts_at": booking.starts_at, "guests": booking.guests, "address": booking.address}
        await write(
            self.connection,
            self.profile,
            self.links,
            kind=kind,
            to=to,
            to_name=booking.name,
            locale=locale,
            values={**party, "link": self.links.booking(booking.id), **values},
            key=f"booking:{booking.id}:{key}",
            booking=booking.id,
            conversation=self.log.id,
            customer=booking.customer,
            attachments=attached,
        )

    async def text(self, line: str, key: str, before: datetime | None = None, **values: str) -> None:
        """To the number that they left, where its owner agreed to texts about bookings; in a conversation that goes on by text it was
        said there. One that would have to wait for the day until `before` or longer is not written."""
        to = self.booking.phone or await reach.phone_of(self.connection, self.booking.customer)
        if to is None or not E164.fullmatch(to) or (self.log.row.channel == "sms" and self.log.row.phone is not None):
            return
        if not (await consent.standing(self.connection, to)).transactional:
            return
        if before is not None and opening(self.now, zones_of(to), self.profile) >= before:
            return
        values = {"business": self.profile.business.name, "link": self.links.booking(self.booking.id), **values}
        await texts.write(
            self.connection,
            self.profile,
            to=to,
            text=self.words.say("booking", line, **values),
            purpose="transactional",
            key=f"booking:{self.booking.id}:{key}:text",
            locale=self.log.row.locale,
            now=self.now,
            conversation=self.log.id,
            customer=self.booking.customer,
            booking=self.booking.id,
        )

    def short(self, moment: datetime) -> str:
        """`Saturday 6 PM`, at the venue."""
        local = moment.astimezone(self.profile.business.zone)
        return self.words.short(local.date(), local.time())

    async def statement(self) -> Statement:
        return await ledger.statement(self.connection, self.booking.id)

    async def chef(self) -> str | None:
        """By name."""
        found: str | None = await self.connection.scalar(select(Chef.name).where(Chef.number == self.booking.chef))
        return found


async def changed(connection: AsyncConnection, profile: Profile, links: Links, job: BookingChanged, now: datetime) -> Announcement | None:
    """Tell what happened in one version of a booking; None where nobody needs to hear of it, or it is not so any more."""
    if job.what not in TRUE_WHILE:
        return None
    event = await _event(connection, job)
    async with written(connection, job.booking) as log:
        booking = view(await locked(connection, job.booking))
        if event is None or booking.status not in TRUE_WHILE[job.what]:
            return None
        telling = Telling(connection, profile, links, log, booking, labels(log.row.locale), now)
        await _TELL[job.what](telling, event)
    if job.what == "cancellation_requested" and event.by_kind != "human":
        return await _call(telling, event, now)
    return log.announcement


async def _event(connection: AsyncConnection, job: BookingChanged) -> Any | None:
    """What happened; None where the same happened again since, which is told then."""
    same = select(BookingEvent).where(BookingEvent.booking_id == job.booking, BookingEvent.kind == job.what)
    newest = (await connection.execute(same.order_by(BookingEvent.version.desc()).limit(1))).one_or_none()
    return newest if newest is not None and newest.version == job.version else None


async def _held(telling: Telling, event: Any) -> None:
    if telling.deposit == 0:
        return
    await telling.mail("deposit_request", f"{event.version}:request", deposit_values(telling))


def deposit_values(telling: Telling) -> dict[str, Any]:
    """What a mail that asks for the deposit tells. A hold ends sooner than its deposit, until the terms are accepted."""
    booking, rule = telling.booking, telling.profile.booking
    return {
        "deposit_cents": telling.deposit,
        "total_cents": booking.total_cents,
        "asked_until": booking.created_at + timedelta(hours=rule.deposit_asked_hours),
        "ends_at": booking.hold_until or booking.deposit_until,
    }


async def _confirmed(telling: Telling, event: Any) -> None:
    booking, stands = telling.booking, await telling.statement()
    telling.say("confirmed")
    balance = stands.balance_cents if stands.quoted else None
    if event.details.get("deposit"):
        paid = {"paid_cents": stands.kept_cents, "balance_cents": None if balance is None else max(balance, 0)}
        await telling.mail("deposit_received", f"{event.version}:received", paid)
    values = {
        "total_cents": booking.total_cents,
        "deposit_cents": telling.deposit,
        "balance_cents": None if balance is None else max(balance, 0),
        "chef": await telling.chef(),
    }
    await telling.mail("booking_confirmation", f"{event.version}:confirmed", values, calendar=True)


async def _rescheduled(telling: Telling, event: Any) -> None:
    was_at, key = datetime.fromisoformat(event.details["from"]), f"{event.version}:moved"
    if event.by_kind == "human":
        telling.say("moved")
        await telling.mail("booking_changed", key, {"was_at": was_at}, calendar=True)
        return
    values = {"was_at": was_at, "fee_cents": event.details.get("fee_cents", 0)}
    await telling.mail("reschedule", key, values, calendar=True)


async def _party_changed(telling: Telling, event: Any) -> None:
    if event.by_kind == "human":
        telling.say("party_changed", guests=str(telling.booking.guests))
    await telling.mail("booking_changed", f"{event.version}:party", {}, calendar=True)


async def _cancel_requested(telling: Telling, event: Any) -> None:
    await _cancellation(telling, event, "requested", refund=bool(event.details.get("refundable")))


async def _cancel_rejected(telling: Telling, event: Any) -> None:
    telling.say("cancel_rejected", reason=str(event.details.get("reason", "")))
    await _cancellation(telling, event, "rejected")


async def _cancelled(telling: Telling, event: Any) -> None:
    if event.details.get("unpaid"):
        telling.say("cancelled_unpaid")
        await _cancellation(telling, event, "unpaid")
        return
    stands, back = await telling.statement(), bool(event.details.get("refundable"))
    line = "no_deposit" if stands.paid_cents == 0 else "deposit_goes_back" if back else "deposit_stays"
    telling.say("cancelled", deposit=telling.words.say("booking", line))
    step = "business" if event.details.get("asked_by") == "human" else "approved"
    await _cancellation(telling, event, step, refund=back)


async def _cancellation(telling: Telling, event: Any, step: str, *, refund: bool = False) -> None:
    """`refund`: what was paid goes back."""
    cents = (await telling.statement()).kept_cents if refund else 0
    reason = event.details.get("reason", "") if step != "requested" else ""
    values = {"step": step, "refund_cents": cents, "reason": reason}
    await telling.mail("cancellation", f"{event.version}:{step}", values, calendar=step in ("approved", "unpaid", "business"))


async def _call(telling: Telling, event: Any, now: datetime) -> Announcement:
    """A person decides whether it is cancelled."""
    booking = telling.booking
    opened = await open_for(
        telling.connection,
        booking.conversation,
        turn=None,
        kind="booking",
        urgency="normal",
        summary=f"Booking {booking.number}: the customer wishes to cancel",
        facts={"booking": booking.number, "reason": event.details.get("reason", ""), "refundable": bool(event.details.get("refundable"))},
        profile=telling.profile,
        now=now,
        by=Author(kind="system", name=telling.profile.business.name),
    )
    return opened.announcement


_TELL = {
    "held": _held,
    "confirmed": _confirmed,
    "rescheduled": _rescheduled,
    "party_changed": _party_changed,
    "cancellation_requested": _cancel_requested,
    "cancellation_rejected": _cancel_rejected,
    "cancelled": _cancelled,
}
