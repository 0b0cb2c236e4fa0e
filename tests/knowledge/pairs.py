"""Turns with records and pairs, written as workers write them: what the tests of pairs and of their page look at."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from business.conversations.receive import receive
from business.customers import visitors
from business.sites.queries import site_by_key
from business.sites.service import ensure_demo
from kernel.clock import utc_now
from kernel.database import Database
from kernel.ids import new_id
from kernel.tables.ai import ShadowPair, Turn, TurnRecord

ASKED = "How much for 12 on Saturday?"
PRIMARY = "For 12 guests on Saturday it is $690 with travel."
SHADOW = "Saturday for 12 guests comes to $700."
QUOTED = {"name": "quote", "by": "agent", "arguments": {"guests": 12}, "data": {"total_cents": 69_000}, "handoff": False}
AGREES = {kind: {"agrees": True, "only_primary": [], "only_candidate": []} for kind in ("amounts", "dates", "tools", "handoff")}
DIFFERS = AGREES | {"amounts": {"agrees": False, "only_primary": ["$690"], "only_candidate": ["$700"]}}


async def conversation(database: Database) -> UUID:
    """Of a visitor at the demo site."""
    await database.unit(ensure_demo)
    async with database.transaction() as connection:
        site = await site_by_key(connection, "demo")
    assert site is not None
    visitor = visitors.mint("secret", site.id, site.key, utc_now())
    await database.unit(lambda c: receive(c, visitor, client_id=uuid4(), text=ASKED, now=utc_now()))
    return visitor.conversation


async def turn(connection: AsyncConnection, conversation: UUID, *, record: bool = True, **more: Any) -> UUID:
    """A turn that is over, with its record. `more`: other columns of that."""
    made = new_id()
    await connection.execute(sa.insert(Turn).values(id=made, conversation_id=conversation, state="done", outcome="complete"))
    if record:
        asked = [
            {"role": "system", "content": "You are the assistant."},
            {"role": "user", "content": "hi"},
            {"role": "assistant", "content": "Hello!"},
            {"role": "user", "content": ASKED},
            {"role": "system", "content": "The quote is 690 dollars."},
        ]
        values: dict[str, Any] = {
            "turn_id": made,
            "asked_turn_id": made,
            "conversation_id": conversation,
            "agent": "pricing",
            "intent": "quote",
            "stakes": "high",
            "channel": "web",
            "locale": "en",
            "messages": asked,
            "tools": ["quote"],
            "max_tokens": 700,
            "prepared": PRIMARY,
            "calls": [QUOTED],
            "text": PRIMARY,
            "model": "teacher",
            "asked_at": utc_now(),
        }
        await connection.execute(sa.insert(TurnRecord).values(values | more))
    return made


async def pair(connection: AsyncConnection, conversation: UUID, turn: UUID, *, at: datetime | None = None, **more: Any) -> UUID:
    """A pair of that turn, in which the amounts differ. `more`: other columns."""
    made, at = new_id(), at or utc_now()
    values: dict[str, Any] = {
        "id": made,
        "turn_id": turn,
        "conversation_id": conversation,
        "candidate": "student",
        "agent": "pricing",
        "intent": "quote",
        "state": "done",
        "text": SHADOW,
        "calls": [{"name": "quote", "arguments": {"guests": 12}, "recorded": True}],
        "similarity": 0.9,
        "agreement": DIFFERS,
        "agrees": False,
        "first_token_ms": 300,
        "duration_ms": 1_200,
        "cost_microdollars": 400,
        "primary_model": "teacher",
        "primary_first_token_ms": 500,
        "primary_duration_ms": 2_000,
        "primary_cost_microdollars": 3_000,
        "created_at": at,
        "done_at": at + timedelta(seconds=2),
    }
    await connection.execute(sa.insert(ShadowPair).values(values | more))
    return made
