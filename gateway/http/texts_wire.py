"""What HTTP offers of text messages that go out, as values (see operations.py)."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from gateway.http.operations import Edge, Operation

TextState = Literal["waiting", "sending", "sent", "delivered", "unknown", "failed", "refused", "held", "cancelled"]
TextPurpose = Literal["reply", "person", "transactional", "marketing", "code", "keyword", "staff"]


class TextsQuery(Edge):
    """`number`: digits of the number, its last ones or all; `cursor` goes on where the page before ended."""

    state: TextState | None = None
    purpose: TextPurpose | None = None
    number: Annotated[str, Field(max_length=30)] | None = None
    cursor: UUID | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class TextRow(Edge):
    """A text that goes out, or went. `to`: its number, of which agents see the last four digits alone; `text` is null for a code. `why`:
    what kept it, in words; `cause`: the same as a kind or the provider's code."""

    id: UUID
    purpose: TextPurpose
    to: str
    text: str | None = None
    locale: str
    encoding: Literal["gsm7", "ucs2"]
    segments: int
    cost_microdollars: int
    files: int
    state: TextState
    why: str | None = None
    cause: str | None = None
    conversation: UUID | None = None
    campaign: UUID | None = None
    booking: UUID | None = None
    send_at: datetime
    created_at: datetime
    sent_at: datetime | None = None
    delivered_at: datetime | None = None


class TextsSum(Edge):
    """Of the last 30 days, of what went or may have gone."""

    texts: int
    segments: int
    microdollars: int


class TextsAnswer(Edge):
    """A page, the newest first; how many are in each state; `provider` is false where none is configured and every text is held."""

    items: tuple[TextRow, ...]
    counts: dict[str, int]
    month: TextsSum
    provider: bool
    cursor: UUID | None = None


class TextAnswer(Edge):
    """One text. `number`: the one of ours that it went from; `reference`: what the provider calls it."""

    text: TextRow
    number: str | None = None
    reference: str | None = None


class TextRetryBody(Edge):
    """`sure`: that one whose fate nobody knows shall be sent again, though it may arrive twice."""

    sure: bool = False


class TextMoved(Edge):
    """Its state now."""

    id: UUID
    state: TextState


TEXT = "/api/admin/texts/{id}"
TEXTS: tuple[Operation, ...] = (
    Operation(
        "GET",
        "/api/admin/texts",
        "texts",
        "Text messages that go out, or went",
        (TextsAnswer,),
        query=TextsQuery,
        errors=(400,),
        scope="admin",
    ),
    Operation("GET", TEXT, "text", "One text message", (TextAnswer,), errors=(404,), scope="admin"),
    Operation(
        "POST",
        f"{TEXT}/retry",
        "text_retry",
        "Send one that did not go, or may not have gone, on its way again (owner, admin)",
        (TextMoved,),
        TextRetryBody,
        errors=(404, 409),
        scope="admin",
    ),
    Operation(
        "POST",
        f"{TEXT}/arrived",
        "text_arrived",
        "Say of one whose fate nobody knows that it arrived (owner, admin)",
        (TextMoved,),
        errors=(404, 409),
        scope="admin",
    ),
)
