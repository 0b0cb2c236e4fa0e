"""How many files one network address may send in a day, whoever sends them: a visitor's token costs nothing to get."""

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
        self._secret = secret.encode()
        self._addresses = addresses

    async def take(self, request: Request) -> None:
        """Count one more file. Raises RateLimited."""
        address = client_address(request.scope)
        if self._addresses.exempt(address):
            return
        wait = await self._buckets.take(self._key(address))
        if wait:
            raise RateLimited("Too many files came from your network today. Please send more later.", retry_after_ms=wait)

    def _key(self, address: str) -> UUID:
        """The address, hashed with the install's secret; of IPv6 the network, for its holder has all of its addresses."""
        found = ipaddress.ip_address(address)
        network = ipaddress.ip_network((address, 64), strict=False) if found.version == 6 else found
        return UUID(bytes=hmac.digest(self._secret, f"uploads of {network}".encode(), hashlib.sha256)[:16])
