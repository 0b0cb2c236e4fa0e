"""Consent to text messages over HTTP, for owners and admins: what counts for a number, what they were told, refusals, and the proof."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from business.channels import consent, consent_staff, proof
from business.customers import contacts
from business.profile.schemas import Profile
from business.sites.service import install_secret
from gateway.http import consent_wire as wire
from gateway.http.door import Door, path_id
from gateway.http.edge import Handler, answer, read_body
from gateway.http.operations import CHIEFS
from kernel.database import Database
from kernel.errors import BadRequest


class ConsentHttp:
    """The handlers, by the operation's name. Whatever changes a number's ledger answers with it as it is then."""

    def __init__(self, door: Door, database: Database, profile: Callable[[], Profile], now: Callable[[], datetime]) -> None:
        self._door = door
        self._database = database
        self._profile = profile
        self._now = now
        self.handlers: dict[str, Handler] = {
            "consent": self._overview,
            "consent_look": self._look,
            "consent_record": self._record,
            "consent_settle": self._settle,
            "consent_proof": self._proof,
            "consent_table": self._table,
        }

    async def _overview(self, request: Request) -> Response:
        await self._door.enter(request, roles=CHIEFS)
        async with self._database.transaction() as connection:
            found = await consent_staff.overview(connection)
        profile = self._profile()
        words = {
            purpose: {locale: consent.words(profile, locale, purpose) for locale in profile.business.locales}
            for purpose in ("transactional", "marketing")
        }
        return answer(wire.ConsentOverview(reviews=_reviews(found.reviews), entries=_entries(found.entries), words=words))

    async def _look(self, request: Request) -> Response:
        await self._door.caller(request, roles=CHIEFS)
        number = await self._number(request)
        async with self._database.transaction() as connection:
            return await _known(connection, number)

    async def _record(self, request: Request) -> Response:
        session = await self._door.enter(request, roles=CHIEFS)
        body = await read_body(request, wire.ConsentRecordBody)
        number = contacts.phone(body.number, self._profile().business.phone)
        if body.purpose == "all" and body.granted:
            raise BadRequest("A consent is to texts about bookings or to marketing: keep each of them by itself.")

        async def work(connection: AsyncConnection) -> Response:
            await consent_staff.told(
                connection, number=number, purpose=body.purpose, granted=body.granted, text=body.text, reason=body.reason,
                staff=session.staff_id,
            )  # fmt: skip
            return await _known(connection, number)

        return await self._database.unit(work)

    async def _settle(self, request: Request) -> Response:
        session = await self._door.enter(request, roles=CHIEFS)
        review = path_id(request, "refusal to look at")
        body = await read_body(request, wire.ConsentSettleBody)
        if body.decision == "reversed" and not (body.reason or "").strip():
            raise BadRequest("Say why it was not meant as a refusal.")

        async def work(connection: AsyncConnection) -> Response:
            number = await consent_staff.settle(connection, review, session.staff_id, body.decision, body.reason)
            return await _known(connection, number)

        return await self._database.unit(work)

    async def _proof(self, request: Request) -> Response:
        await self._door.caller(request, roles=CHIEFS)
        return JSONResponse(await self._document(await self._number(request)), headers=_saved("json"))

    async def _table(self, request: Request) -> Response:
        await self._door.caller(request, roles=CHIEFS)
        document = await self._document(await self._number(request))
        return Response(proof.as_csv(document), media_type="text/csv", headers=_saved("csv"))

    async def _document(self, number: str) -> dict[str, Any]:
        async with self._database.transaction() as connection:
            secret = await install_secret(connection)
            return await proof.proof(connection, self._profile(), secret, number, self._now())

    async def _number(self, request: Request) -> str:
        return contacts.phone((await read_body(request, wire.NumberBody)).number, self._profile().business.phone)


async def _known(connection: AsyncConnection, number: str) -> Response:
    known = await consent_staff.of_number(connection, number)
    return answer(
        wire.ConsentAnswer(
            number=number,
            standing=wire.ConsentStanding.model_validate(known.standing, from_attributes=True),
            entries=_entries(known.entries),
            customers=tuple(wire.ConsentCustomer.model_validate(one, from_attributes=True) for one in known.customers),
            reviews=_reviews(known.reviews),
        )
    )


def _entries(rows: Any) -> tuple[wire.ConsentEntry, ...]:
    return tuple(
        wire.ConsentEntry(
            id=row.id,
            number=row.address,
            purpose=row.purpose,
            granted=row.granted,
            source=row.source,
            text=row.text,
            ip=row.ip,
            by=row.staff_name,
            reason=row.reason,
            customer=row.customer_id,
            conversation=row.conversation_id,
            at=row.at,
        )
        for row in rows
    )


def _reviews(rows: Any) -> tuple[wire.ConsentReviewItem, ...]:
    return tuple(
        wire.ConsentReviewItem(id=row.id, number=row.address, text=row.text, conversation=row.conversation_id, created_at=row.created_at)
        for row in rows
    )


def _saved(kind: str) -> dict[str, str]:
    return {
        "Content-Disposition": f'attachment; filename="consent.{kind}"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
