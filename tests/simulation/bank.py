"""The card provider's side: a guest opens the page that the product made, pays there, and the provider tells of it, twice."""

from uuid import UUID

from business.payments import checkouts, events
from business.payments.provider import Provider
from kernel.clock import utc_now
from kernel.database import Database
from tests.rig.stripe import StripeServer


class Bank:
    """Where cards are charged. What it told is carried out by the workers, at the world's next moment."""

    def __init__(self, database: Database, provider: Provider, server: StripeServer, base: str) -> None:
        self.server = server
        self._database = database
        self._provider = provider
        self._base = base

    async def pays(self, booking: UUID, purpose: checkouts.Purpose, name: str) -> int:
        """What was charged, in cents."""
        page = f"{self._base}/b/x"
        address = await checkouts.open_checkout(
            self._database, self._provider, booking, purpose, success_url=page, cancel_url=page, now=utc_now()
        )
        session = address.rpartition("/")[2]
        event = self.server.pay(session, name=name)
        assert event is not None
        for _ in range(2):
            await self._database.unit(lambda c: events.store(c, event["id"], event["type"], event["data"]["object"]))
        return int(event["data"]["object"]["amount_total"])
