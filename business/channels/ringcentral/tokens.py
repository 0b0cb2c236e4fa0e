"""Access tokens: from the JWT credential, then by refresh, then from the credential again. One request for one is under way at a time."""

import asyncio
import time
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from business.channels.provider import NotReached, Refused, Throttled
from business.channels.ringcentral.api import Http, TokenSource

PATH = "/restapi/oauth/token"
JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
EARLY = 120.0
"""Seconds before its end at which a token is replaced: longer than any request takes."""
RESTS = 60.0
"""Seconds in which a credential that was refused is not shown again: five tries a minute are all that an app has."""


@dataclass(frozen=True, slots=True)
class Credentials:
    client_id: str
    client_secret: str
    jwt: str


@dataclass(frozen=True, slots=True)
class _Token:
    access: str
    ends: float  # by the clock
    refresh: str | None
    refresh_ends: float


class Tokens(TokenSource):
    def __init__(self, http: Http, credentials: Credentials, clock: Callable[[], float] = time.monotonic) -> None:
        self._http = http
        self._credentials = credentials
        self._clock = clock
        self._lock = asyncio.Lock()
        self._token: _Token | None = None
        self._refused: tuple[str, float] | None = None

    async def token(self, instead_of: str | None = None) -> str:
        """Raises NotReached, Throttled among them: nothing was asked for yet."""
        if (good := self._good(instead_of)) is not None:
            return good
        async with self._lock:
            if (good := self._good(instead_of)) is not None:
                return good
            # One that they do not take any more may be taken back for good: its refresh token is not tried either.
            known = None if instead_of is not None else self._token
            self._token = None
            self._token = await self._refreshed(known) or await self._granted()
            return self._token.access

    def _good(self, instead_of: str | None) -> str | None:
        token = self._token
        if token is None or token.access == instead_of or self._clock() >= token.ends:
            return None
        return token.access

    async def _refreshed(self, known: _Token | None) -> _Token | None:
        """None where there is nothing to refresh, or it is not taken."""
        if known is None or known.refresh is None or self._clock() >= known.refresh_ends:
            return None
        try:
            return await self._asked({"grant_type": "refresh_token", "refresh_token": known.refresh})
        except Refused:
            return None

    async def _granted(self) -> _Token:
        if self._refused is not None and self._clock() < self._refused[1]:
            raise Throttled(self._refused[0], self._refused[1] - self._clock())
        try:
            return await self._asked({"grant_type": JWT_GRANT, "assertion": self._credentials.jwt})
        except Refused as error:
            self._refused = (error.code, self._clock() + RESTS)
            raise NotReached(error.code) from error

    async def _asked(self, form: dict[str, str]) -> _Token:
        pair = f"{self._credentials.client_id}:{self._credentials.client_secret}"
        headers = {
            "Authorization": "Basic " + b64encode(pair.encode()).decode(),
            "Accept": "application/json",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        asked = self._clock()
        answer = await self._http.ask("POST", PATH, group="auth", headers=headers, body=urlencode(form).encode())
        if answer.status in (401, 404):
            raise Refused(answer.code, permanent=True)
        return _read(answer.data, asked)


def _read(data: Any, asked: float) -> _Token:
    match data:
        case {"access_token": str(access), "expires_in": int(seconds)}:
            refresh, lasts = data.get("refresh_token"), data.get("refresh_token_expires_in")
            known = isinstance(refresh, str) and isinstance(lasts, int)
            ends = asked + seconds - min(EARLY, seconds / 2)
            return _Token(access, ends, refresh if known else None, asked + lasts if known else 0.0)
    raise NotReached("garbage")
