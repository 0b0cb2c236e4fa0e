"""Leads over HTTP: everybody who is signed in sees the board, moves, assigns and notes; so do programs by their token's scopes. How
somebody is reached is for owners, admins, and whose lead it is."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response

from business.handoffs.ownership import Actor
from business.leads import board, moving
from business.leads.board import Card, Column, Record, Viewer, Wanted
from business.leads.rules import MOVES
from business.profile.schemas import Profile
from business.staff.tokens import Caller
from gateway.http import leads_wire as wire
from gateway.http.door import Door, path_id
from gateway.http.edge import Handler, answer, read_body, read_query
from gateway.http.operations import CHIEFS
from kernel.database import Database

Change = Callable[[AsyncConnection, UUID, Actor], Awaitable[None]]


class LeadsHttp:
    """The handlers, by the operation's name. Whatever changes one answers with it as it is then."""

    def __init__(self, door: Door, database: Database, profile: Callable[[], Profile]) -> None:
        self._door = door
        self._database = database
        self._profile = profile
        self.handlers: dict[str, Handler] = {
            "leads": self._board,
            "lead": self._one,
            "lead_move": self._move,
            "lead_take_back": self._take_back,
            "lead_assign": self._assign,
            "lead_note": self._note,
        }

    async def _board(self, request: Request) -> Response:
        viewer = _viewer(await self._door.caller(request))
        asked, profile = read_query(request, wire.LeadsQuery), self._profile()
        wanted = Wanted(asked.temperature, asked.source, asked.assignee, (asked.text or "").strip() or None)
        cursor = asked.cursor if asked.status is not None else None
        async with self._database.transaction(self._database.reading) as connection:
            found = await board.columns(connection, profile, viewer, wanted, asked.limit, asked.status, cursor)
        return answer(wire.LeadsAnswer(columns=tuple(map(_column, found)), sources=profile.leads.sources, moves=MOVES))

    async def _one(self, request: Request) -> Response:
        caller = await self._door.caller(request)
        return await self._record(caller, path_id(request, "lead"))

    async def _move(self, request: Request) -> Response:
        caller, body = await self._door.caller(request), await read_body(request, wire.LeadMoveBody)
        return await self._changed(request, caller, lambda c, lead, who: moving.move(c, lead, who, body.to, body.rev, body.why))

    async def _take_back(self, request: Request) -> Response:
        caller, body = await self._door.caller(request), await read_body(request, wire.LeadTakeBackBody)
        return await self._changed(request, caller, lambda c, lead, who: moving.take_back(c, lead, who, body.rev))

    async def _assign(self, request: Request) -> Response:
        caller, body = await self._door.caller(request), await read_body(request, wire.AssignLeadBody)
        return await self._changed(request, caller, lambda c, lead, who: moving.assign(c, lead, who, body.staff, body.rev))

    async def _note(self, request: Request) -> Response:
        caller, body = await self._door.caller(request), await read_body(request, wire.LeadNoteBody)
        return await self._changed(request, caller, lambda c, lead, who: moving.note(c, lead, who, body.id, body.text))

    async def _changed(self, request: Request, caller: Caller, change: Change) -> Response:
        lead, actor = path_id(request, "lead"), Actor(caller.staff_id, caller.name)
        await self._database.unit(lambda c: change(c, lead, actor))
        return await self._record(caller, lead)

    async def _record(self, caller: Caller, lead: UUID) -> Response:
        async with self._database.transaction() as connection:
            found = await board.record(connection, self._profile(), _viewer(caller), lead)
        return answer(_shown(found))


def _viewer(caller: Caller) -> Viewer:
    return Viewer(caller.staff_id, caller.role in CHIEFS)


def _column(one: Column) -> wire.LeadColumn:
    return wire.LeadColumn(status=one.status, count=one.count, items=tuple(map(_card, one.cards)), cursor=one.cursor)


def _card(card: Card) -> wire.LeadCard:
    row = card.row
    reasons = sorted(row.reasons.items(), key=lambda item: (-item[1], item[0]))
    return wire.LeadCard(
        id=row.id,
        conversation=row.conversation_id,
        customer=card.customer,
        channel=card.channel,
        source=row.source,
        status=row.status,
        rev=row.rev,
        score=row.score,
        temperature=card.temperature,
        reasons=tuple(wire.LeadReason(what=what, points=points) for what, points in reasons),
        facts=row.facts,
        failed=row.failed,
        assignee=row.assignee_id,
        assignee_name=card.assignee,
        reached_by=card.reached_by,
        why_disqualified=row.why_disqualified,
        created_at=row.created_at,
        since=row.status_since,
        alerted_at=row.alerted_at,
    )


def _shown(found: Record) -> wire.LeadRecord:
    row = found.card.row
    contacts = found.contacts
    return wire.LeadRecord(
        lead=_card(found.card),
        confidence=row.confidence,
        contacts=None if contacts is None else tuple(wire.LeadContact.model_validate(one, from_attributes=True) for one in contacts),
        consent=found.consent,
        history=tuple(map(_happened, found.history)),
        bookings=tuple(wire.LeadBooking.model_validate(one, from_attributes=True) for one in found.bookings),
        moves=MOVES[row.status],
    )


def _happened(event: Any) -> wire.LeadHappened:
    told = event.payload
    return wire.LeadHappened(
        id=event.id,
        kind=event.kind,
        at=event.at,
        by=event.by,
        from_status=told.get("from"),
        to_status=told.get("to"),
        taken_back=told.get("taken_back"),
        why=told.get("why"),
        booking=told.get("booking"),
        name=told.get("name"),
        text=told.get("text"),
        temperature=told.get("temperature"),
    )
