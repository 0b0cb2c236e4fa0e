"""A conversation on the web goes on by text: whoever reads the code that went to a number is its owner. From then on the number is this
customer's, its texts come in here, and who had proved it before is the same person."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from business.channels import consent, threads
from business.channels.proving import Codes, Trouble, Whose
from business.conversations.log import Announcement, Writing, writing
from business.customers.merging import may_join_by_proof, merge
from business.customers.suggesting import look, suggest
from business.profile.schemas import Profile
from business.profile.spoken import language_of
from kernel.ids import new_id
from kernel.tables.core import Identity
from kernel.wire.server import Author, Linked

_FIRST = {
    "en": "You are now texting with {business}. Write here or on our page: it is one conversation. Reply {stop} to end texts, "
    "{help} for help.",
    "es": "Ahora hablas por mensaje con {business}. Escribe aquí o en nuestra página: es una sola conversación. Responde {stop} para "
    "terminar, {help} para ayuda.",
}


@dataclass(frozen=True, slots=True)
class Went:
    """What came of it: the trouble, or what is to be told, in this conversation and in others."""

    trouble: Trouble | None = None
    announcements: tuple[Announcement, ...] = ()


async def go_on_by_text(
    connection: AsyncConnection,
    profile: Profile,
    codes: Codes,
    conversation: UUID,
    code: str,
    *,
    locale: str | None,
    ip: str | None,
    assistant: str,
    our_number: str | None,
    now: datetime,
) -> Went:
    """The right code, and the conversation goes on by text, with the words that its customer agreed to in the ledger. A wrong one counts,
    so the transaction must be committed. Safe to repeat. Raises NotFound."""
    async with writing(connection, conversation) as log:
        proof = await codes.check(connection, Whose(conversation=conversation), code, now)
        if proof.trouble is not None:
            return Went(proof.trouble)
        if proof.again:
            return Went(None if log.row.phone == proof.phone else "expired")
        await threads.hold(connection, proof.phone)
        if (await consent.standing(connection, proof.phone)).stopped:
            await codes.give_back(connection, proof)
            return Went("stopped")
        customer, others = await _is_theirs(log, proof.phone)
        released = await threads.attach(log, proof.phone, proof.sender or our_number)
        await consent.record(
            connection, number=proof.phone, purpose="transactional", granted=True, text=consent.words(profile, locale), source="verified",
            customer=customer, conversation=log.id, ip=ip,
        )  # fmt: skip
        log.add_staff(Linked(what="phone", by=threads.CUSTOMER))
        # Said in the conversation, it is texted as everything that is said there from now on.
        log.say(Author(kind="system", name=assistant), _first(profile, locale))
    return Went(announcements=(log.announcement, *others, *([released] if released is not None else [])))


async def _is_theirs(log: Writing, phone: str) -> tuple[UUID, tuple[Announcement, ...]]:
    """The number is a verified one of this customer's; returns who that is. Who had it verified is the same person, unless people or a
    site say otherwise: then people are asked, and it stays theirs."""
    connection, customer = log.connection, log.row.customer_id
    claimed = (Identity.kind == "phone", Identity.value == phone)
    await connection.execute(delete(Identity).where(*claimed, Identity.customer_id == customer, Identity.verified.is_(False)))
    row = {"id": new_id(), "customer_id": customer, "kind": "phone", "scope": "", "value": phone, "verified": True}
    await connection.execute(insert(Identity).values(row).on_conflict_do_nothing())
    await look(connection, customer, "phone", phone)
    holder = await connection.scalar(select(Identity.customer_id).where(*claimed, Identity.scope == ""))
    assert holder is not None  # it was there, or it is now
    if holder == customer:
        return customer, ()
    if not await may_join_by_proof(connection, holder, customer):
        await suggest(connection, holder, customer, "phone")
        return customer, ()
    joined = await merge(connection, holder, customer, "phone_code", by=threads.CUSTOMER, held=log)
    return (joined.survivor, joined.announcements) if joined is not None else (holder, ())


def _first(profile: Profile, locale: str | None) -> str:
    rules = profile.messages.sms
    return _FIRST[language_of(locale)].format(business=profile.business.name, stop=rules.stop_words[0], help=rules.help_words[0])
