"""The delivery log: what a worker sends, what became of each try, what staff read of it and send again. Kept for thirty days."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import case, delete, func, insert, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from business.staff import audit
from business.webhooks.outcomes import Outcome
from kernel import outbox
from kernel.errors import Conflict, NotFound
from kernel.jobs import DeliverWebhook, WebhookOff
from kernel.tables.ops import Outbox, WebhookAttempt, WebhookDelivery, WebhookEndpoint

PAGE = 30
KEPT = timedelta(days=30)
SWEPT_AT_ONCE = 2000


def message_id(delivery: UUID) -> str:
    """The idempotency id: the same however often it is sent."""
    return f"msg_{delivery.hex}"


@dataclass(frozen=True, slots=True)
class Parcel:
    """A delivery as it is sent. `keys`: the secrets that are good now; `is_on`: its endpoint still wants it."""

    id: UUID
    endpoint: UUID
    url: str
    body: bytes
    keys: tuple[str, ...]
    is_on: bool

    @property
    def message_id(self) -> str:
        return message_id(self.id)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try, as the log shows it."""

    number: int
    at: datetime
    status: int | None
    error: str | None
    duration_ms: int


@dataclass(frozen=True, slots=True)
class Delivery:
    """A line of the log. `next_at` while it waits; `last` is its newest try."""

    id: UUID
    endpoint: UUID
    type: str
    state: str
    attempts: int
    created_at: datetime
    next_at: datetime | None
    last: Attempt | None


async def parcel(connection: AsyncConnection, delivery: UUID) -> Parcel | None:
    """What is to be sent. None: its endpoint was deleted."""
    previous = case((WebhookEndpoint.previous_until > func.clock_timestamp(), WebhookEndpoint.previous_secret))
    row = (
        await connection.execute(
            select(
                WebhookDelivery.id,
                WebhookDelivery.payload,
                WebhookEndpoint.id.label("endpoint"),
                WebhookEndpoint.url,
                WebhookEndpoint.secret,
                previous.label("previous"),
                WebhookEndpoint.off_reason,
            )
            .join(WebhookEndpoint, WebhookEndpoint.id == WebhookDelivery.endpoint_id)
            .where(WebhookDelivery.id == delivery)
        )
    ).one_or_none()
    if row is None:
        return None
    keys = (row.secret, row.previous) if row.previous else (row.secret,)
    body = orjson.dumps(row.payload, option=orjson.OPT_SORT_KEYS)  # the same bytes every time, whatever order PostgreSQL gives
    return Parcel(row.id, row.endpoint, row.url, body, keys, row.off_reason is None)


async def note(connection: AsyncConnection, parcel: Parcel, outcome: Outcome, *, over: bool) -> None:
    """Keep how a try ended. `over`: no other follows by itself."""
    state = "delivered" if outcome.error is None else "failed" if over else "waiting"
    number = await connection.scalar(
        update(WebhookDelivery)
        .where(WebhookDelivery.id == parcel.id)
        .values(attempts=WebhookDelivery.attempts + 1, state=state)
        .returning(WebhookDelivery.attempts)
    )
    if number is None:
        return  # deleted meanwhile
    tried = {"status": outcome.status, "error": outcome.error, "duration_ms": outcome.duration_ms}
    await connection.execute(insert(WebhookAttempt).values(delivery_id=parcel.id, number=number, **tried))


async def drop(connection: AsyncConnection, parcel: Parcel) -> None:
    """Its endpoint was switched off before it could be sent; it can be sent again by hand."""
    await connection.execute(update(WebhookDelivery).where(WebhookDelivery.id == parcel.id).values(state="failed"))


async def accepts(connection: AsyncConnection, endpoint: UUID) -> None:
    """It works, or works again."""
    await connection.execute(
        update(WebhookEndpoint).where(WebhookEndpoint.id == endpoint, WebhookEndpoint.failing_since.is_not(None)).values(failing_since=None)
    )


async def fails(connection: AsyncConnection, endpoint: UUID, *, gone: bool, patience: timedelta) -> str | None:
    """Count a failure; an endpoint that is gone, or fails for longer than `patience`, is switched off, and staff are told.

    Returns why it was switched off just now.
    """
    since = func.coalesce(WebhookEndpoint.failing_since, func.clock_timestamp())
    why = case((literal(gone), "gone"), (since < func.clock_timestamp() - patience, "failing"))
    reason: str | None = await connection.scalar(
        update(WebhookEndpoint)
        .where(WebhookEndpoint.id == endpoint, WebhookEndpoint.off_reason.is_(None))
        .values(failing_since=since, off_reason=why)
        .returning(WebhookEndpoint.off_reason)
    )
    if reason is not None:
        entry = await audit.record(connection, "system", None, "webhook.switched_off", endpoint, {"reason": reason})
        await outbox.enqueue(connection, WebhookOff(endpoint=endpoint), key=f"webhook_off:{endpoint}:{entry}")
    return reason


async def page(connection: AsyncConnection, endpoint: UUID, before: UUID | None) -> tuple[tuple[Delivery, ...], UUID | None]:
    """An endpoint's deliveries, the newest first, and where the next page begins."""
    query = _LINES.where(WebhookDelivery.endpoint_id == endpoint).order_by(WebhookDelivery.id.desc()).limit(PAGE + 1)
    if before is not None:
        query = query.where(WebhookDelivery.id < before)
    rows = (await connection.execute(query)).all()
    found = tuple(_delivery(row) for row in rows[:PAGE])
    return found, found[-1].id if len(rows) > PAGE else None


async def one(connection: AsyncConnection, delivery: UUID) -> tuple[Delivery, dict[str, Any], tuple[Attempt, ...]]:
    """A delivery with its payload and all its tries, the first one first. Raises NotFound."""
    row = (await connection.execute(_LINES.add_columns(WebhookDelivery.payload).where(WebhookDelivery.id == delivery))).one_or_none()
    if row is None:
        raise NotFound("There is no such delivery. They are kept for 30 days.")
    tried = await connection.execute(
        select(WebhookAttempt.__table__).where(WebhookAttempt.delivery_id == delivery).order_by(WebhookAttempt.number)
    )
    attempts = tuple(Attempt(t.number, t.at, t.status, t.error, t.duration_ms) for t in tried)
    return _delivery(row), row.payload, attempts


async def again(connection: AsyncConnection, delivery: UUID) -> UUID:
    """Send it (once more) now, with all its tries before it; returns its endpoint. Raises NotFound, Conflict."""
    row = (
        await connection.execute(
            select(WebhookDelivery.key, WebhookDelivery.endpoint_id, WebhookEndpoint.off_reason)
            .join(WebhookEndpoint, WebhookEndpoint.id == WebhookDelivery.endpoint_id)
            .where(WebhookDelivery.id == delivery)
        )
    ).one_or_none()
    if row is None:
        raise NotFound("There is no such delivery. They are kept for 30 days.")
    if row.off_reason is not None:
        raise Conflict("This endpoint is switched off. Switch it on first.")
    armed = await connection.execute(
        update(Outbox)
        .where(Outbox.key == f"webhook:{row.key}", Outbox.state != "working")
        .values(state="new", attempts=0, next_at=func.clock_timestamp(), error=None, done_at=None)
    )
    if armed.rowcount == 0:
        raise Conflict("It is being sent at this moment.")
    await connection.execute(update(WebhookDelivery).where(WebhookDelivery.id == delivery).values(state="waiting"))
    endpoint: UUID = row.endpoint_id
    return endpoint


async def forget_old(connection: AsyncConnection) -> bool:
    """Delete some deliveries that are older than thirty days, with their payloads, tries and effects. True: there may be more."""
    old = (
        select(WebhookDelivery.id)
        .where(WebhookDelivery.created_at < func.clock_timestamp() - KEPT)
        .limit(SWEPT_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    keys = list(await connection.scalars(delete(WebhookDelivery).where(WebhookDelivery.id.in_(old)).returning(WebhookDelivery.key)))
    effects = [f"webhook:{key}" for key in keys]
    await connection.execute(delete(Outbox).where(Outbox.kind == DeliverWebhook.kind, Outbox.key.in_(effects)))
    return len(keys) == SWEPT_AT_ONCE


_LINES = (
    select(
        WebhookDelivery.id,
        WebhookDelivery.endpoint_id,
        WebhookDelivery.type,
        WebhookDelivery.state,
        WebhookDelivery.attempts,
        WebhookDelivery.created_at,
        Outbox.next_at,
        WebhookAttempt.number,
        WebhookAttempt.at,
        WebhookAttempt.status,
        WebhookAttempt.error,
        WebhookAttempt.duration_ms,
    )
    .outerjoin(Outbox, (Outbox.key == func.concat("webhook:", WebhookDelivery.key)) & (Outbox.state.in_(("new", "working"))))
    .outerjoin(WebhookAttempt, (WebhookAttempt.delivery_id == WebhookDelivery.id) & (WebhookAttempt.number == WebhookDelivery.attempts))
)


def _delivery(row: Any) -> Delivery:
    last = None if row.number is None else Attempt(row.number, row.at, row.status, row.error, row.duration_ms)
    return Delivery(row.id, row.endpoint_id, row.type, row.state, row.attempts, row.created_at, row.next_at, last)
