"""On what a verb can be done: what there is of the conversations that a colleague means, in a state that allows it, with its words.

Nothing of a customer's text is read here but their name, which is shown and decides nothing.
"""

from dataclasses import dataclass
from datetime import tzinfo
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from business.assistant.deeds import Verb
from business.bookings.diary import LAPSED
from business.customers.contacts import called
from business.handoffs.records import UNSETTLED
from business.leads.rules import SETTLED
from kernel.tables.ai import ChatSession
from kernel.tables.core import Customer, Staff
from kernel.tables.crm import Lead
from kernel.tables.ops import Booking, Complaint, FollowUp, Handoff

MOST = 3
NAMED = 60  # characters of a name
OF_A_BOOKING: dict[Verb, tuple[str, ...]] = {
    "confirm_booking": ("held", "deposit_pending"),
    "approve_cancel": ("cancellation_requested",),
    "reject_cancel": ("cancellation_requested",),
    "ask_deposit": ("held", "deposit_pending"),
}


@dataclass(frozen=True, slots=True)
class Meant:
    """What a colleague's own words say of the object: conversations, numbers of bookings; and what is to be written, to whom it goes."""

    conversations: tuple[UUID, ...] = ()
    numbers: tuple[int, ...] = ()
    handoffs: tuple[UUID, ...] = ()
    text: str | None = None
    colleague: UUID | None = None
    to: str | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """A deed with its object. `title` asks for the yes, `changes` says what will be different then."""

    verb: Verb
    arguments: dict[str, Any]
    title: str
    changes: str
    conversation: UUID


async def objects(connection: AsyncConnection, verb: Verb, meant: Meant, zone: tzinfo) -> tuple[Wanted, ...]:
    """At most three; none where nothing is there on which it could be done."""
    match verb:
        case "claim_handoff" | "resolve_handoff":
            return await _handoffs(connection, verb, meant)
        case "confirm_booking" | "approve_cancel" | "reject_cancel" | "ask_deposit":
            return await _bookings(connection, verb, meant, zone)
        case "move_lead":
            return await _leads(connection, meant)
        case "follow_up_done":
            return await _follow_ups(connection, meant)
        case "resolve_complaint":
            return await _complaints(connection, meant)
    return await _conversations(connection, verb, meant)


async def colleague(connection: AsyncConnection, name: str) -> UUID | None:
    """The one member of staff who is called so, or begins so; None where nobody is, or several are."""
    rows = (await connection.execute(select(Staff.id, Staff.name).where(Staff.disabled_at.is_(None)))).all()
    wanted = name.casefold()
    exact = [row.id for row in rows if row.name.casefold() == wanted]
    begins = exact or [row.id for row in rows if row.name.casefold().split()[:1] == [wanted]]
    return begins[0] if len(begins) == 1 else None


async def _conversations(connection: AsyncConnection, verb: Verb, meant: Meant) -> tuple[Wanted, ...]:
    query = select(ChatSession.id, ChatSession.epoch, ChatSession.owner, Customer.name, ChatSession.phone)
    rows = (await connection.execute(_of(query.join(Customer, Customer.id == ChatSession.customer_id), ChatSession.id, meant))).all()
    found = [_of_conversation(verb, row, meant) for row in rows]
    if verb == "assign" and found and meant.colleague is not None:
        name = await connection.scalar(select(Staff.name).where(Staff.id == meant.colleague))
        return tuple(_named(one, name or "a colleague") for one in found if one is not None)
    return tuple(one for one in found if one is not None)


def _of_conversation(verb: Verb, row: Any, meant: Meant) -> Wanted | None:
    who, here = _who(called(row.name, row.phone)), {"conversation": str(row.id)}
    match verb:
        case "take_over" if row.owner != "human":
            return Wanted(verb, here, f"Take over the conversation with {who}?", "It is yours, and the assistant stops at once.", row.id)
        case "hand_back" if row.owner != "ai":
            given = {**here, "epoch": row.epoch}
            return Wanted(verb, given, f"Hand the conversation with {who} back?", "The assistant answers the customer again.", row.id)
        case "assign" if meant.colleague is not None:
            given = {**here, "staff": str(meant.colleague)}
            return Wanted(verb, given, f"Assign the conversation with {who}?", "It stands among their own.", row.id)
        case "write_note" if meant.text:
            given = {**here, "text": meant.text}
            return Wanted(verb, given, f"Write this note about {who}?", "Colleagues see it; the customer does not.", row.id)
        case "send_reply" if meant.text:
            given = {**here, "text": meant.text}
            first = "You take over first, and the assistant stops; then " if row.owner != "human" else ""
            return Wanted(
                verb, given, f"Send this to {who}?", f"{first or 'T'}{'t' if first else ''}he customer reads it in your name.", row.id
            )
    return None


def _named(one: Wanted, name: str) -> Wanted:
    title = one.title.removesuffix("?")
    return Wanted(one.verb, one.arguments, f"{title} to {name}?", f"It stands among {name}'s own.", one.conversation)


async def _handoffs(connection: AsyncConnection, verb: Verb, meant: Meant) -> tuple[Wanted, ...]:
    query = select(Handoff.id, Handoff.kind, Handoff.conversation_id, Customer.name, ChatSession.phone)
    query = query.join(ChatSession, ChatSession.id == Handoff.conversation_id).join(Customer, Customer.id == ChatSession.customer_id)
    states = ("open",) if verb == "claim_handoff" else UNSETTLED
    query = query.where(Handoff.state.in_(states)).order_by(Handoff.due_at, Handoff.id)
    if meant.handoffs:
        query = query.where(Handoff.id.in_(meant.handoffs)).limit(MOST)
    else:
        query = _of(query, Handoff.conversation_id, meant)
    claims = verb == "claim_handoff"
    changes = "It is yours then, and the conversation too where it waits for a person." if claims else "Nobody is called for it any more."
    return tuple(
        Wanted(
            verb,
            {"handoff": str(row.id)},
            f"{'Claim' if claims else 'Settle'} the handoff of {_who(called(row.name, row.phone))} ({row.kind})?",
            changes,
            row.conversation_id,
        )
        for row in (await connection.execute(query)).all()
    )


async def _bookings(connection: AsyncConnection, verb: Verb, meant: Meant, zone: tzinfo) -> tuple[Wanted, ...]:
    query = select(Booking, Customer.name).join(Customer, Customer.id == Booking.customer_id)
    where = _meant(Booking.conversation_id, meant.conversations) if not meant.numbers else Booking.number.in_(meant.numbers)
    query = query.where(where, Booking.status.in_(OF_A_BOOKING[verb]), ~LAPSED).order_by(Booking.starts_at).limit(MOST)
    return tuple(_booking(verb, row, zone) for row in (await connection.execute(query)).all())


def _booking(verb: Verb, row: Any, zone: tzinfo) -> Wanted:
    start = row.starts_at.astimezone(zone)
    which = f"booking {row.number} of {_who(row.contact_name or row.name)}, {start:%a} {start.day} {start:%B} {start:%H:%M}"
    title, changes = {
        "confirm_booking": (
            f"Confirm {which}?",
            "It stands without waiting for its deposit; the customer is told, with the booking's page.",
        ),
        "approve_cancel": (f"Cancel {which}?", "The slot is free again, and the customer is told what becomes of what they paid."),
        "reject_cancel": (f"Keep {which}?", "The wish to cancel is turned down, and the customer is told."),
        "ask_deposit": (f"Ask again for the deposit of {which}?", "The customer gets the same mail as at first, with where to pay."),
    }[verb]
    return Wanted(verb, {"booking": str(row.id)}, title, changes, row.conversation_id)


async def _leads(connection: AsyncConnection, meant: Meant) -> tuple[Wanted, ...]:
    if meant.to is None or (meant.to == "disqualified" and not meant.text):
        return ()
    query = select(Lead.id, Lead.status, Lead.rev, Lead.conversation_id, Customer.name).join(Customer, Customer.id == Lead.customer_id)
    rows = (await connection.execute(_of(query.where(Lead.status.not_in(SETTLED)), Lead.conversation_id, meant))).all()
    why = {"why": meant.text} if meant.to == "disqualified" else {}
    return tuple(
        Wanted(
            "move_lead",
            {"lead": str(row.id), "to": meant.to, "rev": row.rev, **why},
            f"Move the lead of {_who(row.name)} to {meant.to}?",
            f"It is {row.status} now.",
            row.conversation_id,
        )
        for row in rows
        if row.status != meant.to
    )


async def _follow_ups(connection: AsyncConnection, meant: Meant) -> tuple[Wanted, ...]:
    query = select(FollowUp.id, FollowUp.what, Complaint.conversation_id, Customer.name)
    query = query.join(Complaint, Complaint.id == FollowUp.complaint_id).join(Customer, Customer.id == Complaint.customer_id)
    query = query.where(FollowUp.done_at.is_(None)).order_by(FollowUp.due_at)
    rows = (await connection.execute(_of(query, Complaint.conversation_id, meant))).all()
    return tuple(
        Wanted(
            "follow_up_done",
            {"follow_up": str(row.id)},
            f"Mark this follow-up of {_who(row.name)} as done?",
            " ".join(row.what.split()),
            row.conversation_id,
        )
        for row in rows
    )


async def _complaints(connection: AsyncConnection, meant: Meant) -> tuple[Wanted, ...]:
    if not meant.text:
        return ()
    query = select(Complaint.id, Complaint.severity, Complaint.conversation_id, Customer.name)
    query = query.join(Customer, Customer.id == Complaint.customer_id).where(Complaint.state == "open")
    rows = (await connection.execute(_of(query, Complaint.conversation_id, meant))).all()
    return tuple(
        Wanted(
            "resolve_complaint",
            {"complaint": str(row.id), "text": meant.text},
            f"Settle the {row.severity} complaint of {_who(row.name)} with this?",
            "Its handoff is settled too. The customer is not written to; that is offered on the page of complaints.",
            row.conversation_id,
        )
        for row in rows
    )


def _of(query: Select[*tuple[Any, ...]], conversation: Any, meant: Meant) -> Select[*tuple[Any, ...]]:
    """Of the conversations that are meant, and of no other."""
    return query.where(_meant(conversation, meant.conversations)).limit(MOST)


def _meant(conversation: Any, those: tuple[UUID, ...]) -> ColumnElement[bool]:
    found: ColumnElement[bool] = conversation.in_(those)
    return found


def _who(name: str | None) -> str:
    """In one line, and short: a name is what somebody typed, and must not read as more words of ours."""
    words = " ".join((name or "").split())
    return (words if len(words) <= NAMED else f"{words[: NAMED - 1]}…") or "the visitor"
