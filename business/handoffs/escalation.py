"""Nobody came: a handoff goes higher step by step, each by the channels that the profile names, until somebody claims it.

A step is an effect that is due at its moment. It works under the conversation's row and writes what is to happen, and the next step, in
one transaction: two workers that race, and one that dies, take each step once. A claim ends it, whenever it comes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import case, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from business.channels import writing as texts
from business.conversations.log import Announcement, Writing, writing
from business.customers import contacts
from business.emails import writing as emails
from business.emails.kinds import Escalation
from business.handoffs import calling, records
from business.links.signing import Links
from business.profile.schemas import Profile, SevereCalls
from business.push import subscriptions
from business.push.rules import HANDOFFS
from kernel import outbox
from kernel.jobs import EscalateHandoff, NotifyStaff
from kernel.tables.core import Customer, Staff
from kernel.tables.ops import Handoff
from kernel.wire.base import HandoffKind
from kernel.wire.server import Alerted

LOCALE = "en"  # what staff read


@dataclass(frozen=True, slots=True)
class Step:
    """Who is called, and how; `next_at` is when the next one comes, None where this is the last."""

    who: Literal["turn", "everybody", "owner"]
    channels: tuple[str, ...]
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class Called:
    """Rows of `id, name, email, phone`, a number that they have proved; `all`: they are everybody."""

    people: Sequence[Any]
    all: bool


async def climb(connection: AsyncConnection, profile: Profile, links: Links, job: EscalateHandoff, now: datetime) -> Announcement | None:
    """Take this step. None where it is nobody's any more: claimed, settled, its wait began anew, or it became severe."""
    conversation = await records.conversation_of(connection, job.handoff)
    async with writing(connection, conversation) as log:
        handoff = await records.locked(connection, job.handoff)
        if not _stands(handoff, job):
            return None
        step = _step(profile, job, handoff.kind, now)
        if step is None:
            return None
        if step.channels:
            await _mark(log, handoff, job.step)
        key = f"{handoff.id}:{calling.since(job.of)}:{job.step}"
        called = await _who(log, step.who)
        if "push" in step.channels:
            await _notify(log, handoff, key, called)
        if "email" in step.channels:
            await _mail(log, profile, links, handoff, key, called, now)
        if "text" in step.channels:
            await _text(log, profile, links, handoff, key, called, now)
        if step.next_at is not None:
            await calling.go_higher(log, handoff.id, job.step + 1, job.of, step.next_at)
    return log.announcement


def _stands(handoff: Any, job: EscalateHandoff) -> bool:
    if handoff.state != "open":
        return False
    severe = handoff.urgency == "severe"
    return severe if job.of is None else not severe and handoff.alerted_at == job.of


def _step(profile: Profile, job: EscalateHandoff, kind: HandoffKind, now: datetime) -> Step | None:
    rules = profile.people.escalation
    if job.of is None:
        return _severe(rules.severe, job.step, kind, now)
    if not 1 <= job.step <= len(rules.steps):
        return None  # the profile has fewer now
    step, following = rules.steps[job.step - 1], rules.steps[job.step : job.step + 1]
    return Step(step.who, step.channels, job.of + timedelta(minutes=following[0].after_minutes) if following else None)


def _severe(rules: SevereCalls, step: int, kind: HandoffKind, now: datetime) -> Step:
    """The first step is the moment of its opening, in which everybody was called by console and push; of a complaint mails have gone to
    those whom the profile names. After that again and again, so often at most."""
    channels: tuple[str, ...] = rules.channels
    if step == 1:
        channels = tuple(one for one in channels if one == "text" or (one == "email" and kind != "complaint"))
    return Step("everybody", channels, None if step > rules.times_at_most else now + timedelta(minutes=rules.again_minutes))


async def _mark(log: Writing, handoff: Any, step: int) -> None:
    counted = {"rev": Handoff.rev + 1, "changed_at": func.clock_timestamp()}
    await log.connection.execute(update(Handoff).where(Handoff.id == handoff.id).values(step=max(step, handoff.step), **counted))
    log.add_staff(Alerted(reason="escalated"))


async def _who(log: Writing, who: str) -> Called:
    """Those who are called. Where it is nobody's turn, everybody."""
    proved = case((Staff.phone_verified_at.is_not(None), Staff.phone)).label("phone")
    query = select(Staff.id, Staff.name, Staff.email, proved).where(Staff.disabled_at.is_(None)).order_by(Staff.created_at, Staff.id)
    turn = await calling.assign_next(log) if who == "turn" else None
    if turn is not None:
        query = query.where(Staff.id == turn)
    if who == "owner":
        query = query.where(Staff.role == "owner")
    return Called((await log.connection.execute(query)).all(), turn is None and who != "owner")


async def _notify(log: Writing, handoff: Any, key: str, called: Called) -> None:
    """A notification, and pushes to their devices."""
    for staff in [None] if called.all else [one.id for one in called.people]:
        told = NotifyStaff(
            conversation=log.id, handoff=handoff.id, reason="handoff_due", staff=staff, handoff_kind=handoff.kind, urgency=handoff.urgency
        )
        await outbox.enqueue(log.connection, told, key=f"escalated:{key}:{staff or 'all'}")


async def _mail(log: Writing, profile: Profile, links: Links, handoff: Any, key: str, called: Called, now: datetime) -> None:
    """An e-mail to each of them."""
    customer = await log.connection.scalar(select(Customer.name).where(Customer.id == log.row.customer_id))
    told = Escalation(
        customer=contacts.called(customer, log.row.phone) or "A visitor",
        summary=handoff.summary,
        urgency=handoff.urgency,
        waiting_minutes=max(0, int((now - handoff.created_at).total_seconds() // 60)),
        link=links.conversation(log.id),
    )
    for one in called.people:
        await emails.write(
            log.connection,
            profile,
            links,
            kind="escalation",
            to=one.email,
            to_name=one.name,
            locale=LOCALE,
            values=told,
            key=f"escalation:{key}:{one.id}",
        )


async def _text(log: Writing, profile: Profile, links: Links, handoff: Any, key: str, called: Called, now: datetime) -> None:
    """A text message to each of them who has a number. It says what is needed and for how long, and nothing of the customer. Quiet hours
    keep it back, but for what is severe: what they keep back is gone, for the next step comes."""
    for one in called.people:
        if one.phone is None:
            continue
        quiet = None if handoff.urgency == "severe" else await subscriptions.quiet_hours(log.connection, one.id)
        if quiet is not None and quiet.hold(now):
            continue
        await texts.write(
            log.connection,
            profile,
            to=one.phone,
            text=_words(profile, links, log, handoff, now),
            purpose="staff",
            key=f"escalation:{key}:{one.id}",
            locale=LOCALE,
            now=now,
            staff=one.id,
        )


def _words(profile: Profile, links: Links, log: Writing, handoff: Any, now: datetime) -> str:
    title = HANDOFFS[handoff.kind][0]
    minutes = max(0, int((now - handoff.created_at).total_seconds() // 60))
    urgent = "URGENT. " if handoff.urgency == "severe" else ""
    return f"{profile.business.name}: {urgent}{title}, {minutes} min unclaimed. {links.conversation(log.id)}"
