"""Who is let in: origins, tokens, identities signed by a site, sessions of staff."""

import asyncio
import time
import warnings
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import jwt
import jwt.warnings
import pytest
from websockets.exceptions import InvalidStatus

from business.customers.visitors import mint, token_hash
from business.sites.queries import Site
from business.sites.service import SiteService
from gateway.start import read_secret
from tests.rig.inprocess import Running, running
from tests.rig.raw import Raw, Refused

SHOP = "https://www.example.com"
OTHER = "https://grill.example.org"


@pytest.fixture(scope="module")
async def sites(module_house: Running) -> dict[str, Site]:
    """`shop` at SHOP, `grill` at OTHER."""
    service = SiteService(module_house.gateway.database)
    made = {key: await service.add(key, key, [origin]) for key, origin in (("shop", SHOP), ("grill", OTHER))}
    await module_house.gateway.origins.read()
    return made


async def refused(house: Running, auth: dict[str, Any], namespace: str = "/chat", **options: Any) -> str:
    """The code with which CONNECT is refused."""
    raw = await house.open(**options)
    with pytest.raises(Refused) as found:
        await raw.enter(namespace, auth)
    assert isinstance(found.value.data["message"], str)
    return str(found.value.code)


class TestOrigins:
    @pytest.mark.parametrize(
        "origin",
        [
            "https://evil.test",
            "null",
            "https://a.www.example.com",
            "https://www.example.com.evil.test",
            "https://evilwww.example.com",
            "http://www.example.com",
            "https://www.example.com:8443",
            "https://www.example.com/",
            "HTTPS://WWW.EXAMPLE.COM",
            "https://www.example.com@evil.test",
            "https://www.example.com, https://evil.test",
            "http://localhost",
            "*",
        ],
    )
    async def test_of_others_do_not_get_a_socket(self, house: Running, sites: dict[str, Site], origin: str) -> None:
        for headers in ({}, {"X-Forwarded-Host": origin.partition("//")[2], "X-Forwarded-Proto": origin.partition(":")[0]}):
            with pytest.raises(InvalidStatus) as found:
                await Raw.open(house.url, origin=origin, headers=headers)
            assert found.value.response.status_code == 403
            async with httpx.AsyncClient(base_url=house.url, headers={"Origin": origin, **headers}) as http:
                polled = await http.get("/socket.io/", params={"EIO": "4", "transport": "polling"})
            assert polled.status_code == 400
            assert "access-control-allow-origin" not in polled.headers
            assert '"sid"' not in polled.text

    async def test_of_a_site_open_that_site_alone(self, house: Running, sites: dict[str, Site]) -> None:
        await house.visitor({"site": "shop"}, origin=SHOP)
        assert await refused(house, {"site": "grill"}, origin=SHOP) == "not_allowed"
        assert await refused(house, {"site": "demo"}, origin=SHOP) == "not_allowed"
        assert await refused(house, {"site": "shop"}, origin=OTHER) == "not_allowed"
        assert await refused(house, {"token": "x"}, "/console", origin=SHOP) == "not_allowed"

    async def test_missing_is_for_the_demo_alone(self, house: Running, sites: dict[str, Site]) -> None:
        await house.visitor()
        assert await refused(house, {"site": "shop"}) == "not_allowed"

    async def test_the_install_s_own_open_demo_and_console(self, house: Running, sites: dict[str, Site]) -> None:
        port = house.url.rpartition(":")[2]
        for host in ("localhost", "127.0.0.1", "[::1]"):
            await house.visitor(origin=f"http://{host}:{port}")
            assert await refused(house, {"site": "shop"}, origin=f"http://{host}:{port}") == "not_allowed"
        _, token = await house.socket_token()
        raw = await house.open(origin=house.url)
        await raw.enter("/console", {"token": token})

    async def test_polling_is_answered_to_a_known_page_and_without_credentials(self, house: Running, sites: dict[str, Site]) -> None:
        async with httpx.AsyncClient(base_url=house.url, headers={"Origin": SHOP}) as http:
            polled = await http.get("/socket.io/", params={"EIO": "4", "transport": "polling"})
            asked = await http.options(
                "/socket.io/", params={"EIO": "4", "transport": "polling"}, headers={"Access-Control-Request-Method": "POST"}
            )
        for response in (polled, asked):
            assert response.status_code == 200
            assert response.headers["access-control-allow-origin"] == SHOP
            assert "access-control-allow-credentials" not in response.headers
        assert "set-cookie" not in polled.headers

    async def test_a_foreign_page_cannot_log_in(self, house: Running) -> None:
        async with httpx.AsyncClient(base_url=house.url) as http:
            for headers in ({"Origin": "https://evil.test"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
                answer = await http.post("/api/admin/login", json={"email": "a@example.com", "password": "x"}, headers=headers)
                assert answer.status_code == 403


class Signer:
    """A site that vouches for its visitors."""

    def __init__(self, site: Site) -> None:
        self.site = site

    def __call__(self, subject: Any = "anna", *, secret: str | None = None, algorithm: str = "HS256", **claims: Any) -> str:
        body = {"sub": subject, "exp": datetime.now(UTC) + timedelta(hours=1), **claims}
        body = {key: value for key, value in body.items() if value is not ...}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", jwt.warnings.InsecureKeyLengthWarning)  # of HS512, which is wrong anyhow
            return jwt.encode(body, self.site.identity_secret if secret is None else secret, algorithm=algorithm)


@pytest.fixture
def sign(sites: dict[str, Site]) -> Signer:
    return Signer(sites["shop"])


@pytest.fixture
async def shop(house: Running, sites: dict[str, Site]) -> AsyncIterator[Running]:
    yield house


async def enter(house: Running, **auth: Any) -> tuple[Raw, dict[str, Any]]:
    """A visitor of the shop, and their `ready`."""
    raw = await house.visitor({"site": "shop", **auth}, origin=SHOP)
    return raw, raw.heard("ready")[0]


class TestIdentity:
    async def test_that_is_not_good_is_refused(self, shop: Running, sites: dict[str, Site], sign: Signer) -> None:
        now = datetime.now(UTC)
        good = sign()
        header, body, signature = good.split(".")
        bad = {
            "another site's": sign(secret=sites["grill"].identity_secret),
            "nobody's": sign(secret="x" * 32),
            "no algorithm": jwt.encode({"sub": "anna", "exp": now + timedelta(hours=1)}, None, algorithm="none"),
            "another algorithm": sign(algorithm="HS512"),
            "cut": f"{header}.{body}.",
            "changed": f"{header}.{body[:-2]}AA.{signature}",
            "over": sign(exp=now - timedelta(seconds=1)),
            "for too long": sign(exp=now + timedelta(hours=25)),
            "for ever": sign(exp=...),
            "of nobody": sign(""),
            "of someone too long": sign("x" * 201),
            "with a NUL": sign("an\x00na"),
            "nonsense": "a.b.c",
            "empty": ".",
        }
        for name, identity in bad.items():
            raw = await shop.open(origin=SHOP)
            with pytest.raises(Refused) as found:
                await raw.enter("/chat", {"site": "shop", "identity": identity})
            assert found.value.code == "not_allowed", name
            await raw.leave()

    async def test_is_found_again_and_told_from_others(self, shop: Running, sign: Signer) -> None:
        name = uuid4().hex
        raw, ready = await enter(shop, identity=sign(f"anna-{name}", name="Anna"))
        await raw.say("I am Anna")
        _, again = await enter(shop, identity=sign(f"anna-{name}"))
        assert again["conversation"]["id"] == ready["conversation"]["id"]
        assert again["head"] > 0
        _, bert = await enter(shop, identity=sign(f"bert-{name}"))
        assert bert["conversation"]["id"] != ready["conversation"]["id"]

    async def test_of_another_than_the_token_s_starts_another_visitor(self, shop: Running, sign: Signer) -> None:
        name = uuid4().hex
        raw, anna = await enter(shop, identity=sign(f"anna-{name}"))
        await raw.say("I am Anna")
        _, bert = await enter(shop, token=anna["token"], identity=sign(f"bert-{name}"))
        assert bert["conversation"]["id"] != anna["conversation"]["id"]
        assert bert["head"] == 0 and bert["token"] != anna["token"]

    async def test_an_anonymous_conversation_is_attached_once(self, shop: Running, sign: Signer) -> None:
        name = uuid4().hex
        raw, nobody = await enter(shop)
        await raw.say("not logged in yet")
        _, anna = await enter(shop, token=nobody["token"], identity=sign(f"anna-{name}", name="Anna"))
        assert anna["conversation"]["id"] == nobody["conversation"]["id"]
        _, bert = await enter(shop, token=nobody["token"], identity=sign(f"bert-{name}"))
        assert bert["conversation"]["id"] != nobody["conversation"]["id"]
        assert bert["events"] == []
        (row,) = await shop.rows(
            "SELECT c.name FROM ai.chat_session s JOIN core.customer c ON c.id = s.customer_id WHERE s.id = $1",
            UUID(nobody["conversation"]["id"]),
        )
        assert row["name"] == "Anna"

    async def test_an_unwritten_token_does_not_lead_two_people_into_one_conversation(self, shop: Running, sign: Signer) -> None:
        """A tab that was open before the first of them logged in holds it still."""
        name = uuid4().hex
        _, nobody = await enter(shop)
        raw, anna = await enter(shop, token=nobody["token"], identity=sign(f"anna-{name}"))
        other, bert = await enter(shop, token=nobody["token"], identity=sign(f"bert-{name}"))
        await raw.say("canary of Anna")
        await other.say("canary of Bert")
        assert len({found["conversation"]["id"] for found in (nobody, anna, bert)}) == 3
        _, bert = await enter(shop, token=nobody["token"], identity=sign(f"bert-{name}"))
        assert "Anna" not in str(bert["events"]) and "Bert" in str(bert["events"])
        _, nobody = await enter(shop, token=nobody["token"])
        assert nobody["head"] == 0

    async def test_two_first_messages_race_with_one_unwritten_token(self, shop: Running) -> None:
        for _ in range(5):
            _, ready = await enter(shop)
            sockets = [(await enter(shop, token=ready["token"]))[0] for _ in range(4)]
            answers = await asyncio.gather(*(raw.say(f"first from {number}") for number, raw in enumerate(sockets)))
            assert sorted(answer["seq"] for answer in answers)[0] == 1
            assert len({answer["seq"] for answer in answers}) == 4
            for raw in sockets:
                for number in range(4):
                    await raw.expect("event", lambda b, n=number: b["kind"] == "message" and b["message"]["text"] == f"first from {n}")  # type: ignore[misc]
            conversation = UUID(ready["conversation"]["id"])
            counts = await shop.rows(
                "SELECT (SELECT count(*) FROM ai.chat_session WHERE id = $1) AS sessions,"
                " (SELECT count(*) FROM core.visitor_token WHERE conversation_id = $1) AS tokens",
                conversation,
            )
            assert counts == [{"sessions": 1, "tokens": 1}]
            await shop.settled(str(conversation))
            for raw in sockets:
                await raw.leave()


class TestAVisitorsToken:
    @pytest.mark.parametrize("why", ["revoked", "expired", "unknown", "unwritten and over"])
    async def test_that_is_no_longer_good(self, house: Running, why: str) -> None:
        raw = await house.visitor()
        token = raw.heard("ready")[0]["token"]
        if why in ("revoked", "expired"):
            await raw.say("hello")
            column = "revoked_at = now()" if why == "revoked" else "expires_at = now() - interval '1 s'"
            await house.rows(f"UPDATE core.visitor_token SET {column} WHERE hash = $1", token_hash(token))
        elif why == "unknown":
            token = "v1." + uuid4().hex
        else:
            secret = await read_secret(house.gateway.database)
            (row,) = await house.rows("SELECT id FROM core.site WHERE key = 'demo'")
            token = mint(secret, row["id"], "demo", datetime.now(UTC) - timedelta(hours=24, seconds=1)).token
        stranger = await house.open()
        with pytest.raises(Refused) as found:
            await stranger.enter("/chat", {"site": "demo", "token": token})
        assert found.value.data["data"]["code"] == "token_expired"
        assert token not in str(found.value.data)

    async def test_is_kept_as_a_hash_alone(self, house: Running) -> None:
        raw = await house.visitor()
        token = raw.heard("ready")[0]["token"]
        await raw.say("hello")
        rows = await house.rows("SELECT * FROM core.visitor_token")
        assert token_hash(token) in str(rows) and token not in str(rows)

    async def test_unwritten_stores_nothing(self, house: Running) -> None:
        tables = ("core.customer", "core.visitor_token", "ai.chat_session", "core.identity")
        query = "SELECT " + ", ".join(f"(SELECT count(*) FROM {table}) AS {table.replace('.', '_')}" for table in tables)
        before = await house.rows(query)
        raw = await house.visitor()
        await raw.ask("typing", {"on": True})
        await raw.ask("seen", {"seq": 1})
        await raw.ask("history_page", {"before": 5})
        await raw.ask("assistant", {})
        assert await house.rows(query) == before


class TestSessionsEnd:
    async def test_and_their_sockets_are_cut_within_10_s(self, house: Running) -> None:
        staff = house.staff
        leaving, token = await house.socket_token()
        dismissed, second = await house.socket_token()
        kept = await house.console()
        customer, revoked = await house.visitor(), await house.visitor()
        await customer.say("hello")
        await revoked.say("hello")
        sockets = []
        for given in (token, second):
            raw = await house.open()
            await raw.enter("/console", {"token": given})
            sockets.append(raw)
        started = time.monotonic()
        await staff.logout(leaving)
        await staff.disable(dismissed.email)
        hash = token_hash(revoked.heard("ready")[0]["token"])
        await house.rows("UPDATE core.visitor_token SET revoked_at = now() WHERE hash = $1", hash)
        for raw in (*sockets, revoked):
            assert (await raw.expect("goodbye", timeout=10))["code"] == "revoked"
            await raw.gone(5)
        assert time.monotonic() - started < 12
        assert (await kept.ask("inbox", {"view": "all"}, "/console"))["ok"]
        assert (await customer.ask("sync", {}))["ok"]

    async def test_a_socket_token_is_good_once(self, house: Running) -> None:
        _, token = await house.socket_token()
        entries: list[str] = []

        async def enter() -> None:
            raw = await house.open()
            try:
                await raw.enter("/console", {"token": token})
                entries.append("in")
            except Refused as error:
                entries.append(str(error.code))

        await asyncio.gather(*(enter() for _ in range(6)))
        assert sorted(entries) == ["in", *["not_allowed"] * 5]

    async def test_a_session_that_must_change_its_password_gets_no_socket(self, house: Running) -> None:
        invited = await house.staff.invite("new@example.com", "New", "agent")
        async with httpx.AsyncClient(base_url=house.url) as http:
            entered = await http.post("/api/admin/login", json={"email": invited.email, "password": invited.one_time_password})
            assert entered.json()["must_change"] is True
            answer = await http.post("/api/admin/socket-token", headers={"X-CSRF-Token": entered.json()["csrf"]})
            assert answer.status_code == 403


class TestMessageBucket:
    async def test_is_one_for_all_gateways(self, database_url: str, redis_url: str) -> None:
        """10 at once, 1 a second; what is refused or known costs nothing."""
        async with running(database_url, redis_url) as first, running(database_url, redis_url) as second:
            one = await first.visitor()
            token = one.heard("ready")[0]["token"]
            await one.ask("human", {"id": str(uuid4())})  # nobody's turn: no message waits for an answer
            two = await second.visitor({"token": token})
            for _ in range(6):
                assert (await one.ask("message", {"id": str(uuid4()), "text": ""}))["error"]["code"] == "bad_request"
                assert (await two.ask("message", {"id": str(uuid4()), "text": "x" * 4001}))["error"]["code"] == "too_large"
            known = str(uuid4())
            started = time.monotonic()
            answers = [await one.say("known", id=known)]
            for number in range(7):
                answers.append(await one.say(f"a{number}"))
                answers.append(await two.say(f"b{number}"))
            allowed = [answer for answer in answers if answer["ok"]]
            assert 10 <= len(allowed) <= 10 + (time.monotonic() - started) + 1
            errors = [answer["error"] for answer in answers if not answer["ok"]]
            assert all(error["code"] == "rate_limited" and 0 < error["retry_after_ms"] <= 1000 for error in errors)
            for raw in (one, two, one, two):
                assert await raw.say("known", id=known) == {"ok": True, "seq": answers[0]["seq"]}
                assert (await raw.say("changed", id=known))["error"]["code"] in ("conflict", "rate_limited")
            await asyncio.sleep(1.1)
            assert (await two.say("later"))["ok"]

    async def test_busy_costs_nothing(self, database_url: str, redis_url: str) -> None:
        async with running(database_url, redis_url, ensemble={"house_tokens_per_second": 2}) as house:
            raw = await house.visitor()
            await raw.say("how much is it for 20 adults")
            await raw.expect("delta")
            answers = [await raw.say(f"and {number}") for number in range(12)]
            codes = [answer["error"]["code"] for answer in answers if not answer["ok"]]
            assert codes == ["busy"] * 7
            assert all(answer["error"]["retry_after_ms"] > 0 for answer in answers if not answer["ok"])
            assert (await raw.ask("human", {"id": str(uuid4())}))["ok"]
            assert [(await raw.say(f"for you {number}"))["ok"] for number in range(4)] == [True] * 4
