"""What becomes of a mail that came in, in one transaction, each mail once by its Message-ID.

- An answer to a conversation's address, from an address that is known to be its customer's, goes on in the conversation, as if it had been
  written there. From any other address it becomes a note for the staff: whoever was forwarded a mail is not let in by that.
- A report of delivery marks the mail of ours that it tells of.
- A notice of a payment, where the server that took it in vouches for the sender, is handed to payments.
- Everything else is kept, and listed.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import NAMESPACE_URL, UUID, uuid5

import structlog
from sqlalchemy import exists, select, union_all, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from business.conversations.log import Announcement, writing
from business.conversations.receive import receive
from business.customers.visitors import Visitor
from business.emails import sending
from business.emails.incoming import Incoming
from business.emails.kinds import THREADED
from business.emails.trimming import trim
from business.links.signing import Links
from business.payments import notices
from business.profile.schemas import Profile
from kernel.errors import BadRequest, NotFound
from kernel.ids import new_id
from kernel.tables.ai import ChatSession
from kernel.tables.core import Identity
from kernel.tables.ops import Booking, Email, InboundEmail
from kernel.wire.server import Attachment, Author, NoteWritten

log = structlog.get_logger(__name__)

Outcome = Literal["threaded", "bounce", "payment", "kept"]
MESSAGE_MOST = 8000
# Who sends notices of payments, by their domain. Zelle's come from any bank: those are pasted.
PAYERS = {"venmo.com": "venmo", "zellepay.com": "zelle"}
# Keeps files of this sender in the conversation, and tells which they are.
KeepFiles = Callable[[AsyncConnection, UUID], Awaitable[Sequence[Attachment]]]


@dataclass(frozen=True, slots=True)
class Took:
    """`new`: it was not known before. `announcement`: what to tell after the commit."""

    outcome: Outcome
    new: bool
    announcement: Announcement | None = None


@dataclass(frozen=True, slots=True)
class _Fate:
    outcome: Outcome
    email: UUID | None = None
    conversation: UUID | None = None
    announcement: Announcement | None = None


async def take(
    connection: AsyncConnection, profile: Profile, links: Links, mail: Incoming, own: frozenset[str], keep_files: KeepFiles, now: datetime
) -> Took:
    """`own`: addresses that we write from. Raises Busy where the conversation has too much unanswered: it comes again later."""
    id = new_id()
    row = {
        "id": id,
        "message_id": mail.message_id,
        "from_address": mail.sender,
        "subject": mail.subject,
        "text": mail.text,
        "outcome": "kept",
    }
    inserted = await connection.scalar(insert(InboundEmail).values(row).on_conflict_do_nothing().returning(InboundEmail.id))
    if inserted is None:
        known: Outcome | None = await connection.scalar(select(InboundEmail.outcome).where(InboundEmail.message_id == mail.message_id))
        return Took(known or "kept", False)
    fate = await _fate(connection, profile, links, mail, own, keep_files, now)
    values = {"outcome": fate.outcome, "email_id": fate.email, "conversation_id": fate.conversation}
    await connection.execute(update(InboundEmail).where(InboundEmail.id == id).values(values))
    log.info("email.came", outcome=fate.outcome)
    return Took(fate.outcome, True, fate.announcement)


async def _fate(
    connection: AsyncConnection, profile: Profile, links: Links, mail: Incoming, own: frozenset[str], keep_files: KeepFiles, now: datetime
) -> _Fate:
    if mail.bounce is not None:
        return await _bounced(connection, mail)
    looped = mail.sender in own or await connection.scalar(select(exists().where(Email.message_id == mail.message_id)))
    if looped or mail.automatic:
        return await _payment(connection, profile, mail, now) or _Fate("kept")
    conversation = await _conversation(connection, links, mail)
    if conversation is None:
        return await _payment(connection, profile, mail, now) or _Fate("kept")
    answered = await connection.scalar(
        select(Email.id).where(Email.conversation_id == conversation, Email.message_id.in_(mail.answers)).limit(1)
    )
    if not await _is_customers(connection, conversation, mail.sender):
        return _Fate("kept", answered, conversation, await _noted(connection, profile, conversation, mail))
    announcement = await _goes_on(connection, profile, conversation, mail, keep_files, now)
    return _Fate("threaded", answered, conversation, announcement)


async def _bounced(connection: AsyncConnection, mail: Incoming) -> _Fate:
    """Only a mail that we wrote can come back: its Message-ID is nobody's to guess."""
    assert mail.bounce is not None
    email = await connection.scalar(select(Email.id).where(Email.message_id == mail.bounce.original)) if mail.bounce.original else None
    if email is None:
        return _Fate("kept")
    if mail.bounce.failed:
        status = mail.bounce.status or ""
        await sending.bounced(connection, email, f"Returned {status}".strip(), suppress=status.startswith("5.1."))
    return _Fate("bounce", email)


async def _conversation(connection: AsyncConnection, links: Links, mail: Incoming) -> UUID | None:
    """Which one its address opens. What it says that it answers opens nothing."""
    for address in mail.recipients:
        if "+" not in address:
            continue
        try:
            found = links.conversation_of(address)
        except NotFound:
            continue
        if await connection.scalar(select(exists().where(ChatSession.id == found))):
            return found
    return None


async def _is_customers(connection: AsyncConnection, conversation: UUID, sender: str) -> bool:
    """Whether this is an address at which the customer is known, or was written to by us in this very conversation."""
    customer = select(ChatSession.customer_id).where(ChatSession.id == conversation).scalar_subquery()
    named = select(Identity.value).where(Identity.customer_id == customer, Identity.kind == "email", Identity.value == sender)
    booked = select(Booking.contact_email).where(Booking.customer_id == customer, Booking.contact_email == sender)
    written = select(Email.to_address).where(Email.conversation_id == conversation, Email.to_address == sender, Email.kind.in_(THREADED))
    return await connection.scalar(union_all(named, booked, written).limit(1)) is not None


async def _goes_on(
    connection: AsyncConnection, profile: Profile, conversation: UUID, mail: Incoming, keep_files: KeepFiles, now: datetime
) -> Announcement | None:
    """As if it had been written in the chat. Staff are told of files that are nothing we take."""
    row = (await connection.execute(select(ChatSession).where(ChatSession.id == conversation))).one()
    visitor = Visitor("", row.customer_id, row.id, row.history, row.site_id, "", stored=True)
    files = await keep_files(connection, conversation)
    text = trim(mail.text)[:MESSAGE_MOST]
    received = await receive(
        connection,
        visitor,
        client_id=uuid5(NAMESPACE_URL, mail.message_id),
        text=text or ("" if files else mail.subject),
        now=now,
        attachments=tuple(file.id for file in files),
    )
    left = len(mail.files) - len(files)
    if not left or received.repeated:
        return received.announcement
    return await _note(connection, profile, conversation, f"With this mail came {left} file(s) that we do not take. They were not kept.")


async def _noted(connection: AsyncConnection, profile: Profile, conversation: UUID, mail: Incoming) -> Announcement:
    """Staff read it, the assistant does not, and the customer does not either."""
    said = trim(mail.text)[:MESSAGE_MOST]
    files = f"\n({len(mail.files)} file(s), not kept)" if mail.files else ""
    text = (
        f"A mail came for this conversation from {mail.sender}, which is not known as an address of this customer, so it is shown to you"
        f" alone:\n\n{said}{files}"
    )
    return await _note(connection, profile, conversation, text)


async def _note(connection: AsyncConnection, profile: Profile, conversation: UUID, text: str) -> Announcement:
    """For the staff alone."""
    async with writing(connection, conversation) as written:
        written.add_staff(NoteWritten(id=new_id(), author=Author(kind="system", name=profile.business.name), text=text))
    return written.announcement


async def _payment(connection: AsyncConnection, profile: Profile, mail: Incoming, now: datetime) -> _Fate | None:
    """None where it is no notice, or nobody vouches for its sender."""
    method = PAYERS.get(".".join((mail.vouched or "").split(".")[-2:]))
    if method is None:
        return None
    try:
        async with connection.begin_nested():
            notice = await notices.take(
                connection,
                profile,
                text=f"{mail.subject}\n{mail.text}",
                source="mail",
                received_at=now,
                method=method,  # type: ignore[arg-type]
            )
    except BadRequest:
        return None
    return _Fate("payment", announcement=notice.announcement)
