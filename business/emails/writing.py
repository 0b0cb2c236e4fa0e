"""Writes an e-mail: the template is filled now, the mail is stored as it will be sent, and the effect that sends it is enqueued, all in
the caller's transaction. The same key again is the same mail."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from business.emails import addresses, templates
from business.emails.kinds import KINDS, Kind, Values
from business.emails.rendering import Faulty, Rendered
from business.emails.templates import Template
from business.links.signing import Links
from business.profile.schemas import Profile
from kernel import outbox
from kernel.clock import utc_now
from kernel.ids import new_id
from kernel.jobs import SendEmail
from kernel.tables.ops import Email, InboundEmail

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a mail. `type` may carry parameters: `text/calendar; method=REQUEST`."""

    name: str
    type: str
    content: bytes


async def write(
    connection: AsyncConnection,
    profile: Profile,
    links: Links,
    *,
    kind: str,
    to: str | None,
    to_name: str | None,
    locale: str | None,
    values: Values | Mapping[str, Any],
    key: str,
    booking: UUID | None = None,
    conversation: UUID | None = None,
    customer: UUID | None = None,
    at: datetime | None = None,
    attachments: Sequence[Attachment] = (),
    now: datetime | None = None,
    template: Template | None = None,
) -> UUID | None:
    """Returns the mail's id, or None where `to` is no address. `values` are those that the kind declares; `at`: not before that moment;
    `template`: another one than counts.

    A mail to a placeholder is stored as `held`, one to whom gets none as `suppressed`, and neither is sent. Raises KeyError for a kind
    that there is not, ValidationError where values do not fit it.
    """
    of, address = KINDS[kind], addresses.stored(to or "")
    if address is None:
        return None
    if (known := await _of_key(connection, key)) is not None:
        return known
    written = of.values.model_validate(values if isinstance(values, Values) else dict(values))
    language = templates.language(locale, profile)
    unsubscribe = links.unsubscribe(address) if of.marketing else None
    counts = template or await templates.current(connection, kind, language)
    filled = _filled(counts, of, language, written.model_dump(), profile, to_name, unsubscribe, now or utc_now())
    id = new_id()
    state, error = await _begins_as(connection, of, address)
    row = {
        "id": id,
        "key": key,
        "kind": kind,
        "to_address": address,
        "to_name": to_name,
        "locale": language,
        "subject": filled.subject,
        "html": filled.html,
        "plain": filled.plain,
        "attachments": [_stored(one) for one in attachments],
        "message_id": f"<{id}@{links.host}>",
        "in_reply_to": await _answers(connection, conversation),
        "marketing": of.marketing,
        "booking_id": booking,
        "conversation_id": conversation,
        "customer_id": customer,
        "state": state,
        "error": error,
        **({"send_at": at} if at is not None else {}),
    }
    return await _store(connection, row, at)


async def _of_key(connection: AsyncConnection, key: str) -> UUID | None:
    """The mail that was written under this key before."""
    found: UUID | None = await connection.scalar(select(Email.id).where(Email.key == key))
    return found


async def _store(connection: AsyncConnection, row: dict[str, Any], at: datetime | None) -> UUID | None:
    """Keep it, and have it sent where it is to be; returns its id, or that of the one which somebody else wrote at the same moment."""
    inserted: UUID | None = await connection.scalar(
        insert(Email).values(row).on_conflict_do_nothing(index_elements=["key"]).returning(Email.id)
    )
    if inserted is None:
        return await _of_key(connection, row["key"])
    if row["state"] == "waiting":
        await outbox.enqueue(connection, SendEmail(email=inserted), key=f"email:{inserted}", at=at)
    return inserted


async def _begins_as(connection: AsyncConnection, kind: Kind, address: str) -> tuple[str, str | None]:
    """Its state, and why it is none that is sent."""
    if addresses.is_placeholder(address):
        return "held", "Placeholder"
    if await addresses.suppressed(connection, address, marketing=kind.marketing):
        return "suppressed", "Suppressed"
    return "waiting", None


def _filled(
    template: Template,
    kind: Kind,
    language: str,
    values: dict[str, Any],
    profile: Profile,
    name: str | None,
    unsubscribe: str | None,
    now: datetime,
) -> Rendered:
    """A template of the staff that cannot take these values must not keep the mail from going out: then the one that ships serves."""
    try:
        return templates.render(template, values, profile, language, now, name=name, unsubscribe=unsubscribe)
    except Faulty as error:
        if template.version == 0:
            raise
        log.error("email.template_unfit", kind=kind.name, locale=language, version=template.version, faults=len(error.faults))
        original = templates.shipped(kind.name, language)
        return templates.render(original, values, profile, language, now, name=name, unsubscribe=unsubscribe)


async def _answers(connection: AsyncConnection, conversation: UUID | None) -> str | None:
    """The Message-ID of the newest mail of the conversation, whoever wrote it."""
    if conversation is None:
        return None
    ours = select(Email.message_id, Email.created_at).where(Email.conversation_id == conversation)
    theirs = select(InboundEmail.message_id, InboundEmail.created_at).where(InboundEmail.conversation_id == conversation)
    both = ours.union_all(theirs).subquery()
    newest: str | None = await connection.scalar(select(both.c.message_id).order_by(both.c.created_at.desc()).limit(1))
    return newest


def _stored(attachment: Attachment) -> dict[str, str]:
    """JSON holds text alone: what is none is kept as base64."""
    try:
        return {"name": attachment.name, "type": attachment.type, "text": attachment.content.decode()}
    except UnicodeDecodeError:
        return {"name": attachment.name, "type": attachment.type, "base64": base64.b64encode(attachment.content).decode()}
