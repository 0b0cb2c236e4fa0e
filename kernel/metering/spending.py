"""Whose budgets a call costs, and the one way in which what they spent and hold is written."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Literal, NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Date, Text, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

Scope = Literal["visitor", "conversation", "site", "all", "shadow"]

# What is asked for the house's own sake, by workers: it costs the model's own day and nobody else's.
SHADOW_PURPOSES = frozenset({"shadow", "shadow_critic"})
# A conversation has no days; its one row bears this.
WHOLE_LIFE = date(1970, 1, 1)


class SpendKey(NamedTuple):
    """One row of `ai.spend`. `key` is an id, a model's name, or "" for everybody."""

    scope: Scope
    key: str
    day: date


def budgets_of(
    purpose: str, *, customer: UUID | None, conversation: UUID, site: UUID | None, model: str, day: date
) -> tuple[SpendKey, ...]:
    """Every budget that a call costs, whether or not anything limits it."""
    if purpose in SHADOW_PURPOSES:
        return (SpendKey("shadow", model, day),)
    keys = [SpendKey("conversation", str(conversation), WHOLE_LIFE), SpendKey("all", "", day)]
    if customer is not None:
        keys.append(SpendKey("visitor", str(customer), day))
    if site is not None:
        keys.append(SpendKey("site", str(site), day))
    return tuple(keys)


# Rows are locked in the order of their keys, here and where holds are made: two that want the same rows wait, and never for each other.
_BOOK = text(
    """
    WITH booked AS (
        SELECT * FROM unnest(:scopes, :keys, :days, :spent, :freed) AS b(scope, key, day, spent, freed)
    )
    INSERT INTO ai.spend AS s (scope, key, day, spent_microdollars)
    SELECT scope, key, day, spent FROM booked ORDER BY scope, key, day
    ON CONFLICT (scope, key, day) DO UPDATE SET
        spent_microdollars = s.spent_microdollars + EXCLUDED.spent_microdollars,
        held_microdollars = GREATEST(0, s.held_microdollars - (
            SELECT freed FROM booked WHERE (booked.scope, booked.key, booked.day) = (s.scope, s.key, s.day)
        ))
    """
).bindparams(
    bindparam("scopes", type_=ARRAY(Text())),
    bindparam("keys", type_=ARRAY(Text())),
    bindparam("days", type_=ARRAY(Date())),
    bindparam("spent", type_=ARRAY(BigInteger())),
    bindparam("freed", type_=ARRAY(BigInteger())),
)


# Budgets whose figures are not those of what stands under them: usage rows, and holds. In one statement, so that nothing comes between.
MISMATCHES = text(
    """
    WITH calls AS (
        SELECT customer_id, conversation_id, site_id, model, cost_microdollars AS cost, role IN ('shadow', 'shadow_critic') AS shadow
        FROM ai.usage WHERE cost_microdollars <> 0
    ), paid AS (
        SELECT scope, key, sum(cost) AS cost FROM calls, LATERAL (VALUES
            ('visitor', customer_id::text, NOT shadow), ('conversation', conversation_id::text, NOT shadow),
            ('site', site_id::text, NOT shadow), ('all', '', NOT shadow), ('shadow', model, shadow)
        ) AS budget(scope, key, pays) WHERE pays AND key IS NOT NULL GROUP BY scope, key
    ), kept AS (
        SELECT spend ->> 0 AS scope, spend ->> 1 AS key, sum(microdollars) AS held
        FROM ai.budget_hold, jsonb_array_elements(spends) AS spend GROUP BY 1, 2
    ), booked AS (
        SELECT scope, key, sum(spent_microdollars) AS spent, sum(held_microdollars) AS held FROM ai.spend GROUP BY scope, key
    )
    SELECT scope, key, coalesce(booked.spent, 0) AS spent, coalesce(paid.cost, 0) AS cost,
        coalesce(booked.held, 0) AS held, coalesce(kept.held, 0) AS holds
    FROM booked FULL JOIN paid USING (scope, key) FULL JOIN kept USING (scope, key)
    WHERE coalesce(booked.spent, 0) <> coalesce(paid.cost, 0) OR coalesce(booked.held, 0) <> coalesce(kept.held, 0)
    ORDER BY scope, key
    """
)


async def book(connection: AsyncConnection, spent: Mapping[SpendKey, int], freed: Mapping[SpendKey, int]) -> None:
    """Add micro-dollars to what was spent, take others from what is held."""
    keys = sorted({*spent, *freed})
    if keys:
        given = {"spent": [spent.get(key, 0) for key in keys], "freed": [freed.get(key, 0) for key in keys]}
        await connection.execute(_BOOK, {**columns(keys), **given})


def columns(keys: Iterable[SpendKey]) -> dict[str, list[object]]:
    """The keys as three arrays, for `unnest`."""
    scopes, names, days = zip(*keys, strict=True)
    return {"scopes": [*scopes], "keys": [*names], "days": [*days]}


def freed_by(holds: Iterable[tuple[int, list[Any]]]) -> Counter[SpendKey]:
    """Micro-dollars that these holds, (amount, `[scope, key, day]` of every budget), kept from each budget."""
    freed: Counter[SpendKey] = Counter()
    for amount, spends in holds:
        for scope, key, day in spends:
            freed[SpendKey(scope, key, date.fromisoformat(day))] += amount
    return freed
