"""What HTTP offers of API tokens, as values. They are made and revoked by people who are signed in, never by a token."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from business.staff.tokens import Scope
from gateway.http.operations import DoneAnswer, Edge, Operation


class ApiTokenState(Edge):
    """A token. `begins`: its first characters; `staff_name`: in whose name it asks; without `expires_at` it is good until it is
    revoked. `token` is shown where it was just made, and never again."""

    id: UUID
    name: str
    begins: str
    scopes: tuple[Scope, ...]
    staff_id: UUID
    staff_name: str
    created_at: datetime
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    token: str | None = None


class ApiTokensAnswer(Edge):
    """Those that are not revoked, the newest first."""

    items: tuple[ApiTokenState, ...]


class ApiTokenBody(Edge):
    """A new one, good for `days`; without them until it is revoked."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    scopes: Annotated[tuple[Scope, ...], Field(max_length=10)]
    days: Annotated[int, Field(ge=1, le=730)] | None = None


TOKENS: tuple[Operation, ...] = (
    Operation("GET", "/api/admin/tokens", "tokens", "API tokens (owner, admin)", (ApiTokensAnswer,)),
    Operation("POST", "/api/admin/tokens", "token_make", "Make an API token (owner, admin)", (ApiTokenState,), ApiTokenBody, errors=(409,)),
    Operation(
        "DELETE", "/api/admin/tokens/{id}", "token_revoke", "Revoke an API token, at once (owner, admin)", (DoneAnswer,), errors=(404,)
    ),
)
