"""One POST to somebody else's server: ten seconds in all, no redirect, no proxy, no cookie, to an address that the rule admits."""

import asyncio
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from business.webhooks.addresses import Outside
from business.webhooks.outcomes import Outcome

SECONDS = 10.0
LOOKUPS = 32  # at once; a name server that hangs must not use up everybody's threads


class AddressRefused(OSError):
    """The address is inside. It says nothing of which, so that several of them are one error."""

    def __init__(self) -> None:
        super().__init__("the address is not outside")


class Sender:
    """Sends for one process. Only the status counts: the body of an answer is not read."""

    def __init__(self, outside: Outside, *, seconds: float = SECONDS) -> None:
        self._outside = outside
        self._seconds = seconds
        self._lookups = ThreadPoolExecutor(LOOKUPS, thread_name_prefix="webhook-dns")
        self._session: aiohttp.ClientSession | None = None

    async def send(self, url: str, headers: dict[str, str], body: bytes) -> Outcome:
        """Never raises for what the receiver, or the way to it, does."""
        started = time.monotonic()
        try:
            async with asyncio.timeout(self._seconds):
                async with self._opened().post(url, data=body, headers=headers, allow_redirects=False) as response:
                    status, again = response.status, response.headers.get("Retry-After")
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            return Outcome(None, error_kind(error), _since(started))
        return Outcome(status, _verdict(status), _since(started), retry_after(again, datetime.now(UTC)))

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    resolver=_Resolver(self._lookups), use_dns_cache=False, force_close=True, limit=0, socket_factory=self._socket
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                timeout=aiohttp.ClientTimeout(total=None),
                headers={"User-Agent": "Hibachi-Gateway", "Content-Type": "application/json"},
            )
        return self._session

    def _socket(self, info: tuple[Any, Any, int, str, tuple[Any, ...]]) -> socket.socket:
        """A socket for one address, which was a name or stood in the URL: the last moment at which it can be looked at."""
        family, kind, protocol, _, address = info
        if not self._outside.admits(str(address[0])):
            raise AddressRefused
        return socket.socket(family, kind, protocol)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
        self._lookups.shutdown(wait=False, cancel_futures=True)


class _Resolver(AbstractResolver):
    """The machine's own resolver, in threads of our own."""

    def __init__(self, threads: ThreadPoolExecutor) -> None:
        self._threads = threads

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC) -> list[ResolveResult]:
        found = await asyncio.get_running_loop().run_in_executor(
            self._threads, lambda: socket.getaddrinfo(host, port, family=family, type=socket.SOCK_STREAM)
        )
        return [
            ResolveResult(
                hostname=host,
                host=str(address[0]),
                port=int(address[1]),
                family=family,
                proto=protocol,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for family, _, protocol, _, address in found
        ]

    async def close(self) -> None:
        """The threads are the sender's."""


def error_kind(error: BaseException) -> str:
    """A short word for the delivery log."""
    match error:
        case aiohttp.ClientConnectorDNSError():
            return "dns"
        case aiohttp.ClientSSLError() | aiohttp.ClientConnectorCertificateError():
            return "tls"
        case aiohttp.ClientConnectorError():
            return "address_refused" if isinstance(error.os_error, AddressRefused) else "connect"
        case aiohttp.InvalidURL():  # an IP address in another than its usual form
            return "address_refused"
        case TimeoutError():
            return "timeout"
        case aiohttp.ServerDisconnectedError() | aiohttp.ClientOSError():
            return "reset"
    return "protocol"


def _verdict(status: int) -> str | None:
    if 200 <= status < 300:
        return None
    return "redirect" if 300 <= status < 400 else "status"


def retry_after(value: str | None, now: datetime) -> float | None:
    """The seconds of a `Retry-After`, whether it counts them or names the hour; None where it says neither."""
    if value is None:
        return None
    value = value.strip()[:60]
    if value.isdecimal():
        return float(value[:9])
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return max(0.0, (aware - now).total_seconds())


def _since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
