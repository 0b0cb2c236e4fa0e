"""In front of every connection: its true address, how many that address holds, and a way to end what will not end by itself."""

import asyncio
import ipaddress
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

CLIENT = "hibachi.client"
ABORT = "hibachi.abort"  # in the scope: ends this WebSocket, whether or not its peer reads
DROP = "hibachi.drop"  # in the scope, by the listener: drops the transport, and what waits to be sent with it
WRITE = "hibachi.write"  # in the scope, by the listener: writes a frame at once; False where that has to wait
HOLD = "hibachi.hold"  # in the scope of a request: counts a connection that is made of requests; None where there are too many
CLOSE_WITHIN = 1.0

Release = Callable[[], None]


class Addresses:
    """Who is at the other end. `X-Forwarded-For` is believed from trusted proxies alone, read from the right."""

    def __init__(self, trusted: tuple[str, ...]) -> None:
        self._trusted = [ipaddress.ip_network(network, strict=False) for network in trusted]

    def of(self, peer: str | None, headers: Mapping[str, str]) -> str:
        """The client's address; `unknown` where there is none (a Unix socket)."""
        if peer is None or not self.trusts(peer):
            return peer or "unknown"
        for hop in reversed(headers.get("x-forwarded-for", "").split(",")):
            address = hop.strip()
            if not _valid(address):
                break
            if not self.trusts(address):
                return address
        return peer

    def trusts(self, address: str) -> bool:
        """True for a configured proxy."""
        return _valid(address) and any(ipaddress.ip_address(address) in network for network in self._trusted)

    def exempt(self, address: str) -> bool:
        """Loopback and trusted proxies hold as many connections as they like."""
        return address == "unknown" or self.trusts(address) or (_valid(address) and ipaddress.ip_address(address).is_loopback)


def _valid(address: str) -> bool:
    try:
        ipaddress.ip_address(address)
    except ValueError:
        return False
    return True


class ConnectionGuard:
    """ASGI: counts connections per address, WebSockets and polling ones, and keeps the task of each WebSocket, so that it can be cut."""

    def __init__(self, app: ASGIApp, addresses: Addresses, per_address: int) -> None:
        self._app = app
        self._addresses = addresses
        self._per_address = per_address
        self._open: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        peer = scope["client"][0] if scope.get("client") else None
        headers = {key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"] if key == b"x-forwarded-for"}
        address = scope[CLIENT] = self._addresses.of(peer, headers)
        if scope["type"] == "http":
            scope[HOLD] = lambda: self._hold(address)
            await self._app(scope, receive, send)
            return
        release = self._hold(address)
        if release is None:
            await send({"type": "websocket.close", "code": 1013, "reason": "too many connections from this address"})
            return
        await self._guarded(scope, receive, send, release)

    async def _guarded(self, scope: Scope, receive: Receive, send: Send, release: Release) -> None:
        """Run the application so that `scope[ABORT]` ends it: politely first, then by dropping the transport, which wakes whatever
        waits for a peer that does not read (the libraries swallow a cancellation there)."""
        task = asyncio.current_task()
        loop = asyncio.get_running_loop()
        aborted = False

        def abort() -> None:
            nonlocal aborted
            if task is not None and not task.done():
                aborted = True
                task.cancel()
                if DROP in scope:
                    loop.call_later(CLOSE_WITHIN, scope[DROP])

        scope[ABORT] = abort
        try:
            await self._app(scope, receive, send)
        except asyncio.CancelledError:
            if not aborted:
                raise
        finally:
            release()

    def _hold(self, address: str) -> Release | None:
        """Count one more connection of an address; what is returned gives it back, once. None: it has too many."""
        if self._open[address] >= self._per_address and not self._addresses.exempt(address):
            return None
        self._open[address] += 1
        held = True

        def release() -> None:
            nonlocal held
            if held:
                held = False
                self._open[address] -= 1
                if not self._open[address]:
                    del self._open[address]

        return release


def client_address(scope: Mapping[str, Any]) -> str:
    """The address that the guard found."""
    return str(scope.get(CLIENT, "unknown"))
