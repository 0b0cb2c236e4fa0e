"""Complaints over HTTP: everybody who is signed in reads, notes, plans and proposes; owners and admins settle, and decide on money."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response

from business.complaints import follow_ups, patterns, queries, settling
from business.complaints.queries import Record
from business.conversations import staffing
from business.conversations.log import Announcement
from business.coupons import service as coupons
from business.coupons import using
from business.handoffs.ownership import Actor
from business.links.signing import Links
from business.profile.schemas import Profile
from business.staff.sessions import Session
from gateway.http import complaints_wire as wire
from gateway.http.door import Door, path_id
from gateway.http.edge import Handler, answer, read_body, read_query
from gateway.http.operations import CHIEFS, NothingBody
from kernel.clock import Clock
from kernel.database import Database

Announce = Callable[[Announcement], Awaitable[None]]
WHAT = "complaint"


class ComplaintsHttp:
    """The handlers, by the operation's name. Whatever changes one answers with it as it is then."""

    def __init__(
        self, door: Door, database: Database, profile: Callable[[], Profile], links: Links, announce: Announce, clock: Clock
    ) -> None:
        self._door = door
        self._database = database
        self._profile = profile
        self._links = links
        self._announce = announce
        self._clock = clock
        self.handlers: dict[str, Handler] = {
            "complaints": self._list,
            "complaint": self._one,
            "complaint_patterns": self._patterns,
            "complaint_resolve": self._resolve,
            "complaint_reopen": self._reopen,
            "complaint_note": self._note,
            "complaint_topic": self._topic,
            "follow_up_add": self._plan,
            "follow_up_done": self._done,
            "coupon_propose": self._propose,
            "coupon_decide": self._decide,
            "coupon_use": self._use,
        }

    # Reading

    async def _list(self, request: Request) -> Response:
        await self._door.enter(request)
        asked = read_query(request, wire.ComplaintsQuery)
        async with self._database.transaction(self._database.reading) as connection:
            found, following = await queries.page(
                connection, state=asked.state, severity=asked.severity, cursor=asked.cursor, limit=asked.limit
            )
            counts = await queries.counts(connection)
        items = tuple(wire.ComplaintLine.model_validate(one, from_attributes=True) for one in found)
        return answer(wire.ComplaintsAnswer(items=items, open=wire.OpenCounts(**counts), topics=self._topics(), cursor=following))

    async def _one(self, request: Request) -> Response:
        await self._door.enter(request)
        return await self._record(path_id(request, WHAT))

    async def _patterns(self, request: Request) -> Response:
        await self._door.enter(request)
        asked = read_query(request, wire.PatternsQuery)
        async with self._database.transaction(self._database.reading) as connection:
            found = await patterns.over(connection, self._profile(), asked.weeks, self._clock())
        return answer(wire.PatternsAnswer.model_validate(found, from_attributes=True))

    # Settling

    async def _resolve(self, request: Request) -> Response:
        actor = _actor(await self._door.enter(request, roles=CHIEFS))
        body = await read_body(request, wire.ResolveBody)
        complaint = path_id(request, WHAT)

        async def work(connection: AsyncConnection) -> Announcement:
            return await settling.resolve(
                connection, self._profile(), self._links, complaint, actor, body.resolution, tell=body.tell, now=self._clock()
            )

        return await self._changed(complaint, await self._database.unit(work))

    async def _reopen(self, request: Request) -> Response:
        actor = _actor(await self._door.enter(request, roles=CHIEFS))
        await read_body(request, NothingBody)
        complaint = path_id(request, WHAT)
        return await self._changed(complaint, await self._database.unit(lambda c: settling.reopen(c, complaint, actor)))

    async def _note(self, request: Request) -> Response:
        session = await self._door.enter(request)
        body = await read_body(request, wire.ComplaintNoteBody)
        complaint = path_id(request, WHAT)

        async def work(connection: AsyncConnection) -> Announcement | None:
            conversation = await settling.conversation_of(connection, complaint)
            noted = await staffing.note(connection, conversation, session.staff_id, session.name, client_id=body.id, text=body.text)
            return noted.announcement

        return await self._changed(complaint, await self._database.unit(work))

    async def _topic(self, request: Request) -> Response:
        actor = _actor(await self._door.enter(request))
        body = await read_body(request, wire.TopicBody)
        complaint = path_id(request, WHAT)
        await self._database.unit(lambda c: settling.name_topic(c, self._profile(), complaint, actor, body.topic))
        return await self._record(complaint)

    # Follow-ups and coupons

    async def _plan(self, request: Request) -> Response:
        session = await self._door.enter(request)
        body = await read_body(request, wire.FollowUpBody)
        complaint = path_id(request, WHAT)
        await self._database.unit(lambda c: follow_ups.add(c, complaint, session.staff_id, body.what, body.due_at, self._clock()))
        return await self._record(complaint)

    async def _done(self, request: Request) -> Response:
        session = await self._door.enter(request)
        await read_body(request, NothingBody)
        wanted = path_id(request, "follow-up")
        return await self._record(await self._database.unit(lambda c: follow_ups.done(c, wanted, session.staff_id)))

    async def _propose(self, request: Request) -> Response:
        actor = _actor(await self._door.enter(request))
        body = await read_body(request, wire.CouponBody)
        complaint, profile = path_id(request, WHAT), self._profile()
        await self._database.unit(
            lambda c: coupons.propose(c, profile, complaint, actor, percent=body.percent, cents=body.cents, reason=body.reason)
        )
        return await self._record(complaint)

    async def _decide(self, request: Request) -> Response:
        actor = _actor(await self._door.enter(request, roles=CHIEFS))
        body = await read_body(request, wire.DecisionBody)
        wanted, profile = path_id(request, "coupon"), self._profile()
        decided = await self._database.unit(lambda c: coupons.decide(c, profile, wanted, actor, body.approve, self._clock()))
        return await self._record(decided.complaint_id)

    async def _use(self, request: Request) -> Response:
        actor = _actor(await self._door.enter(request, roles=CHIEFS))
        body = await read_body(request, wire.CouponUseBody)
        wanted, profile = path_id(request, "coupon"), self._profile()
        used = await self._database.unit(lambda c: using.use(c, profile, wanted, body.booking, actor, self._clock()))
        await self._announce(used.announcement)
        return await self._record(used.complaint)

    # Answers

    async def _changed(self, complaint: UUID, announcement: Announcement | None) -> Response:
        if announcement is not None:
            await self._announce(announcement)
        return await self._record(complaint)

    async def _record(self, complaint: UUID) -> Response:
        async with self._database.transaction() as connection:
            found = await queries.record(connection, complaint)
        limits = self._profile().reviews.coupon
        allowed = wire.CouponLimits(percent=limits.percent_at_most, cents=limits.cents_at_most, months=limits.months)
        return answer(_shown(found, self._topics(), allowed))

    def _topics(self) -> tuple[wire.Topic, ...]:
        return tuple(wire.Topic(key=topic.key, name=topic.en) for topic in self._profile().complaints.topics)


def _actor(session: Session) -> Actor:
    return Actor(session.staff_id, session.name)


def _shown(found: Record, topics: tuple[wire.Topic, ...], limits: wire.CouponLimits) -> wire.ComplaintRecord:
    row = found.row
    return wire.ComplaintRecord(
        id=row.id,
        conversation=row.conversation_id,
        customer=found.customer,
        phone=found.phone,
        email=found.email,
        severity=row.severity,
        topic=row.topic,
        state=row.state,
        summary=row.summary,
        created_at=row.created_at,
        changed_at=row.changed_at,
        resolved_at=row.resolved_at,
        resolved_by=found.resolved_by,
        resolution=row.resolution,
        incident=row.incident,
        said=tuple(wire.SaidLine(at=one.at, message=one.message) for one in found.said),
        notes=tuple(wire.NoteLine(at=one.at, author=one.payload["author"], text=one.payload["text"]) for one in found.notes),
        bookings=tuple(wire.ComplaintBooking.model_validate(one, from_attributes=True) for one in found.bookings),
        follow_ups=tuple(map(_follow_up, found.follow_ups)),
        coupons=tuple(map(_coupon, found.coupons)),
        topics=topics,
        limits=limits,
    )


def _follow_up(row: Any) -> wire.FollowUpLine:
    return wire.FollowUpLine(id=row.id, what=row.what, due_at=row.due_at, told_at=row.told_at, done_at=row.done_at, done_by=row.by)


def _coupon(row: Any) -> wire.CouponLine:
    """Whoever reads a code over a shoulder has nothing before it is approved."""
    code = row.code if row.state in ("approved", "used") else None
    return wire.CouponLine(
        id=row.id,
        code=code,
        percent=row.percent,
        cents_at_most=row.cents_at_most,
        state=row.state,
        reason=row.reason,
        decided_by=row.by,
        expires_at=row.expires_at,
        booking=row.booking,
        created_at=row.created_at,
    )
