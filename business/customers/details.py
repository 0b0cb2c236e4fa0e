"""How to reach a customer, by their own word: name, e-mail address, phone, consent, and the day that they write about. Claimed, so
unverified, and one's own alone."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from business.channels import consent
from business.conversations.log import Announcement, Writing, writing
from business.customers import contacts, reach, suggesting
from kernel.errors import BadRequest
from kernel.ids import new_id
from kernel.tables.ai import StaffEvent
from kernel.tables.core import Customer, Identity
from kernel.wire.server import Author, CustomerChanged, NoteWritten

Told = Literal["name", "email", "phone", "sms_consent", "sms_marketing", "event_date"]


@dataclass(frozen=True, slots=True)
class Details:
    """What a customer says of themselves, in the form that is stored. None: not said."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None
    sms_consent: bool | None = None
    sms_marketing: bool | None = None
    event_date: date | None = None


def details(
    name: str | None,
    email: str | None,
    phone: str | None,
    sms_consent: bool | None,
    event_date: str | None,
    home_phone: str,
    sms_marketing: bool | None = None,
) -> Details:
    """Raises BadRequest with what is wrong; an empty field is one not said."""
    return Details(
        name=contacts.name(name) if name and name.strip() else None,
        email=contacts.email(email) if email and email.strip() else None,
        phone=contacts.phone(phone, home_phone) if phone and phone.strip() else None,
        sms_consent=sms_consent,
        sms_marketing=sms_marketing,
        event_date=_day(event_date) if event_date and event_date.strip() else None,
    )


async def tell(
    connection: AsyncConnection,
    conversation: UUID,
    said: Details,
    consent_words: str,
    marketing_words: str = "",
    ip: str | None = None,
) -> Announcement | None:
    """Store what a customer says, in the conversation that they hold. None where nothing changed. Raises BadRequest, Conflict, NotFound.
    The words are those that stood beside the boxes of consent, `ip` is the address that they were ticked from.

    A claim never takes an address from anyone: it is kept under the customer's own scope, beside whoever else claims it.
    """
    changed: list[Told] = []
    async with writing(connection, conversation) as log:
        customer: UUID = log.row.customer_id
        if said.name is not None and await _rename(connection, customer, said.name):
            changed.append("name")
        if said.email is not None and await _claim(connection, customer, "email", said.email):
            changed.append("email")
        if said.phone is not None and await _claim(connection, customer, "phone", said.phone):
            changed.append("phone")
        changed += await _agree(
            log,
            (
                ("sms_consent", "transactional", said.sms_consent, consent_words),
                ("sms_marketing", "marketing", said.sms_marketing, marketing_words),
            ),
            said.phone,
            ip,
        )
        if said.event_date is not None and await _note_day(connection, log, said.event_date):
            changed.append("event_date")
        if not changed:
            return None
        log.add_staff(CustomerChanged(changed=changed))
    return log.announcement


async def _agree(
    log: Writing, boxes: Iterable[tuple[Told, consent.Purpose, bool | None, str]], phone: str | None, ip: str | None
) -> list[Told]:
    """Each box stands for itself; neither is a consent to what the other is for."""
    ticked = [(name, purpose, granted, words) for name, purpose, granted, words in boxes if granted is not None]
    number = phone or await _phone_of(log.connection, log.row.customer_id)
    if number is None:
        if any(granted for _, _, granted, _ in ticked):
            raise BadRequest("Give the phone number that the text messages may go to.")
        return []
    changed: list[Told] = []
    for name, purpose, granted, words in ticked:
        entry = await consent.record(
            log.connection,
            number=number,
            purpose=purpose,
            granted=granted,
            text=words,
            source="widget",
            customer=log.row.customer_id,
            conversation=log.id,
            ip=ip,
        )
        if entry is not None:
            changed.append(name)
    return changed


async def keep_written(log: Writing, text: str, home_phone: str) -> None:
    """An address that a customer writes to people in passing, where none of its kind was known: what they gave before stays."""
    email, phone = reach.written(text, home_phone)
    changed: list[Told] = []
    customer: UUID = log.row.customer_id
    if email is not None and await reach.email_of(log.connection, customer) is None:
        await _claim(log.connection, customer, "email", email)
        changed.append("email")
    if phone is not None and await reach.phone_of(log.connection, customer) is None:
        await _claim(log.connection, customer, "phone", phone)
        changed.append("phone")
    if changed:
        log.add_staff(CustomerChanged(changed=changed))


def _day(value: str) -> date:
    try:
        return date.fromisoformat(value.strip())
    except ValueError:
        raise BadRequest("This is not a day. Give one as year, month and day, like 2030-07-04.") from None


async def _note_day(connection: AsyncConnection, log: Writing, day: date) -> bool:
    """The day stands among the notes: staff read it there, beside what they wrote themselves. False where the newest says so already."""
    notes = select(StaffEvent.payload).where(StaffEvent.conversation_id == log.id, StaffEvent.kind == "note")
    by_customer = notes.where(StaffEvent.payload["author"]["kind"].astext == "customer").order_by(StaffEvent.staff_seq.desc()).limit(1)
    text = f"Date of the event: {day:%A}, {day.isoformat()}"
    newest = await connection.scalar(by_customer)
    if newest is not None and newest["text"] == text:
        return False
    log.add_staff(NoteWritten(id=new_id(), author=Author(kind="customer", name="The customer"), text=text))
    return True


async def _rename(connection: AsyncConnection, customer: UUID, name: str) -> bool:
    """A name that a site vouched for stays."""
    vouched = select(Identity.id).where(Identity.customer_id == customer, Identity.kind == "subject")
    changed = await connection.execute(
        update(Customer)
        .where(Customer.id == customer, Customer.name.is_distinct_from(name), ~(Customer.name.is_not(None) & vouched.exists()))
        .values(name=name)
    )
    return changed.rowcount == 1


async def _claim(connection: AsyncConnection, customer: UUID, kind: Literal["phone", "email"], value: str) -> bool:
    known = await connection.scalar(
        select(Identity.id).where(Identity.customer_id == customer, Identity.kind == kind, Identity.value == value).limit(1)
    )
    if known is not None:
        return False
    scope = str(customer)
    await connection.execute(delete(Identity).where(Identity.kind == kind, Identity.scope == scope, Identity.verified.is_(False)))
    await connection.execute(
        insert(Identity)
        .values(id=new_id(), customer_id=customer, kind=kind, scope=scope, value=value, verified=False)
        .on_conflict_do_nothing()
    )
    await suggesting.look(connection, customer, kind, value)
    return True


async def _phone_of(connection: AsyncConnection, customer: UUID) -> str | None:
    query = select(Identity.value).where(Identity.customer_id == customer, Identity.kind == "phone")
    phone: str | None = await connection.scalar(query.order_by(Identity.verified.desc(), Identity.created_at.desc()).limit(1))
    return phone
