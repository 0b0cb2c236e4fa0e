"""Connections to the world outside: whatever a name resolves to, and however often it is asked, none is opened to an address that the rule
does not admit. No proxy, no cookie, nothing followed or unpacked by itself."""

import asyncio
import socket
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from kernel.outside.addresses import Outside

LOOKUPS = 32  # at once; a name server that hangs must not use up everybody's threads

Lookup = Callable[..., list[Any]]  # as socket.getaddrinfo


class AddressRefused(OSError):
    """The address is inside. It says nothing of which, so that several of them are one error."""

    def __init__(self) -> None:
        super().__init__("the address is not outside")


class Connections:
    """Of one process, opened at first need."""

    def __init__(
        self, outside: Outside, headers: Mapping[str, str], *, lookups: int = LOOKUPS, lookup: Lookup = socket.getaddrinfo
    ) -> None:
        self._outside = outside
        self._headers = dict(headers)
        self._lookup = lookup
        self._lookups = ThreadPoolExecutor(LOOKUPS, thread_name_prefix="outside-dns")
        self._session: aiohttp.ClientSession | None = None

    def session(self) -> aiohttp.ClientSession:
        """Without any timeout of its own: that is the caller's."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    resolver=_Resolver(self._lookups, self._lookup),
                    use_dns_cache=False,
                    force_close=True,
                    limit=0,
                    socket_factory=self._socket,
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                timeout=aiohttp.ClientTimeout(total=None),
                headers=self._headers,
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

    def __init__(self, threads: ThreadPoolExecutor, lookup: Lookup) -> None:
        self._threads = threads
        self._lookup = lookup

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC) -> list[ResolveResult]:
        found = await asyncio.get_running_loop().run_in_executor(
            self._threads, lambda: self._lookup(host, port, family=family, type=socket.SOCK_STREAM)
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
        """The threads are the connections'."""


def error_kind(error: BaseException) -> str:
    """A short word for what became of a connection, for a log."""
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
