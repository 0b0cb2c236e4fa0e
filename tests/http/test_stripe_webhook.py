"""Stripe's webhook: signed or refused with nothing stored, each event once, by either of two secrets."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from starlette.applications import Starlette

from gateway.http.stripe import BODY_LIMIT, PATH, StripeHttp
from kernel.database import Database
from kernel.tables.ops import Outbox, PaymentEvent
from tests.conftest import made_database
from tests.rig.postgres import PostgresServer
from tests.rig.stripe import sign

OLD, NEW = "whsec_the_old_one", "whsec_the_new_one"
EVENT: dict[str, Any] = {
    "id": "evt_1",
    "type": "checkout.session.completed",
    "data": {"object": {"id": "cs_1", "payment_intent": "pi_1", "customer_details": {"name": "Ana"}}},
}
BODY = json.dumps(EVENT, indent=2).encode()


@pytest.fixture(scope="module")
def database_url(postgres: PostgresServer, template: str) -> Iterator[str]:
    """One database for all of them."""
    yield from made_database(postgres, template)


@pytest.fixture
async def client(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    async with database.transaction() as connection:
        await connection.execute(sa.text("TRUNCATE ops.payment_event, ops.outbox"))
    transport = httpx.ASGITransport(Starlette(routes=StripeHttp(database, (NEW, OLD)).routes()))
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as found:
        yield found


async def tell(client: httpx.AsyncClient, body: bytes = BODY, header: str | None = None, secret: str = NEW) -> int:
    headers = {"Stripe-Signature": sign(body, secret) if header is None else header}
    return (await client.post(PATH, content=body, headers=headers)).status_code


async def stored(database: Database) -> list[Any]:
    async with database.transaction() as connection:
        return list((await connection.execute(sa.select(PaymentEvent))).all())


async def effects(database: Database) -> int:
    async with database.transaction() as connection:
        return int(await connection.scalar(sa.select(sa.func.count()).where(Outbox.kind == "payment_event")) or 0)


class TestRefused:
    async def test_a_flipped_bit(self, client: httpx.AsyncClient, database: Database) -> None:
        header = sign(BODY, NEW)
        for place in range(0, len(BODY), 17):
            flipped = bytearray(BODY)
            flipped[place] ^= 1
            assert await tell(client, bytes(flipped), header) == 400
        assert await stored(database) == []

    async def test_written_anew(self, client: httpx.AsyncClient, database: Database) -> None:
        assert await tell(client, json.dumps(EVENT).encode(), sign(BODY, NEW)) == 400
        assert await stored(database) == []

    async def test_too_old(self, client: httpx.AsyncClient, database: Database) -> None:
        now = int(time.time())
        assert await tell(client, header=sign(BODY, NEW, now - 310)) == 400
        assert await stored(database) == []
        assert await tell(client, header=sign(BODY, NEW, now - 280)) == 200

    @pytest.mark.parametrize("header", ["", "nonsense", "t=1", "t=x,v1=y", "v1=00", "t={now},v0=00", "t=1,v1="])
    async def test_no_signature(self, client: httpx.AsyncClient, database: Database, header: str) -> None:
        assert await tell(client, header=header.format(now=int(time.time()))) == 400
        assert await stored(database) == []

    async def test_a_secret_that_is_nobodys(self, client: httpx.AsyncClient, database: Database) -> None:
        assert await tell(client, secret="whsec_mine") == 400
        assert await stored(database) == []

    async def test_too_much(self, client: httpx.AsyncClient, database: Database) -> None:
        body = b" " * (BODY_LIMIT + 1)
        assert await tell(client, body) == 413

    @pytest.mark.parametrize(
        "body", [b"", b"[]", b"{}", b'"x"', b'{"id":"e","type":"t","data":[]}', b'{"id":1,"type":"t","data":{"object":{}}}']
    )
    async def test_no_event(self, client: httpx.AsyncClient, database: Database, body: bytes) -> None:
        assert await tell(client, body) == 400
        assert await stored(database) == []

    def test_without_a_secret_there_is_no_door(self, database: Database) -> None:
        assert StripeHttp(database, ()).routes() == []


class TestStored:
    async def test_twenty_at_once_are_one(self, client: httpx.AsyncClient, database: Database) -> None:
        assert set(await asyncio.gather(*(tell(client) for _ in range(20)))) == {200}
        assert len(await stored(database)) == 1
        assert await effects(database) == 1

    async def test_either_secret(self, client: httpx.AsyncClient, database: Database) -> None:
        for number, secret in enumerate((OLD, NEW)):
            body = json.dumps(EVENT | {"id": f"evt_{number}"}).encode()
            assert await tell(client, body, secret=secret) == 200
        assert len(await stored(database)) == 2

    async def test_ids_alone_are_kept(self, client: httpx.AsyncClient, database: Database) -> None:
        await tell(client)
        (row,) = await stored(database)
        assert row.payload == {"thing": "cs_1", "payment": "pi_1"}

    async def test_what_nobody_acts_upon_is_answered_and_not_kept(self, client: httpx.AsyncClient, database: Database) -> None:
        assert await tell(client, json.dumps(EVENT | {"type": "customer.created"}).encode()) == 200
        assert await stored(database) == []
