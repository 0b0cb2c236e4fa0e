"""Programs that ask over HTTP: an API token as `Authorization: Bearer`, its scope, and how often it may ask."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request

from business.staff import audit, tokens
from business.staff.tokens import Caller, Holder
from gateway.http.operations import Operation
from kernel.database import Database
from kernel.errors import NotAllowed, RateLimited, Unauthorized

LONGEST = 200


@dataclass(frozen=True, slots=True)
class Bearer:
    """`take` counts a request of a token: 0, or the milliseconds to wait."""

    database: Database
    take: Callable[[UUID], Awaitable[int]]

    async def caller(self, request: Request, operation: Operation) -> Caller:
        """Who asks. What a token changes is audited under its name too. Raises Unauthorized, NotAllowed, RateLimited."""
        scope = operation.scope
        assert scope is not None, "an operation that asks for a caller has a scope"
        found = await self.database.unit(lambda c: _holder(c, given(request)))
        wait = await self.take(found.token)
        if wait:
            raise RateLimited("This token asks too often. Slow down.", retry_after_ms=wait)
        if scope not in found.scopes:
            raise NotAllowed(f"This token may not do that: it lacks the scope '{scope}'.")
        if request.method != "GET":
            await self.database.unit(lambda c: _used(c, found, operation))
        return found.caller


def given(request: Request) -> str | None:
    """The API token that came with the request, if one did; a visitor's token is none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    token = token.strip()
    return token if scheme.lower() == "bearer" and token.startswith(tokens.PREFIX) and len(token) <= LONGEST else None


async def _holder(connection: AsyncConnection, token: str | None) -> Holder:
    found = await tokens.holder(connection, token) if token else None
    if found is None:
        raise Unauthorized("This API token is unknown, revoked or over.")
    return found


async def _used(connection: AsyncConnection, found: Holder, operation: Operation) -> None:
    await audit.record(connection, "staff", found.caller.staff_id, "api_token.used", found.token, {"operation": operation.name})
