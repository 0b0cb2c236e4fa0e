"""How much one network address may ask for, whoever asks there: files in a day, for a visitor's token costs nothing to get; and pages."""

import hashlib
import hmac
import ipaddress
from uuid import UUID

from starlette.requests import Request

from gateway.socket.buckets import MessageBuckets
from gateway.socket.guard import Addresses, client_address
from kernel.bus import Bus
from kernel.errors import RateLimited

DAY_SECONDS = 86_400


class AddressQuota:
    """A bucket for each address, shared by all gateways, that fills again over a day. Loopback and trusted proxies are exempt."""

    def __init__(self, bus: Bus, secret: str, addresses: Addresses, per_day: int) -> None:
        self._buckets = MessageBuckets(bus, per_day, per_day / DAY_SECONDS)
        self._secret = secret
        self._addresses = addresses

    async def take(self, request: Request) -> None:
        """Count one more file. Raises RateLimited."""
        address = client_address(request.scope)
        if self._addresses.exempt(address):
            return
        wait = await self._buckets.take(network_key(self._secret, "uploads", address))
        if wait:
            raise RateLimited("Too many files came from your network today. Please send more later.", retry_after_ms=wait)


class PageQuota:
    """How often an address may ask for pages that no account opens; the same exemptions. A token in a link cannot be guessed that way,
    and nobody makes the install work by asking for a page again and again."""

    BURST, PER_SECOND = 60, 1.0

    def __init__(self, bus: Bus, secret: str, addresses: Addresses, burst: int = BURST, per_second: float = PER_SECOND) -> None:
        self._buckets = MessageBuckets(bus, burst, per_second)
        self._secret = secret
        self._addresses = addresses

    async def take(self, request: Request) -> int:
        """Count one more request: 0, or the milliseconds to wait."""
        address = client_address(request.scope)
        if self._addresses.exempt(address):
            return 0
        return await self._buckets.take(network_key(self._secret, "pages", address))


def network_key(secret: str, what: str, address: str) -> UUID:
    """The address, hashed with the install's secret; of IPv6 the network, for its holder has all of its addresses."""
    found = ipaddress.ip_address(address)
    network = ipaddress.ip_network((address, 64), strict=False) if found.version == 6 else found
    return UUID(bytes=hmac.digest(secret.encode(), f"{what} of {network}".encode(), hashlib.sha256)[:16])
