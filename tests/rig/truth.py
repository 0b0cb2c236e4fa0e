"""What PostgreSQL holds at the end of a scenario: the truth that recordings are compared with."""

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


async def read_truth(url: str) -> Truth:
    """Everything of every conversation in a database."""
    connection = await asyncpg.connect(url)
    try:
        truth = {
            str(row["id"]): Kept(str(row["id"]), row["last_seq"], row["owner"], row["epoch"])
            for row in await connection.fetch("SELECT id, last_seq, owner, epoch FROM ai.chat_session")
        }
        for row in await connection.fetch("SELECT * FROM ai.chat_event ORDER BY conversation_id, seq"):
            event = {"seq": row["seq"], "kind": row["kind"], **orjson.loads(row["payload"])}
            truth[str(row["conversation_id"])].events[row["seq"]] = event
        for row in await connection.fetch("SELECT * FROM ai.chat_message ORDER BY conversation_id, seq"):
            body = {key: str(row[key]) if row[key] is not None else None for key in ("id", "turn_id", "client_id", "author_kind", "model")}
            body |= {"seq": row["seq"], "text": row["text"], "interrupted": row["interrupted"]}
            truth[str(row["conversation_id"])].messages.append(body)
        for row in await connection.fetch("SELECT * FROM ai.turn ORDER BY created_at"):
            body = {"id": str(row["id"]), "state": row["state"], "outcome": row["outcome"], "cut_at": row["cut_at"]}
            truth[str(row["conversation_id"])].turns.append({**body, "home": row["fence_home"], "answers": orjson.loads(row["answers"])})
        for row in await connection.fetch("SELECT conversation_id, turn_id, model FROM ai.usage WHERE turn_id IS NOT NULL"):
            if (kept := truth.get(str(row["conversation_id"]))) is not None:
                kept.models.setdefault(str(row["turn_id"]), set()).add(row["model"])
        return truth
    finally:
        await connection.close()
