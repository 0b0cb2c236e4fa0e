"""Where events leave: beside what happened, its transaction writes a delivery and an effect for each endpoint that wants to know."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import exists, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from business.webhooks import events
from kernel.clock import rfc3339
from kernel.ids import new_id
from kernel.jobs import DeliverWebhook
from kernel.tables.core import Customer
from kernel.tables.ops import Outbox, WebhookDelivery, WebhookEndpoint
from kernel.wire.server import Payload

# Asked along with a statement that is sent anyway: where nobody listens, an event costs no round trip more.
LISTENED_TO = exists(select(WebhookEndpoint.id).where(WebhookEndpoint.off_reason.is_(None)))
WANTED = LISTENED_TO.label("wanted")


async def tell(
    connection: AsyncConnection, row: Any, changes: dict[str, Any], seq: int, told: Sequence[tuple[Payload, int]], revision: int
) -> None:
    """Write what endpoints are to hear of this transaction. `revision` is the conversation's, counted once for each transaction."""
    found = events.happenings(row, changes.get("state", row.state), seq, told)
    if not found:
        return
    on = (
        await connection.execute(
            select(
                WebhookEndpoint.id,
                WebhookEndpoint.events,
                select(Customer.name).where(Customer.id == row.customer_id).scalar_subquery().label("customer"),
                func.clock_timestamp().label("now"),
            ).where(WebhookEndpoint.off_reason.is_(None))
        )
    ).all()
    if not any(kind in endpoint.events for endpoint in on for kind, _ in found):
        return
    conversation = _conversation(row, changes, on[0].customer)
    now = rfc3339(on[0].now)
    bodies = [(kind, events.body(kind, now, {"conversation": conversation, **data})) for kind, data in found]
    await send(
        connection,
        [
            (endpoint.id, f"{endpoint.id}:{row.id}:{revision}:{place}", kind, body)
            for endpoint in on
            for place, (kind, body) in enumerate(bodies)
            if kind in endpoint.events
        ],
    )


async def send(connection: AsyncConnection, outgoing: Sequence[tuple[UUID, str, str, dict[str, Any]]]) -> list[UUID]:
    """Write `endpoint, key, type, body`, each with its effect, for the workers. Returns the ids of the deliveries."""
    ids = [new_id() for _ in outgoing]
    await connection.execute(
        insert(WebhookDelivery),
        [
            {"id": delivery, "endpoint_id": endpoint, "key": key, "type": kind, "payload": body}
            for delivery, (endpoint, key, kind, body) in zip(ids, outgoing, strict=True)
        ],
    )
    await connection.execute(
        insert(Outbox),
        [
            {
                "id": new_id(),
                "key": f"webhook:{key}",
                "kind": DeliverWebhook.kind,
                "payload": DeliverWebhook(delivery=delivery, endpoint=endpoint).model_dump(mode="json"),
            }
            for delivery, (endpoint, key, _, _) in zip(ids, outgoing, strict=True)
        ],
    )
    return ids


def _conversation(row: Any, changes: dict[str, Any], customer: str | None) -> dict[str, Any]:
    return {
        "id": row.id,
        "channel": row.channel,
        "state": changes.get("state", row.state),
        "owner": changes.get("owner", row.owner),
        "owner_name": changes.get("owner_name", row.owner_name),
        "locale": row.locale,
        "customer": {"id": row.customer_id, "name": customer},
        "created_at": rfc3339(row.created_at),
    }
