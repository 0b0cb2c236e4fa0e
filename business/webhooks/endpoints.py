"""Endpoints as staff manage them: each change is audited; a secret is shown where it was just made, and never again."""

import asyncio
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from business.staff import audit
from business.webhooks import events, outgoing, signing
from business.webhooks.events import EventType
from kernel import locks
from kernel.clock import rfc3339
from kernel.database import Database
from kernel.errors import BadRequest, Conflict, NotFound
from kernel.ids import StaffId, new_id
from kernel.outside.addresses import Outside, web_address
from kernel.tables.ops import WebhookEndpoint

MOST = 20
LONGEST_DESCRIPTION = 200
OVERLAP = timedelta(hours=24)
LOOKUP_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A receiver. `off_reason` None: it is on. `secret` only where it was just made."""

    id: UUID
    url: str
    description: str
    events: tuple[EventType, ...]
    off_reason: str | None
    failing_since: datetime | None
    previous_until: datetime | None
    created_at: datetime
    secret: str | None = None


class WebhookEndpoints:
    """Reads and writes them."""

    def __init__(self, database: Database, outside: Outside) -> None:
        self._database = database
        self._outside = outside

    async def list(self) -> tuple[Endpoint, ...]:
        """All, the oldest first."""
        async with self._database.transaction() as connection:
            rows = await connection.execute(select(WebhookEndpoint.__table__).order_by(WebhookEndpoint.id))
            return tuple(_endpoint(row) for row in rows)

    async def add(self, url: str, wanted: Sequence[EventType], description: str, by: StaffId) -> Endpoint:
        """A new one, on. Raises BadRequest, or Conflict where there are too many."""
        values = {"url": await self._checked(url), "events": _wanted(wanted), "description": _described(description)}
        made, secret = new_id(), signing.new_secret()

        async def store(connection: AsyncConnection) -> Endpoint:
            await locks.hold(connection, "webhook endpoints")
            if (await connection.scalar(select(func.count()).select_from(WebhookEndpoint)) or 0) >= MOST:
                raise Conflict(f"There are {MOST} webhooks, and no more are kept. Delete one first.")
            await connection.execute(insert(WebhookEndpoint).values(id=made, secret=secret, **values))
            await audit.record(connection, "staff", by, "webhook.added", made, {"events": values["events"]})
            return _endpoint(await _row(connection, made), secret)

        return await self._database.unit(store)

    async def change(
        self,
        endpoint: UUID,
        by: StaffId,
        *,
        url: str | None = None,
        wanted: Sequence[EventType] | None = None,
        description: str | None = None,
        on: bool | None = None,
    ) -> Endpoint:
        """Change what is given. Raises BadRequest, NotFound."""
        values: dict[str, Any] = {}
        if url is not None:
            values["url"] = await self._checked(url)
        if wanted is not None:
            values["events"] = _wanted(wanted)
        if description is not None:
            values["description"] = _described(description)
        if on is not None:
            values |= {"off_reason": None if on else "staff", "failing_since": None}

        async def store(connection: AsyncConnection) -> Endpoint:
            await _row(connection, endpoint)
            if values:
                changed = {**values, "changed_at": func.clock_timestamp()}
                await connection.execute(update(WebhookEndpoint).where(WebhookEndpoint.id == endpoint).values(changed))
                details = {"changed": sorted(values.keys() - {"failing_since"})}
                await audit.record(connection, "staff", by, "webhook.changed", endpoint, details)
            return _endpoint(await _row(connection, endpoint))

        return await self._database.unit(store)

    async def rotate(self, endpoint: UUID, by: StaffId) -> Endpoint:
        """A new secret; the old one signs beside it for a day, so that the receiver can change over. Raises NotFound."""
        secret = signing.new_secret()

        async def store(connection: AsyncConnection) -> Endpoint:
            values = {"previous_secret": WebhookEndpoint.secret, "previous_until": func.clock_timestamp() + OVERLAP, "secret": secret}
            await connection.execute(
                update(WebhookEndpoint).where(WebhookEndpoint.id == endpoint, WebhookEndpoint.secret != secret).values(values)
            )
            found = _endpoint(await _row(connection, endpoint), secret)
            await audit.record(connection, "staff", by, "webhook.rotated", endpoint)
            return found

        return await self._database.unit(store)

    async def remove(self, endpoint: UUID, by: StaffId) -> None:
        """With its deliveries, also those that wait. Raises NotFound."""

        async def drop(connection: AsyncConnection) -> None:
            await _row(connection, endpoint)
            await connection.execute(delete(WebhookEndpoint).where(WebhookEndpoint.id == endpoint))
            await audit.record(connection, "staff", by, "webhook.deleted", endpoint)

        await self._database.unit(drop)

    async def test(self, endpoint: UUID) -> UUID:
        """Send a test event, by the way that every event goes. Returns its delivery. Raises NotFound, Conflict."""
        key = f"{endpoint}:test:{new_id()}"

        async def store(connection: AsyncConnection) -> UUID:
            if (await _row(connection, endpoint)).off_reason is not None:
                raise Conflict("This endpoint is switched off. Switch it on first.")
            now = rfc3339((await connection.execute(select(func.clock_timestamp()))).scalar_one())
            body = events.body(events.TEST, now, {"message": "It works: this is a test event."})
            return (await outgoing.send(connection, [(endpoint, key, events.TEST, body)]))[0]

        return await self._database.unit(store)

    async def _checked(self, url: str) -> str:
        """The address, if every place that its name leads to now is outside. A name that leads nowhere yet is taken."""
        url, host, port = web_address(url, of="A webhook", example="https://example.com/hooks")
        try:
            async with asyncio.timeout(LOOKUP_SECONDS):
                found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, TimeoutError, UnicodeError):
            return url
        if not all(self._outside.admits(str(address[0])) for *_, address in found):
            raise BadRequest(
                "This address leads into a private network, where webhooks do not go. "
                "Give a public one, or allow the network in the settings ([webhooks] private_networks)."
            )
        return url


async def _row(connection: AsyncConnection, endpoint: UUID) -> Any:
    row = (await connection.execute(select(WebhookEndpoint.__table__).where(WebhookEndpoint.id == endpoint))).one_or_none()
    if row is None:
        raise NotFound("There is no such webhook.")
    return row


def _endpoint(row: Any, secret: str | None = None) -> Endpoint:
    return Endpoint(
        row.id,
        row.url,
        row.description,
        tuple(row.events),
        row.off_reason,
        row.failing_since,
        row.previous_until,
        row.created_at,
        secret,
    )


def _wanted(wanted: Sequence[EventType]) -> list[str]:
    if not wanted:
        raise BadRequest("Choose at least one event.")
    return [kind for kind in events.EVENT_TYPES if kind in wanted]


def _described(description: str) -> str:
    plain = " ".join(description.split())
    if len(plain) > LONGEST_DESCRIPTION or not plain.isprintable():
        raise BadRequest(f"A description has at most {LONGEST_DESCRIPTION} characters.")
    return plain
