"""What PostgreSQL holds at the end of a scenario: the truth that recordings are compared with."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import orjson

Body = dict[str, Any]


@dataclass(slots=True)
class Kept:
    """A conversation as stored. `events` by seq without their time; `models` per turn are those that the usage rows name."""

    id: str
    last_seq: int
    owner: str
    epoch: int
    events: dict[int, Body] = field(default_factory=dict)
    messages: list[Body] = field(default_factory=list)
    turns: list[Body] = field(default_factory=list)
    models: dict[str, set[str]] = field(default_factory=dict)


Truth = dict[str, Kept]


MINE = "WHERE $1::text[] IS NULL OR conversation_id::text = ANY($1)"


async def read_truth(url: str, only: Iterable[str] | None = None) -> Truth:
    """Everything of these conversations, or of all in a database, at one moment."""
    names = None if only is None else list(only)
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            return await _read(connection, names)
    finally:
        await connection.close()


async def _read(connection: asyncpg.Connection, names: list[str] | None) -> Truth:
    sessions = MINE.replace("conversation_id", "id")
    truth = {
        str(row["id"]): Kept(str(row["id"]), row["last_seq"], row["owner"], row["epoch"])
        for row in await connection.fetch(f"SELECT id, last_seq, owner, epoch FROM ai.chat_session {sessions}", names)
    }
    for row in await connection.fetch(f"SELECT * FROM ai.chat_event {MINE} ORDER BY conversation_id, seq", names):
        event = {"seq": row["seq"], "kind": row["kind"], **orjson.loads(row["payload"])}
        truth[str(row["conversation_id"])].events[row["seq"]] = event
    for row in await connection.fetch(f"SELECT * FROM ai.chat_message {MINE} ORDER BY conversation_id, seq", names):
        body = {key: str(row[key]) if row[key] is not None else None for key in ("id", "turn_id", "client_id", "author_kind", "model")}
        body |= {"seq": row["seq"], "text": row["text"], "interrupted": row["interrupted"]}
        truth[str(row["conversation_id"])].messages.append(body)
    for row in await connection.fetch(f"SELECT * FROM ai.turn {MINE} ORDER BY created_at", names):
        body = {"id": str(row["id"]), "state": row["state"], "outcome": row["outcome"], "cut_at": row["cut_at"]}
        truth[str(row["conversation_id"])].turns.append({**body, "home": row["fence_home"], "answers": orjson.loads(row["answers"])})
    for row in await connection.fetch(f"SELECT conversation_id, turn_id, model FROM ai.usage {MINE}", names):
        if (kept := truth.get(str(row["conversation_id"]))) is not None and row["turn_id"] is not None:
            kept.models.setdefault(str(row["turn_id"]), set()).add(row["model"])
    return truth
