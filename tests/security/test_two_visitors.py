"""Two visitors, every event: whatever one of them sends, with whatever they know of the other, the other's conversation stays as it is.

The cases stand beside the registries of the wire: an event or an operation that is new and has no case here fails.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import orjson
import pytest

from business.sites.queries import Site
from business.sites.service import SiteService
from gateway.http.admin import COOKIE
from gateway.http.offered import OFFERED
from kernel.tables.base import metadata
from kernel.wire.chat import CHAT_EVENTS
from kernel.wire.console import CONSOLE_EVENTS
from tests.rig.inprocess import Running
from tests.rig.raw import Raw, Refused


@dataclass
class Person:
    """A visitor with a conversation in which a secret was said, as their browser and PostgreSQL know it."""

    raw: Raw
    canary: str
    token: str
    conversation: str
    history: str
    message: str  # the assistant's
    client_id: str  # of their own message
    turn: str
    handoff: str
    epoch: int = 0

    @property
    def secrets(self) -> tuple[str, ...]:
        return (self.canary, self.conversation, self.history, self.token)


async def person(house: Running) -> Person:
    """Someone who wrote, was answered and asked for a person."""
    raw = await house.visitor()
    ready = raw.heard("ready")[0]
    canary, client_id = f"canary-{uuid4().hex}", str(uuid4())
    assert (await raw.say(f"We are 12 adults, {canary}", id=client_id))["ok"]
    finished = await raw.durable("reply_finished")
    handoff = (await raw.ask("human", {"id": str(uuid4())}))["handoff"]
    await raw.expect("event", lambda body: body["kind"] == "owner_changed" and body["owner"] == "queue")
    return Person(
        raw,
        canary,
        ready["token"],
        ready["conversation"]["id"],
        ready["history"],
        finished["message"],
        client_id,
        finished["turn"],
        handoff,
    )


@pytest.fixture
async def house(module_house: Running) -> AsyncIterator[Running]:
    """The module's gateway; the two visitors stay, who comes beside them leaves."""
    known = list(module_house.clients)
    yield module_house
    for client in [client for client in module_house.clients if client not in known]:
        module_house.clients.remove(client)
        await client.leave()


@pytest.fixture(scope="class")
async def two(module_house: Running) -> tuple[Person, Person]:
    """Two visitors, for the tests of a class."""
    return await person(module_house), await person(module_house)


def _belonging() -> list[str]:
    """A query for each table that holds something of a conversation."""
    queries = []
    for table in metadata.sorted_tables:
        name = f"{table.schema}.{table.name}"
        if name == "ai.chat_session":
            queries.append(f"SELECT * FROM {name} WHERE id = $1")
        elif name == "core.customer":
            queries.append(f"SELECT * FROM {name} WHERE id = (SELECT customer_id FROM ai.chat_session WHERE id = $1)")
        elif "conversation_id" in table.c:
            queries.append(f"SELECT * FROM {name} WHERE conversation_id = $1")
        elif "customer_id" in table.c:
            queries.append(f"SELECT * FROM {name} WHERE customer_id = (SELECT customer_id FROM ai.chat_session WHERE id = $1)")
    queries.append("SELECT * FROM ops.outbox WHERE payload ->> 'conversation' = $1::text")
    return queries


async def kept(house: Running, conversation: str) -> dict[str, list[str]]:
    """Everything that PostgreSQL holds of a conversation, what its calls cost included, which is written a little later."""
    await house.gateway.agents.drain()
    await house.gateway.usage.flush()
    found = {}
    connection = await asyncpg.connect(house.database_url, statement_cache_size=0)
    try:
        for query in _belonging():
            argument: Any = conversation if "$1::text" in query else UUID(conversation)
            found[query] = sorted(str(dict(row)) for row in await connection.fetch(query, argument))
    finally:
        await connection.close()
    assert found[next(query for query in found if "ai.chat_message" in query)]
    return found


def shown(raw: Raw) -> list[str]:
    """Frames that say something: no pings, no heads."""
    return [frame for frame in raw.frames if frame not in ("2", "3") and '["head"' not in frame]


async def unharmed(house: Running, victim: Person, stranger: Raw, deed: Callable[[], Any]) -> Any:
    """Do it; the victim's rows and frames are what they were, and nothing of theirs was told."""
    before, frames, told = await kept(house, victim.conversation), len(shown(victim.raw)), len(stranger.frames)
    answer = await deed()
    await asyncio.sleep(0.08)
    assert await kept(house, victim.conversation) == before
    assert shown(victim.raw)[frames:] == []
    for frame in stranger.frames[told:]:
        for secret in victim.secrets:
            assert secret not in frame, f"told {frame[:300]}"
    return answer


Case = Callable[[Person], list[dict[str, Any]]]

CHAT_CASES: dict[str, Case] = {
    "message": lambda o: [
        {"id": o.client_id, "text": "the same id as theirs"},
        {"id": str(uuid4()), "text": "for them", "conversation": o.conversation},
        {"id": str(uuid4()), "text": "see", "attachments": [o.message]},
    ],
    "sync": lambda o: [
        {"history": o.history, "after": 0},
        {"history": o.history, "after": 1, "live": {"turn": o.turn, "at": 0}},
        {"after": 0, "conversation": o.conversation},
    ],
    "history_page": lambda o: [{"before": 2**53}, {"before": 100, "limit": 50, "conversation": o.conversation}],
    "typing": lambda o: [{"on": True}, {"on": True, "conversation": o.conversation}],
    "seen": lambda o: [{"seq": 1}, {"seq": 3, "conversation": o.conversation}],
    "stop": lambda o: [{"turn": o.turn}, {"turn": o.turn, "conversation": o.conversation}],
    "human": lambda o: [{"id": o.handoff}, {"id": str(uuid4()), "reason": "again"}, {"id": o.client_id, "handoff": o.handoff}],
    "assistant": lambda o: [{}, {"conversation": o.conversation}, {"epoch": 1}],
    "profile": lambda o: [
        {"name": "Mallory", "email": "m@example.com", "phone": "+17045550100", "sms_consent": True},
        {"name": "Mallory", "customer": o.conversation},
    ],
    "feedback": lambda o: [{"message": o.message, "value": "down", "comment": "theirs"}, {"message": o.message, "value": "up"}],
    "rate": lambda o: [{"id": o.client_id, "score": 1}, {"id": str(uuid4()), "score": 5, "conversation": o.conversation}],
    "transcript": lambda o: [{"email": "mallory@example.com"}, {"email": "m@example.com", "conversation": o.conversation}],
    "continue_by_text": lambda o: [{"phone": "+17045550100"}],
    "verify_phone": lambda o: [{"code": "000000"}],
}


def _staff(o: Person) -> dict[str, Any]:
    return {"conversation": o.conversation}


CONSOLE_CASES: dict[str, Case] = {
    "inbox": lambda o: [{"view": "all"}, {"view": "all", "query": "12 adults"}],
    "watch": lambda o: [_staff(o)],
    "sync": lambda o: [{**_staff(o), "history": o.history, "after": 0}],
    "history_page": lambda o: [{**_staff(o), "before": 100, "limit": 50}, {**_staff(o), "before": 100, "limit": 50, "log": "staff"}],
    "take": lambda o: [_staff(o), {**_staff(o), "force": True}],
    "message": lambda o: [{**_staff(o), "id": str(uuid4()), "text": "a person speaks", "epoch": o.epoch}],
    "note": lambda o: [{**_staff(o), "id": str(uuid4()), "text": "a note"}],
    "assign": lambda o: [{**_staff(o), "id": str(uuid4()), "staff": None}],
    "typing": lambda o: [{**_staff(o), "on": True}],
    "seen": lambda o: [{**_staff(o), "seq": 2}],
    "handoffs": lambda o: [{}, {"state": "open", "kind": "human"}],
    "handoff_claim": lambda o: [{"handoff": o.handoff, "id": str(uuid4())}],
    "handoff_resolve": lambda o: [{"handoff": o.handoff, "id": str(uuid4()), "note": "done"}],
    "give_back": lambda o: [{**_staff(o), "epoch": o.epoch, "note": "yours again"}],
    "mentions": lambda o: [{}],
    "mention_seen": lambda o: [_staff(o)],
    "draft": lambda o: [_staff(o)],
    "draft_stop": lambda o: [_staff(o)],
    "resolve": lambda o: [{**_staff(o), "epoch": o.epoch}],
    "reopen": lambda o: [{**_staff(o), "epoch": o.epoch}],
    "unwatch": lambda o: [_staff(o)],
}

# Where a body could do harm if it were let in; who may not is told so before anything is read of the others.
HTTP_CASES: dict[str, Callable[[Person], dict[str, Any] | None]] = {
    "login": lambda o: {"email": "owner@example.com", "password": o.token},
    "sign_in": lambda o: {"token": o.token[:512]},
    "password": lambda o: {"password": "a new one of mine"},
    "logout": lambda o: {"everywhere": True},
    "site_add": lambda o: {"key": "evil", "name": "Evil", "origins": ["https://evil.example"]},
    "site_change": lambda o: {"origins": ["https://evil.example"], "new_secret": True},
    "staff_invite": lambda o: {"email": "m@example.com", "name": "Mallory", "role": "owner"},
    "staff_change": lambda o: {"role": "owner"},
    "canned_reply_add": lambda o: {"shortcut": "mine", "title": "Mine", "text": o.token},
    "canned_reply_change": lambda o: {"text": o.token},
}


# By which people come in: they answer without a cookie, and say nothing to who may not.
DOORS = {"login", "sign_in"}
# What answers everybody, and why it may.
PUBLIC = {"site_greeting": "the button on a site's page says these words to whoever comes by, before anybody has a token"}


class TestEveryEventHasACase:
    def test_of_the_chat(self, house: Running) -> None:
        assert set(CHAT_CASES) == set(CHAT_EVENTS) >= set(house.gateway.chat.handlers)

    def test_of_the_console(self, house: Running) -> None:
        assert set(CONSOLE_CASES) == set(CONSOLE_EVENTS) >= set(house.gateway.console.handlers)

    def test_of_http(self) -> None:
        assert set(HTTP_CASES) <= {operation.name for operation in OFFERED}

    def test_what_answers_strangers_is_named_with_its_reason(self) -> None:
        assert {operation.name for operation in OFFERED if not operation.cookie} == DOORS | set(PUBLIC)
        assert not DOORS & set(PUBLIC) and all(PUBLIC.values())


class TestOneVisitorAndAnother:
    @pytest.mark.parametrize("event", sorted(CHAT_EVENTS))
    async def test_sends(self, house: Running, two: tuple[Person, Person], event: str) -> None:
        for stranger, victim in (two, two[::-1]):
            offered = event in house.gateway.chat.handlers
            for payload in CHAT_CASES[event](victim):
                answer = await unharmed(house, victim, stranger.raw, lambda p=payload, s=stranger: s.raw.ask(event, p))  # type: ignore[misc]
                known = set(payload) <= set(CHAT_EVENTS[event].model_fields)
                if not known:
                    assert answer["error"]["code"] == "bad_request"
                elif not offered:
                    assert answer["error"]["code"] == "not_allowed"
                elif event in ("feedback", "stop"):
                    assert answer["error"]["code"] == "not_found", "theirs looks as if it were not there"

    async def test_the_cases_do_something_where_they_may(self, house: Running, two: tuple[Person, Person]) -> None:
        """Or the comparison above could not fail: the same deeds at one's own conversation are seen in rows and frames."""
        me, _ = two
        before = await kept(house, me.conversation)
        assert (await me.raw.ask("feedback", {"message": me.message, "value": "up"}))["ok"]
        again = await kept(house, me.conversation)
        assert again != before
        said = await me.raw.say("more")
        await me.raw.expect("event", lambda body: body["seq"] == said["seq"])
        await house.settled(me.conversation)
        assert await kept(house, me.conversation) != again
        (row,) = await house.rows("SELECT last_seq FROM ai.chat_session WHERE id = $1", UUID(me.conversation))
        await me.raw.expect("event", lambda body: body["seq"] == row["last_seq"])

    async def test_connects_with_what_it_knows_of_the_other(self, house: Running, two: tuple[Person, Person]) -> None:
        victim, stranger = two
        raw = await house.open()

        async def enter() -> None:
            auth = {"site": "demo", "token": stranger.token, "history": victim.history, "after": 0}
            await raw.enter("/chat", {**auth, "live": {"turn": victim.turn, "at": 0}})
            assert (await raw.expect("ready"))["conversation"]["id"] == stranger.conversation

        await unharmed(house, victim, raw, enter)

    @pytest.mark.parametrize("forge", ["swap", "cut", "flip", "unsigned", "other version"])
    async def test_a_forged_token_opens_nothing(self, house: Running, two: tuple[Person, Person], forge: str) -> None:
        victim, stranger = two
        mine, theirs = stranger.token.split("."), victim.token.split(".")
        token = {
            "swap": ".".join([theirs[0], theirs[1], mine[2]]),
            "cut": victim.token[:-2],
            "flip": victim.token[:-1] + ("A" if victim.token[-1] != "A" else "B"),
            "unsigned": ".".join([theirs[0], theirs[1], ""]),
            "other version": "v2." + victim.token.partition(".")[2],
        }[forge]
        raw = await house.open()
        with pytest.raises(Refused) as refused:
            await raw.enter("/chat", {"site": "demo", "token": token})
        assert refused.value.code == "token_expired"

    async def test_a_token_is_of_one_site(self, house: Running, two: tuple[Person, Person]) -> None:
        other = await SiteService(house.gateway.database).add("other", "Other", [], allow_no_origin=True)
        raw = await house.open()
        with pytest.raises(Refused) as refused:
            await raw.enter("/chat", {"site": other.key, "token": two[0].token})
        assert refused.value.code == "token_expired"


class TestAVisitorAndTheConsole:
    @pytest.mark.parametrize("event", sorted(CONSOLE_EVENTS))
    async def test_sends_the_console_s_event(self, house: Running, two: tuple[Person, Person], event: str) -> None:
        """On `/chat`, where it means nothing, and on `/console`, where it was never let in."""
        victim, stranger = two
        for payload in CONSOLE_CASES[event](victim):
            answer = await unharmed(house, victim, stranger.raw, lambda p=payload: stranger.raw.ask(event, p))  # type: ignore[misc]
            alike = event in CHAT_EVENTS and set(payload) <= set(CHAT_EVENTS[event].model_fields)
            if not alike:
                assert (answer["ok"], answer["error"]["code"]) == (False, "bad_request")
            data = orjson.dumps([event, payload]).decode()
            await unharmed(house, victim, stranger.raw, lambda d=data: stranger.raw.send(f"42/console,7{d}"))  # type: ignore[misc]
        assert not [frame for frame in stranger.raw.frames if "/console" in frame]

    async def test_its_token_does_not_open_it(self, house: Running, two: tuple[Person, Person]) -> None:
        for token in (two[0].token, two[0].token[:256], two[0].conversation, "", None, {"$ne": ""}):
            raw = await house.open()
            with pytest.raises(Refused) as refused:
                await raw.enter("/console", {"token": token})
            assert refused.value.code in ("not_allowed", "bad_request", "too_large")
            await raw.leave()
        with pytest.raises(Refused):
            await two[0].raw.enter("/console", {"token": two[0].token[:256]})
        assert (await two[0].raw.ask("sync", {}))["ok"], "the chat goes on"

    async def test_a_staff_s_token_does_not_open_the_chat(self, house: Running) -> None:
        _, token = await house.socket_token()
        raw = await house.open()
        with pytest.raises(Refused) as refused:
            await raw.enter("/chat", {"site": "demo", "token": token})
        assert refused.value.code == "token_expired"

    @pytest.mark.parametrize("operation", OFFERED, ids=lambda operation: operation.name)
    async def test_asks_over_http(self, house: Running, two: tuple[Person, Person], operation: Any) -> None:
        victim, stranger = two
        body = HTTP_CASES.get(operation.name, lambda _: {})(stranger)

        async def ask() -> None:
            for cookies, headers in (
                ({}, {}),
                ({COOKIE: stranger.token}, {"X-CSRF-Token": stranger.token}),
                ({}, {"Authorization": f"Bearer {stranger.token}", "X-CSRF-Token": "x"}),
            ):
                async with httpx.AsyncClient(base_url=house.url, cookies=cookies, headers=headers) as http:
                    response = await http.request(operation.method, operation.path, json=body)
                assert response.status_code in _refusals(operation.name), response.text
                assert COOKIE not in response.cookies
                assert not any(secret in response.text for secret in victim.secrets)

        await unharmed(house, victim, stranger.raw, ask)

    async def test_cannot_have_itself_answered_again(self, house: Running, two: tuple[Person, Person]) -> None:
        """Who is taken for a machine does not decide that it is none."""
        victim, stranger = two
        for one in (victim, stranger):
            path = f"/api/admin/conversations/{one.conversation}/unmute"
            for cookies, headers in (
                ({}, {}),
                ({COOKIE: one.token}, {"X-CSRF-Token": one.token}),
                ({}, {"Authorization": f"Bearer {one.token}", "X-CSRF-Token": "x"}),
            ):
                async with httpx.AsyncClient(base_url=house.url, cookies=cookies, headers=headers) as http:
                    assert (await http.post(path, json={})).status_code in (401, 403)


def _refusals(name: str) -> tuple[int, ...]:
    """What a visitor who has no business there is told."""
    if name in PUBLIC:
        return (200, 400, 404)
    return (400, 401, 403) if name in DOORS else (401, 403)


@pytest.fixture(scope="class")
async def shop(module_house: Running) -> Site:
    """A site with words of its own."""
    service = SiteService(module_house.gateway.database)
    return await service.add("greeter", "Greeter", ["https://greeter.example.com"], greeting={"en": "Hungry? Ask us"})


class TestASitesGreeting:
    """It is told to every page, so it tells the words and nothing else."""

    async def test_is_the_whole_of_the_answer(self, house: Running, shop: Site, two: tuple[Person, Person]) -> None:
        for origin in ("https://greeter.example.com", "https://evil.example", None):
            headers = {"Cookie": f"{COOKIE}={two[0].token}", **({"Origin": origin} if origin else {})}
            async with httpx.AsyncClient(base_url=house.url, headers=headers) as http:
                told = await http.get(f"/api/sites/{shop.key}/greeting")
            assert told.json() == {"greeting": "Hungry? Ask us"}
            assert "set-cookie" not in told.headers and "access-control-allow-credentials" not in told.headers
            said = f"{told.headers} {told.text}"
            assert not any(secret in said for secret in (*two[0].secrets, shop.identity_secret, str(shop.id), *shop.origins))

    @pytest.mark.parametrize("key", ["nowhere", "demo", "../admin/sites", "%27%20OR%201=1--", "x" * 500, "greeter%00"])
    async def test_does_not_tell_whether_there_is_such_a_site(self, house: Running, shop: Site, key: str) -> None:
        async with httpx.AsyncClient(base_url=house.url) as http:
            told = await http.get(f"/api/sites/{key}/greeting")
        assert told.status_code in (200, 400, 404)
        assert told.json() == {} if told.status_code == 200 else "Hungry" not in told.text

    @pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
    async def test_can_only_be_read(self, house: Running, shop: Site, method: str) -> None:
        async with httpx.AsyncClient(base_url=house.url) as http:
            told = await http.request(method, f"/api/sites/{shop.key}/greeting", json={"greeting": {"en": "evil"}})
        assert told.status_code in (404, 405)


class TestStaffAtOneConversation:
    async def test_every_event_leaves_the_other_alone(self, house: Running, two: tuple[Person, Person]) -> None:
        """In an order in which each can do its work; a colleague who watches the other conversation hears nothing of this one."""
        busy, quiet = two
        desk, colleague = await house.console(), await house.console()
        assert (await colleague.ask("watch", _staff(quiet), "/console"))["ok"]
        done = set()
        for event, case in CONSOLE_CASES.items():
            for payload in case(busy):
                (row,) = await house.rows("SELECT epoch FROM ai.chat_session WHERE id = $1", UUID(busy.conversation))
                if "epoch" in payload:
                    payload["epoch"] = row["epoch"]
                before, frames = await kept(house, quiet.conversation), len(shown(quiet.raw))
                told = len(colleague.events)
                answer = await desk.ask(event, payload, "/console")
                await asyncio.sleep(0.08)
                assert await kept(house, quiet.conversation) == before, event
                assert shown(quiet.raw)[frames:] == [], event
                for _, name, body in colleague.events[told:]:
                    about = orjson.dumps(body).decode()
                    assert name in ("inbox", "handoff") or busy.conversation not in about, f"{event}: {name}"
                if event in house.gateway.console.handlers:
                    done.add(event) if answer["ok"] else None
                else:
                    assert answer["error"]["code"] == "not_allowed", event
        assert done == set(house.gateway.console.handlers)

    async def test_what_is_for_staff_never_reaches_the_customer(self, house: Running, two: tuple[Person, Person]) -> None:
        customer, _ = two
        desk = await house.console()
        await desk.ask("watch", _staff(customer), "/console")
        canary = f"canary-{uuid4().hex}"
        assert (await desk.ask("note", {**_staff(customer), "id": str(uuid4()), "text": canary}, "/console"))["ok"]
        await desk.expect("event", lambda body: body["kind"] == "note" and body["text"] == canary)
        taken = await desk.ask("take", _staff(customer), "/console")
        await desk.ask("give_back", {**_staff(customer), "epoch": taken["epoch"], "note": canary}, "/console")
        again = await house.visitor({"token": customer.token})
        page = await again.ask("history_page", {"before": 2**53, "limit": 50})
        await asyncio.sleep(0.2)
        for frame in (*customer.raw.frames, *again.frames, orjson.dumps(page).decode()):
            assert canary not in frame
            assert "staff_seq" not in frame and "notes" not in frame and '"presence"' not in frame


def test_every_table_of_a_conversation_is_compared() -> None:
    covered = {query.split("FROM ")[1].split()[0] for query in _belonging()}
    assert {"ai.chat_session", "ai.chat_message", "ai.chat_event", "ai.staff_event", "ai.turn", "ops.handoff"} <= covered
