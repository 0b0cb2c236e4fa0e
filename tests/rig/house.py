"""A running install as flow tests use it: customers and staff at either gateway, and the conversations that were opened."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import asyncpg

from tests.rig.client import ChatClient, ConsoleClient, Gone
from tests.rig.fleet import ADMIN, Fleet, Gateway
from tests.rig.history import Recorder, Violation, check
from tests.rig.provider import Call, ScriptedProvider
from tests.rig.truth import read_truth


@dataclass
class House:
    """`gateways` are those that are meant to be alive. Clients made here settle, record and leave at the end of the test."""

    fleet: Fleet
    gateways: list[Gateway]
    provider: ScriptedProvider
    recorder: Recorder = field(default_factory=Recorder)
    customers: list[ChatClient] = field(default_factory=list)
    staff: list[ConsoleClient] = field(default_factory=list)

    def recording(self, recorder: Recorder) -> "House":
        """The same house, for one test."""
        return House(self.fleet, self.gateways, self.provider, recorder)

    async def customer(self, at: int = 0, **auth: Any) -> ChatClient:
        """A new visitor at gateway number `at`."""
        client = ChatClient(self.recorder, f"customer-{len(self.customers)}")
        self.customers.append(client)
        return await client.open(self.gateways[at].base, **auth)

    async def again(self, customer: ChatClient, at: int = 0) -> ChatClient:
        """Another tab of the same visitor, who holds nothing yet."""
        client = ChatClient(self.recorder, f"{customer.name}-tab-{len(self.customers)}")
        client.token = customer.token
        self.customers.append(client)
        return await client.open(self.gateways[at].base)

    async def admin(self, at: int = 0, email: str = ADMIN) -> ConsoleClient:
        """Somebody of the staff at gateway number `at`."""
        base = self.gateways[at].base
        client = ConsoleClient(self.recorder, f"{email.partition('@')[0]}-{len(self.staff)}")
        self.staff.append(client)
        return await (await client.login(base, email)).open(base)

    def plan(self, *scripts: str, model: str = "words-40+pace-20") -> None:
        """What the provider does for the next calls."""
        self.provider.plan(model, scripts)

    def calls_of(self, text: str) -> list[Call]:
        """The provider's calls that were asked about a message."""
        return [call for call in self.provider.calls if text in str(call.messages[-1].get("content"))]

    async def rows(self, query: str, *arguments: Any) -> list[Any]:
        """Ask PostgreSQL."""
        connection = await asyncpg.connect(self.fleet.database_url)
        try:
            return list(await connection.fetch(query, *arguments))
        finally:
            await connection.close()

    @property
    def conversations(self) -> set[str]:
        return {client.log.conversation for client in self.customers}

    async def leave(self, within: float = 20.0) -> None:
        """Wait until no reply is open in these conversations; everyone asks once more, is recorded and leaves."""
        query = "SELECT count(*) FROM ai.turn WHERE state <> 'done' AND conversation_id::text = ANY($1)"
        deadline = asyncio.get_running_loop().time() + within
        while (await self.rows(query, list(self.conversations)))[0][0]:
            if asyncio.get_running_loop().time() > deadline:
                break  # the checker says which
            await asyncio.sleep(0.05)
        clients: list[ChatClient | ConsoleClient] = [*self.customers, *self.staff]
        for client in clients:
            if client.connected:
                with suppress(Gone):
                    await client.settle()
            await client.close()

    async def checked(self, within: float = 20.0) -> list[Violation]:
        """Everybody leaves; what was broken of the promises in the conversations of this test."""
        await self.leave(within)
        truth = await read_truth(self.fleet.database_url, self.conversations)
        return check(self.recorder.lines, truth, self.provider.calls)
