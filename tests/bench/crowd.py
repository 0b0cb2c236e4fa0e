"""A busy install's database, made in seconds: an inbox of thousands of conversations, and one thread that never ended."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from business.customers.visitors import TOKEN_LIFE, token_hash
from kernel.ids import new_id

NAMES = ("Ana", "Ben", "Kim", "Lucía", "Noor", "Omar", "Priya", "Ravi", "Sofia", "Tom", "Uma", "Zoe")
SURNAMES = ("Alvarez", "Brown", "Chen", "Diaz", "Evans", "Flores", "Garcia", "Hall", "Ito", "Jones", "Kaur", "Lopez", "Mora")
WORDS = "We would like a table for the evening and wonder what you bring with you and how long the cooking takes".split()
WAITING, OPEN, HUMAN = 40, 6, 90  # every so manieth conversation waits for a person, is open, is a person's
SESSION = (
    "id", "history", "site_id", "customer_id", "channel", "owner", "owner_staff_id", "owner_name", "state", "last_seq", "claimed_seq",
    "preview", "preview_author", "waiting_since", "unread", "risk", "created_at", "changed_at",
)  # fmt: skip
MESSAGE = ("id", "conversation_id", "seq", "author_kind", "author_name", "text", "format", "created_at")
EVENT = ("conversation_id", "seq", "kind", "payload", "at")


def _words(number: int, count: int) -> str:
    """Never the same twice in a row, always the same in every run."""
    return " ".join(WORDS[(number * 7 + place * (1 + number % 5)) % len(WORDS)] for place in range(count))


def _said(number: int) -> tuple[str, str, str]:
    """(kind of author, their name, text) of message number so of a thread: a customer, then the assistant, at times a person."""
    if number % 2:
        return "customer", "Ana Alvarez", f"No. {number}: {_words(number, 4 + number % 17)}?"
    if number % 50 == 0:
        return "human", "Dana", f"No. {number}: {_words(number, 12)}."
    items = "\n".join(f"- **{_words(number + line, 2)}**: {_words(number + line, 6)}" for line in range(number % 4))
    return "ai", "AI assistant", f"No. {number}: {_words(number, 8 + number % 40)}.\n\n{items}".strip()


class Crowd:
    """Writes straight into the tables, by COPY: what matters is that it is there, not how it came."""

    def __init__(self, connection: "asyncpg.Connection[Any]", site: UUID, staff: UUID) -> None:
        self._connection = connection
        self._site = site
        self._staff = staff
        self._now = datetime.now(UTC)

    @classmethod
    async def of(cls, url: str) -> "Crowd":
        """For the database of a gateway that was seeded."""
        connection = await asyncpg.connect(url)
        site = await connection.fetchval("SELECT id FROM core.site WHERE key = 'demo'")
        staff = await connection.fetchval("SELECT id FROM core.staff LIMIT 1")
        return cls(connection, site, staff)

    async def close(self) -> None:
        await self._connection.close()

    async def inbox(self, conversations: int) -> None:
        """So many conversations of two messages; most are over, some wait, some the assistant answers."""
        customers, sessions = [], []
        spoken: list[tuple[UUID, int, datetime]] = []
        for number in range(conversations):
            customer, conversation = new_id(), new_id()
            at = self._now - timedelta(minutes=2 + number)
            name = f"{NAMES[number % len(NAMES)]} {SURNAMES[number // len(NAMES) % len(SURNAMES)]} {number}"
            customers.append((customer, name, at))
            queue, human = number % WAITING == 0, number % HUMAN == 1
            state = "open" if queue or human or number % OPEN == 0 else "closed"
            owner = "queue" if queue else "human" if human else "ai"
            staff = (self._staff, "Dana") if human else (None, None)
            waiting = at if queue else None
            risk = ("normal", "normal", "high", "severe")[number % 4] if queue else "normal"
            kind, _, text = _said(2 * number + 1 + (not queue))
            shown = " ".join(text.split())[:160]
            sessions.append(
                (conversation, new_id().hex, self._site, customer, "web", owner, *staff, state, 2, 2,
                 shown, kind, waiting, int(queue), risk, at, at)
            )  # fmt: skip
            spoken.append((conversation, 2 * number, at))
        await self._copy("core", "customer", ("id", "name", "created_at"), customers)
        await self._copy("ai", "chat_session", SESSION, sessions)
        await self._log((conversation, seq, first + seq, at) for conversation, first, at in spoken for seq in (1, 2))

    async def thread(self, messages: int) -> tuple[UUID, str]:
        """One conversation of so many messages, an hour's worth a day: (its id, a visitor's token for it)."""
        customer, conversation, token = new_id(), new_id(), new_id().hex
        shown = " ".join(_said(messages)[2].split())[:160]
        await self._copy("core", "customer", ("id", "name", "created_at"), [(customer, "Ana Alvarez", self._now)])
        row = (conversation, new_id().hex, self._site, customer, "web", "ai", None, None, "open", messages, messages, shown, "ai", None, 0,
               "normal", self._now, self._now)  # fmt: skip
        await self._copy("ai", "chat_session", SESSION, [row])
        await self._connection.execute(
            "INSERT INTO core.visitor_token (hash, customer_id, conversation_id, site_id, expires_at) VALUES ($1, $2, $3, $4, $5)",
            *(token_hash(token), customer, conversation, self._site, self._now + TOKEN_LIFE),
        )
        began = self._now - timedelta(days=messages // 60, minutes=messages)
        await self._log((conversation, seq, seq, began + timedelta(days=seq // 60, minutes=seq)) for seq in range(1, messages + 1))
        return conversation, token

    async def _log(self, said: Iterable[tuple[UUID, int, int, datetime]]) -> None:
        """Messages with their events; (conversation, seq, which text, when)."""
        messages, events = [], []
        for conversation, seq, number, at in said:
            kind, name, text = _said(number)
            message, form = new_id(), "markdown" if kind == "ai" else "plain"
            messages.append((message, conversation, seq, kind, name, text, form, at))
            body = {"id": str(message), "author": {"kind": kind, "name": name}, "text": text, "format": form}
            events.append((conversation, seq, "message", json.dumps({"message": body}), at))
        await self._copy("ai", "chat_message", MESSAGE, messages)
        await self._copy("ai", "chat_event", EVENT, events)

    async def _copy(self, schema: str, table: str, columns: tuple[str, ...], rows: list[Any]) -> None:
        await self._connection.copy_records_to_table(table, schema_name=schema, columns=columns, records=rows)
