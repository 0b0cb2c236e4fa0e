"""What models cost, over HTTP, for owners and admins."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import date, timedelta

from starlette.requests import Request
from starlette.responses import Response

from business.profile.schemas import Profile
from gateway.http import costs_wire as wire
from gateway.http.door import Door, path_id
from gateway.http.edge import Handler, answer, read_query
from gateway.http.operations import CHIEFS
from kernel.clock import Clock
from kernel.database import Database
from kernel.errors import BadRequest
from kernel.metering import costs
from kernel.metering.budgets import limits_of, shadow_limits_of
from kernel.metering.costs import Cost, Costs, DayCost, Standing, TalkCost
from kernel.settings import Policy

DAYS, DAYS_AT_MOST = 30, 366


class CostsHttp:
    """The handlers, by the operation's name."""

    def __init__(
        self,
        door: Door,
        database: Database,
        profile: Callable[[], Profile],
        policy: Callable[[], Policy],
        clock: Clock,
        *,
        configured: bool,
    ) -> None:
        """`configured`: whether there is any model beside the house."""
        self._door = door
        self._database = database
        self._profile = profile
        self._policy = policy
        self._clock = clock
        self._configured = configured
        self.handlers: dict[str, Handler] = {"costs": self._costs, "conversation_cost": self._conversation}

    async def _costs(self, request: Request) -> Response:
        await self._door.caller(request, roles=CHIEFS)
        zone = self._profile().business.zone
        today = costs.day_of(self._clock(), zone)
        first, last = _days(read_query(request, wire.CostsQuery), today)
        async with self._database.transaction(self._database.reading) as connection:
            found = await costs.costs(connection, first, last, zone)
        async with self._database.transaction() as connection:
            standings = await costs.standings(connection, today)
        return answer(self._answer(found, standings, first, last, today))

    async def _conversation(self, request: Request) -> Response:
        await self._door.caller(request, roles=CHIEFS)
        conversation = path_id(request, "conversation")
        async with self._database.transaction() as connection:
            spent = await costs.conversation_spent(connection, conversation)
        return answer(wire.ConversationCostAnswer(microdollars=spent, limit=limits_of(self._policy().budget)["conversation"]))

    def _limit(self, one: Standing) -> int | None:
        policy = self._policy()
        return shadow_limits_of(policy.shadows).get(one.name) if one.scope == "shadow" else limits_of(policy.budget)[one.scope]

    def _answer(self, found: Costs, standings: list[Standing], first: date, last: date, today: date) -> wire.CostsAnswer:
        return wire.CostsAnswer(
            first=first,
            last=last,
            today=today,
            configured=self._configured,
            refused=found.refused,
            total=wire.Cost(**asdict(found.total)),
            days=tuple(_day(one) for one in found.days if one.cost.microdollars),
            models=_named(found.models),
            agents=_named(found.agents),
            roles=_named(found.roles),
            conversations=tuple(map(_talk, found.talks)),
            budgets=tuple(wire.BudgetToday(**asdict(one), limit=self._limit(one)) for one in self._standings(standings)),
            conversation_limit=limits_of(self._policy().budget)["conversation"],
        )

    def _standings(self, found: list[Standing]) -> list[Standing]:
        """Those that something limits or that cost something; everybody's and each candidate's also before the first call."""
        policy, known = self._policy(), {(one.scope, one.name) for one in found}
        first = [Standing("all", "", 0, 0)] if ("all", "") not in known else []
        more = [Standing("shadow", shadow.model, 0, 0) for shadow in policy.shadows if ("shadow", shadow.model) not in known]
        return [*first, *found, *more]


def _days(asked: wire.CostsQuery, today: date) -> tuple[date, date]:
    """Raises BadRequest."""
    last = asked.last or today
    first = asked.first or last - timedelta(days=DAYS - 1)
    if first > last:
        raise BadRequest("The first day comes after the last. Turn them round.")
    if (last - first).days >= DAYS_AT_MOST:
        raise BadRequest(f"That is more than {DAYS_AT_MOST} days. Ask for fewer at once.")
    return first, last


def _day(one: DayCost) -> wire.DayCost:
    return wire.DayCost(day=one.day, model=one.model, microdollars=one.cost.microdollars, calls=one.cost.calls)


def _talk(one: TalkCost) -> wire.TalkCost:
    return wire.TalkCost(conversation=one.conversation, customer=one.customer, last_at=one.last_at, **asdict(one.cost))


def _named(by: Mapping[str, Cost]) -> tuple[wire.NamedCost, ...]:
    """The dearest first."""
    dearest = sorted(by.items(), key=lambda one: (-one[1].microdollars, -one[1].calls, one[0]))
    return tuple(wire.NamedCost(name=name, **asdict(cost)) for name, cost in dearest)
