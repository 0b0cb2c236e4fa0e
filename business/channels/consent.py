"""Consent to text messages, a ledger by number: which words were agreed to, when, by which way in, from which address. Entries are added,
never changed; whoever claims the number, its ledger counts.

Whoever adds to it or sends by it holds the number (`hold`) for the transaction, so that a STOP that was committed is seen by every text
that is still to go. A conversation's row, where both are held, comes first.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Row, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from business.profile.figures import language_of_locale
from business.profile.schemas import Profile
from kernel import locks
from kernel.clock import rfc3339
from kernel.errors import Conflict
from kernel.ids import new_id
from kernel.tables.core import Identity
from kernel.tables.crm import Consent, ConsentReview
from kernel.tables.ops import TextMessage

Purpose = Literal["transactional", "marketing", "all"]
Source = Literal["widget", "verified", "identity", "keyword", "free_text", "staff", "import", "provider", "review"]

# Only the phone itself, or the provider that heard it, takes a STOP back.
LIFTS: frozenset[str] = frozenset({"keyword", "provider"})
CONFIRMED_EVERY = timedelta(days=1)

_TRANSACTIONAL = {
    "en": "I agree that {business} sends me text messages about my inquiry and my booking at this number. Message frequency varies. "
    "Message and data rates may apply. Reply {stop} at any time to end them, {help} for help.",
    "es": "Acepto que {business} me envíe mensajes de texto sobre mi consulta y mi reserva a este número. La frecuencia varía. Pueden "
    "aplicarse tarifas de mensajes y datos. Responda {stop} en cualquier momento para dejar de recibirlos, {help} para ayuda.",
}
_MARKETING = {
    "en": "I also agree to marketing text messages from {business} at this number, at most {most} a month. Consent is not a condition of "
    "purchase. Message and data rates may apply. Reply {stop} at any time to end them, {help} for help.",
    "es": "También acepto recibir mensajes de texto publicitarios de {business} en este número, como máximo {most} al mes. El "
    "consentimiento no es condición de compra. Pueden aplicarse tarifas de mensajes y datos. Responda {stop} en cualquier momento para "
    "dejar de recibirlos, {help} para ayuda.",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """What counts for a number now. None: nothing was ever said. `stopped`: it gets nothing at all."""

    transactional: bool | None = None
    marketing: bool | None = None
    stopped: bool = False


@dataclass(frozen=True, slots=True)
class Stopped:
    """`entry`: None where it had stopped already. `confirm`: whether that is to be said; once, and not again within a day."""

    entry: UUID | None
    confirm: bool


def words(profile: Profile, locale: str | None, purpose: Literal["transactional", "marketing"] = "transactional") -> str:
    """What stands beside the box that the customer ticks; the same is stored with the consent."""
    language = language_of_locale(locale or profile.business.locale)
    rules = profile.messages.sms
    said = (_MARKETING if purpose == "marketing" else _TRANSACTIONAL)[language]
    return said.format(business=profile.business.name, stop=rules.stop_words[0], help=rules.help_words[0], most=rules.per_month)


async def hold(connection: AsyncConnection, *numbers: str) -> None:
    """Until the end of the transaction nobody else adds to these numbers' ledgers, or sends by them."""
    await locks.hold(connection, *(f"text number {number}" for number in numbers))


async def ledger(connection: AsyncConnection, number: str) -> Sequence[Row[Any]]:
    """Every entry of a number, the oldest first."""
    entries = select(Consent).where(Consent.address == number, Consent.channel == "sms")
    return (await connection.execute(entries.order_by(Consent.at, Consent.id))).all()


async def standing(connection: AsyncConnection, number: str) -> Standing:
    """What counts for the number now."""
    return stands(await ledger(connection, number))


def stands(entries: Iterable[Any]) -> Standing:
    """What entries come to, read from the oldest. After a STOP nothing is given but by the phone itself."""
    given: dict[str, bool | None] = {"transactional": None, "marketing": None}
    stopped = False
    for entry in entries:
        meant = given if entry.purpose == "all" else (entry.purpose,)
        if not entry.granted:
            given |= dict.fromkeys(meant, False)
            stopped = stopped or entry.purpose == "all"
        elif not stopped or entry.source in LIFTS:
            given |= dict.fromkeys(meant, True)
            stopped = False
    return Standing(given["transactional"], given["marketing"], stopped)


async def record(
    connection: AsyncConnection,
    *,
    number: str,
    purpose: Purpose,
    granted: bool,
    text: str,
    source: Source,
    customer: UUID | None = None,
    conversation: UUID | None = None,
    ip: str | None = None,
    staff: UUID | None = None,
    reason: str | None = None,
) -> UUID | None:
    """Add to the ledger: the entry's id, None where it would say what stands already. Raises Conflict where consent is given for a number
    that has stopped, by anybody but the phone itself."""
    await hold(connection, number)
    before = await ledger(connection, number)
    if stands(before).stopped and granted and source not in LIFTS:
        raise Conflict("Texts to this number were stopped from the phone itself. Only START, sent from that phone, begins them again.")
    if not _tells(before, purpose, granted, source):
        return None
    id = new_id()
    await connection.execute(
        insert(Consent).values(
            id=id,
            customer_id=customer,
            conversation_id=conversation,
            channel="sms",
            purpose=purpose,
            granted=granted,
            address=number,
            text=text,
            source=source,
            ip=ip,
            staff_id=staff,
            reason=reason,
            at=_after(before),
        )
    )
    return id


async def stop(
    connection: AsyncConnection,
    *,
    number: str,
    text: str,
    source: Literal["keyword", "provider", "staff"] = "keyword",
    customer: UUID | None = None,
    conversation: UUID | None = None,
    staff: UUID | None = None,
    now: datetime,
) -> Stopped:
    """The number gets no more texts of any kind, but for one that says so."""
    entry = await record(
        connection,
        number=number,
        purpose="all",
        granted=False,
        text=text,
        source=source,
        customer=customer,
        conversation=conversation,
        staff=staff,
    )
    return Stopped(entry, entry is not None or not await _confirmed_since(connection, number, now - CONFIRMED_EVERY))


async def start(
    connection: AsyncConnection,
    *,
    number: str,
    text: str,
    source: Literal["keyword", "provider"] = "keyword",
    customer: UUID | None = None,
    conversation: UUID | None = None,
) -> Standing:
    """The phone wants texts: those about bookings, and those of marketing only where it had agreed to them before it stopped, and nobody
    has ended them since."""
    await hold(connection, number)
    before = await ledger(connection, number)
    purposes: list[Purpose] = ["transactional"]
    if _waits_for_start(before):
        purposes.append("marketing")
    for purpose in purposes:
        await record(
            connection,
            number=number,
            purpose=purpose,
            granted=True,
            text=text,
            source=source,
            customer=customer,
            conversation=conversation,
        )
    return await standing(connection, number)


async def refuse(
    connection: AsyncConnection, *, number: str, text: str, customer: UUID | None = None, conversation: UUID | None = None
) -> UUID | None:
    """Somebody asked in their own words to get no more: marketing ends at once, and a person looks whether it was meant so. Returns the
    review's id; None where marketing had been refused already."""
    entry = await record(
        connection,
        number=number,
        purpose="marketing",
        granted=False,
        text=text,
        source="free_text",
        customer=customer,
        conversation=conversation,
    )
    if entry is None:
        return None
    review = new_id()
    await connection.execute(
        insert(ConsentReview).values(id=review, consent_id=entry, address=number, conversation_id=conversation, state="open")
    )
    return review


async def of_customer(connection: AsyncConnection, customer: UUID) -> dict[str, Any]:
    """`{sms: {granted, address, text, source, at, transactional, marketing, stopped}}` of the number that they can be reached at, or
    last agreed for; the entry is the newest of its ledger. Empty where nothing was ever said."""
    number = await _number_of(connection, customer)
    entries = await ledger(connection, number) if number is not None else ()
    if not entries:
        return {}
    now, newest = stands(entries), entries[-1]
    return {
        "sms": {
            "granted": bool(now.transactional),
            "address": newest.address,
            "text": newest.text,
            "source": newest.source,
            "at": rfc3339(newest.at),
            "transactional": now.transactional,
            "marketing": now.marketing,
            "stopped": now.stopped,
        }
    }


def _tells(before: Sequence[Row[Any]], purpose: Purpose, granted: bool, source: Source) -> bool:
    """Whether an entry would change anything. A refusal is kept even of a number that never agreed; a box that was never ticked and is
    not ticked now says nothing. After a STOP marketing is refused once more, where a START would begin it again."""
    now = stands(before)
    if purpose == "all":
        return now.stopped is granted
    if purpose == "marketing" and not granted and _waits_for_start(before):
        return True
    stands_now = now.transactional if purpose == "transactional" else now.marketing
    if source == "widget" and not granted:
        return stands_now is True
    return stands_now is not granted


def _waits_for_start(entries: Sequence[Row[Any]]) -> bool:
    """Whether a START begins marketing again: it stood when everything was stopped, and was not refused since."""
    if not stands(entries).stopped:
        return False
    at = max(place for place, entry in enumerate(entries) if entry.purpose == "all" and not entry.granted)
    refused_since = any(entry.purpose == "marketing" and not entry.granted for entry in entries[at + 1 :])
    return bool(stands(entries[:at]).marketing) and not refused_since


def _after(before: Sequence[Row[Any]]) -> Any:
    """Now, and after every entry there is, though a clock was set back: entries count in the order in which they were written."""
    now = func.clock_timestamp()
    return func.greatest(now, before[-1].at + timedelta(microseconds=1)) if before else now


async def _confirmed_since(connection: AsyncConnection, number: str, since: datetime) -> bool:
    said = select(TextMessage.id).where(TextMessage.to_number == number, TextMessage.purpose == "keyword", TextMessage.created_at > since)
    return await connection.scalar(said.limit(1)) is not None


async def _number_of(connection: AsyncConnection, customer: UUID) -> str | None:
    phones = select(Identity.value).where(Identity.customer_id == customer, Identity.kind == "phone")
    known: str | None = await connection.scalar(phones.order_by(Identity.verified.desc(), Identity.created_at.desc()).limit(1))
    if known is not None:
        return known
    told: str | None = await connection.scalar(
        select(Consent.address).where(Consent.customer_id == customer, Consent.channel == "sms").order_by(Consent.at.desc()).limit(1)
    )
    return told
