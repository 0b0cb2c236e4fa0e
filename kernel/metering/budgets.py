"""What models may cost: reserved before a call, in one transaction, and settled with the call's usage row (see sink.py).

Over a budget nothing is asked, and so it is where PostgreSQL cannot be asked what was spent: the house answers, which costs nothing.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Literal
from uuid import UUID

import structlog
from sqlalchemy import ARRAY, BigInteger, Date, Interval, Text, Uuid, bindparam, delete, func, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError, IntegrityError

from kernel.clock import utc_now
from kernel.database import NOT_NULL_VIOLATION, Database, sqlstate
from kernel.errors import Unavailable
from kernel.metering.spending import Scope, SpendKey, book, budgets_of, columns, freed_by
from kernel.settings import CENT, Budget, Shadow
from kernel.tables.ai import BudgetHold

log = structlog.get_logger(__name__)

# Longer than any answer takes: what is held beyond it belongs to a process that died.
HELD_FOR = timedelta(minutes=10)
GIVEN_BACK_AT_ONCE = 500
WITHIN_S = 2.0  # a customer waits

Refusal = Scope | Literal["unknown"]


class OverBudget(Exception):
    """A call would cost more than a budget has left. `scope` "unknown": PostgreSQL did not say what is left."""

    def __init__(self, scope: Refusal) -> None:
        super().__init__(scope)
        self.scope: Refusal = scope


_GIVEN = (
    bindparam("call", type_=Uuid()),
    bindparam("estimate", type_=BigInteger()),
    bindparam("spends", type_=JSONB()),
    bindparam("life", type_=Interval()),
    bindparam("scopes", type_=ARRAY(Text())),
    bindparam("keys", type_=ARRAY(Text())),
    bindparam("days", type_=ARRAY(Date())),
)
# Nobody waits for the disk: a hold that PostgreSQL forgets by falling over bounds nothing any more, and what is spent is booked whole.
_HELD = """
    WITH held AS (
        INSERT INTO ai.spend AS s (scope, key, day, held_microdollars)
        SELECT scope, key, day, :estimate FROM unnest(:scopes, :keys, :days) AS w(scope, key, day) ORDER BY scope, key, day
        ON CONFLICT (scope, key, day) DO UPDATE SET held_microdollars = s.held_microdollars + EXCLUDED.held_microdollars
        RETURNING s.scope, s.spent_microdollars + s.held_microdollars AS total
    )
"""
_RESERVE = text(
    f"""
    {_HELD}, hold AS (
        INSERT INTO ai.budget_hold (id, microdollars, spends, expires_at) VALUES (:call, :estimate, :spends, now() + :life)
    )
    SELECT scope, total, set_config('synchronous_commit', 'off', true) FROM held
    """  # noqa: S608 - ours
).bindparams(*_GIVEN)
# The same as a transaction of its own, in one round trip. Over a budget the hold would be of no budget, which its table refuses:
# with it everything is taken back, whoever else asks meanwhile.
_RESERVE_AT_ONCE = text(
    f"""
    {_HELD}, fits AS (
        SELECT bool_and(total <= most) AS all_of_it FROM held JOIN unnest(:scopes, :limits) AS l(scope, most) USING (scope)
    )
    INSERT INTO ai.budget_hold (id, microdollars, spends, expires_at)
    SELECT :call, :estimate, CASE WHEN all_of_it THEN :spends END, now() + :life FROM fits
    RETURNING set_config('synchronous_commit', 'off', true)
    """  # noqa: S608 - ours
).bindparams(*_GIVEN, bindparam("limits", type_=ARRAY(BigInteger())))


class Budgets:
    """The budgets of a process; the figures are in PostgreSQL and belong to all of them."""

    def __init__(
        self,
        database: Database,
        budget: Budget,
        shadows: Iterable[Shadow] = (),
        *,
        zone: Callable[[], tzinfo] = lambda: UTC,
        on_refused: Callable[[Refusal], None] = lambda _: None,
    ) -> None:
        """`zone`: where a day begins. `on_refused` hears the scope of every refusal; it never raises."""
        self._database = database
        self._zone = zone
        self._on_refused = on_refused
        self._told: set[tuple[Refusal, date]] = set()
        self.use(budget, shadows)

    def use(self, budget: Budget, shadows: Iterable[Shadow]) -> None:
        """Other limits count from the next call on; what was spent stays spent."""
        self._limits = limits_of(budget)
        self._shadows = shadow_limits_of(shadows)

    async def reserve(
        self,
        call: UUID,
        *,
        purpose: str,
        customer: UUID | None,
        conversation: UUID,
        site: UUID | None,
        candidate: str,
        estimate_microdollars: int,
        at: datetime | None = None,
    ) -> None:
        """Hold the estimate in every budget that limits this call, until its usage row is stored. Raises OverBudget.

        `candidate` is the model's name, `at` when the call began: its day is the one that pays. No statement where nothing limits it
        or it costs nothing.
        """
        if estimate_microdollars <= 0:
            return
        day = (at or utc_now()).astimezone(self._zone()).date()
        keys = budgets_of(purpose, customer=customer, conversation=conversation, site=site, model=candidate, day=day)
        limits = {key: limit for key in keys if (limit := self._limit(key)) is not None}
        if not limits:
            return
        try:
            await self._hold(call, limits, estimate_microdollars, day)
        except OverBudget as refused:
            self._tell(refused.scope, day, purpose)
            raise
        except (Unavailable, DBAPIError, TimeoutError):
            self._tell("unknown", day, purpose)
            raise OverBudget("unknown") from None

    def _limit(self, key: SpendKey) -> int | None:
        return self._shadows.get(key.key) if key.scope == "shadow" else self._limits[key.scope]

    async def _hold(self, call: UUID, limits: Mapping[SpendKey, int], estimate: int, day: date) -> None:
        """Once, without another attempt: a customer waits. A commit in doubt leaves a hold that expires."""
        for key, limit in limits.items():
            if estimate > limit:
                raise OverBudget(key.scope)
        by_scope: dict[str, int] = {key.scope: limit for key, limit in limits.items()}
        spends = [[scope, key, day.isoformat()] for scope, key, day in limits]
        given = {"call": call, "estimate": estimate, "life": HELD_FOR, "spends": spends, **columns(limits)}
        # Where somebody was refused today the next one may be, and PostgreSQL's log is not to fill with what it refused.
        refuses = any((key.scope, day) in self._told for key in limits)
        async with asyncio.timeout(WITHIN_S):
            if refuses or not await self._hold_at_once({**given, "limits": [*limits.values()]}):
                await self._hold_or_say(given, by_scope)

    async def _hold_at_once(self, given: Mapping[str, object]) -> bool:
        """False: something refuses; it is not known what."""
        try:
            async with self._database.statement() as connection:
                await connection.execute(_RESERVE_AT_ONCE, given)
        except IntegrityError as error:
            if sqlstate(error) != NOT_NULL_VIOLATION:
                raise
            return False
        return True

    async def _hold_or_say(self, given: Mapping[str, object], by_scope: Mapping[str, int]) -> None:
        # Raised within the transaction, a refusal takes back what was held.
        async with self._database.transaction() as connection:
            for scope, total, _ in await connection.execute(_RESERVE, given):
                if total > by_scope[scope]:
                    raise OverBudget(scope)

    def _tell(self, scope: Refusal, day: date, purpose: str) -> None:
        """One line in the log for a scope and a day, not for each call that is refused."""
        self._on_refused(scope)
        if (scope, day) not in self._told:
            self._told.add((scope, day))
            log.warning("budget.refuses", scope=scope, day=day.isoformat(), purpose=purpose)


def limits_of(budget: Budget) -> dict[Scope, int | None]:
    """Micro-dollars by scope, None: no limit."""
    cents: dict[Scope, int | None] = {
        "visitor": budget.visitor_day_cents,
        "conversation": budget.conversation_cents,
        "site": budget.site_day_cents,
        "all": budget.day_cents,
    }
    return {scope: None if limit is None else limit * CENT for scope, limit in cents.items()}


def shadow_limits_of(shadows: Iterable[Shadow]) -> dict[str, int | None]:
    """Micro-dollars a day by model: a candidate's own, and for a critic of candidates as much again as they may cost together."""
    found: dict[str, int | None] = {}
    for shadow in shadows:
        for model in filter(None, {shadow.model, shadow.critic}):
            so_far, more = found.get(model, 0), shadow.day_cents
            found[model] = None if so_far is None or more is None else so_far + more * CENT
    return found


async def give_back(database: Database) -> int:
    """Take back holds of calls that will never be settled: their process died. Returns how many there were."""
    expired = (
        select(BudgetHold.id)
        .where(BudgetHold.expires_at < func.now())
        .order_by(BudgetHold.id)
        .limit(GIVEN_BACK_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    async with database.transaction() as connection:
        held = await connection.execute(
            delete(BudgetHold).where(BudgetHold.id.in_(expired.scalar_subquery())).returning(BudgetHold.microdollars, BudgetHold.spends)
        )
        gone = [(row.microdollars, row.spends) for row in held]
        await book(connection, {}, freed_by(gone))
    return len(gone)
