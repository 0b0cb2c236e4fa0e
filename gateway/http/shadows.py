"""Shadows over HTTP, for owners and admins: pairs, what they come to, and which answer is the better one."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response

from business.profile.schemas import Profile
from business.staff import audit
from gateway.http import shadows_wire as wire
from gateway.http.door import Door, path_id
from gateway.http.edge import Handler, answer, read_body, read_query
from gateway.http.operations import CHIEFS
from kernel.clock import Clock
from kernel.database import Database
from knowledge.learning import figures, pairs
from knowledge.learning.figures import Figures, Span
from knowledge.learning.pairs import Wanted

WHAT = "pair"


class ShadowsHttp:
    """The handlers, by the operation's name. `candidates`: whom the policy that counts now lets answer silently."""

    def __init__(
        self, door: Door, database: Database, profile: Callable[[], Profile], candidates: Callable[[], tuple[str, ...]], clock: Clock
    ) -> None:
        self._door = door
        self._database = database
        self._profile = profile
        self._candidates = candidates
        self._clock = clock
        self.handlers: dict[str, Handler] = {
            "shadows": self._list,
            "shadow": self._one,
            "shadow_figures": self._figures,
            "shadow_preference": self._prefer,
        }

    async def _list(self, request: Request) -> Response:
        await self._door.caller(request, roles=CHIEFS)
        asked = read_query(request, wire.ShadowsQuery)
        wanted = Wanted(before=asked.cursor, **asked.model_dump(exclude={"cursor"}))
        async with self._database.transaction(self._database.reading) as connection:
            lines, following = await pairs.page(connection, wanted)
        items = tuple(wire.ShadowLine.model_validate(line, from_attributes=True) for line in lines)
        return answer(wire.ShadowsAnswer(items=items, cursor=following))

    async def _one(self, request: Request) -> Response:
        await self._door.caller(request, roles=CHIEFS)
        return await self._shown(path_id(request, WHAT))

    async def _figures(self, request: Request) -> Response:
        await self._door.caller(request, roles=CHIEFS)
        asked = read_query(request, wire.ShadowFiguresQuery)
        since = self._midnight(asked.days - 1)
        async with self._database.transaction(self._database.reading) as connection:
            runs = await pairs.runs(connection)
            candidates = await figures.by_candidate(connection, Span(asked.run, since))
            intents, days = await self._of_candidate(connection, asked, since)
        return answer(
            wire.ShadowFiguresAnswer(
                configured=self._candidates(),
                runs=runs,
                since=since.date(),
                candidates=_told(candidates),
                intents=_told(intents),
                days=_told(days),
            )
        )

    async def _of_candidate(
        self, connection: AsyncConnection, asked: wire.ShadowFiguresQuery, since: datetime
    ) -> tuple[tuple[Figures, ...], tuple[Figures, ...]]:
        """By intent and by day."""
        if asked.candidate is None:
            return (), ()
        intents = await figures.by_intent(connection, Span(asked.run, since, asked.candidate))
        span = Span(asked.run, since, asked.candidate, asked.intent)
        return intents, await figures.by_day(connection, span, self._profile().business.zone)

    async def _prefer(self, request: Request) -> Response:
        session = await self._door.enter(request, roles=CHIEFS)
        body = await read_body(request, wire.PreferenceBody)
        wanted = path_id(request, WHAT)

        async def work(connection: AsyncConnection) -> None:
            if await pairs.prefer(connection, wanted, body.preference, session.staff_id):
                action = "shadow.preferred" if body.preference else "shadow.preference_taken_back"
                details = {"preference": body.preference} if body.preference else None
                await audit.record(connection, "staff", session.staff_id, action, wanted, details)

        await self._database.unit(work)
        return await self._shown(wanted)

    async def _shown(self, wanted: UUID) -> Response:
        async with self._database.transaction() as connection:
            found = await pairs.pair(connection, wanted)
        return answer(wire.ShadowPair.model_validate(found, from_attributes=True))

    def _midnight(self, days_ago: int) -> datetime:
        """When that day began, by the business's clock."""
        zone = self._profile().business.zone
        today = self._clock().astimezone(zone).date()
        return datetime.combine(today - timedelta(days=days_ago), datetime.min.time(), zone)


def _told(found: tuple[Figures, ...]) -> tuple[wire.ShadowFigures, ...]:
    return tuple(wire.ShadowFigures.model_validate(one, from_attributes=True) for one in found)
