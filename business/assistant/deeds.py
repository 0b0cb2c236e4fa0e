"""What may be proposed: each verb with its arguments, whom it is for, its words with what will change, and the service that does it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncConnection

from business.bookings import life
from business.bookings.asking_again import ask_deposit_again
from business.bookings.requests import By
from business.complaints import follow_ups, settling
from business.conversations import queries, staffing
from business.conversations.log import Announcement
from business.conversations.turns import CutOutcome
from business.handoffs import ownership
from business.handoffs.ownership import Actor, Moved
from business.leads import moving
from business.leads.rules import Status
from business.links.signing import Links
from business.profile.schemas import Profile
from business.staff import audit
from kernel.errors import NotFound

Verb = Literal[
    "claim_handoff", "resolve_handoff", "assign", "take_over", "hand_back", "write_note", "send_reply", "confirm_booking",
    "approve_cancel", "reject_cancel", "ask_deposit", "move_lead", "follow_up_done", "resolve_complaint",
]  # fmt: skip
Text = Annotated[str, Field(min_length=1, max_length=4_000)]


class Arguments(BaseModel):
    """Of one verb, as they were shown."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class OfHandoff(Arguments):
    handoff: UUID


class OfConversation(Arguments):
    conversation: UUID


class Assignment(OfConversation):
    staff: UUID


class Handing(OfConversation):
    epoch: int


class Written(OfConversation):
    text: Text


class OfBooking(Arguments):
    booking: UUID


class LeadMove(Arguments):
    lead: UUID
    to: Status
    rev: int
    why: Annotated[str, Field(max_length=500)] | None = None


class OfFollowUp(Arguments):
    follow_up: UUID


class Resolution(Arguments):
    complaint: UUID
    text: Text
    tell: bool = False


@dataclass(frozen=True, slots=True)
class Doing:
    """Where a deed is done: within one transaction, for whom, by which profile. `key`: the proposal, which makes it one deed."""

    connection: AsyncConnection
    profile: Profile
    links: Links
    actor: Actor
    now: datetime
    key: UUID

    @property
    def by(self) -> By:
        return By("human", self.actor.name, self.actor.id)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it, in words, and what everyone is told after the commit."""

    words: str
    announcement: Announcement | None = None
    moved: Moved | None = None
    cut: CutOutcome = "taken_over"


@dataclass(frozen=True, slots=True)
class Deed:
    """`chiefs`: for owners and admins alone. `first`: what has to be true for everyone before it is done, in a transaction of its own."""

    arguments: type[Arguments]
    do: Callable[[Doing, Any], Awaitable[Outcome]]
    chiefs: bool = False
    first: Callable[[Doing, Any], Awaitable[Moved]] | None = None


async def _claim(doing: Doing, given: OfHandoff) -> Outcome:
    moved = await ownership.claim_handoff(doing.connection, given.handoff, doing.actor)
    return Outcome("The handoff is yours.", moved=moved)


async def _resolve(doing: Doing, given: OfHandoff) -> Outcome:
    moved = await ownership.resolve_handoff(doing.connection, given.handoff, doing.actor, None)
    return Outcome("The handoff is settled.", moved=moved)


async def _assign(doing: Doing, given: Assignment) -> Outcome:
    whom, name = given.staff, doing.actor.name
    _, announcement = await staffing.assign(doing.connection, given.conversation, name, client_id=doing.key, assignee=whom)
    await audit.record(doing.connection, "staff", doing.actor.id, "conversation.assign", given.conversation, {"to": str(whom)})
    return Outcome("It is assigned.", announcement)


async def _take(doing: Doing, given: OfConversation) -> Outcome:
    moved = await ownership.take(doing.connection, given.conversation, doing.actor)
    return Outcome("The conversation is yours; the assistant has stopped.", moved=moved)


async def _hand_back(doing: Doing, given: Handing) -> Outcome:
    moved = await ownership.give_back(doing.connection, given.conversation, doing.actor, epoch=given.epoch, note=None)
    return Outcome("The assistant answers again.", moved=moved)


async def _note(doing: Doing, given: Written) -> Outcome:
    actor = doing.actor
    noted = await staffing.note(doing.connection, given.conversation, actor.id, actor.name, client_id=doing.key, text=given.text)
    return Outcome("The note stands in the conversation; the customer does not see it.", noted.announcement)


async def _take_first(doing: Doing, given: Written) -> Moved:
    return await ownership.take(doing.connection, given.conversation, doing.actor)


async def _reply(doing: Doing, given: Written) -> Outcome:
    row = await queries.row_of(doing.connection, given.conversation)
    if row is None:
        raise NotFound("There is no such conversation.")
    actor, unread = doing.actor, timedelta(minutes=doing.profile.people.unread_minutes)
    received = await staffing.say(
        doing.connection,
        given.conversation,
        actor.id,
        actor.name,
        client_id=doing.key,
        text=given.text,
        epoch=row.epoch,
        unread_after=unread,
    )
    return Outcome("It is sent, in your name.", received.announcement)


async def _confirm(doing: Doing, given: OfBooking) -> Outcome:
    changed = await life.confirm(doing.connection, doing.profile, given.booking, doing.by, doing.now)
    await _trail(doing, "booking.confirmed", given.booking, number=changed.booking.number)
    return Outcome(f"Booking {changed.booking.number} is confirmed.", changed.announcement)


async def _approve(doing: Doing, given: OfBooking) -> Outcome:
    return await _decide(doing, given, approve=True)


async def _reject(doing: Doing, given: OfBooking) -> Outcome:
    return await _decide(doing, given, approve=False)


async def _decide(doing: Doing, given: OfBooking, *, approve: bool) -> Outcome:
    changed = await life.decide_cancel(doing.connection, doing.profile, given.booking, approve, doing.by, doing.now)
    number = changed.booking.number
    await _trail(doing, "booking.cancellation_decided", given.booking, number=number, approved=approve)
    return Outcome(f"Booking {number} is cancelled." if approve else f"Booking {number} stands as it did.", changed.announcement)


async def _ask_deposit(doing: Doing, given: OfBooking) -> Outcome:
    await ask_deposit_again(doing.connection, doing.profile, doing.links, given.booking, doing.actor.id, doing.key)
    return Outcome("The customer is asked for the deposit again, by e-mail.")


async def _move_lead(doing: Doing, given: LeadMove) -> Outcome:
    await moving.move(doing.connection, given.lead, doing.actor, given.to, given.rev, given.why)
    return Outcome(f"The lead is {given.to}.")


async def _follow_up(doing: Doing, given: OfFollowUp) -> Outcome:
    await follow_ups.done(doing.connection, given.follow_up, doing.actor.id)
    return Outcome("The follow-up is done.")


async def _complaint(doing: Doing, given: Resolution) -> Outcome:
    announcement = await settling.resolve(
        doing.connection, doing.profile, doing.links, given.complaint, doing.actor, given.text, tell=given.tell, now=doing.now
    )
    return Outcome("The complaint is settled.", announcement)


async def _trail(doing: Doing, action: str, subject: UUID, **details: Any) -> None:
    await audit.record(doing.connection, "staff", doing.actor.id, action, subject, details)


DEEDS: dict[Verb, Deed] = {
    "claim_handoff": Deed(OfHandoff, _claim),
    "resolve_handoff": Deed(OfHandoff, _resolve),
    "assign": Deed(Assignment, _assign),
    "take_over": Deed(OfConversation, _take),
    "hand_back": Deed(Handing, _hand_back),
    "write_note": Deed(Written, _note),
    "send_reply": Deed(Written, _reply, first=_take_first),
    "confirm_booking": Deed(OfBooking, _confirm),
    "approve_cancel": Deed(OfBooking, _approve, chiefs=True),
    "reject_cancel": Deed(OfBooking, _reject, chiefs=True),
    "ask_deposit": Deed(OfBooking, _ask_deposit),
    "move_lead": Deed(LeadMove, _move_lead),
    "follow_up_done": Deed(OfFollowUp, _follow_up),
    "resolve_complaint": Deed(Resolution, _complaint, chiefs=True),
}
