"""Complaints in PostgreSQL: one open per conversation, which only grows worse by what is said. A severe one carries its incident record."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from business.complaints import follow_ups, rules
from business.complaints.rules import Severity
from business.conversations.log import Writing, writing
from business.profile.schemas import Profile
from kernel import outbox
from kernel.clock import rfc3339
from kernel.errors import NotFound
from kernel.ids import new_id
from kernel.jobs import ComplaintRecorded
from kernel.tables.ai import ChatMessage
from kernel.tables.ops import Booking, Complaint

KEPT_MESSAGES = 20
LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Recorded:
    """`severity` by the words and by who reported it, the worse of both; `hand_over`, `alert` and `steps` are the profile's for it."""

    id: UUID
    severity: Severity
    words: tuple[str, ...]
    hand_over: bool
    alert: tuple[str, ...]
    steps: tuple[str, ...]
    created: bool
    worsened: bool


async def record(
    connection: AsyncConnection,
    profile: Profile,
    conversation: UUID,
    *,
    severity: Severity,
    summary: str,
    now: datetime,
    text: str = "",
    handoff: UUID | None = None,
) -> Recorded:
    """Keep a complaint. `text`: the customer's own words, weighed with the summary. Said again it joins the open one. Raises NotFound."""
    weighed = rules.weigh(profile, f"{text}\n{summary}", severity)
    async with writing(connection, conversation) as log:
        query = select(Complaint).where(Complaint.conversation_id == conversation, Complaint.state == "open").with_for_update()
        row = (await connection.execute(query)).one_or_none()
        worst = weighed.severity if row is None else rules.worse(weighed.severity, row.severity)
        terms = rules.terms(profile, worst)
        topic = rules.topic(profile, f"{text}\n{summary}")
        values: dict[str, Any] = {
            "severity": worst,
            "summary": _joined(row.summary if row is not None else "", summary),
            "topic": topic if row is None else rules.graver_topic(profile, row.topic, topic),
        }
        if handoff is not None:
            values["handoff_id"] = handoff
        if worst == "severe" and (row is None or row.incident is None):
            values["incident"] = await _incident(log, summary, weighed.words, terms, now)
        if row is None:
            complaint = new_id()
            owner = {"conversation_id": conversation, "customer_id": log.row.customer_id}
            await connection.execute(insert(Complaint).values(id=complaint, **owner, **values))
        else:
            complaint = row.id
            await connection.execute(update(Complaint).where(Complaint.id == complaint).values(changed_at=func.clock_timestamp(), **values))
        if row is None or worst != row.severity:
            await follow_ups.plan(connection, complaint, terms.follow_ups, now)
            told = ComplaintRecorded(complaint=complaint, severity=worst)
            await outbox.enqueue(connection, told, key=f"complaint:{complaint}:{worst}")
    worsened = row is not None and worst != row.severity
    return Recorded(complaint, worst, weighed.words, terms.hand_over, terms.alert, terms.steps, row is None, worsened)


async def attach(connection: AsyncConnection, complaint: UUID, handoff: UUID) -> None:
    """The handoff by which a person takes the complaint. Raises NotFound."""
    values = {"handoff_id": handoff, "changed_at": func.clock_timestamp()}
    done = await connection.execute(update(Complaint).where(Complaint.id == complaint).values(values))
    if done.rowcount != 1:
        raise NotFound("There is no such complaint.")


async def _incident(log: Writing, summary: str, words: tuple[str, ...], terms: Any, now: datetime) -> dict[str, Any]:
    """What was known at that moment, kept as it was: who, what they wrote last, and their bookings."""
    said = (
        select(ChatMessage.seq, ChatMessage.created_at, ChatMessage.text)
        .where(ChatMessage.conversation_id == log.id, ChatMessage.author_kind == "customer")
        .order_by(ChatMessage.seq.desc())
        .limit(KEPT_MESSAGES)
    )
    booked = select(Booking.number, Booking.status, Booking.starts_at, Booking.chef_number).where(
        Booking.customer_id == log.row.customer_id, Booking.status.not_in(("expired", "cancelled"))
    )
    messages = (await log.connection.execute(said)).all()
    bookings = (await log.connection.execute(booked.order_by(Booking.number))).all()
    return {
        "reported_at": rfc3339(now),
        "conversation": str(log.id),
        "customer": str(log.row.customer_id),
        "channel": log.row.channel,
        "summary": summary,
        "words": list(words),
        "steps": list(terms.steps),
        "alert": list(terms.alert),
        "said": [{"seq": m.seq, "at": rfc3339(m.created_at), "text": m.text} for m in reversed(messages)],
        "bookings": [{"number": b.number, "status": b.status, "starts_at": rfc3339(b.starts_at), "chef": b.chef_number} for b in bookings],
    }


def _joined(before: str, more: str) -> str:
    """Both, once; the newest words stay where it grows too long."""
    return before if more in before else f"{before}\n{more}".strip()[-LONGEST:]
