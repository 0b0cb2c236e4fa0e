"""What HTTP offers of webhooks, as values: bodies, answers, operations. What is sent to receivers: business/webhooks/events.py."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from business.webhooks.events import EventType
from gateway.http.operations import DoneAnswer, Edge, NothingBody, Operation

Url = Annotated[str, Field(min_length=1, max_length=4000)]
Events = Annotated[tuple[EventType, ...], Field(max_length=50)]
Description = Annotated[str, Field(max_length=1000)]


class Webhook(Edge):
    """A receiver of events. `off_reason`: who switched it off (`staff`), or that it answered 410 (`gone`) or failed for days
    (`failing`). `previous_until`: so long the old secret signs too. `secret` is shown where it was just made, and never again."""

    id: UUID
    url: str
    description: str
    events: tuple[EventType, ...]
    on: bool
    off_reason: Literal["staff", "gone", "failing"] | None = None
    failing_since: datetime | None = None
    previous_until: datetime | None = None
    created_at: datetime
    secret: str | None = None


class WebhooksAnswer(Edge):
    """All of them, the oldest first, and the events that there are."""

    items: tuple[Webhook, ...]
    events: tuple[EventType, ...]


class WebhookBody(Edge):
    """A new one."""

    url: Url
    events: Events
    description: Description = ""


class WebhookPatch(Edge):
    """What is given is changed."""

    url: Url | None = None
    events: Events | None = None
    description: Description | None = None
    on: bool | None = None


class DeliveryAttempt(Edge):
    """One try. `status`: what the receiver answered; `error`: why it counts as failed."""

    number: int
    at: datetime
    status: int | None = None
    error: Literal["status", "redirect", "timeout", "connect", "reset", "dns", "tls", "address_refused", "protocol"] | None = None
    duration_ms: int


class WebhookDelivery(Edge):
    """An event on its way to one receiver. `message_id` is what the receiver reads as `webhook-id`; `next_at` while it waits."""

    id: UUID
    message_id: str
    endpoint: UUID
    type: str
    state: Literal["waiting", "delivered", "failed"]
    attempts: int
    created_at: datetime
    next_at: datetime | None = None
    last: DeliveryAttempt | None = None


class DeliveriesQuery(Edge):
    """`cursor` goes on where the page before ended."""

    cursor: UUID | None = None


class DeliveriesAnswer(Edge):
    """A page of the log, the newest first; `cursor` is absent on the last one."""

    items: tuple[WebhookDelivery, ...]
    cursor: UUID | None = None


class DeliveryAnswer(Edge):
    """A delivery with what was sent and every try."""

    delivery: WebhookDelivery
    payload: dict[str, Any]
    attempts: tuple[DeliveryAttempt, ...]


_ONE = "/api/admin/webhooks/{id}"
WEBHOOKS: tuple[Operation, ...] = (
    Operation("GET", "/api/admin/webhooks", "webhooks", "Who is told of events (owner, admin)", (WebhooksAnswer,), scope="admin"),
    Operation(
        "POST", "/api/admin/webhooks", "webhook_add", "Add a webhook (owner, admin)", (Webhook,), WebhookBody, errors=(409,), scope="admin"
    ),
    Operation("PATCH", _ONE, "webhook_change", "Change a webhook (owner, admin)", (Webhook,), WebhookPatch, errors=(404,), scope="admin"),
    Operation(
        "DELETE", _ONE, "webhook_delete", "Delete a webhook with its deliveries (owner, admin)", (DoneAnswer,), errors=(404,), scope="admin"
    ),
    Operation(
        "POST",
        f"{_ONE}/rotate",
        "webhook_rotate",
        "A new secret; the old one signs beside it for 24 hours (owner, admin)",
        (Webhook,),
        NothingBody,
        errors=(404,),
        scope="admin",
    ),
    Operation(
        "POST", f"{_ONE}/test", "webhook_test", "Send a test event (owner, admin)", (DeliveryAnswer,), NothingBody,
        errors=(404, 409), scope="admin",
    ),
    Operation(
        "GET",
        f"{_ONE}/deliveries",
        "webhook_deliveries",
        "The delivery log of 30 days (owner, admin)",
        (DeliveriesAnswer,),
        query=DeliveriesQuery,
        errors=(400, 404),
        scope="admin",
    ),
    Operation(
        "GET",
        "/api/admin/webhook-deliveries/{id}",
        "webhook_delivery",
        "A delivery with its payload (owner, admin)",
        (DeliveryAnswer,),
        errors=(404,),
        scope="admin",
    ),
    Operation(
        "POST",
        "/api/admin/webhook-deliveries/{id}/redeliver",
        "webhook_redeliver",
        "Send it again, under the same id (owner, admin)",
        (DeliveryAnswer,),
        NothingBody,
        errors=(404, 409),
        scope="admin",
    ),
)  # fmt: skip
