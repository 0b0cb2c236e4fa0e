"""Consent to text messages: the words that the customer agreed to, when, by which way in. Nothing is ever overwritten."""

from typing import Any, Literal
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from kernel.clock import rfc3339
from kernel.ids import new_id
from kernel.tables.crm import Consent

Source = Literal["widget"]

_WORDS = {
    "en": "I agree that {business} sends me text messages about my inquiry at this number. Message and data rates may apply. "
    "Reply STOP at any time to end them.",
    "es": "Acepto que {business} me envíe mensajes de texto sobre mi consulta a este número. Pueden aplicarse tarifas de mensajes "
    "y datos. Responda STOP en cualquier momento para dejar de recibirlos.",
}


def words(business: str, locale: str | None) -> str:
    """What stands beside the box that the customer ticks; the same is stored with the consent."""
    language = (locale or "en").split("-")[0].lower()
    return _WORDS.get(language, _WORDS["en"]).format(business=business)


async def record(
    connection: AsyncConnection,
    customer: UUID,
    conversation: UUID,
    *,
    granted: bool,
    address: str,
    text: str,
    source: Source,
) -> bool:
    """Add to the record of consent to text messages at `address`. False where its newest entry says so already."""
    newest = await _newest(connection, customer)
    if newest is not None and (newest.granted, newest.address) == (granted, address):
        return False
    if newest is None and not granted:
        return False
    await connection.execute(
        insert(Consent).values(
            id=new_id(),
            customer_id=customer,
            conversation_id=conversation,
            channel="sms",
            granted=granted,
            address=address,
            text=text,
            source=source,
        )
    )
    return True


async def of_customer(connection: AsyncConnection, customer: UUID) -> dict[str, Any]:
    """`{sms: {granted, address, text, source, at}}`, empty where nothing was ever said."""
    newest = await _newest(connection, customer)
    if newest is None:
        return {}
    return {
        "sms": {
            "granted": newest.granted,
            "address": newest.address,
            "text": newest.text,
            "source": newest.source,
            "at": rfc3339(newest.at),
        }
    }


async def _newest(connection: AsyncConnection, customer: UUID) -> Any | None:
    query = select(Consent).where(Consent.customer_id == customer, Consent.channel == "sms")
    return (await connection.execute(query.order_by(Consent.at.desc(), Consent.id.desc()).limit(1))).one_or_none()
