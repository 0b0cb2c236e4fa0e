"""A member of the demo's staff at the console's HTTP door: signed in, with a socket token when one is wanted."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp

from gateway.demo.wire import Body, Gone, Refused


@dataclass(slots=True)
class Account:
    """Cookie and CSRF token of one person."""

    base: str
    _http: aiohttp.ClientSession
    csrf: str = ""
    staff: str = ""
    name: str = ""

    async def log_in(self, email: str, password: str) -> None:
        """By password."""
        self._enter(await self.post("/api/admin/login", {"email": email, "password": password}))

    async def follow(self, path: str) -> None:
        """By a sign-in link, as it is printed or sent."""
        self._enter(await self.post("/api/admin/sign-in", {"token": path.partition("=")[2]}))

    def _enter(self, answer: Body) -> None:
        self.csrf, self.staff, self.name = answer["csrf"], answer["staff"]["id"], answer["staff"]["name"]

    async def post(self, path: str, body: Body | None = None) -> Body:
        """Raises Gone, Refused."""
        try:
            async with self._http.post(self.base + path, json=body or {}, headers={"X-CSRF-Token": self.csrf}) as response:
                given: Body = await response.json()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Gone(str(error)) from error
        if response.status != 200:
            raise Refused(f"{path}: {response.status}")
        return given

    async def socket_token(self) -> str:
        """Good once, within a minute."""
        token: str = (await self.post("/api/admin/socket-token"))["token"]
        return token


@asynccontextmanager
async def visiting(base: str) -> AsyncIterator[Account]:
    """Somebody at the door, not in yet."""
    jar = aiohttp.CookieJar(unsafe=True)  # cookies of an address in figures
    async with aiohttp.ClientSession(cookie_jar=jar, timeout=aiohttp.ClientTimeout(15)) as http:
        yield Account(base, http)
