"""API tokens over HTTP, for owners and admins who are signed in."""

from starlette.requests import Request
from starlette.responses import Response

from business.staff.tokens import ApiTokens, Token
from gateway.http import token_wire as wire
from gateway.http.door import Door, path_id
from gateway.http.edge import Handler, answer, read_body
from gateway.http.operations import CHIEFS, DoneAnswer


class TokensHttp:
    """The handlers, by the operation's name."""

    def __init__(self, door: Door, tokens: ApiTokens) -> None:
        self._door = door
        self._tokens = tokens
        self.handlers: dict[str, Handler] = {"tokens": self._list, "token_make": self._make, "token_revoke": self._revoke}

    async def _list(self, request: Request) -> Response:
        await self._door.enter(request, roles=CHIEFS)
        return answer(wire.ApiTokensAnswer(items=tuple(_shown(one) for one in await self._tokens.list())))

    async def _make(self, request: Request) -> Response:
        session = await self._door.enter(request, roles=CHIEFS)
        body = await read_body(request, wire.ApiTokenBody)
        return answer(_shown(await self._tokens.make(session.staff_id, body.name, body.scopes, body.days)))

    async def _revoke(self, request: Request) -> Response:
        session = await self._door.enter(request, roles=CHIEFS)
        await self._tokens.revoke(session.staff_id, path_id(request, "token"))
        return answer(DoneAnswer())


def _shown(one: Token) -> wire.ApiTokenState:
    return wire.ApiTokenState(
        id=one.id,
        name=one.name,
        begins=one.begins,
        scopes=one.scopes,
        staff_id=one.staff_id,
        staff_name=one.staff_name,
        created_at=one.created_at,
        expires_at=one.expires_at,
        last_used_at=one.last_used_at,
        token=one.secret,
    )
