"""RingCentral's webhook: who is let in, what is kept of what it tells, and what is hostile, huge or slow."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import orjson
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from starlette.applications import Starlette

from business.channels import consent, subscriptions
from gateway.http.ringcentral import PROVIDER, RingCentralHooks
from kernel.database import Database
from kernel.ids import new_id
from kernel.jobs import CheckText, FetchText
from kernel.tables.ops import InboundText, Outbox, TextMessage, TextSubscription

NOW = datetime(2026, 11, 28, 20, 0, tzinfo=UTC)
STORE = "/restapi/v1.0/account/1/extension/2/message-store/instant?type=SMS"
BULK = "/restapi/v1.0/account/1/a2p-sms/messages"


def told(id: str = "3062991514017", *, event: str = STORE, subscription: str = "ours", **body: Any) -> dict[str, Any]:
    """As their guide shows an event."""
    inner = {"id": id, "direction": "Inbound", "type": "SMS", "from": {"phoneNumber": "+16502240101"}, "subject": "Hi", **body}
    return {"uuid": str(uuid4()), "event": event, "subscriptionId": subscription, "timestamp": "2026-11-28T20:00:00.000Z", "body": inner}


@dataclass
class Door:
    """The webhook of an install, and RingCentral before it."""

    database: Database
    client: httpx.AsyncClient
    row: Any
    now: list[datetime] = field(default_factory=lambda: [NOW])

    async def post(self, content: Any = None, *, secret: str | None = None, **headers: str) -> httpx.Response:
        """With the right token, if no other is given."""
        given = {"Validation-Token": self.row.token} if not headers else {k.replace("_", "-"): v for k, v in headers.items()}
        raw = content if isinstance(content, bytes) else orjson.dumps(content) if isinstance(content, dict) else content
        return await self.client.post(f"/webhooks/ringcentral/{secret or self.row.secret}", content=raw, headers=given)

    async def kept(self) -> list[str]:
        async with self.database.transaction() as connection:
            return list(await connection.scalars(sa.select(InboundText.provider_id).order_by(InboundText.provider_id)))

    async def effects(self, kind: str) -> list[Any]:
        async with self.database.transaction() as connection:
            return list(await connection.scalars(sa.select(Outbox.payload).where(Outbox.kind == kind)))


@pytest.fixture(scope="module")
async def shared(shared_url: str) -> AsyncIterator[Database]:
    database = Database(shared_url, application="test", pool_size=8)
    yield database
    await database.close()


@pytest.fixture
async def empty(shared: Database) -> Database:
    """Nothing came yet, and nobody asked for a webhook."""
    async with shared.transaction() as connection:
        for table in (TextSubscription, InboundText, Outbox):
            await connection.execute(sa.delete(table))
    return shared


@pytest.fixture
async def door(empty: Database) -> AsyncIterator[Door]:
    now = [NOW]
    row = await empty.unit(lambda c: subscriptions.ensure(c, PROVIDER))
    await empty.unit(lambda c: subscriptions.change(c, PROVIDER, subscription_id="ours", state="active"))
    transport = httpx.ASGITransport(Starlette(routes=RingCentralHooks(empty, True, lambda: now[0]).routes()))
    async with httpx.AsyncClient(transport=transport, base_url="http://hooks") as client:
        yield Door(empty, client, row, now)


class TestTheHandshake:
    async def test_sends_the_token_back_and_nothing_else(self, door: Door) -> None:
        answer = await door.post(b"", Validation_Token="7c2d9d6e-their-token")
        assert (answer.status_code, answer.content) == (200, b"")
        assert answer.headers["validation-token"] == "7c2d9d6e-their-token"
        assert answer.headers["content-type"] == "application/json", "they refuse an answer without (SUB-525)"
        assert sum(len(name) + len(value) + 4 for name, value in answer.headers.items()) < 1024

    async def test_not_at_another_path(self, door: Door) -> None:
        for secret in ("x", door.row.secret[:-1], door.row.secret + "x", door.row.token):
            answer = await door.post(b"", secret=secret, Validation_Token="theirs")
            assert answer.status_code == 404 and "validation-token" not in answer.headers

    async def test_not_what_is_too_long_or_no_token(self, door: Door) -> None:
        for token in ("x" * 501, "with space"):
            answer = await door.post(b"", Validation_Token=token)
            assert answer.status_code == 400 and "validation-token" not in answer.headers

    async def test_before_any_worker_looked(self, empty: Database) -> None:
        transport = httpx.ASGITransport(Starlette(routes=RingCentralHooks(empty, True, lambda: NOW).routes()))
        async with httpx.AsyncClient(transport=transport, base_url="http://hooks") as client:
            assert (await client.post("/webhooks/ringcentral/x", headers={"Validation-Token": "t"})).status_code == 404

    async def test_no_route_where_nobody_carries_texts(self, empty: Database) -> None:
        assert RingCentralHooks(empty, False, lambda: NOW).routes() == []


class TestWhoIsLetIn:
    async def test_either_name_of_the_token(self, door: Door) -> None:
        for number, name in enumerate(("Validation_Token", "Verification_Token", "verification_token")):
            assert (await door.post(told(f"{number}"), **{name: door.row.token})).status_code == 200
        assert await door.kept() == ["0", "1", "2"]

    async def test_none_with_a_wrong_token_or_none(self, door: Door) -> None:
        wrong: list[dict[str, str]] = [
            {"Validation_Token": "wrong"},
            {"Verification_Token": "wrong"},
            {"Validation_Token": door.row.token[:-1]},
            {"Validation_Token": door.row.secret},
            {"X_Other": "x"},
        ]
        for headers in wrong:
            answer = await door.post(told(), **headers)
            assert answer.status_code == 401 and "validation-token" not in answer.headers
        assert await door.kept() == []

    async def test_none_of_another_subscription(self, door: Door) -> None:
        assert (await door.post(told(subscription="anothers"))).status_code == 401
        assert await door.kept() == []

    async def test_while_a_subscription_is_made(self, door: Door) -> None:
        await door.database.unit(lambda c: subscriptions.change(c, PROVIDER, subscription_id=None, state="none"))
        assert (await door.post(told(subscription="brand-new"))).status_code == 200
        assert await door.kept() == ["3062991514017"]


class TestWhatIsKept:
    async def test_that_there_is_one_and_the_effect_that_fetches_it(self, door: Door) -> None:
        assert (await door.post(told())).status_code == 200
        async with door.database.transaction() as connection:
            (row,) = (await connection.execute(sa.select(InboundText))).all()
        assert (row.provider, row.provider_id, row.state) == (PROVIDER, "3062991514017", "announced")
        assert (row.from_number, row.text) == (None, None), "nothing of what the notice says"
        assert await door.effects(FetchText.kind) == [{"inbound": str(row.id)}]

    async def test_twenty_at_once_are_one(self, door: Door) -> None:
        answers = await asyncio.gather(*(door.post(told()) for _ in range(20)))
        assert {answer.status_code for answer in answers} == {200}
        assert await door.kept() == ["3062991514017"] and len(await door.effects(FetchText.kind)) == 1

    async def test_again_after_a_day(self, door: Door) -> None:
        await door.post(told())
        door.now[0] += timedelta(days=1)
        assert (await door.post(told())).status_code == 200
        assert len(await door.effects(FetchText.kind)) == 1

    async def test_by_their_other_store(self, door: Door) -> None:
        await door.post(told("11", event=f"{BULK}?direction=Inbound"))
        await door.post(told("12", event=BULK, direction="Inbound"))
        assert await door.kept() == ["a2p:11", "a2p:12"]

    async def test_what_became_of_ours_is_asked_for_once_each(self, door: Door) -> None:
        text = await _sent(door.database, "a2p:88")
        for status in ("Sent", "Delivered", "Delivered"):
            answer = await door.post(told("88", event=f"{BULK}?direction=Outbound", direction="Outbound", messageStatus=status))
            assert answer.status_code == 200
        assert await door.effects(CheckText.kind) == [{"text": str(text)}] * 2
        await door.post(told("99", event=BULK, direction="Outbound", messageStatus="Delivered"))
        assert len(await door.effects(CheckText.kind)) == 2 and await door.kept() == []

    async def test_nothing_of_what_is_not_known(self, door: Door) -> None:
        events: list[dict[str, Any]] = [
            told(event="/restapi/v1.0/account/1/extension/2/presence"),
            told(event="/restapi/v1.0/subscription/~?threshold=60&interval=15"),
            told(direction="Outbound"),
            *(told(id=id) for id in ("x" * 65, "", "1\0", "..", "../../account/~", "1 2", "1?a=b", "\u0661")),
            {"event": STORE, "subscriptionId": "ours"},
            {"event": STORE, "subscriptionId": "ours", "body": None},
            {"event": STORE, "subscriptionId": "ours", "body": []},
            {"event": STORE, "subscriptionId": "ours", "body": {"id": 12}},
        ]
        for event in events:
            assert (await door.post(event)).status_code == 200
        assert await door.kept() == []

    async def test_when_it_was_last_told(self, door: Door) -> None:
        await door.post(told())
        door.now[0] += timedelta(seconds=3)
        await door.post(told("2"))
        assert await _told_at(door.database) == NOW, "no more often than every few seconds"
        door.now[0] += timedelta(seconds=10)
        await door.post(told("3"))
        assert await _told_at(door.database) == door.now[0]


class TestTheirOwnList:
    """What a high-volume number's opt-out service says, as their guide shows it."""

    EVENT = "/restapi/v1.0/account/1/a2p-sms/opt-outs"

    async def _tell(self, door: Door, to: Any = "+12125550100", **body: Any) -> None:
        inner = {"from": "+16505550100", "to": to, **body}
        event = {"event": self.EVENT, "subscriptionId": "ours", "timestamp": "2026-11-28T20:00:00.000Z", "body": inner}
        assert (await door.post(event)).status_code == 200

    async def _stopped(self, door: Door, number: str = "+12125550100") -> bool:
        async with door.database.transaction() as connection:
            return (await consent.standing(connection, number)).stopped

    async def test_who_is_on_it_gets_no_text(self, door: Door) -> None:
        await self._tell(door, active=True)
        await self._tell(door, active=True)
        assert await self._stopped(door)
        async with door.database.transaction() as connection:
            (entry,) = await consent.ledger(connection, "+12125550100")
        assert entry.source == "provider"

    async def test_nobody_is_started_by_it(self, door: Door) -> None:
        await self._tell(door, "+12125550101", active=True)
        await self._tell(door, "+12125550101", active=False)
        assert await self._stopped(door, "+12125550101")

    async def test_what_is_told_late_or_again_takes_back_no_start(self, door: Door) -> None:
        """Each told at 20:00; one phone sent START a minute later, the other a minute before."""
        for number, minute, stopped in (("+12125550103", 1, False), ("+12125550104", -1, True)):
            await self._started(door, number, NOW + timedelta(minutes=minute))
            for _ in range(2):
                await self._tell(door, number, active=True)
            assert await self._stopped(door, number) is stopped

    async def _started(self, door: Door, number: str, at: datetime) -> None:
        row = {"id": new_id(), "provider": PROVIDER, "provider_id": number, "state": "taken", "outcome": "start"}
        await door.database.unit(lambda c: c.execute(sa.insert(InboundText).values(**row, from_number=number, sent_at=at)))

    async def test_what_is_no_number_is_nothing(self, door: Door) -> None:
        for number in (None, "12125550102", "+1 212 555 0102", ["+12125550102"], "+12125550102'; --"):
            await self._tell(door, number, active=True)
        assert not await self._stopped(door, "+12125550102")


class TestHostile:
    async def test_no_event(self, door: Door) -> None:
        wrong = (b'{"event": 1, "subscriptionId": "ours"}', b'{"subscriptionId": "ours", "body": {}}')
        for raw in (b"x", b"[]", b"{}", b'"event"', b"null", b"\0" * 100, *wrong):
            assert (await door.post(raw)).status_code == 400

    async def test_ten_megabytes(self, door: Door) -> None:
        assert (await door.post(b"x" * (10 * 1024 * 1024))).status_code == 413

    async def test_ten_megabytes_that_do_not_say_so(self, door: Door) -> None:
        sent = 0

        async def body() -> AsyncIterator[bytes]:
            nonlocal sent
            for _ in range(160):
                sent += 1
                yield b"x" * 65536

        url = f"/webhooks/ringcentral/{door.row.secret}"
        answer = await door.client.post(url, content=body(), headers={"Validation-Token": door.row.token})
        assert answer.status_code == 413

    async def test_guesses_do_not_make_it_look_again_and_again(self, empty: Database) -> None:
        hooks = {every: RingCentralHooks(empty, True, lambda: NOW, read_every=every) for every in (3600.0, 0.0)}
        answers = []
        for every, one in hooks.items():
            async with httpx.AsyncClient(transport=httpx.ASGITransport(Starlette(routes=one.routes())), base_url="http://hooks") as client:
                assert (await client.post("/webhooks/ringcentral/guessed", headers={"Validation-Token": "t"})).status_code == 404
                row = await empty.unit(lambda c: subscriptions.ensure(c, PROVIDER))
                asked = [client.post(f"/webhooks/ringcentral/{row.secret}", headers={"Validation-Token": "t"}) for _ in range(3)]
                answers.append((every, {answer.status_code for answer in await asyncio.gather(*asked)}))
        assert answers == [(3600.0, {404}), (0.0, {200})]

    async def test_slow(self, door: Door) -> None:
        async def never() -> dict[str, Any]:
            await asyncio.Event().wait()
            raise AssertionError

        hooks = RingCentralHooks(door.database, True, lambda: NOW, patience=0.05)
        assert await _status(hooks, door.row, never) == 400

    async def test_nobody_guesses_the_path_by_how_long_it_takes(self, door: Door) -> None:
        assert (await door.post(told(), secret="\xff".encode().hex())).status_code == 404
        assert (await door.client.post("/webhooks/ringcentral/%C3%A9")).status_code == 404
        assert (await door.client.get(f"/webhooks/ringcentral/{door.row.secret}")).status_code == 405

    async def test_the_log_has_neither_secret_nor_text(self, door: Door, capsys: pytest.CaptureFixture[str]) -> None:
        await door.post(told(subject="a secret wish"))
        await door.post(told(), Validation_Token="wrong-token")
        await door.post(told(subscription="anothers"))
        said = "".join(capsys.readouterr())
        for hidden in (door.row.secret, door.row.token, "a secret wish", "wrong-token", "+1650"):
            assert hidden not in said


async def _status(hooks: RingCentralHooks, row: Any, receive: Callable[[], Any]) -> int:
    """Of a request whose body comes as `receive` has it."""
    status = 0

    async def send(message: Any) -> None:
        nonlocal status
        status = message.get("status", status)

    path = f"/webhooks/ringcentral/{row.secret}"
    headers = [(b"validation-token", row.token.encode())]
    scope = {"type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "headers": headers, "query_string": b""}
    whole = {**scope, "http_version": "1.1", "scheme": "http", "server": ("hooks", 80), "client": ("192.0.2.1", 1)}
    await Starlette(routes=hooks.routes())(whole, receive, send)
    return status


async def _sent(database: Database, provider_id: str) -> Any:
    text = new_id()
    values = {"to_number": "+16502240101", "text": "Hi", "locale": "en", "encoding": "gsm7", "segments": 1, "purpose": "reply"}
    row = {"id": text, "key": str(text), "state": "sent", "provider": PROVIDER, "provider_id": provider_id, **values}
    await database.unit(lambda c: c.execute(sa.insert(TextMessage).values(row)))
    return text


async def _told_at(database: Database) -> Any:
    async with database.transaction() as connection:
        return await connection.scalar(sa.select(TextSubscription.told_at))


async def test_an_error_of_the_database_names_nobody(shared: Database) -> None:
    with pytest.raises(DBAPIError) as caught:
        async with shared.transaction() as connection:
            await connection.execute(sa.text("SELECT CAST(:number AS text) || 1 / 0"), {"number": "+12125550199"})
    assert "+12125550199" not in str(caught.value)
