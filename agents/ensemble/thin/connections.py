"""The connections of the thin path: one pool for a process, in the loop that uses it."""

import asyncio
from types import SimpleNamespace
from typing import Any

import aiohttp

from kernel.pulse import Pulse

# An idle connection is kept for the next turn; what providers close sooner is noticed, or opened anew.
KEPT_S = 30.0
RESOLVED_S = 60


class Connections:
    """A session, opened at the first call. Close it after the last one. `pulse`: when what is read leaves."""

    def __init__(self, pulse: Pulse | None = None) -> None:
        self.pulse = pulse or Pulse()
        self._session: aiohttp.ClientSession | None = None

    @property
    def session(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            self._session = _session()
        return self._session

    async def post(self, url: str, headers: dict[str, str], body: bytes) -> aiohttp.ClientResponse:
        """The answer's head; its body is still to be read. Raises what aiohttp raises.

        A kept connection that the provider closed in the same moment is no failure of the provider's: it is asked again, once.
        """
        used = SimpleNamespace(again=False)
        try:
            return await self._post(url, headers, body, used)
        except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError) as error:
            if not used.again or isinstance(error, aiohttp.ClientConnectorError):
                raise
        return await self._post(url, headers, body, used)

    async def _post(self, url: str, headers: dict[str, str], body: bytes, used: SimpleNamespace) -> aiohttp.ClientResponse:
        # A provider that sends us elsewhere would get the key there too: not followed.
        return await self.session.post(url, headers=headers, data=body, allow_redirects=False, trace_request_ctx=used)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None


def _session() -> aiohttp.ClientSession:
    trace = aiohttp.TraceConfig()
    trace.on_connection_reuseconn.append(_reused)
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEPT_S, ttl_dns_cache=RESOLVED_S),
        # Ours are per stream, and know what is waited for.
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),
        # Packed bytes come in lumps; tokens are to come as they are made.
        headers={"Accept-Encoding": "identity", "User-Agent": "hibachi-gateway"},
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=True,
        trace_configs=[trace],
    )


async def _reused(session: aiohttp.ClientSession, context: SimpleNamespace, parameters: Any) -> None:
    context.trace_request_ctx.again = True


def hang_up(response: aiohttp.ClientResponse) -> None:
    """Drops the connection at once, without the farewells of TLS; one whose answer was read to its end stays for the next call."""
    connection = response.connection
    if connection is not None and connection.transport is not None:
        connection.transport.abort()
    response.close()


class Watch:
    """Hangs up on a provider that is silent for too long. One timer for a stream, moved only when it would ring too late."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response
        self._loop = asyncio.get_running_loop()
        self._until: float | None = None
        self._timer: asyncio.TimerHandle | None = None
        self.rang = False

    def wait(self, until: float) -> None:
        """Something is waited for now, until this time of the loop."""
        self._until = until
        if self._timer is None or until < self._timer.when():
            self._set(until)

    def rest(self) -> None:
        """It came, and who reads may take their time."""
        self._until = None

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _set(self, at: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_at(at, self._ring)

    def _ring(self) -> None:
        self._timer = None
        if self._until is None:
            return
        if self._loop.time() < self._until:
            self._set(self._until)
            return
        self.rang = True
        hang_up(self._response)
