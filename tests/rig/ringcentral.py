"""A RingCentral on loopback for tests. Every request that it gets, and every answer and webhook that it sends, is held against the
published description (`tests/sms/openapi.json`); what does not fit fails the test at its end.

    async def test_is_sent(self, ringcentral: RingCentralServer) -> None: ...
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from gateway.simulator.records import HIGH_VOLUME, NUMBER
from gateway.simulator.server import RingCentralServer

# Phones in four time zones: numbers that nobody has.
LOS_ANGELES, DENVER, CHICAGO, NEW_YORK = "+14155557001", "+13035557001", "+13125557001", "+12125557001"
PHONES = (LOS_ANGELES, DENVER, CHICAGO, NEW_YORK)


def phone(place: int) -> str:
    """One of 5,000 more numbers that nobody has, all in California."""
    return f"+1415555{2000 + place:04d}"


@asynccontextmanager
async def serving(**given: Any) -> AsyncIterator[RingCentralServer]:
    """A server whose every exchange is checked; `given` as RingCentralServer takes it."""
    from tests.sms.description import Check

    check = Check()
    async with RingCentralServer(observe=check, **given) as server:
        yield server
        await server.settled()
    assert not check.breaches, check.told()


def high_volume() -> Mapping[str, tuple[str, ...]]:
    """Our number, where its texts go by the high-volume API."""
    return {NUMBER: HIGH_VOLUME}


def settings_of(server: RingCentralServer, **more: str) -> dict[str, str]:
    """The environment that points an install at it. Each text is answered by itself, and at once."""
    return {**server.environment(), "HIBACHI_SMS__GATHER_SECONDS": "0", **more}
