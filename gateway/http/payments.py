"""Money over HTTP: owners and admins see it and decide, everybody who is signed in may paste a notice."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response

from business.conversations.log import Announcement
from business.payments import auditing, notices, queries, receiving, refunds, settling
from business.payments.notices import Notice
from business.payments.receiving import Incoming
from business.profile.schemas import Profile
from business.staff import audit
from gateway.http import payment_wire as wire
from gateway.http.conversations import Announce
from gateway.http.door import Door, path_id
from gateway.http.edge import Handler, answer, read_body, read_query
from gateway.http.operations import CHIEFS, NothingBody
from kernel.clock import Clock
from kernel.database import Database


class PaymentsHttp:
    """The handlers, by the operation's name. `cards`: whether cards are charged here."""

    def __init__(
        self, door: Door, database: Database, profile: Callable[[], Profile], announce: Announce, clock: Clock, cards: bool
    ) -> None:
        self._door = door
        self._database = database
        self._profile = profile
        self._announce = announce
        self._clock = clock
        self._cards = cards
        self.handlers: dict[str, Handler] = {
            "money": self._money,
            "payments": self._payments,
            "payment_cash": self._cash,
            "payment_assign": self._assign,
            "payment_refund": self._refund,
            "payment_notices": self._notices,
            "payment_notice_add": self._paste,
            "payment_notice_match": self._match,
            "payment_notice_ignore": self._ignore,
            "refunds": self._refunds,
            "refund_all": self._all,
            "refund_done": self._done,
            "refund_again": self._again,
        }

    async def _money(self, request: Request) -> Response:
        await self._door.caller(request, roles=CHIEFS)
        zone = self._profile().business.zone
        today = self._clock().astimezone(zone).date()
        async with self._database.transaction() as connection:
            books = await auditing.audit(connection)
            weeks = await queries.weeks(connection, zone, today)
            waiting, back = await queries.waiting_counts(connection)
        return answer(
            wire.MoneyAnswer(
                accounts=tuple(wire.AccountSum(account=name, cents=cents) for name, cents in books.accounts.items()),
                right=books.right,
                weeks=tuple(wire.WeekSum.model_validate(one, from_attributes=True) for one in weeks),
                waiting=waiting,
                to_give_back=back,
                cards=self._cards,
            )
        )

    async def _payments(self, request: Request) -> Response:
        await self._door.caller(request, roles=CHIEFS)
        asked = read_query(request, wire.PaymentsQuery)
        return await self._page(asked.cursor, asked.limit)

    async def _cash(self, request: Request) -> Response:
        session = await self._door.enter(request, roles=CHIEFS)
        body = await read_body(request, wire.CashBody)
        now = self._clock()

        async def work(connection: AsyncConnection) -> Announcement | None:
            booking = await queries.booking_by_number(connection, body.booking)
            incoming = Incoming(
                method="cash",
                reference=str(body.client_id),
                amount_cents=body.amount_cents,
                received_at=now,
                booking=booking,
                note=body.note,
                taken_by=session.staff_id,
            )
            received = await receiving.receive(connection, self._profile(), incoming, now)
            if received.new:
                await _record(connection, session.staff_id, "payment.cash", received.payment, cents=body.amount_cents)
            return received.announcement

        await self._unit(work)
        return await self._page(None, wire.PaymentsQuery().limit)

    async def _assign(self, request: Request) -> Response:
        session = await self._door.enter(request, roles=CHIEFS)
        body = await read_body(request, wire.BookingBody)
        payment, now = path_id(request, "payment"), self._clock()

        async def work(connection: AsyncConnection) -> Announcement | None:
            booking = await queries.booking_by_number(connection, body.booking)
            received = await receiving.assign(connection, self._profile(), payment, booking, by=session.staff_id, now=now)
            if received.new:
                await _record(connection, session.staff_id, "payment.assigned", payment, booking=body.booking)
            return received.announcement

        await self._unit(work)
        return await self._page(None, wire.PaymentsQuery().limit)

    async def _refund(self, request: Request) -> Response:
        session = await self._door.enter(request, roles=CHIEFS)
        body = await read_body(request, wire.RefundBody)
        payment, key = path_id(request, "payment"), f"staff:{body.client_id}"

        async def work(connection: AsyncConnection) -> None:
            asked = await refunds.ask(connection, payment, body.amount_cents, body.reason, key=key, by=session.staff_id)
            if asked.new:
                await _record(connection, session.staff_id, "refund.asked", asked.id, cents=body.amount_cents)

        await self._unit(work)
        return await self._going_back()

    async def _notices(self, request: Request) -> Response:
        await self._door.caller(request, roles=CHIEFS)
        async with self._database.transaction() as connection:
            waiting, decided = [await queries.notices(connection, waiting=which) for which in (True, False)]
        return answer(wire.NoticesAnswer(waiting=tuple(map(_notice, waiting)), decided=tuple(map(_notice, decided))))

    async def _paste(self, request: Request) -> Response:
        session = await self._door.enter(request)
        body = await read_body(request, wire.PasteBody)
        now = self._clock()

        async def work(connection: AsyncConnection) -> Notice:
            taken = await notices.take(connection, self._profile(), text=body.text, source="pasted", received_at=now, method=body.method)
            if taken.new:
                await _record(connection, session.staff_id, "payment_notice.pasted", taken.id)
            return taken

        taken = await self._database.unit(work)
        await self._tell(taken.announcement)
        return await self._one(taken.id)

    async def _match(self, request: Request) -> Response:
        session = await self._door.enter(request, roles=CHIEFS)
        body = await read_body(request, wire.BookingBody)
        notice, now = path_id(request, "notice"), self._clock()

        async def work(connection: AsyncConnection) -> Announcement | None:
            booking = await queries.booking_by_number(connection, body.booking)
            matched = await notices.match(connection, self._profile(), notice, booking, session.staff_id, now)
            await _record(connection, session.staff_id, "payment_notice.matched", notice, booking=body.booking)
            return matched.announcement

        await self._unit(work)
        return await self._one(notice)

    async def _ignore(self, request: Request) -> Response:
        session = await self._door.enter(request, roles=CHIEFS)
        await read_body(request, NothingBody)
        notice = path_id(request, "notice")

        async def work(connection: AsyncConnection) -> None:
            await notices.ignore(connection, notice, session.staff_id)
            await _record(connection, session.staff_id, "payment_notice.ignored", notice)

        await self._unit(work)
        return await self._one(notice)

    async def _refunds(self, request: Request) -> Response:
        await self._door.caller(request, roles=CHIEFS)
        return await self._going_back()

    async def _all(self, request: Request) -> Response:
        session = await self._door.enter(request, roles=CHIEFS)
        body = await read_body(request, wire.BookingBody)

        async def work(connection: AsyncConnection) -> None:
            booking = await queries.booking_by_number(connection, body.booking)
            for asked in await refunds.give_all_back(connection, booking, "the booking came to nothing", by=session.staff_id):
                await _record(connection, session.staff_id, "refund.asked", asked.id, booking=body.booking)

        await self._unit(work)
        return await self._going_back()

    async def _done(self, request: Request) -> Response:
        session = await self._door.enter(request, roles=CHIEFS)
        await read_body(request, NothingBody)
        refund = path_id(request, "refund")

        async def work(connection: AsyncConnection) -> Announcement | None:
            told = await settling.done(connection, self._profile(), refund, by_hand=True)
            await _record(connection, session.staff_id, "refund.done", refund)
            return told

        await self._unit(work)
        return await self._going_back()

    async def _again(self, request: Request) -> Response:
        session = await self._door.enter(request, roles=CHIEFS)
        await read_body(request, NothingBody)
        refund = path_id(request, "refund")

        async def work(connection: AsyncConnection) -> None:
            await refunds.again(connection, refund)
            await _record(connection, session.staff_id, "refund.again", refund)

        await self._unit(work)
        return await self._going_back()

    async def _unit(self, work: Callable[[AsyncConnection], Awaitable[Announcement | None]]) -> None:
        await self._tell(await self._database.unit(work))

    async def _tell(self, told: Announcement | None) -> None:
        if told is not None:
            await self._announce(told)

    async def _page(self, cursor: int | None, limit: int) -> Response:
        async with self._database.transaction() as connection:
            items, following = await queries.payments(connection, cursor, limit)
        lines = tuple(wire.PaymentLine.model_validate(one, from_attributes=True) for one in items)
        return answer(wire.PaymentsAnswer(items=lines, cursor=following))

    async def _going_back(self) -> Response:
        async with self._database.transaction() as connection:
            items, owing = await queries.refunds(connection), await queries.owing(connection)
        lines = tuple(wire.RefundLine.model_validate(one, from_attributes=True) for one in items)
        return answer(
            wire.RefundsAnswer(items=lines, owing=tuple(wire.OwingLine.model_validate(one, from_attributes=True) for one in owing))
        )

    async def _one(self, notice: UUID) -> Response:
        async with self._database.transaction() as connection:
            return answer(_notice(await queries.notice(connection, notice)))


def _notice(one: queries.NoticeLine) -> wire.NoticeLine:
    return wire.NoticeLine.model_validate(one, from_attributes=True)


async def _record(connection: AsyncConnection, staff: UUID, action: str, subject: UUID, **details: Any) -> None:
    await audit.record(connection, "staff", staff, action, subject, details)
