"""One handler for each kind of job. A handler works in the transaction that also settles its effect, so it happens once;
what it returns is published after the commit."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from business.conversations.log import Announcement
from business.push import notices
from kernel import rooms
from kernel.clock import utc_now
from kernel.ids import new_id
from kernel.jobs import Job, NotifyMention, NotifyStaff, ShadowFails, WebhookOff
from kernel.tables.ops import Notification


@dataclass(frozen=True, slots=True)
class Publication:
    """A hint for the gateways."""

    room: str
    message: dict[str, Any]


log = structlog.get_logger(__name__)

Handler = Callable[[AsyncConnection, Any, str], Awaitable[list[Publication]]]


def announced(announcement: Announcement | None) -> list[Publication]:
    """That the logs of a conversation have grown; nothing where nothing happened."""
    if announcement is None:
        return []
    grown = {"k": "seq", "s": announcement.seq, "t": announcement.staff_seq}
    conversation = announcement.conversation
    return [Publication(rooms.conversation(conversation), grown), Publication(rooms.INBOX, {"k": "row", "c": str(conversation)})]


async def notify_staff(connection: AsyncConnection, job: NotifyStaff, key: str) -> list[Publication]:
    """Keep that staff must hear of it; tell the consoles, those that follow this kind of handoff too, and wake their devices."""
    await connection.execute(
        insert(Notification)
        .values(
            id=new_id(),
            key=key,
            kind=job.reason,
            conversation_id=job.conversation,
            handoff_id=job.handoff,
        )
        .on_conflict_do_nothing(index_elements=["key"])
    )
    await notices.fan_out(connection, job, key, utc_now())
    hints = [Publication(rooms.INBOX, {"k": "row", "c": str(job.conversation)})]
    if job.handoff is not None:
        room = rooms.handoffs(job.handoff_kind) if job.handoff_kind is not None else rooms.INBOX
        hints.append(Publication(room, {"k": "handoff", "h": str(job.handoff)}))
    return hints


async def webhook_off(connection: AsyncConnection, job: WebhookOff, key: str) -> list[Publication]:
    """Keep that staff must hear of it."""
    await connection.execute(
        insert(Notification).values(id=new_id(), key=key, kind=job.kind).on_conflict_do_nothing(index_elements=["key"])
    )
    return []


async def notify_mention(connection: AsyncConnection, job: NotifyMention, key: str) -> list[Publication]:
    """Wake the devices of who was mentioned, and tell their consoles."""
    await notices.mention(connection, job, key, utc_now())
    return [Publication(rooms.INBOX, {"k": "mention", "s": str(job.staff)})]


async def shadow_fails(connection: AsyncConnection, job: ShadowFails, key: str) -> list[Publication]:
    """Keep that staff must hear of it; the alerts of owners and admins show it for a day."""
    await connection.execute(
        insert(Notification).values(id=new_id(), key=key, kind=job.kind).on_conflict_do_nothing(index_elements=["key"])
    )
    log.error("shadow.fails", candidate=job.candidate)
    return []


HANDLERS: dict[type[Job], Handler] = {
    NotifyStaff: notify_staff,
    WebhookOff: webhook_off,
    NotifyMention: notify_mention,
    ShadowFails: shadow_fails,
}
"""Those that need nothing but the database; workers/registry.py adds those that know the business. DeliverWebhook, SendPush, SendEmail,
SendText, SendRefund and AnswerShadow wait for somebody else's server, ReadDocument and BuildIndex are long work: they are carried out
beside them (outward.py)."""
