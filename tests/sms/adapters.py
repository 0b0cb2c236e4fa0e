"""The adapter, pointed at the simulator, with a clock that tests turn."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

from business.channels.ringcentral.adapter import Account, RingCentral
from business.channels.ringcentral.tokens import Credentials
from gateway.simulator.server import RingCentralServer

BEGINS = datetime(2026, 12, 1, 18, 0, tzinfo=UTC)
PAUSES = (0.0, 0.0)


@dataclass
class Clock:
    """One time for both: `moment` for the simulator, `seconds` for the adapter."""

    passed: float = 0.0

    def moment(self) -> datetime:
        return BEGINS + timedelta(seconds=self.passed)

    def seconds(self) -> float:
        return self.passed


@dataclass
class Line:
    """A simulator and who speaks to it."""

    server: RingCentralServer
    clock: Clock
    opened: list[RingCentral] = field(default_factory=list)

    def adapter(self, **given: Any) -> RingCentral:
        credentials = Credentials(self.server.client_id, self.server.client_secret, given.pop("jwt", self.server.jwt))
        account = Account(given.pop("address", self.server.base), credentials, pauses=PAUSES, timeout=given.pop("timeout", 5.0), **given)
        self.opened.append(RingCentral(account, self.clock.seconds))
        return self.opened[-1]

    def asked(self, operation: str) -> int:
        """How often."""
        return len([call for call in self.server.calls if call.operation == operation])

    def statuses(self, operation: str) -> Sequence[int]:
        return [call.status for call in self.server.calls if call.operation == operation]

    def asked_with(self, name: str) -> Sequence[str]:
        """The values of a field in the bodies of requests for a token."""
        return [call.body[name] for call in self.server.calls if call.operation == "getToken" and name in call.body]

    async def close(self) -> None:
        for one in self.opened:
            await one.close()


@asynccontextmanager
async def listening() -> AsyncIterator[str]:
    """An origin whose webhooks answer a new subscription as they should, and take everything else."""

    async def echo(request: web.Request) -> web.Response:
        token = request.headers.get("Validation-Token", "")
        return web.Response(headers={"Validation-Token": token}, content_type="application/json")

    app = web.Application()
    app.router.add_post("/webhooks/ringcentral/{secret}", echo)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()
