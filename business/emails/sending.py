"""The states of a mail that goes out, as the workers write them.

waiting -> sending -> sent | unknown; sending -> waiting (the server will not now) | failed | bounced; waiting -> held (no server, or an
address is a placeholder). `sending` is committed before the server gets any of the text: of a mail that was left in it nobody knows whether
it arrived. It becomes `unknown`, an alarm rises, and a person decides whether it is sent again, with the same Message-ID.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from business.emails import addresses
from business.emails.kinds import KINDS, THREADED
from business.emails.message import Letter
from business.links.signing import Links
from business.profile.schemas import Profile
from business.staff import audit
from kernel import outbox
from kernel.errors import Conflict, NotFound
from kernel.ids import new_id
from kernel.jobs import SendEmail
from kernel.tables.ops import Email, InboundEmail, Notification

RETRIED = ("held", "failed", "unknown")
THREAD = 10


@dataclass(frozen=True, slots=True)
class Post:
    """How this install writes: `sender` None is the business's own address, `replies` the mailbox whose mail comes back to us."""

    sender: str | None
    replies: str | None
    server: bool  # whether there is one


async def state_of(connection: AsyncConnection, email: UUID) -> str | None:
    """None where there is no such mail."""
    found: str | None = await connection.scalar(select(Email.state).where(Email.id == email))
    return found


async def letter(connection: AsyncConnection, email: UUID, post: Post, profile: Profile, links: Links) -> Letter | None:
    """The mail with its headers' values; None where there is none."""
    row = (await connection.execute(select(Email).where(Email.id == email))).one_or_none()
    if row is None:
        return None
    sender = post.sender or profile.business.email
    return Letter(
        id=row.id,
        kind=row.kind,
        to_address=row.to_address,
        to_name=row.to_name,
        from_address=sender,
        from_name=profile.business.name,
        reply_to=_reply_to(row.conversation_id if row.kind in THREADED else None, sender, post, profile, links),
        locale=row.locale,
        subject=row.subject,
        html=row.html,
        plain=row.plain,
        attachments=row.attachments,
        message_id=row.message_id,
        in_reply_to=row.in_reply_to,
        references=await _thread(connection, row.conversation_id, row.id) if row.in_reply_to else (),
        automatic=row.kind not in KINDS or KINDS[row.kind].automatic,
        unsubscribe=links.unsubscribe(row.to_address) if row.marketing else None,
    )


def why_held(letter: Letter, post: Post) -> str | None:
    """Why a mail cannot go out at all: `NoServer`, `Placeholder`; None: it can."""
    if not post.server:
        return "NoServer"
    return "Placeholder" if addresses.is_placeholder(letter.from_address) or addresses.is_placeholder(letter.to_address) else None


async def change(connection: AsyncConnection, email: UUID, before: tuple[str, ...], state: str, error: str | None = None) -> bool:
    """From one of the states before to this one. False: it was in none of them."""
    values = {"state": state, "error": error, "changed_at": func.clock_timestamp()}
    if state == "sent":
        values["sent_at"] = func.clock_timestamp()
    changed = await connection.execute(update(Email).where(Email.id == email, Email.state.in_(before)).values(values))
    return changed.rowcount == 1


async def bounced(connection: AsyncConnection, email: UUID, error: str, *, suppress: bool) -> None:
    """The recipient's server does not take it; where the address is nobody's, it gets no more."""
    address = await connection.scalar(select(Email.to_address).where(Email.id == email))
    await change(connection, email, ("sending", "waiting", "sent", "unknown"), "bounced", error)
    if suppress and address is not None:
        await addresses.suppress(connection, address, "all", "bounced")


async def unknown(connection: AsyncConnection, email: UUID, error: str) -> bool:
    """Nobody knows whether it arrived: an alarm rises, once. False: it was not being sent."""
    if not await change(connection, email, ("sending",), "unknown", error):
        return False
    conversation = await connection.scalar(select(Email.conversation_id).where(Email.id == email))
    row = {"id": new_id(), "key": f"email-unknown:{email}:{new_id()}", "kind": "email_unknown", "conversation_id": conversation}
    await connection.execute(insert(Notification).values(row))
    return True


async def retry(connection: AsyncConnection, email: UUID, staff: UUID, *, sure: bool) -> str:
    """A person sends it on its way again. Returns its state; one that is on its way already is left alone. Raises NotFound; Conflict where
    it cannot be retried, or it is `unknown` and they are not `sure`."""
    row = (await connection.execute(select(Email.state, Email.to_address).where(Email.id == email).with_for_update())).one_or_none()
    if row is None:
        raise NotFound("There is no such e-mail.")
    if row.state in ("waiting", "sending"):
        return str(row.state)
    if row.state not in RETRIED:
        raise Conflict(f"An e-mail that is {row.state} is not sent again.")
    if row.state == "unknown" and not sure:
        raise Conflict(
            "Nobody read the server's answer: this e-mail may have arrived. Sending it again may deliver it twice. Say that you are sure.",
            unsure=True,
        )
    if addresses.is_placeholder(row.to_address):
        raise Conflict("Its address is a placeholder: nothing is ever sent there.")
    await change(connection, email, RETRIED, "waiting")
    await outbox.enqueue(connection, SendEmail(email=email), key=f"email:{email}:{new_id()}")
    await audit.record(connection, "staff", staff, "email.retried", email, {"was": row.state})
    return "waiting"


async def unsubscribe(connection: AsyncConnection, address: str) -> None:
    """No more marketing for this address. What still waits is not sent."""
    await addresses.suppress(connection, address, "marketing", "unsubscribed")
    waiting = update(Email).where(Email.to_address == address, Email.marketing, Email.state.in_(("waiting", "held")))
    await connection.execute(waiting.values(state="suppressed", error="Unsubscribed", changed_at=func.clock_timestamp()))


async def unknown_count(connection: AsyncConnection) -> int:
    """How many wait for somebody to decide."""
    return await connection.scalar(select(func.count()).select_from(Email).where(Email.state == "unknown")) or 0


def _reply_to(conversation: UUID | None, sender: str, post: Post, profile: Profile, links: Links) -> str | None:
    if conversation is not None and post.replies is not None:
        return links.reply_to(conversation, post.replies)
    own = profile.business.email
    return None if own == sender or addresses.is_placeholder(own) else own


async def _thread(connection: AsyncConnection, conversation: UUID | None, before: UUID) -> tuple[str, ...]:
    """Message-IDs of the conversation's mails before this one, the oldest first."""
    if conversation is None:
        return ()
    written = select(Email.created_at).where(Email.id == before).scalar_subquery()
    ours = select(Email.message_id, Email.created_at).where(Email.conversation_id == conversation, Email.created_at < written)
    theirs = select(InboundEmail.message_id, InboundEmail.created_at).where(
        InboundEmail.conversation_id == conversation, InboundEmail.created_at < written
    )
    both = ours.union_all(theirs).subquery()
    newest = (await connection.scalars(select(both.c.message_id).order_by(both.c.created_at.desc()).limit(THREAD))).all()
    return tuple(reversed(newest))
